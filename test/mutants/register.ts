import { registerHooks } from "node:module";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import { plant } from "./mutant.ts";
import { mutantNamed } from "./mutants.ts";
import { planted } from "./planted.ts";

/**
 * Loaded before a detecting process's own code: plants the mutant that the environment names, and lets
 * test files find the stand-in for vitest, since nothing but Node runs here.
 */
const { MUTANT: name } = process.env;
const mutant = name === undefined ? undefined : mutantNamed(name);
const target = mutant === undefined ? "" : pathToFileURL(resolve(mutant.file)).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "vitest"
      ? { url: import.meta.resolve("./plain-tests.ts"), shortCircuit: true }
      : next(specifier, context),
  load: (url, context, next) => {
    const loaded = next(url, context);
    if (mutant === undefined || url !== target) return loaded;
    planted.isPlanted = true;
    return {
      ...loaded,
      source: plant(mutant, Buffer.from(loaded.source as Uint8Array).toString("utf8")),
    };
  },
});
