import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { format } from "node:util";

/**
 * What the test files of this project use of vitest, on plain Node: a planted bug is in the modules
 * that this process loads, and vitest would load others. Every test runs in order; the first that
 * fails is the finding.
 */

interface PlainTest {
  readonly title: string;
  readonly body: (...args: readonly unknown[]) => unknown;
  readonly args: readonly unknown[];
}

const tests: PlainTest[] = [];
const outer: string[] = [];
let running = { testPath: "", currentTestName: "" };

type Body = PlainTest["body"];

const titled = (title: string): string => [...outer, title].join(" > ");

export const it = Object.assign(
  (title: string, body: Body): void => void tests.push({ title: titled(title), body, args: [] }),
  {
    each:
      (rows: readonly unknown[]) =>
      (title: string, body: Body): void => {
        for (const row of rows) {
          const args = Array.isArray(row) ? (row as unknown[]) : [row];
          tests.push({ title: titled(titleOf(title, args)), body, args });
        }
      },
  },
);

export function describe(title: string, body: () => void): void {
  outer.push(title);
  body();
  outer.pop();
}

/** Runs in its place among the tests. */
export const beforeAll = (body: Body): void => it("beforeAll", body);

export interface FailedTest {
  readonly title: string;
  readonly error: unknown;
}

/** Runs the tests that were collected since the last time, up to the first that fails. */
export async function runTests(testPath: string): Promise<FailedTest | undefined> {
  for (const { title, body, args } of tests.splice(0)) {
    running = { testPath, currentTestName: title };
    try {
      await body(...args, { skip: () => undefined });
    } catch (error) {
      return { title, error };
    }
  }
  return undefined;
}

function titleOf(title: string, args: readonly unknown[]): string {
  const [first] = args;
  const named = title.replace(/\$(\w+)/g, (whole, name: string) => {
    const value = (first as Readonly<Record<string, unknown>> | null)?.[name];
    return value === undefined ? whole : format("%s", value);
  });
  return named.includes("%") ? format(named, ...args.slice(0, named.split("%").length - 1)) : named;
}

interface Asymmetric {
  readonly asymmetricMatch: (actual: unknown) => boolean;
}

export const expect = Object.assign(
  (actual: unknown, message?: string) => {
    const demand = (positive: boolean) => matchersOf(actual, message, positive);
    return { ...demand(true), not: demand(false) };
  },
  {
    getState: () => running,
    stringContaining: (part: string): Asymmetric => ({
      asymmetricMatch: (actual) => String(actual).includes(part),
    }),
    arrayContaining: (parts: readonly unknown[]): Asymmetric => ({
      asymmetricMatch: (actual) =>
        Array.isArray(actual) && parts.every((p) => actual.some((a) => isEqual(a, p, "equal"))),
    }),
  },
);

function matchersOf(actual: unknown, message: string | undefined, positive: boolean) {
  const judge = (holds: boolean, matcher: string, expected: unknown): void => {
    if (holds === positive) return;
    const about = message === undefined ? "" : `${message}: `;
    throw new Error(
      about + format("%O %s%s %O", actual, positive ? "" : "not ", matcher, expected),
    );
  };
  const number = actual as number;
  const lengthOf = (value: unknown): unknown => (value as { readonly length?: unknown }).length;
  return {
    toBe: (expected: unknown) => judge(Object.is(actual, expected), "toBe", expected),
    toEqual: (expected: unknown) => judge(isEqual(actual, expected, "equal"), "toEqual", expected),
    toMatchObject: (expected: unknown) =>
      judge(isEqual(actual, expected, "part"), "toMatchObject", expected),
    toBeUndefined: () => judge(actual === undefined, "toBe", undefined),
    toBeDefined: () => judge(actual !== undefined, "toBe", "defined"),
    toBeNull: () => judge(actual === null, "toBe", null),
    toBeGreaterThan: (least: number) => judge(number > least, ">", least),
    toBeGreaterThanOrEqual: (least: number) => judge(number >= least, ">=", least),
    toBeLessThan: (most: number) => judge(number < most, "<", most),
    toBeLessThanOrEqual: (most: number) => judge(number <= most, "<=", most),
    toHaveLength: (length: number) => judge(lengthOf(actual) === length, "toHaveLength", length),
    toContain: (part: unknown) =>
      judge((actual as readonly unknown[]).includes(part), "toContain", part),
    toMatch: (pattern: RegExp) => judge(pattern.test(actual as string), "toMatch", pattern),
    toThrow: (expected?: unknown) =>
      judge(throws(actual as () => unknown, expected), "toThrow", expected),
    toMatchFileSnapshot: (file: string) => {
      const text = readFileSync(resolve(dirname(running.testPath), file), "utf8");
      judge(actual === text, "is the text of", file);
    },
  };
}

function throws(body: () => unknown, expected: unknown): boolean {
  try {
    body();
    return false;
  } catch (error) {
    if (expected === undefined) return true;
    if (typeof expected === "function") return error instanceof expected;
    return (error as Error).message.includes(expected as string);
  }
}

/** As `toEqual`, which takes no notice of absent properties, or as `toMatchObject`. */
function isEqual(actual: unknown, expected: unknown, how: "equal" | "part"): boolean {
  if (Object.is(actual, expected)) return true;
  if (typeof expected !== "object" || expected === null) return false;
  if ("asymmetricMatch" in expected) return (expected as Asymmetric).asymmetricMatch(actual);
  if (typeof actual !== "object" || actual === null) return false;
  if (Array.isArray(expected) !== Array.isArray(actual)) return false;
  if (expected instanceof Map || expected instanceof Set) {
    if (!(actual instanceof Map || actual instanceof Set) || actual.size !== expected.size) {
      return false;
    }
    const members: readonly unknown[] = [...actual];
    return [...expected].every((member, i) =>
      [members[i], ...members].some((other) => isEqual(other, member, how)),
    );
  }
  const [a, b] = [actual, expected] as readonly Readonly<Record<string, unknown>>[];
  if (a === undefined || b === undefined) return false;
  const isList = Array.isArray(expected) || ArrayBuffer.isView(expected);
  if (isList && a["length"] !== b["length"]) return false;
  const keys = how === "part" ? Object.keys(b) : new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) if (!isEqual(a[key], b[key], how)) return false;
  return true;
}
