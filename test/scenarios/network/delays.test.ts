import { describe, expect, it } from "vitest";
import { bankNumber } from "../../../node/ids.ts";
import {
  HALVINGS,
  HEAVY_TAIL,
  LOG_NORMAL,
  STEPS,
  TABLE_UNIT,
} from "../../../scenarios/network/delay-tables.ts";
import { linkDelays } from "../../../scenarios/network/link-delays.ts";
import { modelledNetwork } from "../../../scenarios/network/modelled.ts";
import { DELAY_MODELS, NO_NETWORK, type DelayModel } from "../../../scenarios/network/network.ts";
import { sampleDelayUs } from "../../../scenarios/network/sample-delay.ts";
import { CAPITALS, capitalsRound } from "../../../scenarios/network/topologies.ts";
import { Prng } from "../../../scenarios/sim/prng.ts";
import { good, GENERATED } from "../fixtures.ts";

const CURRENCIES = Object.keys(CAPITALS) as (keyof typeof CAPITALS)[];
const BANKS = CURRENCIES.map((code, i) => ({
  number: bankNumber(i + 1),
  id: code.toLowerCase(),
  currency: { code },
}));

/** Great circle on a sphere of 6,371 km, in kilometres. */
function distance(a: readonly [number, number], b: readonly [number, number]): number {
  const [lat1, lon1, lat2, lon2] = [...a, ...b].map((degrees) => (degrees * Math.PI) / 180) as [
    number,
    number,
    number,
    number,
  ];
  const h =
    Math.sin((lat2 - lat1) / 2) ** 2 +
    Math.cos(lat1) * Math.cos(lat2) * Math.sin((lon2 - lon1) / 2) ** 2;
  return 2 * 6371 * Math.asin(Math.sqrt(h));
}

describe("the delays of links", () => {
  it("between the six capitals follow the formula that is stated", () => {
    for (const from of CURRENCIES)
      for (const to of CURRENCIES) {
        if (from === to) continue;
        const median = (2 * distance(CAPITALS[from].at, CAPITALS[to].at) * 1.75) / 200 + 4;
        const stated = [Math.round(median), Math.round(1.2 * median)];
        expect(capitalsRound(from, to)).toEqual(stated.map((ms) => ms * 1000));
      }
  });

  it("are half the round trip, with half of what lies up to its 90th percentile", () => {
    const links = linkDelays({ topology: { kind: "six-capitals" } }, BANKS);
    expect(links).toHaveLength(30);
    expect(links[0]).toEqual({ from: 1, to: 2, p50Us: 34_000, jitterUs: 7_000 });
    const site = linkDelays({ topology: { kind: "single-site" } }, BANKS.slice(0, 2));
    expect(site.map(({ p50Us, jitterUs }) => [p50Us, jitterUs])).toEqual([
      [250, 250],
      [250, 250],
    ]);
  });

  it("of a file hold for both directions, unless the other has a line of its own", () => {
    const { network, banks } = good(GENERATED, ["network.topology=pairs.csv"]);
    const links = linkDelays(network, banks);
    expect(links.map(({ from, to, p50Us, jitterUs }) => [from, to, p50Us, jitterUs])).toEqual([
      [1, 2, 35_000, 10_250],
      [1, 3, 45_000, 10_000],
      [2, 1, 36_000, 9_250],
      [2, 3, 20_000, 5_000],
      [3, 1, 45_000, 10_000],
      [3, 2, 20_000, 5_000],
    ]);
    expect(modelledNetwork(network)).toEqual([
      "Delays between banks are made from the round trips in pairs.csv. One message's delay varies by the model measured.",
    ]);
  });

  it("are zero without a topology, and then nothing is said to be modelled", () => {
    const links = linkDelays(NO_NETWORK, BANKS);
    expect(links.every(({ p50Us, jitterUs }) => p50Us === 0 && jitterUs === 0)).toBe(true);
    expect(modelledNetwork(NO_NETWORK)).toEqual([]);
  });
});

const LINK = { p50Us: 34_000, jitterUs: 7_000 };
const DRAWS = 40_000;

function drawn(model: DelayModel, link = LINK, seed = 1): readonly number[] {
  const prng = Prng.fromSeed(seed).fork(model);
  return Array.from({ length: DRAWS }, () => sampleDelayUs(link, model, prng));
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.floor(q * sorted.length)] ?? Number.NaN;

describe("a delay that is drawn", () => {
  it.each(DELAY_MODELS)(
    "by the model %s is a whole number of microseconds, never below 0",
    (model) => {
      for (const link of [LINK, { p50Us: 10, jitterUs: 9_000 }, { p50Us: 0, jitterUs: 0 }])
        expect(drawn(model, link).every((us) => Number.isSafeInteger(us) && us >= 0)).toBe(true);
    },
  );

  it.each(["measured", "log-normal", "heavy-tail"] as const)(
    "by the model %s has the link's median and 90th percentile",
    (model) => {
      const sorted = drawn(model).toSorted((a, b) => a - b);
      expect(Math.abs(quantile(sorted, 0.5) - 34_000)).toBeLessThan(250);
      expect(Math.abs(quantile(sorted, 0.9) - 41_000)).toBeLessThan(350);
    },
  );

  it("by the model constant is the median", () => {
    expect(new Set(drawn("constant"))).toEqual(new Set([34_000]));
  });

  it("has the tail of its model", () => {
    const beyond = (model: DelayModel): number =>
      drawn(model).filter((us) => us > 34_000 + 10 * 7_000).length;
    expect(beyond("measured")).toBe(0);
    expect(beyond("log-normal")).toBeGreaterThan(0);
    expect(beyond("heavy-tail")).toBeGreaterThan(5 * beyond("log-normal"));
    expect(Math.min(...drawn("log-normal"))).toBeGreaterThan(34_000 - 0.4 * 7_000);
  });

  it("is decided by the seed", () => {
    for (const model of DELAY_MODELS) expect(drawn(model)).toEqual(drawn(model));
    expect(drawn("measured", LINK, 2)).not.toEqual(drawn("measured"));
  });

  it("is the same on every machine", () => {
    const first = (["measured", "log-normal", "heavy-tail"] as const).map((model) =>
      drawn(model).slice(0, 4),
    );
    expect(first).toMatchInlineSnapshot(`
      [
        [
          40287,
          28134,
          38915,
          30979,
        ],
        [
          35947,
          51537,
          31899,
          32649,
        ],
        [
          40506,
          32712,
          36113,
          33595,
        ],
      ]
    `);
  });
});

/** What a standard normal exceeds with probability q, by bisection of the error function's series. */
function normalQuantile(q: number): number {
  let [low, high] = [-9, 9];
  for (let i = 0; i < 80; i++) {
    const z = (low + high) / 2;
    if (upper(z) > q) low = z;
    else high = z;
  }
  return low;
}

/** The upper probability of a standard normal, by Simpson's rule. */
function upper(z: number): number {
  const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const steps = 400;
  const width = (9.5 - z) / steps;
  let sum = density(z) + density(9.5);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 0 ? 2 : 4) * density(z + i * width);
  return (sum * width) / 3;
}

describe("the tables of inverse distributions", () => {
  const probabilities = Array.from({ length: HALVINGS * STEPS + 1 }, (_, i) => {
    const step = i % STEPS;
    return 2 ** -Math.floor(i / STEPS) * (1 - step / (2 * STEPS));
  });

  it("are what their formulas say", () => {
    const scale = Math.exp(normalQuantile(0.1)) - 1;
    const span = 10 ** (2 / 3) - 2 ** (2 / 3);
    for (const [i, q] of probabilities.entries()) {
      const exponent = q === 1 ? 0 : Math.exp(normalQuantile(q));
      const logNormal = (TABLE_UNIT * (exponent - 1)) / scale;
      expect(Math.abs((LOG_NORMAL[i] ?? Number.NaN) - logNormal)).toBeLessThan(1);
      const heavyTail = (TABLE_UNIT * (q ** (-2 / 3) - 2 ** (2 / 3))) / span;
      expect(Math.abs((HEAVY_TAIL[i] ?? Number.NaN) - heavyTail)).toBeLessThan(1);
    }
    expect([LOG_NORMAL.length, HEAVY_TAIL.length]).toEqual([321, 321]);
  });
});
