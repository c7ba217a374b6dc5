import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import { quote } from "../problem.ts";

/** A parameter of the scenario with the values that it is to take, as they are written. */
export interface Vary {
  readonly path: string;
  readonly values: readonly string[];
}

/** Values of one parameter. */
export const MAX_VALUES = 100;

/** Characters of one value. */
const MAX_VALUE_CHARACTERS = 1_000;

/** Set by the comparison itself. */
const RESERVED: ReadonlyMap<string, string> = new Map([
  ["arrangement", "--arrangements"],
  ["seed", "--seed and --runs"],
  ["mode", "nothing: a comparison runs in virtual time"],
]);

const FORM = "path=value,value,... such as corridor.ttlMs=2000,5000,10000";

/** Reads `path=v1,v2,...`. A comma within brackets, braces or quotes is part of a value. */
export function readVary(text: string): Outcome<Vary, string> {
  const equals = text.indexOf("=");
  if (equals <= 0) return reject(`--vary: found ${quote(text)}, allowed: ${FORM}`);
  const path = text.slice(0, equals);
  const refuse = (found: string, allowed: string) =>
    reject(`--vary ${quote(path)}: found ${found}, allowed: ${allowed}`);
  const instead = RESERVED.get(path);
  if (instead !== undefined) return refuse("it", `another path; for this one ${instead}`);
  const values = splitValues(text.slice(equals + 1));
  if (values.length > MAX_VALUES) {
    return refuse(`${values.length} values`, `at most ${MAX_VALUES}`);
  }
  if (values.some((value) => value === "" || value.length > MAX_VALUE_CHARACTERS)) {
    return refuse("a value that is empty or too long", FORM);
  }
  if (new Set(values).size < values.length) return refuse("a value twice", "each value once");
  return ok({ path, values });
}

function splitValues(text: string): readonly string[] {
  const values: string[] = [];
  let [depth, start, quoted] = [0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const sign = text[i] ?? "";
    if (sign === '"') quoted = !quoted;
    if (quoted) continue;
    if ("[{".includes(sign)) depth++;
    if ("]}".includes(sign)) depth--;
    if (sign !== "," || depth > 0) continue;
    values.push(text.slice(start, i).trim());
    start = i + 1;
  }
  return [...values, text.slice(start).trim()];
}
