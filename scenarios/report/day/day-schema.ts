import { QUEUE_RULES } from "../../../corridor/liquidity/queue-rules.ts";
import { DAY_KIND } from "../../rtgs/day-scenario.ts";
import { count, flag, list, milliseconds, minorUnits, record, text } from "../file-schemas.ts";
import type { Schema } from "../file-schemas.ts";

const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: "null" }] });

const ratio = orNull(record({ numerator: minorUnits, denominator: minorUnits, rounded: text }));
const wait = orNull(milliseconds);
const inputFile = record({ file: text, sha256: text, bytes: count });

/** JSON Schema of the manifest of one bank's day. */
export const DAY_MANIFEST_SCHEMA: Schema = record(
  {
    format: { type: "string", const: "daliz-run/1" },
    kind: { type: "string", const: DAY_KIND },
    scenario: text,
    title: text,
    question: text,
    mode: { type: "string", const: "sim" },
    seed: count,
    versions: { type: "object", additionalProperties: text },
    modelled: list(text),
    traceHash: text,
    queue: { type: "string", enum: Object.keys(QUEUE_RULES) },
    closeMs: count,
    members: count,
    inputs: record({ payments: inputFile, opening: inputFile }),
    measures: record({
      settled: record({
        payments: count,
        value: minorUnits,
        ofPayments: count,
        ofValue: minorUnits,
        byNumber: ratio,
        byValue: ratio,
      }),
      unsettled: record({ payments: count, value: minorUnits }),
      delayIndicator: ratio,
      queueDelay: record({
        weightedMs: ratio,
        unweightedMs: ratio,
        waited: count,
        p50Ms: wait,
        p95Ms: wait,
        longestMs: wait,
      }),
      maximumQueue: record({ value: minorUnits, payments: count, atMs: count }),
      liquidity: record({
        opening: minorUnits,
        lowerBound: minorUnits,
        upperBound: minorUnits,
        maximumUsage: minorUnits,
      }),
      turnoverRatio: record({ peak: ratio, average: ratio }),
    }),
    conservation: record({ opening: minorUnits, closing: minorUnits, holds: flag }),
    properties: list(
      record({
        name: text,
        meaning: text,
        verdict: { type: "string", enum: ["holds", "violated"] },
        detail: text,
      }),
    ),
    expectations: list(record({ name: text, holds: flag, detail: text })),
    document: {},
  },
  ["document"],
);
