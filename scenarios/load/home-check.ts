import {
  DIVERSIONS,
  ORGANISATION_CLASSES,
  type Diversion,
  type GeneratedHome,
  type GeneratedMeals,
  type GeneratedProcurement,
  type GeneratedVat,
  type ScenarioClock,
} from "../home.ts";
import type { Path } from "../problem.ts";
import type { ScenarioMember, ScenarioTag, TagKindName } from "../scenario.ts";
import { readPositiveAmount } from "./amounts.ts";
import type { Draft, GeneratedDocument, ScenarioDocument } from "./document.ts";
import type { MemberBook } from "./members-check.ts";
import type { Findings } from "./problems.ts";
import type { Setting } from "./workload-check.ts";

/** The calendar; only a bank alone can run faster than messages between banks travel. */
export function checkClock(draft: Draft<ScenarioDocument>, findings: Findings): ScenarioClock {
  const { start, pace = 1 } = draft.clock ?? {};
  const startMs = start === undefined ? null : Date.parse(`${start}T00:00:00Z`);
  if (startMs !== null && !isDay(start, startMs)) {
    findings.invalid(["clock", "start"], "a day of the calendar");
  }
  if (pace > 1 && (draft.banks?.length ?? 1) > 1) {
    findings.invalid(["clock", "pace"], "1, or a single bank: messages travel at their own pace");
  }
  return { startMs, pace };
}

/** JavaScript takes 30 February for 2 March. */
const isDay = (written: string | undefined, ms: number): boolean =>
  Number.isFinite(ms) && new Date(ms).toISOString().startsWith(`${written}T`);

/** The members, each with whether its organisation is connected. */
export function connectMembers(
  draft: Draft<ScenarioDocument>,
  members: MemberBook,
  findings: Findings,
): readonly ScenarioMember[] {
  const listed = members.values();
  const isOrganisation = ({ memberClass, through }: ScenarioMember): boolean =>
    through === null && ORGANISATION_CLASSES.has(memberClass);
  const organisations = listed.filter(isOrganisation);
  for (const [i, member] of (draft.members ?? []).entries()) {
    const at = ["members", i, "through"];
    const through = members.find(member?.through, at, findings);
    if (through === undefined || (isOrganisation(through) && through.bank === member?.bank))
      continue;
    findings.invalid(
      at,
      `an organisation of its own bank: ${[...ORGANISATION_CLASSES].join(", ")}`,
    );
  }
  const { connected = organisations.length } = draft;
  if (!members.hasGaps() && connected > organisations.length) {
    findings.invalid(
      ["connected"],
      `at most the ${organisations.length} organisations of the file`,
    );
  }
  const away = new Set<string>(organisations.slice(connected).map(({ id }) => id));
  return listed.map((member) => ({
    ...member,
    connected: !away.has(member.id) && !away.has(member.through ?? ""),
  }));
}

/** The parts of a generated workload that need tags; each is absent when something is wrong with it. */
export function checkHome(
  draft: Draft<GeneratedDocument>,
  setting: Setting,
  findings: Findings,
): GeneratedHome {
  const tagsAre = (key: string, kind: TagKindName): void => {
    const { tags } = setting;
    if (tags.hasGaps() || tags.values().some((tag) => tag.kind === kind)) return;
    findings.invalid(["workload", key], `a scenario with a tag of kind ${kind}`);
  };
  if (draft.meals !== undefined) tagsAre("meals", "voucher");
  if (draft.vat !== undefined) tagsAre("vat", "vat");
  return {
    procurement:
      draft.procurement === undefined ? null : procurementOf(draft.procurement, setting, findings),
    meals: draft.meals === undefined ? null : mealsOf(draft.meals, setting, findings),
    vat: draft.vat === undefined ? null : vatOf(draft.vat, setting, findings),
  };
}

/** Whether purchases can be drawn under a tag: a chain that ends, and prices for everything. */
export const canProcure = (tag: ScenarioTag): boolean =>
  tag.payees.some(({ final }) => !final) &&
  tag.payees.some(({ final }) => final) &&
  tag.lines.every(({ maxUnitPrice }) => maxUnitPrice !== null);

function procurementOf(
  draft: Draft<NonNullable<GeneratedDocument["procurement"]>>,
  { tags, members }: Setting,
  findings: Findings,
): GeneratedProcurement | null {
  const path = ["workload", "procurement"];
  const usable = tags.values().filter(canProcure);
  if (!tags.hasGaps() && usable.length === 0) {
    findings.invalid(path, "a scenario with a tag that names a chain of payees, and unit prices");
  }
  const ways = draft.diversions ?? {};
  const diversions = Object.fromEntries(DIVERSIONS.map((way) => [way, ways[way] ?? 0])) as Record<
    Diversion,
    number
  >;
  const sum = DIVERSIONS.reduce((total, way) => total + diversions[way], 0);
  if (sum > 100) findings.invalid([...path, "diversions"], "per cents that sum to at most 100");
  const outsiders = members
    .values()
    .some(({ id, memberClass }) => memberClass === "company" && !isPayee(usable, id));
  if (diversions["dead-souls"] > 0 && !members.hasGaps() && !outsiders) {
    findings.invalid([...path, "diversions", "dead-souls"], "0, or a company that is no payee");
  }
  const { purchases, inflationPercent = 30, lateActsPercent = 0 } = draft;
  if (purchases === undefined) return null;
  return { purchases, diversions, inflationPercent, lateActsPercent };
}

const isPayee = (tags: readonly ScenarioTag[], member: string): boolean =>
  tags.some(({ payees }) => payees.some(({ account }) => account === member));

function mealsOf(
  draft: Draft<NonNullable<GeneratedDocument["meals"]>>,
  setting: Setting,
  findings: Findings,
): GeneratedMeals | null {
  const price = amountOf(draft.price, "voucher", ["workload", "meals", "price"], setting, findings);
  const { children, days, absentPercent = 0, secondPercent = 0 } = draft;
  if (children === undefined || days === undefined || price === undefined) return null;
  return { children, days, price, absentPercent, secondPercent };
}

function vatOf(
  draft: Draft<NonNullable<GeneratedDocument["vat"]>>,
  setting: Setting,
  findings: Findings,
): GeneratedVat | null {
  const path = ["workload", "vat"];
  const gross = amountOf(draft.gross, "vat", [...path, "gross"], setting, findings);
  const daysOf = (key: "refundDaysOutside" | "refundDaysInside"): readonly [number, number] => {
    const [from = 0, to = 0] = draft[key] ?? [];
    if (from > to)
      findings.invalid([...path, key], "from and to, in this order", `${from} to ${to}`);
    return [from, to];
  };
  const { invoices, days, insidePercent, missingPercent } = draft;
  const refunds = {
    refundDaysOutside: daysOf("refundDaysOutside"),
    refundDaysInside: daysOf("refundDaysInside"),
  };
  if (invoices === undefined || days === undefined || gross === undefined) return null;
  if (insidePercent === undefined || missingPercent === undefined) return null;
  return { invoices, days, gross, insidePercent, missingPercent, ...refunds };
}

/** An amount in the currency of the bank that has the first tag of the kind. */
function amountOf(
  written: string | undefined,
  kind: TagKindName,
  path: Path,
  { tags, banks }: Setting,
  findings: Findings,
) {
  const tag = tags.values().find((listed) => listed.kind === kind);
  return readPositiveAmount(written, banks.byId.get(tag?.bank)?.currency, path, findings);
}
