import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import type { Amount } from "../../node/money.ts";
import type { GeneratedWorkload, Scenario, ScenarioMember } from "../scenario.ts";
import type { Prng } from "../sim/prng.ts";
import type { Funds, Refusal } from "./funds.ts";
import type { PlannedPayment } from "./plan.ts";

/** A payment before all of them are numbered in order of time. */
export type DraftPayment = Omit<PlannedPayment, "id">;

/** A payment is at most this part of what its payer has left. */
const LARGEST_PART = 100;

const ACCOUNTS = {
  domestic: { key: "domesticPayments", payees: "another resident of its bank" },
  "one-way": { key: "oneWayPayments", payees: "a non-resident member at its bank" },
} as const;

/**
 * Plans untagged payments by residents: `domestic` to residents of the same bank, `one-way` to
 * non-resident members there, so that the money changes country. Takes them from the funds.
 */
export function generatePayments(
  { banks, members }: Pick<Scenario, "banks" | "members">,
  {
    kind,
    workload,
  }: { readonly kind: keyof typeof ACCOUNTS; readonly workload: GeneratedWorkload },
  funds: Funds,
  prng: Prng,
): Outcome<readonly DraftPayment[], Refusal> {
  const { key, payees } = ACCOUNTS[kind];
  const sites = banks.map(({ id }) => {
    const residents = members.filter(({ bank }) => bank === id);
    const abroad = members.filter(({ nonResidentAt }) => nonResidentAt.includes(id));
    return { bank: id, payers: residents, payees: kind === "domestic" ? residents : abroad };
  });
  const payments: DraftPayment[] = [];
  for (let toCome = workload[key]; toCome > 0; toCome--) {
    const able = sites.flatMap((site) => {
      const payers = site.payers.filter(
        (payer) => funds.leftOf(payer) > 0n && hasOther(site, payer),
      );
      return payers.length === 0 ? [] : [{ ...site, payers }];
    });
    if (able.length === 0) {
      const found = `${workload[key]}: for ${toCome} of them nobody has money left`;
      const allowed = `fewer, or a larger issue of a member that can pay ${payees}`;
      return reject({ path: `workload.${key}`, found, allowed });
    }
    const { bank, payers, payees: others } = prng.pick(able);
    const payer = prng.pickWeighted(payers, (member) => funds.leftOf(member));
    const payee = prng.pick(others.filter((other) => other !== payer));
    const most = funds.leftOf(payer) / BigInt(Math.max(LARGEST_PART, toCome));
    const amount = drawAmount(most / 2n, most, prng);
    funds.take(payer, amount);
    const atMs = prng.int(0, workload.durationMs - 1);
    const parties = { bank, payer: payer.id, payee: payee.id };
    payments.push({ atMs, kind, ...parties, amount, ...UNMARKED });
  }
  return ok(payments);
}

const hasOther = (
  { payees }: { readonly payees: readonly ScenarioMember[] },
  payer: ScenarioMember,
): boolean => payees.some((payee) => payee !== payer);

const UNMARKED = {
  tag: null,
  line: null,
  purpose: null,
  facts: [],
  action: null,
  diversion: null,
  expected: null,
} as const;

/** Digits of a payment that are not zero, as people order payments: 1,250,000.00. */
const DIGITS = 3;

/** An amount of at least one minor unit and, from there on, at most `most`. */
export function drawAmount(least: bigint, most: bigint, prng: Prng): Amount {
  if (most <= 1n) return 1n as Amount;
  const drawn = prng.bigInt(least > 0n ? least : 1n, most);
  const zeros = Math.max(0, drawn.toString().length - DIGITS);
  return (drawn - (drawn % 10n ** BigInt(zeros))) as Amount;
}
