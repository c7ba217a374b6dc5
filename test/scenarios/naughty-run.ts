import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest, RunResult, SwapDiagram } from "../../scenarios/run-result.ts";
import { inventRun } from "./run-fixture.ts";

const FILE = join(import.meta.dirname, "../vectors/naughty-strings/blns.json");

/** Texts that break out of HTML, SVG, JSON, comments and terminals when they are not escaped. */
const BREAKOUTS: readonly string[] = [
  "</title><script>alert(1)</script>",
  "</style><script>alert(2)</script>",
  "</pre><img src=x onerror=alert(3)>",
  "</svg></figure><iframe src=javascript:alert(4)>",
  '" onmouseover="alert(5)" x="',
  "' onfocus='alert(6)' autofocus='",
  "` onclick=alert(7) `",
  "<!-- -- --> ]]> <![CDATA[",
  "&lt;b&gt; &#60;i&#62; &amp;",
  "${alert(8)} {{alert(9)}} #{alert(10)}",
  "https://example.org/a.css @import url(//example.org)",
  "\u001b[31mred\u001b[0m \u0007 \u009b31m",
  "\u202egnp.exe\u202c \u2066x\u2069 \u200b\u00ad\ufeff",
  "\u0000 \ud800 \ufffe \u2028",
  "__proto__",
];

/** Such texts, and the Big List of Naughty Strings. */
export const NAUGHTY: readonly string[] = [
  ...BREAKOUTS,
  ...(JSON.parse(readFileSync(FILE, "utf8")) as readonly string[]),
].filter((text) => text !== "");

/** A run whose every free text is `textAt(i)`, with as many list entries as there are naughty strings. */
export function runOfTexts(textAt: (i: number) => string): RunResult {
  const run = inventRun({ swaps: 60 });
  let at = 0;
  const text = (): string => textAt(at++ % NAUGHTY.length);
  const currencies = new Map<string, string>();
  const currency = (known: string): string => {
    const name = currencies.get(known) ?? text();
    currencies.set(known, name);
    return name;
  };
  const manifest: Manifest = {
    ...run.manifest,
    scenario: text(),
    title: text(),
    question: text(),
    arrangement: text(),
    modelled: NAUGHTY.map(text),
    versions: Object.fromEntries(NAUGHTY.map((_, i) => [`${i} ${text()}`, text()])),
    banks: run.manifest.banks.map((bank) => ({
      ...bank,
      id: text(),
      name: text(),
      currency: currency(bank.currency),
    })),
    heads: run.manifest.heads.map((head) => ({
      ...head,
      bank: text(),
      file: text(),
      hash: text(),
    })),
    conservation: run.manifest.conservation.map((row) => ({
      ...row,
      currency: currency(row.currency),
    })),
    audit: { ...run.manifest.audit, passed: false, findings: NAUGHTY.slice(0, 90).map(text) },
    visibility: run.manifest.visibility.map((row) => ({ ...row, role: text(), note: text() })),
    faults: NAUGHTY.map((_, i) => ({ atMs: 10 * i, bank: text(), what: text() })),
    expectations: NAUGHTY.map(() => ({ name: text(), holds: true, detail: text() })),
    document: { corridor: { byzantine: text() }, lines: NAUGHTY.map(text) },
  };
  return {
    manifest,
    swaps: run.swaps.map((swap) => ({
      ...swap,
      sellCurrency: currency(swap.sellCurrency),
      buyCurrency: currency(swap.buyCurrency),
      sid: text(),
      payer: text(),
      reason: swap.reason === "" ? "" : `${swap.outcome} ${swap.reason} ${textAt(3)}`,
    })),
    payments: run.payments.map((payment) => ({
      ...payment,
      kind: `${payment.kind} ${textAt(0)}`,
      reason: payment.reason === "" ? "" : textAt(5),
    })),
    diagram: run.diagram === null ? null : diagramOfTexts(run.diagram, text),
  };
}

function diagramOfTexts(diagram: SwapDiagram, text: () => string): SwapDiagram {
  const ids = new Map(diagram.banks.map(({ id }, i) => [id, `${i}${text()}`]));
  const bank = (id: string): string => ids.get(id) ?? "";
  return {
    id: text(),
    sid: text(),
    pair: text(),
    banks: diagram.banks.map(({ id, role }) => ({ id: bank(id), role })),
    messages: diagram.messages.map((message) => ({
      ...message,
      from: bank(message.from),
      to: bank(message.to),
      label: `${message.label} ${textAtLabel(message.label)}`,
    })),
    steps: diagram.steps.map((step) => ({ ...step, bank: bank(step.bank), label: text() })),
  };

  function textAtLabel(label: string): string {
    return ids.size > 0 ? ([...ids.values()][label.length % ids.size]?.slice(1) ?? "") : "";
  }
}
