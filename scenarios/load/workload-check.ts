import { unreachable } from "../../crypto/outcome.ts";
import { durationMs } from "../../node/time.ts";
import type { Path } from "../problem.ts";
import { hasRate, USD, type DayRates } from "../rates.ts";
import type {
  CurrencyPair,
  GeneratedSwaps,
  GeneratedWorkload,
  ScenarioBank,
  Workload,
} from "../scenario.ts";
import { readAmount } from "./amounts.ts";
import type { BankBook } from "./corridor-check.ts";
import type { Draft, GeneratedDocument, ScenarioDocument } from "./document.ts";
import { checkHome } from "./home-check.ts";
import { checkListed } from "./listed-check.ts";
import { hasAccountAt, type MemberBook } from "./members-check.ts";
import { Names } from "./names.ts";
import type { Findings } from "./problems.ts";
import type { TagBook } from "./tags-check.ts";

/** What the parts that were checked before offer to a workload. */
export interface Setting {
  readonly banks: BankBook;
  readonly members: MemberBook;
  readonly tags: TagBook;
  /** `null` when the file names no rates; absent when something is wrong with them. */
  readonly rates: DayRates | null | undefined;
}

const CENTS_PER_DOLLAR = 100n;
const PER_CENT = 100;

export function checkWorkload(
  draft: Draft<ScenarioDocument>,
  setting: Setting,
  findings: Findings,
): Workload | undefined {
  const { workload } = draft;
  const kind = workload?.kind;
  switch (kind) {
    case undefined:
      return undefined;
    case "generated":
      if (setting.rates === null && (workload as Draft<GeneratedDocument>).swaps !== undefined) {
        findings.invalid(["rates"], "a map with the keys file, date: the workload is generated");
      }
      return checkGenerated(workload as Draft<GeneratedDocument>, setting, findings);
    case "listed":
      return checkListed(workload as Exclude<typeof workload, undefined>, setting, findings);
    default:
      return unreachable(kind);
  }
}

function checkGenerated(
  draft: Draft<GeneratedDocument>,
  setting: Setting,
  findings: Findings,
): GeneratedWorkload | undefined {
  const { durationMs: duration, screeningMs = [0, 0] } = draft;
  const [from, to] = screeningMs;
  if (from !== undefined && to !== undefined && from > to) {
    findings.invalid(["workload", "screeningMs"], "from and to, in this order", `${from} to ${to}`);
  }
  const swaps = draft.swaps === undefined ? null : checkSwaps(draft.swaps, setting, findings);
  checkPayments(draft, setting, findings);
  if (duration === undefined || from === undefined || to === undefined || swaps === undefined) {
    return undefined;
  }
  return {
    kind: "generated",
    durationMs: durationMs(duration),
    screeningMs: [durationMs(from), durationMs(to)],
    swaps,
    domesticPayments: draft.domesticPayments ?? 0,
    taggedPayments: draft.taggedPayments ?? 0,
    oneWayPayments: draft.oneWayPayments ?? 0,
    ...checkHome(draft, setting, findings),
  };
}

/** Each kind of payment needs somebody who can make it. */
function checkPayments(
  draft: Draft<GeneratedDocument>,
  { members, tags }: Setting,
  findings: Findings,
): void {
  if (members.hasGaps() || tags.hasGaps()) return;
  const residents = new Map<string, number>();
  for (const { bank } of members.values()) residents.set(bank, (residents.get(bank) ?? 0) + 1);
  const isDomestic = [...residents.values()].some((count) => count > 1);
  const isOneWay = members
    .values()
    .some(({ nonResidentAt }) => nonResidentAt.some((bank) => residents.has(bank)));
  const { domesticPayments = 0, taggedPayments = 0, oneWayPayments = 0 } = draft;
  const note = (key: string, needed: string): void =>
    findings.invalid(["workload", key], `0, or ${needed}`);
  if (domesticPayments > 0 && !isDomestic) note("domesticPayments", "two members of one bank");
  if (taggedPayments > 0 && tags.values().length === 0) note("taggedPayments", "a tag");
  if (oneWayPayments > 0 && !isOneWay) {
    note("oneWayPayments", "a member that is nonResidentAt a bank which has members");
  }
}

function checkSwaps(
  draft: Draft<NonNullable<GeneratedDocument["swaps"]>>,
  setting: Setting,
  findings: Findings,
): GeneratedSwaps | undefined {
  const path = ["workload", "swaps"];
  const totalUsd = readAmount(draft.totalUsd, USD, [...path, "totalUsd"], findings);
  const { count } = draft;
  if (count !== undefined && totalUsd !== undefined) {
    const least = BigInt(count) * CENTS_PER_DOLLAR;
    const allowed = `at least one dollar for each of ${count} swaps`;
    if (totalUsd < least) findings.invalid([...path, "totalUsd"], allowed);
  }
  const pairs = checkPairs(draft.pairs, setting, [...path, "pairs"], findings);
  if (count === undefined || totalUsd === undefined || pairs === undefined) return undefined;
  return { count, totalUsd, pairs };
}

function checkPairs(
  draft: Draft<NonNullable<GeneratedDocument["swaps"]>["pairs"]> | undefined,
  setting: Setting,
  path: Path,
  findings: Findings,
): readonly CurrencyPair[] | undefined {
  if (draft === undefined) return undefined;
  const pairs = new Names<CurrencyPair>("pairs");
  let sum = 0;
  let isComplete = true;
  for (const [i, entry] of draft.entries()) {
    const at = [...path, i, "pair"];
    const codes = entry?.pair?.split("/");
    const [first, second] = (codes ?? []).map((code) => findCurrency(code, at, setting, findings));
    const share = entry?.share;
    sum += share ?? 0;
    isComplete &&= share !== undefined;
    const sorted = codes?.toSorted((a, b) => (a < b ? -1 : 1)).join("/");
    const pair = first && second && share !== undefined ? { first, second, share } : undefined;
    pairs.put(sorted, pair, at, findings);
    if (first !== undefined && first === second) findings.invalid(at, "two different currencies");
    else if (first && second) checkTraders({ first, second }, setting, at, findings);
  }
  if (isComplete && sum !== PER_CENT) {
    findings.invalid(path, `shares that sum to ${PER_CENT}`, `shares that sum to ${sum}`);
  }
  return pairs.values();
}

function findCurrency(
  code: string,
  path: Path,
  { banks, rates }: Setting,
  findings: Findings,
): ScenarioBank | undefined {
  const bank = banks.byCurrency.find(code, path, findings);
  if (bank !== undefined && rates && !hasRate(rates, code)) {
    findings.invalid(path, `currencies with a rate: ${[...rates.perUsd.keys()].join(", ")}`);
  }
  return bank;
}

/** A swap needs a commercial bank on each side, with an account at the other side's central bank. */
function checkTraders(
  { first, second }: Pick<CurrencyPair, "first" | "second">,
  { members }: Setting,
  path: Path,
  findings: Findings,
): void {
  if (members.hasGaps()) return;
  const all = members.values();
  for (const [home, abroad] of [
    [first, second],
    [second, first],
  ] as const) {
    const isThere = all.some(
      (member) =>
        member.memberClass === "commercial-bank" &&
        member.bank === home.id &&
        hasAccountAt(member, abroad.id),
    );
    if (!isThere) {
      findings.invalid(
        path,
        `a pair for which ${home.id} has a commercial bank that is nonResidentAt ${abroad.id}`,
      );
    }
  }
}
