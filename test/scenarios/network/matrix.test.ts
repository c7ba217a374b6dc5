import { describe, expect, it } from "vitest";
import { parseMatrix } from "../../../scenarios/network/matrix.ts";
import { renderProblem } from "../../../scenarios/problem.ts";

const HEADER = "from,to,p50_ms,p90_ms";
const read = (...lines: readonly string[]) =>
  parseMatrix([HEADER, ...lines, ""].join("\n"), "pairs.csv", ["kz", "cn", "hk"]);

function refused(...lines: readonly string[]): readonly string[] {
  const matrix = read(...lines);
  return matrix.ok ? [] : matrix.error.map(renderProblem);
}

const REST = ["kz,hk,90,110", "cn,hk,40,50"];
const TIME = "milliseconds from 0 to 60000, such as 61.5 (at most 3 digits after the point)";

describe("a matrix of round trips", () => {
  it("is read to the microsecond", () => {
    const matrix = read("kz,cn,70.125,90.5", ...REST);
    expect(matrix.ok && matrix.value[0]).toEqual({
      from: "kz",
      to: "cn",
      p50Us: 70_125,
      p90Us: 90_500,
    });
  });

  it("may have both directions of a pair, and lines that end as on Windows", () => {
    const text = [HEADER, "a,b,0,0", "b,a,60000,60000"].join("\r\n");
    const matrix = parseMatrix(text, "pairs.csv", ["a", "b"]);
    expect(matrix.ok && matrix.value.map(({ p50Us }) => p50Us)).toEqual([0, 60_000_000]);
  });

  it.each([
    [["kz,us,1,2"], 'pairs.csv:2:1 to: found "us", allowed: one of kz, cn, hk'],
    [
      ["kz,CN,1,2"],
      'pairs.csv:2:1 to: found "CN", allowed: one of kz, cn, hk (did you mean "cn"?)',
    ],
    [["kz,kz,1,2"], 'pairs.csv:2:1 to: found "kz", allowed: another bank than kz'],
    [["kz,cn,-1,2"], `pairs.csv:2:1 p50_ms: found "-1", allowed: ${TIME}`],
    [["kz,cn,1e1,20"], `pairs.csv:2:1 p50_ms: found "1e1", allowed: ${TIME}`],
    [["kz,cn,1,"], `pairs.csv:2:1 p90_ms: found "", allowed: ${TIME}`],
    [["kz,cn,1, 2"], `pairs.csv:2:1 p90_ms: found " 2", allowed: ${TIME}`],
    [["kz,cn,1,60000.001"], `pairs.csv:2:1 p90_ms: found "60000.001", allowed: ${TIME}`],
    [["kz,cn,9,8"], 'pairs.csv:2:1 p90_ms: found "8", allowed: at least the p50_ms, 9'],
    [["kz,cn,9"], `pairs.csv:2:1: found "kz,cn,9", allowed: four values, as in ${HEADER}`],
    [[""], `pairs.csv:2:1: found "", allowed: four values, as in ${HEADER}`],
  ])("refuses %j with its line", (lines, problem) => {
    expect(refused(...lines, "cn,kz,1,2", ...REST)).toEqual([problem]);
  });

  it("refuses a pair twice and names the first line", () => {
    expect(refused("kz,cn,1,2", ...REST, "kz,cn,1,2")).toEqual([
      "pairs.csv:5:1: found kz to cn again, allowed: each pair once; it stands in line 2 already",
    ]);
  });

  it("refuses holes, each with its pair", () => {
    expect(refused("hk,kz,1,2")).toEqual([
      "pairs.csv: found no line for kz and cn, allowed: a line for each pair of banks",
      "pairs.csv: found no line for cn and hk, allowed: a line for each pair of banks",
    ]);
  });

  it("refuses another header, and more lines than the largest corridor has pairs", () => {
    const other = parseMatrix("a,b,p50,p90\n", "pairs.csv", ["a", "b"]);
    expect(other.ok ? [] : other.error.map(renderProblem)).toEqual([
      `pairs.csv:1:1: found "a,b,p50,p90", allowed: a first line ${HEADER}`,
    ]);
    const long = read(...Array.from({ length: 64 * 63 + 1 }, () => "kz,cn,1,2"));
    expect(long.ok ? [] : long.error).toMatchObject([{ code: "limit_exceeded", limit: 64 * 63 }]);
  });
});
