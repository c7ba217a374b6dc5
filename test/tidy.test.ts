import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize, relative, sep } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

const ROOT = dirname(import.meta.dirname);
const FOLDERS = ["crypto", "node", "corridor", "scenarios", "test"];
const LONG_FILE_LINES = 400;

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const lineCount = (path: string): number => read(path).split("\n").length - 1;
const filesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join("/"));

const files = FOLDERS.flatMap(filesIn);
const sources = files.filter((path) => /\.[jt]s$/.test(path));

const STRINGS = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/.source;
const TOKENS = new RegExp(String.raw`${STRINGS}|/\*[^]*?\*/|//.*`, "g");
/** The source with its line breaks, without comments and, when asked, without quoted text. */
const stripped = (path: string, keepQuoted: boolean): string =>
  read(path).replace(TOKENS, (token) =>
    token.startsWith("`") || (keepQuoted && !token.startsWith("/"))
      ? token
      : token.replace(/[^\n]/g, ""),
  );

function findings(paths: readonly string[], find: (path: string) => Iterable<string>): string[] {
  return paths.flatMap((path) => [...find(path)].map((finding) => `${path}: ${finding}`));
}

// --- Zones: the folders of the house, and what each may import.

const ZONES = {
  crypto: { path: /^crypto\//, zones: [], packages: /^(@noble\/(ed25519|hashes)|msgpackr)(\/|$)/ },
  "node/io": { path: /^node\/io\//, zones: ["crypto", "node"], packages: /./ },
  node: { path: /^node\//, zones: ["crypto"], packages: null },
  corridor: { path: /^corridor\//, zones: ["crypto", "node"], packages: null },
  "scenarios/sim": {
    path: /^scenarios\/(sim|explore)\//,
    zones: ["crypto", "node", "corridor", "scenarios/judges", "scenarios"],
    packages: null,
  },
  "scenarios/judges": {
    path: /^scenarios\/(checkers|measures|network|workload)\//,
    zones: ["crypto", "node", "corridor", "scenarios/sim", "scenarios"],
    packages: /^(?!node:|@?libp2p|@chainsafe)/,
  },
  "scenarios/world": {
    path: /^scenarios\/(live\/|play\/|simulated\/|swarm\/seed-worker\.ts|compare\/compare-worker\.ts|bench\/|commands\/|ledger-files\.ts|main\.ts|daliz\.js)/,
    zones: ["*"],
    packages: /^(?!@?libp2p|@chainsafe)/,
  },
  scenarios: {
    path: /^scenarios\//,
    zones: ["crypto", "node", "corridor", "scenarios/sim", "scenarios/judges", "scenarios/world"],
    packages: /^(?!@?libp2p|@chainsafe)/,
  },
  test: { path: /^(test\/|[^/]+$)/, zones: ["*"], packages: /./ },
} as const satisfies Record<string, Zone>;

type Zone = {
  readonly path: RegExp;
  /** What it imports besides itself; "*" is everything but test/. */
  readonly zones: readonly string[];
  /** Which packages it imports; null is none. */
  readonly packages: RegExp | null;
};

function zoneOf(path: string): readonly [name: string, zone: Zone] {
  const entry = Object.entries(ZONES).find(([, zone]) => zone.path.test(path));
  if (entry === undefined) throw new Error(`${path} is in no zone`);
  return entry;
}

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']/g;

function* forbiddenImports(path: string): Generator<string> {
  const [name, zone] = zoneOf(path);
  for (const [, target = ""] of stripped(path, true).matchAll(IMPORT)) {
    if (!target.startsWith(".")) {
      if (zone.packages?.test(target) !== true) yield `${name} never imports ${target}`;
      continue;
    }
    const [other] = zoneOf(
      normalize(join(dirname(path), target))
        .split(sep)
        .join("/"),
    );
    const allowed = other === name || zone.zones.includes(other) || zone.zones.includes("*");
    if (!allowed || (other === "test" && name !== "test")) yield `${name} never imports ${target}`;
  }
}

// --- The core is pure: what it must not name, and what to use instead.

const CORE = sources.filter(
  (path) =>
    ["crypto", "node", "corridor", "scenarios/sim"].includes(zoneOf(path)[0]) ||
    /^scenarios\/checkers\/(chronicle|conduct|justification|signed-swap|swap-conduct)\.ts$/.test(
      path,
    ),
);

const BANNED: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bDate\b|\bperformance\.|\bhrtime\b/, "`now`, which comes in with the input"],
  [/\b(setTimeout|setInterval|setImmediate|nextTick|queueMicrotask)\b/, "a timer effect"],
  [/\b(async|await|Promise)\b/, "an effect; the driver calls back"],
  [/\bMath\.random\b/, "scenarios/sim/prng.ts, seeded"],
  [/\b(getRandomValues|randomBytes|randomUUID|randomSecretKey)\b/, "bytes that come in"],
  [/\b(process|console)\./, "an effect, or a parameter"],
  [/\bBuffer\b/, "Uint8Array and crypto/bytes.ts"],
  [/\bIntl\b|\.(localeCompare|toLocale\w+)\b/, "a comparison with < and >"],
  [/\bMath\.(log\w*|exp\w*|pow|cbrt|a?(sin|cos|tan)h?)\b/, "integers; engines round differently"],
  [/\b(parseFloat|toFixed|toPrecision)\b/, "bigint; money is never a float"],
  [/\.(sort|toSorted)\(\)/, "a comparator"],
  [/\b(WeakRef|FinalizationRegistry)\b/, "nothing; memory is not observable"],
  [/\.stack\b/, "the code of the rejection; stacks differ from run to run"],
];

function* bannedNames(path: string): Generator<string> {
  for (const [index, line] of stripped(path, false).split("\n").entries())
    for (const [pattern, instead] of BANNED) {
      const found = pattern.exec(line)?.[0];
      if (found !== undefined) yield `line ${index + 1}: ${found} is banned here. Use ${instead}.`;
    }
}

describe("tidy", () => {
  it("the core has no clock, randomness, promise or locale", () => {
    expect(findings(CORE, bannedNames)).toEqual([]);
  });

  it("imports point from test towards crypto, never back", () => {
    expect(findings(sources, forbiddenImports)).toEqual([]);
  });

  it("no test is focused, skipped or left for later (context.skip with a reason is fine)", () => {
    const marker = /\b(?:it|test|describe)(?:\.\w+)*\.(?:only|skip|todo|skipIf|runIf|fails)\b/g;
    const marks = (path: string): string[] => stripped(path, false).match(marker) ?? [];
    expect(findings(sources, marks)).toEqual([]);
  });

  it("a scenario of the library has the name of its file, and npm start names one", () => {
    const library = files.filter((path) => /^scenarios\/library\/.*\.ya?ml$/.test(path));
    for (const path of library)
      expect(parse(read(path)), path).toHaveProperty("name", basename(path, ".yaml"));
    const start = /"start": ".* run ([\w-]+)"/.exec(read("package.json"))?.[1] ?? "none";
    expect(library).toContain(`scenarios/library/${start}.yaml`);
  });

  it("the top level holds the five folders and configuration, nothing else", () => {
    const known =
      /^(\..+|node_modules|runs|coverage|package(-lock)?\.json|tsconfig.*\.json|LICENSE|[A-Z]+\.md|[a-z]+\.config\.ts)$/;
    const extra = readdirSync(ROOT).filter((name) => !FOLDERS.includes(name) && !known.test(name));
    expect(extra).toEqual([]);
  });

  it("no file outside test/ names a path of somebody's machine", () => {
    const places = [...files.filter((path) => !path.startsWith("test/")), ".ci/run", "README.md"];
    const machinePath = /(?<![\w.])\/(work|tmp|root|home\/\w+|Users\/\w+)\//g;
    const paths = (path: string): string[] => read(path).match(machinePath) ?? [];
    const present = places.filter((path) => existsSync(join(ROOT, path)));
    expect(findings(present, paths)).toEqual([]);
  });

  afterAll(() => {
    const long = sources.filter((path) => lineCount(path) > LONG_FILE_LINES);
    for (const path of long) console.info(`long file, not an error: ${path} (${lineCount(path)})`);
  });
});
