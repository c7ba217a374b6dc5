import { memberId } from "../../node/ids.ts";
import { MAX_AMOUNT, renderAmount, ZERO } from "../../node/money.ts";
import type { Path } from "../problem.ts";
import type { ScenarioBank, ScenarioMember } from "../scenario.ts";
import type { BankBook } from "./corridor-check.ts";
import type { Draft, MemberDocument, ScenarioDocument } from "./document.ts";
import { readAmount } from "./amounts.ts";
import { Names } from "./names.ts";
import type { Findings } from "./problems.ts";
import { oneOf } from "./words.ts";

const NO_MONEY = "0";

/** The members by id. */
export type MemberBook = Names<ScenarioMember>;

export function checkMembers(
  draft: Draft<ScenarioDocument>,
  banks: BankBook,
  findings: Findings,
): MemberBook {
  const members: MemberBook = new Names("members");
  const issued = new Map<string, bigint>();
  for (const [i, member] of (draft.members ?? []).entries()) {
    const path = ["members", i];
    const checked = member && checkMember(member, banks, path, findings);
    members.put(member?.id, checked, [...path, "id"], findings);
    if (checked === undefined) continue;
    const total = (issued.get(checked.bank) ?? 0n) + checked.issue;
    issued.set(checked.bank, total);
    if (total > MAX_AMOUNT) {
      findings.invalid([...path, "issue"], "at most 2^63 - 1 minor units issued by one bank");
    }
  }
  if (draft.members === undefined && "members" in draft) members.isComplete = false;
  return members;
}

function checkMember(
  draft: Draft<MemberDocument>,
  banks: BankBook,
  path: Path,
  findings: Findings,
): ScenarioMember | undefined {
  const { id, name } = draft;
  const home = banks.byId.find(draft.bank, [...path, "bank"], findings);
  const currency = home?.currency;
  const issue = readAmount(draft.issue ?? NO_MONEY, currency, [...path, "issue"], findings);
  const reserves =
    "reserves" in draft
      ? readAmount(draft.reserves, currency, [...path, "reserves"], findings)
      : issue;
  const nonResidentAt = checkNonResidency(draft, { banks, home }, path, findings);
  const memberClass = draft.class;
  if (
    memberClass !== undefined &&
    memberClass !== "commercial-bank" &&
    memberClass !== "treasury"
  ) {
    const allowed = `none: only commercial banks and treasuries have reserves, not a ${memberClass}`;
    for (const [key, amount] of Object.entries({ reserves, issue })) {
      if (key in draft && amount !== ZERO) findings.invalid([...path, key], allowed);
    }
  }
  if (reserves !== undefined && issue !== undefined && issue > reserves) {
    const most = renderAmount(reserves, home?.currency.decimals ?? 0);
    findings.invalid([...path, "issue"], `at most the reserves, "${most}"`);
  }
  if (id === undefined || home === undefined || memberClass === undefined) return undefined;
  if (nonResidentAt === undefined) return undefined;
  return {
    id: memberId(id),
    name: name ?? id,
    bank: home.id,
    memberClass,
    reserves: reserves ?? ZERO,
    issue: issue ?? ZERO,
    through: draft.through ?? null,
    connected: true,
    nonResidentAt,
  };
}

function checkNonResidency(
  draft: Draft<MemberDocument>,
  { banks, home }: { readonly banks: BankBook; readonly home: ScenarioBank | undefined },
  path: Path,
  findings: Findings,
): readonly string[] | undefined {
  if (!("nonResidentAt" in draft)) return [];
  const { nonResidentAt } = draft;
  const others = banks.list.filter((bank) => bank !== home);
  if (nonResidentAt === "all") return others.map((bank) => bank.id);
  const abroad = nonResidentAt?.flatMap((id, i) => {
    const at = [...path, "nonResidentAt", i];
    const bank = banks.byId.find(id, at, findings);
    if (bank === undefined) return [];
    if (bank !== home) return [bank.id];
    const names = others.map((other) => other.id);
    findings.invalid(at, `${oneOf(names, undefined, "no bank")}: at ${bank.id} it is a resident`);
    return [];
  });
  return abroad?.length === nonResidentAt?.length ? abroad : undefined;
}

/** Whether the member holds an account at the bank, as a resident or not. */
export const hasAccountAt = (member: ScenarioMember, bank: string): boolean =>
  member.bank === bank || member.nonResidentAt.includes(bank);
