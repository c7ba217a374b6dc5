import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const ROOT = dirname(import.meta.dirname);

type Versions = Readonly<Record<string, string>>;
type Manifest = {
  readonly version?: string;
  readonly dependencies?: Versions;
  readonly devDependencies?: Versions;
  readonly optionalDependencies?: Versions;
};

const json = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), "utf8"));
const manifest = json("package.json") as Manifest & { readonly engines: { readonly node: string } };
const lock = json("package-lock.json") as { readonly packages: Readonly<Record<string, Manifest>> };

it("every dependency is pinned to one exact version", () => {
  const versions = { ...manifest.dependencies, ...manifest.devDependencies };
  expect(Object.entries(versions).filter(([, version]) => !/^\d[\w.-]*$/.test(version))).toEqual(
    [],
  );
});

it("the runtime that npm brings, the engines field and the check at start agree", () => {
  const wanted = /WANTED_MAJOR = (\d+)/.exec(
    readFileSync(join(ROOT, "scenarios/runtime-check.ts"), "utf8"),
  )?.[1];
  expect(manifest.engines.node).toBe(`>=${wanted}`);
  expect(manifest.devDependencies?.["node"]).toMatch(new RegExp(`^${wanted}\\.`));
});

// `npm ci` refuses a lock file that lacks one. npm leaves it out when the registry in use lacks the
// build of another platform (npm/cli#9846): add name, version, os and cpu by hand, as for its
// sisters.
it("the lock file has a version for every optional build, on every platform", () => {
  const missing = Object.entries(lock.packages).flatMap(([parent, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {}).filter((name) => {
      const places = [`${parent}/node_modules/${name}`, `node_modules/${name}`];
      return places.every((place) => lock.packages[place]?.version === undefined);
    }),
  );
  expect(missing).toEqual([]);
});
