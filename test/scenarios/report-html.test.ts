import { createHash } from "node:crypto";
import { compile, type TopLevelSpec } from "vega-lite";
import { describe, expect, it } from "vitest";
import { renderDuration } from "../../scenarios/report/format.ts";
import { renderReport } from "../../scenarios/report/html.ts";
import { html, trusted } from "../../scenarios/report/page/markup.ts";
import { shellWord } from "../../scenarios/report/page/verify-section.ts";
import { countOutcomes } from "../../scenarios/measures/outcomes.ts";
import { settleTimes } from "../../scenarios/measures/settle-times.ts";
import type { RunResult } from "../../scenarios/run-result.ts";
import { NAUGHTY, runOfTexts } from "./naughty-run.ts";
import { inventRun } from "./run-fixture.ts";

const run = inventRun();
const page = await renderReport(run, "runs/tenge-corridor");

/** Every tag of the page with the names of its attributes, in order: what a text must never change. */
const skeleton = (text: string): readonly string[] =>
  [...text.matchAll(/<(\/?[a-zA-Z!][^\s>/]*)((?:\s+[^\s=>]+(?:="[^"]*")?)*)\s*\/?>/g)].map(
    ([, tag = "", attributes = ""]) =>
      [tag, ...[...attributes.matchAll(/([^\s=]+)="[^"]*"/g)].map(([, name]) => name)].join(" "),
  );

const unescape = (text: string): string =>
  text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));

describe("the report", () => {
  it("asks for nothing from outside and runs nothing", () => {
    expect(page).not.toMatch(
      /<(script|iframe|object|embed|link|img|image|base|form|audio|video)\b/i,
    );
    expect(page).not.toMatch(/<[^>]*\s(src|srcset|data|action|on\w+|style)=/i);
    expect(page).not.toMatch(/@import|url\((?!#)/);
    const links = [...page.matchAll(/\s(?:xlink:)?href="([^"]*)"/g)].map(
      ([, target = ""]) => target,
    );
    expect(links.filter((target) => !target.startsWith("#"))).toEqual([]);
    for (const target of links) expect(page).toContain(`id="${target.slice(1)}"`);
  });

  it("has a policy that allows its own style sheet alone", () => {
    const style = /<style>([^]*?)<\/style>/.exec(page)?.[1] ?? "";
    const hash = createHash("sha256").update(style).digest("base64");
    const policy = unescape(/Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "");
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${hash}'`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(page.match(/<style/g)?.length).toBe(1);
  });

  it("says what is modelled, the question, the key figures and how to verify", () => {
    const { manifest, swaps } = run;
    const text = unescape(page).replace(/\s+/g, " ");
    for (const label of [...manifest.modelled, manifest.title, manifest.question]) {
      expect(text).toContain(label);
    }
    const { settled } = countOutcomes(swaps);
    expect(text).toContain(`${settled} of ${swaps.length}`);
    const { ledger } = settleTimes(swaps);
    expect(unescape(page)).toContain(renderDuration(ledger?.p95 ?? 0));
    expect(text).toContain("npm run daliz -- verify runs/tenge-corridor");
    for (const { hash } of manifest.heads) expect(text).toContain(hash);
    expect(text).toContain("1 of 3 expectations not met: all-swaps-settle");
  });

  it("embeds the specification of each plot, and the plot is drawn from it", () => {
    const specs = [...page.matchAll(/<pre>(\{[^<]*)<\/pre>/g)].map(
      ([, json = ""]) => JSON.parse(unescape(json)) as TopLevelSpec,
    );
    expect(specs.length).toBe(3);
    for (const spec of specs) expect(compile(spec).spec.marks?.length).toBeGreaterThan(0);
    expect(page.match(/<svg/g)?.length).toBe(4);
  });

  it("is the same for the same run", async () => {
    expect(await renderReport(inventRun(), "runs/tenge-corridor")).toBe(page);
  });

  it("shows an empty run, one without faults, and one where nothing settled", async () => {
    const { manifest } = run;
    const empty: RunResult = {
      manifest: {
        ...manifest,
        title: "Nothing",
        modelled: [],
        banks: [],
        heads: [],
        conservation: [],
        visibility: [],
        faults: [],
        expectations: [],
      },
      swaps: [],
      payments: [],
      diagram: null,
    };
    expect(await renderReport(empty, "x")).toContain("The run had no swaps.");
    const swaps = run.swaps.filter((swap) => swap.outcome !== "settled");
    const unsettled = await renderReport({ ...run, swaps }, "x");
    expect(unsettled).toContain("No swap settled.");
    expect(await renderReport({ ...run, swaps: [] }, "x")).toContain("No swap settled.");
  });
});

describe("hostile texts", () => {
  it("never become markup: the tags of the page are those of a page with plain texts", async () => {
    const plain = await renderReport(
      runOfTexts((i) => `plain ${i}`),
      "runs/plain",
    );
    const hostile = await renderReport(
      runOfTexts((i) => NAUGHTY[i] ?? ""),
      "</pre><script>'\"",
    );
    expect(skeleton(hostile).length).toBeGreaterThan(5_000);
    expect(skeleton(hostile)).toEqual(skeleton(plain));
    // Apart from tags there is no sign that could begin one.
    expect(hostile.replace(/<(\/?[a-zA-Z!])[^<>]*>/g, "")).not.toMatch(/[<>]/);
  });

  it.each(NAUGHTY.map((text, i) => [i, text] as const))("are shown as they are (%i)", (_, text) => {
    const { text: shown } = html`<p title="${text}">${[text, trusted("<br>")]}</p>`;
    const match = /^<p title="([^"<>]*)">([^<>]*)<br><\/p>$/.exec(shown);
    expect(match?.[1]).toBe(match?.[2]);
    expect(shown).not.toMatch(/(?![\t\n\r])[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
    const visible = (all: string): string =>
      all.replace(/\\u\{[0-9a-f]+\}|[\p{C}\p{Zl}\p{Zp}]/gu, "");
    expect(visible(unescape(match?.[1] ?? ""))).toBe(visible(text));
  });

  it("in a folder's name stay one word of the shell", () => {
    expect(shellWord("runs/a-1")).toBe("runs/a-1");
    expect(shellWord("--out")).toBe("'--out'");
    expect(shellWord("it's; rm -rf $HOME")).toBe(`'it'\\''s; rm -rf $HOME'`);
  });
});
