import { equalBytes } from "../../../crypto/bytes.ts";
import { badInput } from "../../exit.ts";
import { printable, renderProblem } from "../../problem.ts";
import type { DayResult } from "../../rtgs/day-result.ts";
import { measureDay } from "../../rtgs/measure-day.ts";
import { runDay } from "../../rtgs/run-day.ts";
import { readDayFolder } from "./day-folder.ts";

/**
 * Reads the folder of a day back. `payments.csv` has the times of settlements but not their order
 * within a millisecond, so its input is settled again, and must come to the same file.
 */
export function readSettledDay(
  folder: string,
): Pick<DayResult, "manifest" | "members" | "settled"> {
  const { manifest, files, payments } = readDayFolder(folder);
  const { queue, closeMs } = manifest;
  const outcome = runDay({ files, queue, closeMs });
  if (!outcome.ok) throw badInput(outcome.error.map(renderProblem).join("\n"));
  const { settled, input, payments: again } = outcome.value;
  if (!equalBytes(payments.bytes, again)) {
    throw badInput(
      `run_folder_invalid: ${printable(folder)}: payments.csv is not what its inputs come to; daliz verify says more`,
    );
  }
  return { manifest, settled, members: measureDay(settled, input.members).members };
}
