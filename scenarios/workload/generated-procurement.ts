import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import type { MemberId } from "../../node/ids.ts";
import type { RuleCode } from "../../node/rules/codes.ts";
import type { Amount } from "../../node/money.ts";
import { DIVERSIONS, type Diversion, type GeneratedProcurement } from "../home.ts";
import { canProcure } from "../load/home-check.ts";
import type { GeneratedWorkload, Scenario, ScenarioLine, ScenarioTag } from "../scenario.ts";
import type { Prng } from "../sim/prng.ts";
import type { Refusal } from "./funds.ts";
import type { DraftPayment } from "./generated-payments.ts";
import { attestation, tagged } from "./home-items.ts";

/** The part of the run in which purchases begin; the rest is for what follows of them. */
const BEGIN_PART = 0.5;

/** An honest price is between this and all of the estimate's, in per cent. */
const LEAST_PRICE_PERCENT = 80;

/** With which code a diversion is stopped when everything about tags is asked. */
const STOPPED_BY: Readonly<Record<Diversion, RuleCode>> = {
  "dead-souls": "TAG_PAYEE_NOT_ALLOWED",
  "fictitious-works": "TAG_EVIDENCE_MISSING",
  "price-inflation": "TAG_UNIT_PRICE_EXCEEDED",
};

/** One purchase: under which line, by whom and from whom, and whether somebody diverts it. */
interface Purchase {
  readonly number: number;
  readonly tag: ScenarioTag;
  readonly line: ScenarioLine;
  readonly chain: readonly MemberId[];
  readonly supplier: MemberId;
  readonly pieces: bigint;
  readonly amount: Amount;
  readonly diversion: Diversion | null;
  readonly isLate: boolean;
}

/**
 * Plans purchases under tags: the owner pays the chain, the chain its supplier, against an act that a
 * register attests. Agents divert some of them, as the scenario says; what they try is always the same,
 * whatever the tags ask for, so that runs can be compared.
 */
export function generateProcurement(
  { tags, members }: Pick<Scenario, "tags" | "members">,
  { durationMs }: Pick<GeneratedWorkload, "durationMs">,
  plan: GeneratedProcurement,
  prng: Prng,
): Outcome<readonly DraftPayment[], Refusal> {
  const usable = tags.filter(canProcure);
  const payments: DraftPayment[] = [];
  const outsidersOf = ({ bank }: ScenarioTag): readonly MemberId[] =>
    members.flatMap(({ id, bank: home, memberClass }) =>
      home === bank &&
      memberClass === "company" &&
      !usable.some(({ payees }) => payees.some(({ account }) => account === id))
        ? [id]
        : [],
    );
  for (let number = 0; number < plan.purchases; number++) {
    const tag = usable[number % usable.length] as ScenarioTag;
    const own = prng.fork(`purchase ${number}`);
    const purchase = drawPurchase(tag, number, { plan, of: usable.length }, own);
    if (purchase === undefined) {
      const allowed =
        "fewer purchases, or lines of which each takes at least one piece of its share";
      return reject({
        path: "workload.procurement.purchases",
        found: `${plan.purchases}`,
        allowed,
      });
    }
    payments.push(...paymentsOf(purchase, { durationMs, outsiders: outsidersOf(tag) }, own));
  }
  return ok(payments);
}

function drawPurchase(
  tag: ScenarioTag,
  number: number,
  { plan, of }: { readonly plan: GeneratedProcurement; readonly of: number },
  prng: Prng,
): Purchase | undefined {
  const diversion = drawDiversion(plan, prng);
  const share = Math.ceil(plan.purchases / of);
  const line = tag.lines[Math.floor(number / of) % tag.lines.length] as ScenarioLine;
  const onLine = BigInt(Math.ceil(share / tag.lines.length));
  const most = minimum(line.max / onLine, tag.issue / BigInt(share));
  const unit = (line.maxUnitPrice ?? 1n) as bigint;
  const percent =
    diversion === "price-inflation"
      ? 100 + plan.inflationPercent
      : prng.int(LEAST_PRICE_PERCENT, 100);
  const price = (unit * BigInt(percent)) / 100n;
  const byQuantity = line.quantity === null ? most : BigInt(line.quantity) / onLine;
  const limit = price === 0n ? 0n : minimum(most / price, byQuantity);
  if (limit === 0n) return undefined;
  const pieces = BigInt(prng.int(Number((limit + 1n) / 2n), Number(limit)));
  const chain = tag.payees.filter(({ final }) => !final).map(({ account }) => account);
  const suppliers = tag.payees.filter(({ final }) => final).map(({ account }) => account);
  const isLate = diversion === null && prng.int(1, 100) <= plan.lateActsPercent;
  const supplier = prng.pick(suppliers);
  const amount = (pieces * price) as Amount;
  return { number: number + 1, tag, line, chain, supplier, pieces, amount, diversion, isLate };
}

const minimum = (a: bigint, b: bigint): bigint => (a < b ? a : b);

function drawDiversion({ diversions }: GeneratedProcurement, prng: Prng): Diversion | null {
  let left = prng.int(1, 100);
  for (const way of DIVERSIONS) {
    left -= diversions[way];
    if (left <= 0) return way;
  }
  return null;
}

function paymentsOf(
  purchase: Purchase,
  {
    durationMs,
    outsiders,
  }: { readonly durationMs: number; readonly outsiders: readonly MemberId[] },
  prng: Prng,
): readonly DraftPayment[] {
  const { tag, line, chain, supplier, amount, pieces, diversion, isLate, number } = purchase;
  const stepMs = Math.max(1, Math.floor(((1 - BEGIN_PART) * durationMs) / (chain.length + 3)));
  let atMs = prng.int(0, Math.floor(BEGIN_PART * durationMs));
  const next = (): number => (atMs += prng.int(Math.ceil(stepMs / 2), stepMs));
  const [purpose = ""] = tag.purposes;
  const place = { bank: tag.bank, tag: tag.id, line: line.line, purpose, amount };
  const payments = chain.map((payee, i) =>
    tagged({ ...place, atMs: i === 0 ? atMs : next(), payer: chain[i - 1] ?? tag.owner, payee }),
  );
  const last = chain.at(-1) as MemberId;
  const [asked] = tag.evidence;
  const act = `Act of purchase ${number}`;
  const facts = [
    `quantity=${pieces}`,
    ...(asked === undefined ? [] : [`${asked.topic.toLowerCase()}=#${act}`]),
  ];
  const final = { ...place, payer: last, payee: supplier, facts };
  // Times do not depend on what the tag asks for: only then can its runs be compared.
  const attestedMs = next();
  const isAttested = !isLate && diversion !== "fictitious-works";
  const [attester] = tag.attesters;
  if (isAttested && asked !== undefined && attester !== undefined) {
    const about = { topic: asked.topic, subject: `#${act}` };
    payments.push(attestation({ atMs: attestedMs, bank: tag.bank, attester, ...about }));
  }
  const ghost = diversion === "dead-souls" ? prng.pick(outsiders) : supplier;
  const stopped = diversion === null ? "TAG_EVIDENCE_MISSING" : STOPPED_BY[diversion];
  const passes = isAttested ? diversion === null : asked === undefined;
  const expected = passes ? null : stopped;
  payments.push(tagged({ ...final, atMs: next(), payee: ghost, diversion, expected }));
  return payments;
}
