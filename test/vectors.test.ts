import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { expect, it } from "vitest";

const FOLDER = join(import.meta.dirname, "vectors");

/** The manifest cannot list itself, and the README is ours: it may change. */
const NOT_LISTED = ["README.md", "SHA256SUMS"];

/** In the format of `sha256sum`: 64 hex digits, two spaces, a path relative to the manifest. */
const LINE = /^(?<hash>[0-9a-f]{64}) {2}(?<path>.+)$/;

function listedHashes(): Map<string, string> {
  const lines = readFileSync(join(FOLDER, "SHA256SUMS"), "utf8").trimEnd().split("\n");
  return new Map(
    lines.map((line) => {
      const { hash, path } = LINE.exec(line)?.groups ?? {};
      if (hash === undefined || path === undefined) throw new Error(`not a manifest line: ${line}`);
      return [path, hash];
    }),
  );
}

function actualHashes(): Map<string, string> {
  const files = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => relative(FOLDER, file).split(sep).join("/"))
    .filter((path) => !NOT_LISTED.includes(path));
  return new Map(
    files.map((path) => {
      const bytes = readFileSync(join(FOLDER, path));
      return [path, createHash("sha256").update(bytes).digest("hex")];
    }),
  );
}

const differences = (listed: Map<string, string>, actual: Map<string, string>): string[] => [
  ...[...listed.keys()].filter((path) => !actual.has(path)).map((path) => `missing: ${path}`),
  ...[...actual.keys()].filter((path) => !listed.has(path)).map((path) => `extra: ${path}`),
  ...[...actual]
    .filter(([path, hash]) => listed.has(path) && listed.get(path) !== hash)
    .map(([path]) => `changed: ${path}`),
];

it("every published vector is the file that was published", () => {
  expect(differences(listedHashes(), actualHashes())).toEqual([]);
});

it("the manifest names the six sets of vectors, with their licences", () => {
  const paths = [...listedHashes().keys()];
  const sets = [...new Set(paths.map((path) => path.split("/")[0] ?? ""))];
  expect(sets).toEqual([
    "msgpack",
    "naughty-strings",
    "nist-sha2",
    "rfc6962-merkle",
    "rfc8032",
    "wycheproof-ed25519",
  ]);
  expect(paths.filter((path) => path.endsWith("/LICENSE"))).toHaveLength(sets.length);
  expect(paths.filter((path) => path.startsWith("rfc6962-merkle/"))).toHaveLength(196 + 1);
});
