/** The part of JSON Schema 2020-12 that scenario files need. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly type?:
    | "object"
    | "array"
    | "string"
    | "integer"
    | "boolean"
    | readonly ["array", "string"]
    | readonly ["integer", "null"];
  readonly const?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false;
  readonly dependentRequired?: Readonly<Record<string, readonly string[]>>;
  readonly minProperties?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly oneOf?: readonly JsonSchema[];
  /** OpenAPI's way to say which key tells the alternatives of `oneOf` apart. */
  readonly discriminator?: { readonly propertyName: string };
  /** What a message says is allowed here; without it the message is made from the other keywords. */
  readonly "x-allowed"?: string;
}

type Properties = Readonly<Record<string, JsonSchema>>;

/** A map with these keys and no others; `optional` names the keys that may be left out. */
export function mapOf(
  texts: { readonly title: string; readonly description: string },
  properties: Properties,
  optional: readonly string[] = [],
): JsonSchema {
  return {
    ...texts,
    type: "object",
    properties,
    required: Object.keys(properties).filter((key) => !optional.includes(key)),
    additionalProperties: false,
  };
}

export function listOf(
  items: JsonSchema,
  bounds: { readonly min?: number; readonly max: number; readonly unique?: boolean },
  description: string,
): JsonSchema {
  const { min = 0, max, unique = false } = bounds;
  return { description, type: "array", items, minItems: min, maxItems: max, uniqueItems: unique };
}

export const wholeNumber = (minimum: number, maximum: number, description: string): JsonSchema => ({
  description,
  type: "integer",
  minimum,
  maximum,
});

export const choice = (values: readonly string[], description: string): JsonSchema => ({
  description,
  type: "string",
  enum: values,
});

/** A definition of `$defs` with a description of its own. */
export const ref = (name: string, description: string): JsonSchema => ({
  $ref: `#/$defs/${name}`,
  description,
});

/** The same schema with the value that stands for an absent one. */
export const withDefault = (schema: JsonSchema, value: unknown): JsonSchema => ({
  ...schema,
  default: value,
});

/** The key that tells the alternatives of `byKind` apart. */
export const kind = (value: string): JsonSchema => ({ type: "string", const: value });

/** One of several definitions, told apart by their `kind`. */
export const byKind = (title: string, alternatives: readonly string[]): JsonSchema => ({
  title,
  type: "object",
  discriminator: { propertyName: "kind" },
  oneOf: alternatives.map((name) => ({ $ref: `#/$defs/${name}` })),
  "x-allowed": `a map with the kind ${alternatives.join(" or ")}`,
});
