import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import { MAX_BANKS } from "../../node/genesis.ts";
import { oneOf } from "../load/words.ts";
import { exceedsInFile, quote, type ScenarioProblem } from "../problem.ts";
import type { RoundTrip } from "./network.ts";

const HEADER = "from,to,p50_ms,p90_ms";

/** Each ordered pair of the largest corridor once. */
const MAX_ROWS = MAX_BANKS * (MAX_BANKS - 1);

/** A minute: what takes longer there and back is no link. */
const MAX_ROUND_TRIP_MS = 60_000;

const TIME = `milliseconds from 0 to ${MAX_ROUND_TRIP_MS}, such as 61.5 (at most 3 digits after the point)`;

/**
 * Reads a matrix of round trips: a first line `from,to,p50_ms,p90_ms`, then one line for each pair of
 * banks, by their ids. One line holds for both directions, unless the other direction has its own.
 */
export function parseMatrix(
  text: string,
  file: string,
  bankIds: readonly string[],
): Outcome<readonly RoundTrip[], readonly ScenarioProblem[]> {
  const problems: ScenarioProblem[] = [];
  const refuse = (line: number, path: string, found: string, allowed: string): void => {
    const place = { file, line, column: 1 };
    problems.push({ code: "scenario_invalid", ...place, path, found, allowed });
  };
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const [header = "", ...rows] = lines;
  if (rows.length > MAX_ROWS) {
    const found = `${rows.length} pairs`;
    return reject([exceedsInFile(file, { found, what: "pairs of banks", limit: MAX_ROWS })]);
  }
  if (header !== HEADER) {
    refuse(1, "", quote(header), `a first line ${HEADER}`);
    return reject(problems);
  }
  const roundTrips: RoundTrip[] = [];
  const lineOf = new Map<string, number>();
  for (const [i, row] of rows.entries()) {
    const line = i + 2;
    const cells = row.split(",");
    if (cells.length !== 4) {
      refuse(line, "", quote(row), `four values, as in ${HEADER}`);
      continue;
    }
    const [from = "", to = "", p50 = "", p90 = ""] = cells;
    for (const [column, id] of [
      ["from", from],
      ["to", to],
    ] as const) {
      if (!bankIds.includes(id)) refuse(line, column, quote(id), oneOf(bankIds, id));
    }
    const pair = `${from} ${to}`;
    const first = lineOf.get(pair);
    if (from === to) refuse(line, "to", quote(to), `another bank than ${from}`);
    else if (first !== undefined) {
      const again = `${from} to ${to} again`;
      refuse(line, "", again, `each pair once; it stands in line ${first} already`);
    }
    lineOf.set(pair, first ?? line);
    const p50Us = parseTime(p50);
    const p90Us = parseTime(p90);
    if (p50Us === undefined) refuse(line, "p50_ms", quote(p50), TIME);
    if (p90Us === undefined) refuse(line, "p90_ms", quote(p90), TIME);
    if (p50Us === undefined || p90Us === undefined) continue;
    if (p90Us < p50Us) refuse(line, "p90_ms", quote(p90), `at least the p50_ms, ${p50}`);
    roundTrips.push({ from, to, p50Us, p90Us });
  }
  for (const [a, b] of pairsOf(bankIds)) {
    if (lineOf.has(`${a} ${b}`) || lineOf.has(`${b} ${a}`)) continue;
    refuse(0, "", `no line for ${a} and ${b}`, "a line for each pair of banks");
  }
  return problems.length === 0 ? ok(roundTrips) : reject(problems);
}

function pairsOf(ids: readonly string[]): readonly (readonly [a: string, b: string])[] {
  return ids.flatMap((a, i) => ids.slice(i + 1).map((b) => [a, b] as const));
}

/** Milliseconds in decimal digits to whole microseconds. */
function parseTime(text: string): number | undefined {
  const match = /^([0-9]{1,5})(?:\.([0-9]{1,3}))?$/.exec(text);
  if (match === null) return undefined;
  const [, whole = "", fraction = ""] = match;
  const us = Number(whole) * 1000 + Number(fraction.padEnd(3, "0"));
  return us <= MAX_ROUND_TRIP_MS * 1000 ? us : undefined;
}
