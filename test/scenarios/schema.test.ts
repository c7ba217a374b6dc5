import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { publishedSchema } from "../../scenarios/published-schema.ts";

type Schema = Readonly<Record<string, unknown>>;

function* schemasIn(schema: unknown, path = "#"): Generator<readonly [path: string, Schema]> {
  if (typeof schema !== "object" || schema === null) return;
  const here = schema as Schema;
  yield [path, here];
  for (const group of ["properties", "$defs"]) {
    const named = here[group] as Schema | undefined;
    for (const [key, value] of Object.entries(named ?? {})) {
      yield* schemasIn(value, `${path}/${group}/${key}`);
    }
  }
  yield* schemasIn(here["items"], `${path}/items`);
}

const schemas = [...schemasIn(publishedSchema)];

describe("the schema of scenario files", () => {
  it("is a valid JSON Schema of 2020-12 for any validator", () => {
    expect(publishedSchema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
    const lenient = new Ajv2020({ strict: false });
    expect(lenient.validateSchema(JSON.parse(JSON.stringify(publishedSchema)) as object)).toBe(
      true,
    );
  });

  it("describes every key", () => {
    const undescribed = schemas.filter(
      ([path, schema]) =>
        /\/properties\/[^/]+$/.test(path) &&
        schema["description"] === undefined &&
        !path.endsWith("/kind") &&
        !path.endsWith("/when"),
    );
    expect(undescribed.map(([path]) => path)).toEqual([]);
  });

  it("bounds every list, number and text, and closes every map", () => {
    const open = schemas.filter(([, { type, ...schema }]) => {
      const has = (...keys: readonly string[]): boolean => keys.every((key) => key in schema);
      if (type === "array") return !has("minItems", "maxItems");
      if (type === "integer") return !has("minimum", "maximum");
      if (type === "object") return !has("additionalProperties") && !has("discriminator");
      if (type === "string") return !has("enum") && !has("const") && !has("pattern");
      return false;
    });
    expect(open.map(([path]) => path)).toEqual([]);
  });
});
