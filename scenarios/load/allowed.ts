import { scenarioSchema } from "../schema.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { oneOf } from "./words.ts";

/** What a schema allows, as a phrase that follows "allowed:"; `found` is the text for a suggestion. */
export function allowedBy(schema: JsonSchema, found?: string): string {
  const resolved = resolveRef(schema);
  const phrase = resolved["x-allowed"];
  if (phrase !== undefined) return phrase;
  if (resolved.const !== undefined) return resolved.const;
  if (resolved.enum !== undefined) return oneOf(resolved.enum, found);
  const { type } = resolved;
  switch (type) {
    case "integer":
      return `a whole number from ${resolved.minimum} to ${resolved.maximum}`;
    case "boolean":
      return "true or false";
    case "array":
      return listAllowed(resolved);
    case "object":
      return `a map with the keys ${Object.keys(resolved.properties ?? {}).join(", ")}`;
    case "string":
      return "text";
    case undefined:
      return "another value";
    default:
      return type.join(" or ");
  }
}

/** How long a list may be. */
export function listAllowed({ minItems = 0, maxItems = 0 }: JsonSchema): string {
  if (minItems === maxItems) return `a list of ${maxItems}`;
  return minItems === 0 ? `a list of at most ${maxItems}` : `a list of ${minItems} to ${maxItems}`;
}

/** The definition that a `$ref` stands for. */
export function resolveRef(schema: JsonSchema): JsonSchema {
  const name = schema.$ref?.replace("#/$defs/", "");
  return name === undefined ? schema : (scenarioSchema.$defs?.[name] ?? {});
}
