import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import type { Path } from "../problem.ts";
import { MAX_PROBLEMS } from "../scenario-limits.ts";
import { scenarioSchema } from "../schema.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import type { Draft, ScenarioDocument } from "./document.ts";
import { allowedBy, listAllowed, resolveRef } from "./allowed.ts";
import type { Findings } from "./problems.ts";
import { isOddNumber, toPlain, treeAt, type Tree } from "./tree.ts";
import { oneOf } from "./words.ts";

type Plain = Record<string | number, unknown>;

const compiled = new Map<JsonSchema, ValidateFunction>();

/** Compiled at the first use: most commands read no scenario. */
function validatorOf(schema: JsonSchema): ValidateFunction {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    discriminator: true,
    verbose: true,
    messages: false,
    allowUnionTypes: true,
    // For one document, code that is made quickly is better than code that runs quickly.
    validateSchema: false,
    inlineRefs: false,
    code: { optimize: false },
  });
  ajv.addKeyword({ keyword: "x-allowed", schemaType: "string" });
  // The definitions of one kind of scenario are those of all.
  const validate = ajv.compile({ ...schema, $defs: scenarioSchema.$defs });
  compiled.set(schema, validate);
  return validate;
}

/**
 * Checks the tree against the schema and notes every violation. The draft lacks what was refused,
 * so that the rest can be checked further.
 */
export function checkSchema<Document = ScenarioDocument>(
  tree: Tree,
  findings: Findings,
  schema: JsonSchema = scenarioSchema,
): Draft<Document> {
  const plain = toPlain(tree);
  const validate = validatorOf(schema);
  const isValid: boolean = validate(plain);
  if (isValid) return plain as Draft<Document>;
  let isMap = true;
  const errors = (validate.errors ?? []).slice(0, 2 * MAX_PROBLEMS);
  const violations = errors.map((error) => ({ error, path: pathOf(plain, error.instancePath) }));
  for (const { error, path } of violations) {
    if (!noteViolation(error, path, tree, findings)) continue;
    if (path.length === 0) isMap = false;
    else remove(plain as Plain, path);
  }
  return (isMap ? plain : {}) as Draft<Document>;
}

/** Notes one violation; says whether the value itself is refused, rather than one of its parts. */
function noteViolation(error: ErrorObject, path: Path, tree: Tree, findings: Findings): boolean {
  const schema = (error.parentSchema ?? {}) as JsonSchema;
  const params = error.params as Readonly<Record<string, unknown>>;
  switch (error.keyword) {
    case "required": {
      const key = String(params["missingProperty"]);
      const wanted = schema.properties?.[key];
      findings.invalid([...path, key], wanted === undefined ? "a value" : allowedBy(wanted));
      return false;
    }
    case "additionalProperties": {
      const key = String(params["additionalProperty"]);
      findings.unknownKey(path, key, oneOf(Object.keys(schema.properties ?? {}), key));
      return false;
    }
    case "dependentRequired":
      findings.invalid(
        [...path, String(params["property"])],
        `only beside ${String(params["missingProperty"])}`,
      );
      return false;
    case "discriminator": {
      const kinds = (schema.oneOf ?? []).flatMap((alternative) => {
        const value = resolveRef(alternative).properties?.["kind"]?.const;
        return value === undefined ? [] : [value];
      });
      const kind = params["tagValue"];
      findings.invalid(
        [...path, "kind"],
        oneOf(kinds, typeof kind === "string" ? kind : undefined),
      );
      return true;
    }
    case "uniqueItems":
      // Which of `i` and `j` comes first depends on the type of the items.
      findings.invalid(
        [...path, Math.max(Number(params["i"]), Number(params["j"]))],
        "each item once",
      );
      return false;
    case "minimum":
    case "maximum":
    case "minItems":
    case "maxItems":
      noteLimit(error.keyword, { path, schema, limit: Number(params["limit"]) }, findings);
      return true;
    default: {
      const value = treeAt(tree, path);
      const inDigits = isOddNumber(value) && schema.type === "integer" ? ", in plain digits" : "";
      const text = value?.kind === "scalar" && typeof value.value === "string" ? value.value : "";
      findings.invalid(path, allowedBy(schema, text) + inDigits);
      return true;
    }
  }
}

interface Limited {
  readonly path: Path;
  readonly schema: JsonSchema;
  readonly limit: number;
}

function noteLimit(keyword: string, { path, schema, limit }: Limited, findings: Findings): void {
  const name = path.findLast((step) => typeof step === "string") ?? "value";
  const allowed = keyword.endsWith("Items") ? listAllowed(schema) : allowedBy(schema);
  findings.exceeds(path, { what: name, limit }, allowed);
}

/** A JSON pointer as a path: steps into lists become numbers. */
function pathOf(root: unknown, pointer: string): Path {
  let value = root;
  return pointer
    .split("/")
    .slice(1)
    .map((written) => {
      const key = written.replaceAll("~1", "/").replaceAll("~0", "~");
      const step = Array.isArray(value) ? Number(key) : key;
      value = (value as Readonly<Record<string | number, unknown>> | undefined)?.[step];
      return step;
    });
}

/** Takes the value at the path out of a plain value; what stands around it stays. */
function remove(root: Plain, path: Path): void {
  let parent: unknown = root;
  for (const step of path.slice(0, -1)) parent = (parent as Plain | undefined)?.[step];
  const last = path.at(-1);
  if (last !== undefined && typeof parent === "object" && parent !== null) {
    (parent as Plain)[last] = undefined;
  }
}
