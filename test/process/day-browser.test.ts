import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderDayReport } from "../../scenarios/report/day/day-page.ts";
import { assembleDay } from "../../scenarios/rtgs/day-result.ts";
import type { DayScenario } from "../../scenarios/rtgs/day-scenario.ts";
import { runDay } from "../../scenarios/rtgs/run-day.ts";
import { generateDay } from "../../scenarios/workload/generated-day.ts";
import { dayRun } from "../scenarios/rtgs/files.ts";
import { findChromium, launchChromium } from "./chromium.ts";
import { tempFolder } from "./daliz.ts";

const executable = findChromium();
const folder = tempFolder(afterAll);
let browser: Browser | undefined;

beforeAll(async () => {
  if (executable !== undefined) browser = await launchChromium(executable);
});
afterAll(() => browser?.close());

const GENERATED = {
  kind: "generated",
  members: 60,
  payments: 2_000,
  profile: [1, 2],
  medianValue: 10 ** 12,
  liquidityPercent: 5,
} as const;

const SCENARIO: DayScenario = {
  kind: "rtgs-day",
  name: "a-day",
  title: "A day in a browser",
  question: "Does it fit?",
  labels: ["Invented: all of it"],
  mode: "sim",
  seed: 5,
  queue: "bypass",
  closeMs: 30_000_000,
  workload: GENERATED,
  expect: ["conservation", "non-negative"],
  document: { name: "a-day" },
};

describe("the report of a day in a browser", () => {
  for (const width of [1280, 390]) {
    it(`at ${width} pixels asks for nothing, shows its plots, and fits`, async (context) => {
      if (browser === undefined) return context.skip("no Chromium on this machine");
      const outcome = runDay(dayRun(generateDay(SCENARIO, GENERATED), SCENARIO));
      if (!outcome.ok) throw new Error("a day that is refused");
      const file = path.join(folder, `report-${width}.html`);
      fs.writeFileSync(file, await renderDayReport(assembleDay(SCENARIO, outcome.value), "runs/x"));
      const url = pathToFileURL(file).href;
      const page = await browser.newPage({ viewport: { width, height: 900 } });
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("request", (request) => {
        if (request.url() !== url) complaints.push(`request: ${request.url()}`);
      });
      await page.goto(url, { waitUntil: "load" });
      for (const id of ["queue-plot", "balances-plot", "wait-plot"]) {
        const box = await page.locator(`#${id} svg`).boundingBox();
        expect(box?.width, id).toBeGreaterThan(300);
        expect(box?.height, id).toBeGreaterThan(100);
      }
      for (const details of await page.locator("details").all()) {
        await details.locator("summary").click();
      }
      const overflow = "document.documentElement.scrollWidth - window.innerWidth";
      expect(await page.evaluate<number>(overflow)).toBeLessThanOrEqual(0);
      expect(complaints).toEqual([]);
      await page.close();
      return undefined;
    });
  }
});
