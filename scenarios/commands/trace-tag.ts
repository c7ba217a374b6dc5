import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { useFastSha256 } from "../../node/io/fast-sha256.ts";
import { tagKey } from "../../node/ids.ts";
import { renderMoney } from "../report/format.ts";
import { badInput, EXIT } from "../exit.ts";
import { audit, domesticEntriesOf, readLedgers } from "../ledger-files.ts";
import { tagRow } from "../measures/tag-row.ts";
import { findTags, traceTag, type TagTrace } from "../measures/tag-trace.ts";
import { renderTagPage } from "../report/tag-page.ts";
import { grid } from "../report/terminal-grid.ts";

/** `daliz trace-tag`: where tagged money went, from allocation to full expenditure, by the audited ledgers. */
export async function runTraceTag(
  folder: string,
  wanted: string,
  options: { readonly out?: string },
): Promise<void> {
  await useFastSha256();
  const files = readLedgers([folder]);
  const report = audit(files);
  const found = report.ledgers.flatMap(({ bank, books }) =>
    findTags(books, wanted).map((tag) => ({ bank, tag })),
  );
  const [first, second] = found;
  if (first === undefined || second !== undefined) {
    const known = report.ledgers.flatMap(({ bank, books }) =>
      Array.from(books.tags.values(), ({ id, definition }) => {
        return `${tagKey(id).slice(0, 16)} (${bank.id}: ${definition.reference})`;
      }),
    );
    const which = first === undefined ? "no tag" : "more than one tag";
    throw badInput(`${which} is ${wanted}; the run has ${known.slice(0, 20).join(", ") || "none"}`);
  }
  const { bank, tag } = first;
  const trace = traceTag(tag, domesticEntriesOf(files, bank.number));
  const { decimals, code } = bank.currency;
  process.stdout.write(`${describe(trace, code, decimals)}\n`);
  const file = options.out ?? path.join(folder, `tag-${tagKey(tag.id).slice(0, 16)}.html`);
  const page = renderTagPage(tagRow(trace, bank), {
    run: path.basename(path.resolve(folder)),
    decimals,
  });
  try {
    fs.writeFileSync(file, page, { flag: "wx" });
  } catch (error) {
    throw badInput(`${file}: ${(error as Error).message}`);
  }
  process.stdout.write(`\nDrawn in ${file}\n`);
  if (report.findings.length === 0) return;
  process.stdout.write(`NOT verified: ${report.findings.length} findings; see daliz verify\n`);
  process.exitCode = EXIT.violated;
}

function describe(
  { tag, flows, refusals, notes }: TagTrace,
  code: string,
  decimals: number,
): string {
  const amount = (minor: bigint): string => renderMoney(minor, decimals, " ");
  const { definition, issued, held, released, returned } = tag;
  const { reference, fundOwner } = definition;
  const parts = [
    `${reference}: tag ${tagKey(tag.id).slice(0, 16)} of ${fundOwner}`,
    `${code} issued ${amount(issued)} = held ${amount(held)} + released ${amount(released)} + returned ${amount(returned)}`,
    grid(
      [
        ["What", "left"],
        ["From", "left", 24],
        ["To", "left", 24],
        ["Line", "left"],
        ["Payments", "right"],
        ["Amount", "right"],
      ],
      flows.map((flow) => {
        const { kind, from, to, line, payments } = flow;
        return [kind, from, to, line, String(payments), amount(flow.amount)];
      }),
    ),
    grid(
      [
        ["Line", "left"],
        ["Estimate", "right"],
        ["Paid in", "right"],
        ["Released", "right"],
        ["Unspent", "right"],
      ],
      [...tag.lines].map(([line, l]) => {
        return [
          line,
          amount(l.maxAmount),
          amount(l.paidIn),
          amount(l.released),
          amount(l.paidIn - l.released),
        ];
      }),
    ),
    grid(
      [
        ["Not let happen", "left"],
        ["Rule", "left"],
        ["Times", "right"],
        ["Amount", "right"],
      ],
      refusals.map(({ code: why, rule, count, amount: sum }) => [
        why,
        rule,
        String(count),
        amount(sum),
      ]),
    ),
    grid(
      [
        ["Noted by rule", "left"],
        ["Payments", "right"],
      ],
      [...notes].map(([rule, count]) => [rule, String(count)]),
    ),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}
