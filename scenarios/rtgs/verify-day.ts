import { isDeepStrictEqual } from "node:util";
import { UNSETTLED, type SettledBy } from "../../corridor/liquidity/payment-day.ts";
import { equalBytes } from "../../crypto/bytes.ts";
import { keepBooks } from "../checkers/day-books.ts";
import { renderProblem } from "../problem.ts";
import type { DayFile } from "./day-input.ts";
import type { DayManifest } from "./day-manifest.ts";
import { propertiesOf, sha256 } from "./day-result.ts";
import { measureDay, type MeasuredDay } from "./measure-day.ts";
import { runDay, type DayOutcome } from "./run-day.ts";
import { settledDay } from "./settled-day.ts";
import { NEVER, readSettled } from "./settled-rows.ts";

/** What the folder of a day says of itself. */
export interface DayToVerify {
  readonly manifest: DayManifest;
  readonly files: { readonly payments: DayFile; readonly opening: DayFile };
  readonly payments: DayFile;
  readonly liquidity: DayFile;
}

/**
 * Checks the folder of a day against nothing but the copies of its input: settles them again by the
 * rule, keeps the books of `payments.csv` by themselves, and takes the measures again. Every line of
 * what it returns is something wrong.
 */
export function verifyDay(
  { manifest, files, payments, liquidity }: DayToVerify,
  renderLiquidity: (members: MeasuredDay["members"]) => string,
): readonly string[] {
  const findings: string[] = [];
  for (const name of ["payments", "opening"] as const) {
    if (sha256(files[name].bytes) === manifest.inputs[name].sha256) continue;
    findings.push(
      `${files[name].file}: not the file that was run, by its SHA-256 in manifest.json`,
    );
  }
  if (sha256(payments.bytes) !== manifest.traceHash) {
    findings.push(`${payments.file}: its SHA-256 is not the trace hash of manifest.json`);
  }
  const { queue, closeMs } = manifest;
  const again = runDay({ files, queue, closeMs });
  if (!again.ok) return [...findings, ...again.error.map(renderProblem)];
  const outcome = again.value;
  if (!equalBytes(payments.bytes, outcome.payments)) {
    findings.push(...differences(payments, outcome, manifest));
  }
  const { measures, members } = measureDay(outcome.settled, outcome.input.members);
  if (!isDeepStrictEqual(measures, manifest.measures)) {
    findings.push("manifest.json: measures that are not those of the day");
  }
  if (!equalBytes(liquidity.bytes, new TextEncoder().encode(renderLiquidity(members)))) {
    findings.push(`${liquidity.file}: not the liquidity of the members on this day`);
  }
  return findings;
}

/** What is wrong with a `payments.csv` that is not the one that the rule gives. */
function differences(
  payments: DayFile,
  { input, settled }: DayOutcome,
  { queue }: DayManifest,
): readonly string[] {
  const read = readSettled(payments, input);
  if (!read.ok) return read.error.map(renderProblem);
  const settledMs = read.value;
  const { day, submittedMs, closeMs } = settled;
  const { ids, records } = input;
  const findings: string[] = [];
  let different = 0;
  const settledBy: SettledBy = new Int32Array(records.length).fill(UNSETTLED);
  for (const [payment, record] of records.entries()) {
    const found = settledMs[record] as number;
    const submission = settled.settledBy[payment] as number;
    const right = submission === UNSETTLED ? NEVER : (submittedMs[submission] as number);
    if (found !== NEVER) settledBy[payment] = lastSubmissionAt(submittedMs, found);
    if (found === right) continue;
    different += 1;
    if (different > 1) continue;
    const id = ids.text(record);
    findings.push(`payment ${id}: ${inWords(found)}; by ${queue} it ${inWords(right)}`);
  }
  if (different > 1) findings.push(`and ${different - 1} more payments that differ from ${queue}`);
  const books = keepBooks(settledDay({ day, submittedMs, closeMs, settledBy }));
  for (const { name, verdict, detail } of propertiesOf(books, input)) {
    if (verdict !== "holds") findings.push(`${payments.file}: ${name}: ${detail}`);
  }
  if (findings.length === 0) findings.push(`${payments.file}: not as this program writes it`);
  return findings;
}

const inWords = (settledMs: number): string =>
  settledMs === NEVER ? "does not settle" : `settles at ${settledMs} ms`;

/** The last submission at this time or before; `UNSETTLED` when there is none. */
function lastSubmissionAt(submittedMs: Float64Array, timeMs: number): number {
  let [low, high] = [0, submittedMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((submittedMs[middle] as number) <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? UNSETTLED : low - 1;
}
