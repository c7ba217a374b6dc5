import { RUN_MEASURE_NAMES } from "../measures/run-measures.ts";
import { SWAP_COLUMNS, type ColumnKind } from "../report/columns.ts";
import { MAX_CASES, MAX_RUNS } from "./plan.ts";

/** JSON Schemas of the files with which one step of a comparison hands its work to the next. */

type Schema = Readonly<Record<string, unknown>>;

const record = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
});
const list = (items: Schema): Schema => ({ type: "array", items });

const text: Schema = { type: "string" };
const count: Schema = { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
const figure: Schema = { type: ["number", "null"] };
const digits: Schema = { type: "string", pattern: "^(0|[1-9][0-9]{0,39})$" };

export const PLAN_SCHEMA: Schema = record({
  format: { type: "string", const: "daliz-comparison-plan/1" },
  scenario: text,
  sets: list(text),
  paths: list(text),
  cases: {
    type: "array",
    minItems: 1,
    maxItems: MAX_CASES,
    items: record({ name: text, arrangement: text, varied: list(text), hash: text }),
  },
  runs: { type: "integer", minimum: 1, maximum: MAX_RUNS },
  firstSeed: count,
  volatility: { type: "number", minimum: 0 },
});

const CELLS: Readonly<Record<ColumnKind, Schema>> = {
  text,
  amount: { type: "string", pattern: "^(0|[1-9][0-9]{0,18})$" },
  time: count,
  milliseconds: figure,
  number: figure,
  count,
};

const swap = record(
  Object.fromEntries(
    Object.entries(SWAP_COLUMNS).map(([name, { kind, oneOf, mayLack }]) => {
      const cell = oneOf === undefined ? CELLS[kind] : { type: "string", enum: [...oneOf] };
      return [name, mayLack === true ? { anyOf: [cell, { type: "string", const: "" }] } : cell];
    }),
  ),
);

export const PART_SCHEMA: Schema = record({
  traceHash: text,
  events: count,
  virtualMs: { type: "number", minimum: 0 },
  values: record(Object.fromEntries(RUN_MEASURE_NAMES.map((name) => [name, figure]))),
  properties: list(record({ name: text, meaning: text, verdict: text, detail: text })),
  reasons: list(record({ outcome: text, reason: text, count })),
  liquidity: list(record({ bank: text, currency: text, peak: digits, unitSeconds: digits })),
  exposure: list(
    record({ member: text, currency: text, peak: digits, unitSeconds: digits, lost: digits }),
  ),
  swaps: list(swap),
});
