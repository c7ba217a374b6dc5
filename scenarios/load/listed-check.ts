import { durationMs } from "../../node/time.ts";
import type { Path } from "../problem.ts";
import type {
  ListedLeg,
  ListedPayment,
  ListedSwap,
  ListedWorkload,
  ScenarioMember,
  ScenarioTag,
} from "../scenario.ts";
import { readPositiveAmount } from "./amounts.ts";
import type {
  Draft,
  ListedDocument,
  ListedLegDocument,
  ListedPaymentDocument,
  ListedSwapDocument,
} from "./document.ts";
import { hasAccountAt } from "./members-check.ts";
import type { Findings } from "./problems.ts";
import { checkOrder } from "./orders-check.ts";
import { oneOf } from "./words.ts";
import type { Setting } from "./workload-check.ts";

export function checkListed(
  draft: Draft<ListedDocument>,
  setting: Setting,
  findings: Findings,
): ListedWorkload {
  const swaps = (draft.swaps ?? []).map(
    (swap, i) => swap && checkSwap(swap, setting, ["workload", "swaps", i], findings),
  );
  const payments = (draft.payments ?? []).map(
    (payment, i) =>
      payment && checkPayment(payment, setting, ["workload", "payments", i], findings),
  );
  const orders = (draft.orders ?? []).map(
    (order, i) => order && checkOrder(order, setting, ["workload", "orders", i], findings),
  );
  return {
    kind: "listed",
    swaps: swaps.filter((swap) => swap !== undefined),
    payments: payments.filter((payment) => payment !== undefined),
    orders: orders.filter((order) => order !== undefined),
  };
}

function checkSwap(
  draft: Draft<ListedSwapDocument>,
  setting: Setting,
  path: Path,
  findings: Findings,
): ListedSwap | undefined {
  const sell = checkLeg(draft.sell, setting, [...path, "sell"], findings);
  const buy = checkLeg(draft.buy, setting, [...path, "buy"], findings);
  const tag = setting.tags.find(draft.tag, [...path, "tag"], findings);
  if (tag !== undefined && sell !== undefined && tag.bank !== sell.bank) {
    findings.invalid([...path, "tag"], `a tag of the bank of ${sell.currency}`);
  }
  if (sell === undefined || buy === undefined) return undefined;
  if (sell.currency === buy.currency) {
    findings.invalid([...path, "buy", "currency"], `another currency than ${sell.currency}`);
  }
  if (sell.member === buy.member) {
    findings.invalid([...path, "buy", "member"], `another member than ${sell.member}`);
  }
  const supplier = setting.members.find(draft.deliverTo, [...path, "deliverTo"], findings);
  if (supplier !== undefined && !hasAccountAt(supplier, buy.bank)) {
    findings.invalid([...path, "deliverTo"], `a member with an account at ${buy.bank}`);
  }
  for (const [leg, other, key] of [
    [sell, buy, "sell"],
    [buy, sell, "buy"],
  ] as const) {
    if (key === "sell" && draft.deliverTo !== undefined) continue;
    const member = setting.members.get(leg.member);
    if (member === undefined || hasAccountAt(member, other.bank)) continue;
    const allowed = `a member that is nonResidentAt ${other.bank}, to receive ${other.currency}`;
    findings.invalid([...path, key, "member"], allowed);
  }
  const { atMs, rejected = null } = draft;
  if (atMs === undefined) return undefined;
  return {
    atMs: durationMs(atMs),
    sell,
    buy,
    tag: tag?.id ?? null,
    deliverTo: supplier?.id ?? null,
    facts: statedFacts(draft.facts),
    rejected,
  };
}

const statedFacts = (facts: readonly (string | undefined)[] = []): readonly string[] =>
  facts.filter((fact) => fact !== undefined);

function checkLeg(
  draft: Draft<ListedLegDocument> | undefined,
  { banks, members }: Setting,
  path: Path,
  findings: Findings,
): ListedLeg | undefined {
  if (draft === undefined) return undefined;
  const member = members.find(draft.member, [...path, "member"], findings);
  const bank = banks.byCurrency.find(draft.currency, [...path, "currency"], findings);
  const amount = readPositiveAmount(draft.amount, bank?.currency, [...path, "amount"], findings);
  if (member !== undefined && member.memberClass !== "commercial-bank") {
    findings.invalid([...path, "member"], `a commercial bank, not a ${member.memberClass}`);
  }
  if (member !== undefined && bank !== undefined && !hasAccountAt(member, bank.id)) {
    findings.invalid([...path, "member"], `a member with an account at ${bank.id}`);
  }
  if (member === undefined || bank === undefined || amount === undefined) return undefined;
  return { member: member.id, bank: bank.id, currency: bank.currency.code, amount };
}

function checkPayment(
  draft: Draft<ListedPaymentDocument>,
  setting: Setting,
  path: Path,
  findings: Findings,
): ListedPayment | undefined {
  const bank = setting.banks.byId.find(draft.bank, [...path, "bank"], findings);
  const parties = (["payer", "payee"] as const).map((role) => {
    const member = setting.members.find(draft[role], [...path, role], findings);
    if (member !== undefined && bank !== undefined && !hasAccountAt(member, bank.id)) {
      findings.invalid([...path, role], `a member with an account at ${bank.id}`);
    }
    return member;
  });
  const [payer, payee] = parties as [ScenarioMember | undefined, ScenarioMember | undefined];
  if (payer !== undefined && payer === payee) {
    findings.invalid([...path, "payee"], `another member than ${payer.id}`);
  }
  const amount = readPositiveAmount(draft.amount, bank?.currency, [...path, "amount"], findings);
  const tag = setting.tags.find(draft.tag, [...path, "tag"], findings);
  if (tag !== undefined && bank !== undefined && tag.bank !== bank.id) {
    findings.invalid([...path, "tag"], `a tag of ${bank.id}`);
  }
  checkTagged(draft, tag, path, findings);
  const { atMs, line = null, purpose = null, rejected = null } = draft;
  if (bank === undefined || payer === undefined || payee === undefined) return undefined;
  if (amount === undefined || atMs === undefined) return undefined;
  return {
    atMs: durationMs(atMs),
    bank: bank.id,
    payer: payer.id,
    payee: payee.id,
    amount,
    tag: tag?.id ?? null,
    line,
    purpose,
    facts: statedFacts(draft.facts),
    diversion: draft.diversion ?? null,
    rejected,
  };
}

/** A payment that is not expected to be rejected names what its tag has: anything else is a typing error. */
function checkTagged(
  draft: Draft<ListedPaymentDocument>,
  tag: ScenarioTag | undefined,
  path: Path,
  findings: Findings,
): void {
  if (tag === undefined || draft.rejected !== undefined) return;
  const known = {
    payee: { names: tag.payees.map(({ account }) => account), code: "TAG_PAYEE_NOT_ALLOWED" },
    line: { names: tag.lines.map(({ line }) => line), code: "TAG_LINE_NOT_IN_ESTIMATE" },
    purpose: { names: tag.purposes, code: "TAG_PURPOSE_MISMATCH" },
  } as const;
  for (const key of ["payee", "line", "purpose"] as const) {
    const { names, code } = known[key];
    const found = draft[key];
    if (key in draft && found === undefined) continue;
    if (found !== undefined && names.some((name) => name === found)) continue;
    findings.invalid([...path, key], `${oneOf(names, found)}; or rejected: ${code}`);
  }
}
