import process from "node:process";
import { moneyOf } from "../../corridor/audit/audit.ts";
import { renderFinding, renderSplit } from "../../corridor/audit/findings.ts";
import { useFastSha256 } from "../../node/io/fast-sha256.ts";
import { renderAmount } from "../../node/money.ts";
import { EXIT } from "../exit.ts";
import { audit, readLedgers } from "../ledger-files.ts";
import { isDayFolder, readDayFolder, renderLiquidity } from "../report/day/day-folder.ts";
import { renderCount } from "../report/format.ts";
import { verifyDay } from "../rtgs/verify-day.ts";

/** `daliz verify`: audits a run's ledgers offline; exit 1 and the culprit's name when something is wrong. */
export async function runVerify(
  paths: readonly string[],
  options: { readonly genesis?: string },
): Promise<void> {
  await useFastSha256();
  const [folder] = paths;
  if (folder !== undefined && paths.length === 1 && isDayFolder(folder)) return verifyDayIn(folder);
  const files = readLedgers(paths, options.genesis);
  const report = audit(files);
  const print = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  for (const { bank, own, books } of report.ledgers) {
    const { issued, redeemed, posted, pending } = moneyOf(books);
    const { code, decimals } = bank.currency;
    const amount = (minor: bigint): string => renderAmount(minor, decimals);
    print(
      `${bank.id}: ${files.sharedLedger === undefined ? own.length : report.blocks} blocks; ${code} issued ${amount(issued)}, redeemed ${amount(redeemed)}, ` +
        `posted ${amount(posted)}, pending ${amount(pending)}`,
    );
  }
  print(
    `${report.ledgers.length} ledgers, ${report.blocks} blocks, ${report.entries} entries, ` +
      `${report.signatures} signatures, ${report.swaps.size} swaps checked`,
  );
  if (files.signatures === "modelled") {
    print("signatures are modelled: this shows what the banks decided, and nothing about forgery");
  }
  for (const split of report.splits.slice(0, MAX_SHOWN)) print(`result: ${renderSplit(split)}`);
  if (report.splits.length > 0) print(`${report.splits.length} ${SPLIT_MEANS}`);
  if (report.findings.length === 0) return print("verified: nothing is wrong");
  for (const finding of report.findings.slice(0, MAX_SHOWN)) print(renderFinding(finding));
  if (report.findings.length > MAX_SHOWN) print(`and ${report.findings.length - MAX_SHOWN} more`);
  print(`NOT verified: ${report.findings.length} findings`);
  process.exitCode = EXIT.violated;
}

/** The folder of one bank's day has no ledgers: it is checked against the copies of its input. */
function verifyDayIn(folder: string): void {
  const day = readDayFolder(folder);
  const { manifest } = day;
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  print(
    `one day of one bank: ${renderCount(manifest.measures.settled.ofPayments, " ")} payments of ` +
      `${renderCount(manifest.members, " ")} members settled again by ${manifest.queue}, books and measures taken again`,
  );
  print(
    "a day has no signatures: this shows that the files follow from the inputs, not who made them",
  );
  const findings = verifyDay(day, renderLiquidity);
  if (findings.length === 0) return print("verified: nothing is wrong");
  for (const finding of findings.slice(0, MAX_SHOWN)) print(finding);
  if (findings.length > MAX_SHOWN) print(`and ${findings.length - MAX_SHOWN} more`);
  print(`NOT verified: ${findings.length} findings`);
  process.exitCode = EXIT.violated;
}

const MAX_SHOWN = 20;
const SPLIT_MEANS = "swaps ended half paid, as their arrangement allows: a result, no bank's fault";
