import fs from "node:fs";
import path from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { badInput, environmentFailed } from "../exit.ts";
import { printable, quote } from "../problem.ts";

/** Reads a JSON file of a run folder; throws a `CommandError` if it is not what the schema says. */
export function readChecked(folder: string, file: string, schema: object): unknown {
  const refuse = (why: string): Error =>
    badInput(`run_folder_invalid: ${printable(path.join(folder, file))}: ${printable(why)}`);
  let value: unknown;
  try {
    value = JSON.parse(readText(folder, file));
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse(error.message);
    throw error;
  }
  const validate = compiled(schema);
  if (validate(value)) return value;
  const { instancePath = "", message = "" } = validate.errors?.[0] ?? {};
  throw refuse(`${instancePath === "" ? "the file" : quote(instancePath)} ${message}`);
}

const validators = new WeakMap<object, ReturnType<Ajv2020["compile"]>>();

/** Compiled once: a comparison reads a file for each of its runs. */
function compiled(schema: object): ReturnType<Ajv2020["compile"]> {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
  validators.set(schema, validate);
  return validate;
}

export function readText(folder: string, file: string): string {
  const place = path.join(folder, file);
  try {
    return fs.readFileSync(place, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw badInput(
        `run_folder_invalid: ${printable(folder)} is no run folder: it has no ${file}`,
      );
    }
    throw environmentFailed(`${printable(place)}: ${printable(message)}`);
  }
}
