import fs from "node:fs";
import path from "node:path";
import { badInput } from "../../exit.ts";
import { printable, renderProblem } from "../../problem.ts";
import { readBounded } from "../../read-bounded.ts";
import type { DayFile } from "../../rtgs/day-input.ts";
import type { DayManifest, MemberRow } from "../../rtgs/day-manifest.ts";
import { INPUT_FILES, type DayResult } from "../../rtgs/day-result.ts";
import { DAY_KIND } from "../../rtgs/day-scenario.ts";
import type { DayToVerify } from "../../rtgs/verify-day.ts";
import { MAX_DAY_FILE_BYTES } from "../../scenario-limits.ts";
import { CODEBOOK_COLUMNS, TABLE_FILES } from "../columns.ts";
import { renderCsv } from "../csv.ts";
import { readChecked } from "../read-json.ts";
import { renderJson, writeNew } from "../write-files.ts";
import { dayCodebook, MEMBER_COLUMNS } from "./day-columns.ts";
import { DAY_MANIFEST_SCHEMA } from "./day-schema.ts";

const MANIFEST = "manifest.json";

/** Writes everything of a day but its report into its folder, which is new or empty. */
export function writeDayFolder(folder: string, result: DayResult): void {
  const { manifest, members, payments, files } = result;
  const write = (file: string, content: string | Uint8Array): void =>
    writeNew(path.join(folder, file), content);
  fs.mkdirSync(path.join(folder, path.dirname(INPUT_FILES.payments)));
  write(INPUT_FILES.payments, files.payments.bytes);
  write(INPUT_FILES.opening, files.opening.bytes);
  write(TABLE_FILES.payments, payments);
  write(TABLE_FILES.liquidity, renderLiquidity(members));
  write("codebook.csv", renderCsv(dayCodebook(), CODEBOOK_COLUMNS));
  // Last: a folder with a manifest is complete.
  write(MANIFEST, renderJson(manifest));
}

/** `liquidity.csv`: one line for each member. */
export const renderLiquidity = (members: readonly MemberRow[]): string =>
  renderCsv(members, MEMBER_COLUMNS);

/** Whether a path is the folder of one bank's day. */
export function isDayFolder(folder: string): boolean {
  try {
    const manifest: unknown = JSON.parse(fs.readFileSync(path.join(folder, MANIFEST), "utf8"));
    return (manifest as { readonly kind?: unknown } | null)?.kind === DAY_KIND;
  } catch {
    // Whatever it is, the command that was called says what is wrong with it.
    return false;
  }
}

/** Reads the folder of a day back; throws a `CommandError` that names the file. */
export function readDayFolder(folder: string): DayToVerify {
  const manifest = readChecked(folder, MANIFEST, DAY_MANIFEST_SCHEMA) as DayManifest;
  return {
    manifest,
    files: {
      payments: readFile(folder, INPUT_FILES.payments),
      opening: readFile(folder, INPUT_FILES.opening),
    },
    payments: readFile(folder, TABLE_FILES.payments),
    liquidity: readFile(folder, TABLE_FILES.liquidity),
  };
}

function readFile(folder: string, file: string): DayFile {
  const bytes = readBounded(path.join(folder, file), file, MAX_DAY_FILE_BYTES);
  if (bytes.ok) return { bytes: bytes.value, file };
  throw badInput(`run_folder_invalid: ${printable(folder)}: ${renderProblem(bytes.error)}`);
}
