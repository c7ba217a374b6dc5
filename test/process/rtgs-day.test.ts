import fs from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { daliz, tempFolder } from "./daliz.ts";

const outer = tempFolder(afterAll);
const place = (name: string, content: string): string => {
  fs.writeFileSync(path.join(outer, name), content);
  return name;
};

const HEADER = "id,time_ms,sender,receiver,value\n";
const payments = place(
  "payments.csv",
  `${HEADER}1,0,007,7,100\n2,10,7,x-1,70\n3,20,x-1,007,50\n4,30,007,x-1,60\n5,1000,7,x-1,31\n`,
);
const opening = place("opening.csv", "member,amount\n007,100\n");
const run = (queue: string, out: string): string[] =>
  `run rtgs-day --mode sim --set payments=${payments} --set opening=${opening} --set queue=${queue} --set close_ms=1000 --out ${out}`.split(
    " ",
  );

describe("daliz run rtgs-day", () => {
  it("settles a day from files, and its folder can be verified and reported, and proves nothing", async () => {
    const ended = await daliz(run("fifo", "day"), { cwd: outer });
    expect(ended).toMatchObject({ status: 0, err: "" });
    expect(ended.out).toMatch(/Delay indicator rho +0\.\d{6}\n/);
    const folder = path.join(outer, "day");
    expect(fs.readFileSync(path.join(folder, "payments.csv"), "utf8")).toBe(
      "id,submitted_ms,settled_ms\n1,0,0\n2,10,10\n3,20,20\n4,30,\n5,1000,\n",
    );
    const page = fs.readFileSync(path.join(folder, "report.html"));
    const verified = await daliz(["verify", "day"], { cwd: outer });
    expect(verified).toMatchObject({ status: 0, err: "" });
    expect(verified.out).toMatch(/\nverified: nothing is wrong\n$/);
    const reported = await daliz(["report", "day"], { cwd: outer });
    expect(reported).toMatchObject({ status: 0, out: `${path.join(folder, "report.html")}\n` });
    expect(fs.readFileSync(path.join(folder, "report.html")).equals(page)).toBe(true);
    const proved = await daliz(["prove", "day", "abcd"], { cwd: outer });
    expect(proved).toMatchObject({ status: 2, out: "" });
    expect(proved.err).toMatch(
      /^daliz: day\/manifest\.json: the day of one bank has no ledgers; [^\n]*\n$/,
    );
    fs.appendFileSync(path.join(folder, "payments.csv"), "6,0,0\n");
    expect((await daliz(["verify", "day"], { cwd: outer })).status).toBe(1);
  });

  it("prints the manifest and nothing else with --json", async () => {
    const ended = await daliz([...run("gridlock-resolution", "json"), "--json"], { cwd: outer });
    expect(ended).toMatchObject({ status: 0, err: "" });
    const manifest: unknown = JSON.parse(ended.out);
    expect(manifest).toMatchObject({
      kind: "rtgs-day",
      queue: "gridlock-resolution",
      closeMs: 1_000,
    });
    const file = fs.readFileSync(path.join(outer, "json", "manifest.json"), "utf8");
    expect(manifest).toEqual(JSON.parse(file));
  });

  it("runs alone on a day that it draws", async () => {
    const cwd = tempFolder(onTestFinished);
    const args = ["run", "rtgs-day", "--mode", "sim", "--set", "generated.payments=300"];
    const ended = await daliz(args, { cwd });
    expect(ended).toMatchObject({ status: 0, err: "" });
    expect(fs.readdirSync(path.join(cwd, "runs"))).toEqual(["rtgs-day"]);
  });

  it("refuses bad files and a live run with 2, one line for each problem, and writes nothing", async () => {
    const bad = place("bad.csv", `${HEADER}1,0,a,b,-1\n2,1001,b,a,1\n`);
    const sets = run("fifo", "bad").map((arg) => arg.replace(payments, bad));
    const ended = await daliz(sets, { cwd: outer });
    expect(ended).toMatchObject({ status: 2, out: "" });
    expect(ended.err.split("\n")).toEqual([
      expect.stringMatching(/^daliz: bad\.csv:2:9 value: found "-1", allowed: /),
      expect.stringMatching(/^bad\.csv:3:3 time_ms: found "1001", allowed: /),
      "",
    ]);
    const live = await daliz(["run", "rtgs-day", "--mode", "live", "--out", "bad"], { cwd: outer });
    expect(live).toMatchObject({ status: 2, out: "" });
    expect(live.err).toMatch(/a day of one bank without messages is simulated only\n$/);
    expect(fs.existsSync(path.join(outer, "bad"))).toBe(false);
  });
});
