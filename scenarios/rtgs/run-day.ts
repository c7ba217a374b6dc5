import { QUEUE_RULES, type QueueRule } from "../../corridor/liquidity/queue-rules.ts";
import { ok, type Outcome } from "../../crypto/outcome.ts";
import type { ScenarioProblem } from "../problem.ts";
import { readDayInput, type DayFile, type DayInput } from "./day-input.ts";
import { settledDay, type SettledDay } from "./settled-day.ts";
import { renderSettled } from "./settled-file.ts";

/** All that decides what settles when. */
export interface DayRun {
  readonly files: { readonly payments: DayFile; readonly opening: DayFile };
  readonly queue: QueueRule;
  readonly closeMs: number;
}

/** A day that was run. */
export interface DayOutcome extends DayRun {
  readonly input: DayInput;
  readonly settled: SettledDay;
  /** `payments.csv`. */
  readonly payments: Uint8Array;
}

/** Reads the files of a day and settles it by its queue rule; the same input always gives the same bytes. */
export function runDay(run: DayRun): Outcome<DayOutcome, readonly ScenarioProblem[]> {
  const read = readDayInput(run.files, run.closeMs);
  if (!read.ok) return read;
  const input = read.value;
  const { day, submittedMs } = input;
  const settledBy = QUEUE_RULES[run.queue].settle(day);
  const settled = settledDay({ day, submittedMs, closeMs: run.closeMs, settledBy });
  return ok({ ...run, input, settled, payments: renderSettled(input, settled) });
}
