import type { RunResult } from "../../run-result.ts";
import { counted, renderCount } from "../format.ts";
import { htmlTable } from "./html-table.ts";
import { html, type Markup } from "./markup.ts";

const MAX_FINDINGS = 100;

/** What the audit found, the heads of the ledgers, and the commands with which a reader checks it all again. */
export function verifySection({ manifest, swaps }: RunResult, folder: string): Markup {
  const { audit, heads } = manifest;
  const settled = swaps.find(({ outcome, sid }) => outcome === "settled" && sid !== "");
  const proof = `swap-${settled?.sid.slice(0, 16) ?? ""}.proof`;
  const inFolder = (name: string): string => shellWord(`${folder}/${name}`);
  const commands = [
    "# every signature, chain, balance, hold, tag and outcome",
    `npm run daliz -- verify ${shellWord(folder)}`,
    ...(settled === undefined
      ? []
      : [
          "# a self-contained proof of one swap, and its check with the corridor's public keys alone",
          `npm run daliz -- prove ${shellWord(folder)} ${shellWord(settled.sid.slice(0, 16))}`,
          `npm run daliz -- check-proof ${inFolder(proof)} --genesis ${inFolder("genesis.json")}`,
        ]),
    "# this page again, from the files of the run folder",
    `npm run daliz -- report ${shellWord(folder)}`,
  ];
  const checked = [
    counted(audit.blocks, "block"),
    counted(audit.entries, "entry", "entries"),
    counted(audit.signatures, "signature"),
    counted(audit.swaps, "swap"),
  ];
  return html`<section id="verify">
    <h2>Check it yourself</h2>
    <p>
      The offline audit read the ledgers of the run folder, ${checked.join(", ")}, and
      ${
        audit.passed
          ? html`<strong class="good">found nothing wrong</strong>`
          : html`<strong class="bad">did not pass</strong>`
      }.
      These commands do it again, without trust in this page:
    </p>
    <pre class="wrap">${commands.join("\n")}</pre>
    ${
      audit.findings.length === 0
        ? null
        : html`<ul>
            ${audit.findings.slice(0, MAX_FINDINGS).map((finding) => html`<li>${finding}</li>`)}
          </ul>`
    }
    ${htmlTable(
      "Heads of the ledgers: up to here every byte is vouched for",
      [
        { head: "Bank" },
        { head: "File" },
        { head: "Block", numeric: true },
        { head: "Bytes", numeric: true },
        { head: "Hash of the head" },
      ],
      heads.map(({ bank, file, seq, bytes, hash }) => [
        bank,
        html`<code>${file}</code>`,
        renderCount(seq),
        renderCount(bytes),
        html`<code class="hash">${hash}</code>`,
      ]),
      { nothing: "The run kept no ledgers." },
    )}
    <p class="lead">
      The numbers behind every table and plot are in <code>swaps.csv</code>,
      <code>swaps.parquet</code>, <code>payments.csv</code> and <code>liquidity.csv</code> beside
      this page; <code>codebook.csv</code> explains each column.
    </p>
  </section>`;
}

/** One word for a shell, whatever the folder is called. */
export const shellWord = (text: string): string =>
  /^[A-Za-z0-9_./-]+$/.test(text) && !text.startsWith("-")
    ? text
    : `'${text.replaceAll("'", `'\\''`)}'`;
