import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import type { MemberId } from "../../node/ids.ts";
import type { Amount } from "../../node/money.ts";
import { DAY_MS, type GeneratedVat } from "../home.ts";
import type { Scenario, ScenarioTag } from "../scenario.ts";
import type { Prng } from "../sim/prng.ts";
import type { Refusal } from "./funds.ts";
import type { DraftPayment } from "./generated-payments.ts";
import { attestation, tagged, untagged } from "./home-items.ts";

const HOUR_MS = 3_600_000;

/** A trader files his return and pays his VAT so many days after the invoice: the quarter's rhythm, shortened. */
const FILING_DAYS = [20, 25] as const;

/** Who takes part, as the VAT tag names them. */
interface Parties {
  readonly tag: ScenarioTag;
  readonly lender: MemberId;
  readonly exporter: MemberId;
  readonly traders: readonly MemberId[];
  readonly budget: MemberId;
  readonly taxService: MemberId;
  readonly outsider: MemberId;
}

/**
 * Plans exporters' invoices with the VAT in them. Inside the scheme it is split off at payment; outside,
 * the trader holds it until he files, and a trader who disappears takes it with him. The exporter then
 * claims his VAT back: a refund needs the return of his supplier, and takes its days.
 */
export function generateVat(
  scenario: Pick<Scenario, "tags" | "members">,
  plan: GeneratedVat,
  basisPoints: number,
  prng: Prng,
): Outcome<readonly DraftPayment[], Refusal> {
  const parties = partiesOf(scenario);
  if (parties === undefined) {
    const allowed =
      "a VAT tag whose payees are an exporter, traders and the budget (final), with an attester; a commercial bank; and a company that is no payee";
    return reject({ path: "workload.vat", found: "a cast with gaps", allowed });
  }
  const { lender: payer, exporter: payee } = parties;
  const amount = (plan.gross * BigInt(plan.invoices)) as Amount;
  const payments = [untagged({ atMs: 0, bank: parties.tag.bank, payer, payee, amount })];
  for (let number = 1; number <= plan.invoices; number++) {
    payments.push(...invoice(number, parties, { plan, basisPoints }, prng));
  }
  return ok(payments);
}

function partiesOf({ tags, members }: Pick<Scenario, "tags" | "members">): Parties | undefined {
  const tag = tags.find(({ kind }) => kind === "vat") as ScenarioTag;
  const [exporter, ...traders] = tag.payees.filter(({ final }) => !final).map((p) => p.account);
  const budget = tag.payees.find(({ final }) => final)?.account;
  const [taxService] = tag.attesters;
  const home = members.filter(({ bank }) => bank === tag.bank);
  const lender = home.find(({ memberClass }) => memberClass === "commercial-bank")?.id;
  const outsider = home.find(
    ({ id, memberClass }) =>
      memberClass === "company" && !tag.payees.some(({ account }) => account === id),
  )?.id;
  if (exporter === undefined || budget === undefined || taxService === undefined) return undefined;
  if (traders.length === 0 || lender === undefined || outsider === undefined) return undefined;
  return { tag, lender, exporter, traders, budget, taxService, outsider };
}

function invoice(
  number: number,
  { tag, exporter, traders, budget, taxService, outsider }: Parties,
  { plan, basisPoints }: { readonly plan: GeneratedVat; readonly basisPoints: number },
  prng: Prng,
): readonly DraftPayment[] {
  const { gross, insidePercent, missingPercent } = plan;
  const vat = ((gross * BigInt(basisPoints)) / (10_000n + BigInt(basisPoints))) as Amount;
  const net = (gross - vat) as Amount;
  const isInside = prng.int(1, 100) <= insidePercent;
  const isMissing = prng.int(1, 100) <= missingPercent;
  const trader = prng.pick(traders);
  const [from, to] = isInside ? plan.refundDaysInside : plan.refundDaysOutside;
  const boughtMs = prng.int(0, plan.days - 1) * DAY_MS + prng.int(6, 14) * HOUR_MS;
  const filedMs = boughtMs + prng.int(...FILING_DAYS) * DAY_MS;
  const claimedMs = filedMs + DAY_MS;
  const refundedMs = claimedMs + prng.int(from * 24, to * 24) * HOUR_MS;
  const { bank } = tag;
  const [line] = tag.lines;
  const [purpose = ""] = tag.purposes;
  const place = { bank, tag: tag.id, line: line?.line ?? "", purpose };
  const name = `invoice=#Invoice ${number}`;
  const sums = [name, `net=${net}`, `vat=${vat}`];
  const claim = { topic: "CLAIM", subject: `#Claim ${number}` };
  const facts = [`claim=#Claim ${number}`, name];
  const refund = { atMs: refundedMs, bank, payer: budget, payee: exporter, amount: vat, facts };
  const common = [
    untagged({
      atMs: boughtMs,
      bank,
      payer: exporter,
      payee: trader,
      amount: gross,
      facts: isInside ? [...sums, `vat-tag=@${tag.id}`] : sums,
    }),
    attestation({ atMs: claimedMs, bank, attester: taxService, ...claim }),
  ];
  if (isMissing) {
    const leaves = { atMs: boughtMs + DAY_MS, payer: trader, payee: outsider };
    const code = "VAT_PAYEE_NOT_REGISTERED" as const;
    const grabs = isInside
      ? [
          untagged({ ...leaves, bank, amount: net }),
          tagged({ ...place, ...leaves, amount: vat, diversion: "missing trader", expected: code }),
        ]
      : [untagged({ ...leaves, bank, amount: gross, diversion: "missing trader" })];
    return [...common, ...grabs, untagged({ ...refund, expected: "TAG_OBLIGATION_UNMET" })];
  }
  const paid = { atMs: filedMs, payer: trader, payee: budget, amount: vat };
  const filed = { topic: "RETURN", subject: `#Invoice ${number}` };
  return [
    ...common,
    isInside
      ? tagged({ ...place, ...paid, facts: [`vat-for=#Invoice ${number}`] })
      : untagged({ ...paid, bank, facts: [`vat-for=#Invoice ${number}`] }),
    attestation({ atMs: filedMs + HOUR_MS, bank, attester: taxService, ...filed }),
    untagged(refund),
  ];
}
