import { scenarioSchema } from "./schema.ts";
import { daySchema } from "./schema/day.ts";

const { $schema, $id, $defs, ...corridorSchema } = scenarioSchema;

/** The shape of every scenario file: a corridor of banks or, by its `kind`, the day of one bank. */
export const publishedSchema = {
  $schema,
  $id,
  title: "Daliz scenario",
  oneOf: [{ $ref: "#/$defs/corridorScenario" }, { $ref: "#/$defs/rtgsDay" }],
  $defs: { ...$defs, corridorScenario: corridorSchema, rtgsDay: daySchema },
};
