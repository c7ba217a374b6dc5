import type { MemberId } from "../../node/ids.ts";
import { durationMs } from "../../node/time.ts";
import type { Path } from "../problem.ts";
import { MAX_MOMENT_MS } from "../scenario-limits.ts";
import type { ListedOrder, OrderAction, ScenarioBank } from "../scenario.ts";
import { readPositiveAmount } from "./amounts.ts";
import type { Draft, ListedOrderDocument, OrderDocument } from "./document.ts";
import { hasAccountAt } from "./members-check.ts";
import type { Findings } from "./problems.ts";
import type { Setting } from "./workload-check.ts";

/** An order of the workload that pays nobody. */
export function checkOrder(
  draft: Draft<ListedOrderDocument>,
  setting: Setting,
  path: Path,
  findings: Findings,
): ListedOrder | undefined {
  const bank = setting.banks.byId.find(draft.bank, [...path, "bank"], findings);
  const member = setting.members.find(draft.member, [...path, "member"], findings);
  if (member !== undefined && bank !== undefined && !hasAccountAt(member, bank.id)) {
    findings.invalid([...path, "member"], `a member with an account at ${bank.id}`);
  }
  const { atMs, rejected = null } = draft;
  if (bank === undefined || member === undefined || atMs === undefined) return undefined;
  // The schema has seen to it that an order is complete, or is not there.
  const order = draft.order as OrderDocument | undefined;
  const action = order && actionOf(order, { setting, bank, path: [...path, "order"], findings });
  if (action === undefined) return undefined;
  return { atMs: durationMs(atMs), bank: bank.id, member: member.id, action, rejected };
}

interface Context {
  readonly setting: Setting;
  readonly bank: ScenarioBank;
  readonly path: Path;
  readonly findings: Findings;
}

function actionOf(order: OrderDocument, context: Context): OrderAction | undefined {
  const { setting, bank, path, findings } = context;
  if (order.kind === "attest") {
    const { topic, subject, value = 1, document = null, validForMs = MAX_MOMENT_MS } = order;
    const about = { topic, subject, value, document, validForMs: durationMs(validForMs) };
    return { kind: "attest", ...about };
  }
  const amount =
    "amount" in order
      ? readPositiveAmount(order.amount, bank.currency, [...path, "amount"], findings)
      : undefined;
  if (order.kind === "court-debit") {
    const account = memberOf(order.account, "account", context);
    const payee = memberOf(order.payee, "payee", context);
    const from = setting.tags.find(order.from, [...path, "from"], findings)?.id ?? null;
    if (account === undefined || payee === undefined || amount === undefined) return undefined;
    return { kind: order.kind, account, payee, from, amount, case: order.case };
  }
  if (!("tag" in order)) return amount === undefined ? undefined : { kind: order.kind, amount };
  const tag = setting.tags.find(order.tag, [...path, "tag"], findings);
  if (tag !== undefined && tag.bank !== bank.id)
    findings.invalid([...path, "tag"], `a tag of ${bank.id}`);
  if (tag === undefined) return undefined;
  if ("case" in order) {
    const account = memberOf(order.account, "account", context);
    return { kind: order.kind, tag: tag.id, account: account ?? null, case: order.case };
  }
  if (amount === undefined) return undefined;
  if (order.kind !== "contract") return { kind: order.kind, tag: tag.id, amount };
  const payee = memberOf(order.payee, "payee", context);
  if (payee === undefined) return undefined;
  const { line, document } = order;
  return { kind: "contract", tag: tag.id, payee, line, amount, document };
}

const memberOf = (
  name: string | undefined,
  key: string,
  { setting, path, findings }: Context,
): MemberId | undefined => setting.members.find(name, [...path, key], findings)?.id;
