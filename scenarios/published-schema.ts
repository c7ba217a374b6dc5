import { DAY_KIND } from "./rtgs/day-scenario.ts";
import { scenarioSchema } from "./schema.ts";
import { daySchema } from "./schema/day.ts";

const { $schema, $id, $defs, ...corridorSchema } = scenarioSchema;

/** The shape of every scenario file: a corridor of banks or, by its `kind`, the day of one bank. */
export const publishedSchema = {
  $schema,
  $id,
  title: "Daliz scenario",
  if: { properties: { kind: { const: DAY_KIND } }, required: ["kind"] },
  then: { $ref: "#/$defs/rtgsDay" },
  else: { $ref: "#/$defs/corridorScenario" },
  $defs: { ...$defs, corridorScenario: corridorSchema, rtgsDay: daySchema },
};
