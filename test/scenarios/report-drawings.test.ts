import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { heldPlot } from "../../scenarios/report/plots/held-plot.ts";
import { renderPlot } from "../../scenarios/report/plots/render-plot.ts";
import { MAX_DOTS_A_PAIR, settlePlot } from "../../scenarios/report/plots/settle-plot.ts";
import { timeAxis } from "../../scenarios/report/plots/time-axis.ts";
import { MAX_TIMELINE_DOTS, timelinePlot } from "../../scenarios/report/plots/timeline-plot.ts";
import { layoutSequence, MAX_LANES, MAX_MESSAGES } from "../../scenarios/report/sequence/layout.ts";
import { sequenceSvg } from "../../scenarios/report/sequence/sequence-svg.ts";
import { timeScale } from "../../scenarios/report/sequence/time-scale.ts";
import type { RunResult, SwapDiagram } from "../../scenarios/run-result.ts";
import { holds } from "../property.ts";
import { inventRun } from "./run-fixture.ts";

const run = inventRun();
const diagram = run.diagram;
if (diagram === null) throw new Error("the fixture has a diagram");

describe("an axis of times", () => {
  it("holds every time, with its labels inside", () => {
    const times = fc.array(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), {
      minLength: 1,
      maxLength: 20,
    });
    const property = fc.property(times, (list) => {
      const { domain, unitMs, labels, type } = timeAxis(list);
      const [low, high] = domain;
      for (const ms of list) {
        expect(ms / unitMs).toBeGreaterThanOrEqual(low * (1 - 1e-9));
        expect(ms / unitMs).toBeLessThanOrEqual(high * (1 + 1e-9));
      }
      for (const label of labels) expect(label >= low && label <= high).toBe(true);
      if (type === "log") expect(labels.length).toBeGreaterThanOrEqual(2);
    });
    holds(property, 500);
  });

  it("is logarithmic when a linear one would hide most, and never from zero", () => {
    expect(timeAxis([10, 20, 200]).type).toBe("linear");
    expect(timeAxis([10, 20, 300]).type).toBe("log");
    expect(timeAxis([0, 20, 300]).type).toBe("linear");
    expect(timeAxis([0]).domain[1]).toBeGreaterThan(0);
    expect(timeAxis([3, 9_999]).title).toBe("milliseconds, logarithmic scale");
    expect(timeAxis([9_000, 10_000])).toMatchObject({ unitMs: 1000, title: "seconds" });
  });
});

describe("the plots", () => {
  const large = inventRun({ swaps: 9_000 });

  it("draw a bounded number of marks of a long run", async () => {
    const circles = (svg: string): number => svg.match(/<path[^>]*\bd="[^"]*A/g)?.length ?? 0;
    const settle = settlePlot(large);
    const timeline = timelinePlot(large);
    const held = heldPlot(large);
    if (settle === null || timeline === null || held === null)
      throw new Error("there is a lot to draw");
    const dots = circles(await renderPlot(settle));
    expect(dots).toBeGreaterThan(MAX_DOTS_A_PAIR);
    expect(dots).toBeLessThanOrEqual(2 * 10 * MAX_DOTS_A_PAIR);
    expect(circles(await renderPlot(timeline))).toBeLessThanOrEqual(MAX_TIMELINE_DOTS);
    expect(JSON.stringify(held).length).toBeLessThan(500_000);
  });

  it("are not drawn of nothing", () => {
    const nothing: RunResult = { ...run, swaps: [] };
    expect([settlePlot(nothing), timelinePlot(nothing), heldPlot(nothing)]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it("label their axes with numbers in full, on linear and logarithmic scales", async () => {
    const quick = run.swaps.filter((swap) => (swap.settleMs ?? 0) < 60);
    const slow = run.swaps.map((swap) => ({ ...swap, settleMs: (swap.settleMs ?? 0) * 1e6 }));
    for (const [swaps, wanted] of [
      [quick, "400"],
      [run.swaps, "2\u202f000"],
      [slow, "2\u202f000\u202f000"],
    ] as const) {
      const spec = settlePlot({ ...run, swaps });
      if (spec === null) throw new Error("there is something to draw");
      const svg = await renderPlot(spec);
      const texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);
      expect(texts).toContain(wanted);
      expect(texts.filter((text) => /\de[+-]?\d/.test(text ?? ""))).toEqual([]);
    }
  });

  it("follow the theme of the page, and their specification does not", async () => {
    const spec = timelinePlot(run);
    if (spec === null) throw new Error("there is something to draw");
    const svg = await renderPlot(spec);
    expect(svg).toContain('fill="var(--teal)"');
    expect(svg).not.toMatch(/(fill|stroke)="(#000|black|white|#fff)"/);
    expect(JSON.stringify(spec)).not.toContain("var(");
  });
});

describe("the scale of time in the drawing of a swap", () => {
  const flight = (sentUs: number, receivedUs: number) => ({ sentUs, receivedUs });

  it("keeps the order of all times", () => {
    const times = fc.array(fc.nat(5_000_000), { minLength: 2, maxLength: 40 });
    const property = fc.property(times, (list) => {
      const { y, height } = timeScale(list, [], 400);
      const places = list.toSorted((a, b) => a - b).map(y);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      expect(places[0]).toBe(0);
      expect(places.at(-1)).toBeCloseTo(height, 6);
    });
    holds(property, 300);
  });

  it("is linear when nobody waits", () => {
    const { pauses, y } = timeScale([0, 1_000, 4_000, 10_000], [], 100);
    expect(pauses).toEqual([]);
    expect([0, 1_000, 4_000, 10_000].map(y)).toEqual([0, 10, 40, 100]);
  });

  it("cuts a long wait short, but not a long journey", () => {
    const times = [0, 10_000, 20_000, 2_020_000, 2_030_000];
    const waited = timeScale(times, [flight(0, 10_000), flight(2_020_000, 2_030_000)], 300);
    expect(waited.pauses).toEqual([{ fromUs: 20_000, toUs: 2_020_000 }]);
    expect(waited.y(2_030_000) - waited.y(2_020_000)).toBeCloseTo(waited.y(10_000), 6);
    const far = [0, 150_000, 300_000].map((us) => flight(us, us + 150_000));
    expect(timeScale([0, 150_000, 300_000, 450_000], far, 300).pauses).toEqual([]);
  });

  it("cuts a wait although a message to a bank that was down arrives after it", () => {
    const flights = [flight(0, 1_000), flight(0, 1_200), flight(0, 3_000_000)];
    const { pauses } = timeScale([0, 1_000, 1_200, 3_000_000, 3_001_000], flights, 300);
    expect(pauses).toEqual([{ fromUs: 1_200, toUs: 3_000_000 }]);
  });
});

describe("the drawing of a swap", () => {
  const arrivedUs = diagram.steps[0]?.atUs ?? 0;

  it("has a line for every bank and an arrow for every message, later ones lower", () => {
    const layout = layoutSequence(diagram, arrivedUs);
    expect(layout?.lanes.map(({ id }) => id)).toEqual(diagram.banks.map(({ id }) => id));
    expect(layout?.arrows.length).toBe(diagram.messages.length);
    expect(layout?.zeroUs).toBe(arrivedUs);
    for (const { from, to, message } of layout?.arrows ?? []) {
      expect(to.y).toBeGreaterThan(from.y);
      expect(layout?.lanes.find(({ x }) => x === from.x)?.id).toBe(message.from);
      expect(layout?.lanes.find(({ x }) => x === to.x)?.id).toBe(message.to);
    }
    expect(layout?.marks.some(({ text }) => text === "settled 13.2 ms")).toBe(true);
    const votes = layout?.marks.filter(({ kind, text }) => kind === "sent" && text === "VOTE");
    expect(votes?.length).toBe(diagram.banks.length);
  });

  it("has no two texts on one place, and all of them inside", () => {
    const crowded: SwapDiagram = {
      ...diagram,
      steps: Array.from({ length: 200 }, (_, i) => ({
        bank: "kz",
        atUs: arrivedUs + i,
        label: "step",
      })),
    };
    for (const one of [diagram, crowded]) {
      const layout = layoutSequence(one, arrivedUs);
      const columns = Map.groupBy(layout?.marks ?? [], ({ kind, x }) => `${kind} ${x}`);
      for (const marks of columns.values()) {
        const places = marks.map(({ labelY }) => labelY).sort((a, b) => a - b);
        for (const [i, place] of places.slice(1).entries()) {
          expect(place - (places[i] ?? 0)).toBeGreaterThanOrEqual(12.99);
        }
        expect(places.at(-1)).toBeLessThan(layout?.height ?? 0);
      }
    }
  });

  it("draws private terms dashed, and says on hovering how long a message took", () => {
    const svg = sequenceSvg(diagram, arrivedUs)?.text ?? "";
    const dashed = diagram.messages.filter(({ isPrivate }) => isPrivate);
    expect(svg.match(/class="arrow terms private"/g)?.length).toBe(dashed.length);
    expect(svg.match(/<title>/g)?.length).toBe(diagram.messages.length);
    expect(svg).toMatch(/TERMS from kz to cn, 0\.95 ms on the\s+way, private/);
  });

  it("is bounded, whatever the diagram holds", () => {
    const banks = Array.from({ length: 40 }, (_, i) => ({ id: `b${i}`, role: "witness" as const }));
    const [message] = diagram.messages;
    if (message === undefined) throw new Error("the fixture has messages");
    const messages = Array.from({ length: 3_000 }, (_, i) => ({
      ...message,
      from: `b${i % 40}`,
      to: `b${(i + 1) % 40}`,
    }));
    const layout = layoutSequence({ ...diagram, banks, messages }, 0);
    expect(layout?.lanes.length).toBe(MAX_LANES);
    expect(layout?.arrows.length).toBeLessThanOrEqual(MAX_MESSAGES);
    expect(layout?.width).toBeLessThanOrEqual(1_040);
    expect(layoutSequence({ ...diagram, messages: [], steps: [] }, arrivedUs)).toBeNull();
    expect(sequenceSvg({ ...diagram, banks: [] }, arrivedUs)).toBeNull();
  });

  it("stands still at one moment, and with clocks that disagree", () => {
    const [message] = diagram.messages;
    if (message === undefined) throw new Error("the fixture has messages");
    const still = { ...message, receivedUs: message.sentUs };
    expect(sequenceSvg({ ...diagram, messages: [still], steps: [] }, 0)?.text).not.toMatch(
      /NaN|Infinity/,
    );
    const back = { ...message, receivedUs: message.sentUs - 500 };
    const svg = sequenceSvg({ ...diagram, messages: [back, message] }, arrivedUs + 10_000_000);
    expect(svg?.text).not.toMatch(/NaN|Infinity/);
  });
});
