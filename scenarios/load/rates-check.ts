import type { Outcome } from "../../crypto/outcome.ts";
import type { ScenarioProblem } from "../problem.ts";
import type { DayRates, RateTable } from "../rates.ts";
import type { Draft, ScenarioDocument } from "./document.ts";
import type { Findings, Problems } from "./problems.ts";

/** Finds and reads a file of rates by its name. */
export type ReadRates = (name: string) => Outcome<RateTable, readonly ScenarioProblem[]>;

/** The rates of the day; `null` when the file names none, `undefined` when something is wrong. */
export function checkRates(
  draft: Draft<ScenarioDocument>,
  readRates: ReadRates,
  { findings, problems }: { readonly findings: Findings; readonly problems: Problems },
): DayRates | null | undefined {
  if (!("rates" in draft)) return null;
  const { file, date } = draft.rates ?? {};
  if (file === undefined) return undefined;
  const table = readRates(file);
  if (!table.ok) {
    const [first] = table.error;
    const isMissing = first?.line === 0 && first.code === "scenario_invalid";
    if (isMissing) findings.invalid(["rates", "file"], first.allowed);
    else for (const problem of table.error) problems.add(problem);
    return undefined;
  }
  if (date === undefined) return undefined;
  const day = table.value.days.get(date);
  if (day !== undefined) return day;
  const dates = [...table.value.days.keys()];
  const earlier = dates.findLast((listed) => listed < date);
  const hint = earlier === undefined ? "" : `; the last one before it is ${earlier}`;
  const range = `${dates[0]} to ${dates.at(-1)}`;
  findings.invalid(
    ["rates", "date"],
    `one of the ${dates.length} days of ${file}, ${range}${hint}`,
  );
  return undefined;
}
