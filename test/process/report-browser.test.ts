import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { readGamePlan } from "../../scenarios/load/game-sets.ts";
import { gameCurves } from "../../scenarios/measures/htlc-game/curves.ts";
import { renderComparisonPage } from "../../scenarios/report/comparison/comparison-page.ts";
import { renderGamePage } from "../../scenarios/report/game/game-page.ts";
import { renderReport } from "../../scenarios/report/html.ts";
import { writeReport } from "../../scenarios/report/run-folder.ts";
import type { RunResult } from "../../scenarios/run-result.ts";
import { playedComparison, smallPlan } from "../scenarios/compare/comparison-fixture.ts";
import { NAUGHTY, runOfTexts } from "../scenarios/naughty-run.ts";
import { inventRun } from "../scenarios/run-fixture.ts";
import { findChromium, launchChromium } from "./chromium.ts";

const executable = findChromium();
const NO_BROWSER = "no Chromium on this machine";
const PLOTS = ["settle-plot", "timeline-plot", "held-plot", "sequence-plot"];

let browser: Browser | undefined;
let root = "";

beforeAll(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "daliz-browser-"));
  if (executable !== undefined) browser = await launchChromium(executable);
});

afterAll(async () => {
  await browser?.close();
  fs.rmSync(root, { recursive: true, force: true });
});

interface Visit {
  readonly page: Page;
  /** Console messages, page errors and requests for anything but the page itself. */
  readonly complaints: readonly string[];
}

/** Opens the report of a run from its file; what the page does or asks for is written down. */
const visit = async (context: TestContext, run: RunResult, width: number): Promise<Visit> =>
  visitPage(context, await renderReport(run, "runs/x"), width);

async function visitPage(context: TestContext, html: string, width: number): Promise<Visit> {
  if (browser === undefined) return context.skip(NO_BROWSER);
  const folder = fs.mkdtempSync(path.join(root, "run-"));
  const url = pathToFileURL(writeReport(folder, html)).href;
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (request.url() !== url) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(url, { waitUntil: "load" });
  return { page, complaints };
}

/** Pixels by which the page is wider than the window. */
const overflow = (page: Page): Promise<number> =>
  page.evaluate<number>("document.documentElement.scrollWidth - window.innerWidth");

describe("the report in a browser", () => {
  for (const width of [1280, 390]) {
    it(`at ${width} pixels asks for nothing, shows its plots, and fits`, async (context) => {
      const { page, complaints } = await visit(context, inventRun(), width);
      for (const id of PLOTS) {
        const box = await page.locator(`#${id} svg`).boundingBox();
        expect(box?.width, id).toBeGreaterThan(300);
        expect(box?.height, id).toBeGreaterThan(150);
        expect(await page.locator(`#${id} svg`).isVisible()).toBe(true);
      }
      expect(await page.locator("#sequence-plot svg line.arrow").count()).toBe(51);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      for (const details of await page.locator("details").all())
        await details.locator("summary").click();
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      expect(complaints).toEqual([]);
      await page.close();
    });
  }

  it("uses its style sheet, and follows the dark theme", async (context) => {
    const { page } = await visit(context, inventRun(), 1280);
    const colours = (): Promise<readonly string[]> =>
      page.evaluate<string[]>(`[
        getComputedStyle(document.body).backgroundColor,
        getComputedStyle(document.body).color,
        getComputedStyle(document.querySelector("#settle-plot text")).fill,
      ]`);
    await page.emulateMedia({ colorScheme: "light" });
    const light = await colours();
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await colours();
    expect(light[0]).toBe("rgb(251, 250, 246)");
    for (const [i, colour] of dark.entries()) expect(colour).not.toBe(light[i]);
    await page.close();
  });

  it("is printable on A4 without losing the right edge", async (context) => {
    const { page } = await visit(context, inventRun(), 700);
    await page.emulateMedia({ media: "print" });
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    const right = await page.evaluate<number>(
      "Math.max(...[...document.querySelectorAll('svg, table')].map((e) => e.getBoundingClientRect().right))",
    );
    expect(right).toBeLessThanOrEqual(700);
    await page.close();
  });

  it("shows hostile texts as texts, at both widths", async (context) => {
    const run = runOfTexts((i) => NAUGHTY[i] ?? "");
    const { page, complaints } = await visit(context, run, 1280);
    const foreign = page.locator(
      "script, iframe, img, object, embed, link, form, input, base, video, audio, a:not([href^='#'])",
    );
    expect(await foreign.count()).toBe(0);
    expect(await page.locator("style").count()).toBe(1);
    const handlers = await page.evaluate<string[]>(`
      [...document.querySelectorAll("*")]
        .flatMap((element) => [...element.attributes])
        .map((attribute) => attribute.name)
        .filter((name) => name.startsWith("on") || name === "style")`);
    expect(handlers).toEqual([]);
    const labels = await page.locator(".labels li").allTextContents();
    expect(labels.length).toBe(NAUGHTY.length);
    const visible = (text: string): string =>
      text.replace(/\\u\{[0-9a-f]+\}|[\p{C}\p{Zl}\p{Zp}]/gu, "").replace(/\s+/g, "");
    for (const [i, label] of run.manifest.modelled.entries()) {
      expect(visible(labels[i] ?? "")).toBe(visible(label));
    }
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 390, height: 900 });
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

describe("the pages of a comparison and of the withdrawal game in a browser", () => {
  const comparison = async (): Promise<string> => {
    const folder = fs.mkdtempSync(path.join(root, "comparison-"));
    return renderComparisonPage(playedComparison(folder, smallPlan()));
  };
  const game = (): Promise<string> => {
    const plan = readGamePlan(["sigma=0.05,0.1", "collateral=0,0.1"]);
    if (!plan.ok) throw new Error(JSON.stringify(plan.error));
    return renderGamePage(gameCurves(plan.value));
  };

  for (const [name, render, plots] of [
    ["a comparison", comparison, ["ecdf-plot", "liquidity-plot"]],
    ["the game", game, ["success-plot"]],
  ] as const) {
    it(`${name} asks for nothing, shows its plots, and fits`, async (context) => {
      const html = await render();
      for (const width of [1280, 390]) {
        const { page, complaints } = await visitPage(context, html, width);
        for (const id of plots) {
          expect(await page.locator(`#${id} svg`).isVisible(), id).toBe(true);
        }
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        for (const details of await page.locator("details").all())
          await details.locator("summary").click();
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        expect(complaints).toEqual([]);
        await page.close();
      }
    });
  }
});
