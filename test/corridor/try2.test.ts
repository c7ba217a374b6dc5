import { it } from "vitest";
import { explore, type Fault } from "./explore.ts";
import { foundedOf } from "./drive.ts";
import { dealSubmission, makeDeal, ringLegs } from "./kit.ts";
it("x", () => {
  const n = Number(process.env["N"] ?? 2) as 2;
  const faults = (process.env["FAULTS"] ?? "").split(",").filter((f) => f !== "") as Fault[];
  const world = foundedOf(n);
  const deal = makeDeal(world.corridor, { number: 10, legs: ringLegs([1, 2]) });
  world.do({ kind: "submit", seat: "1", bytes: dealSubmission(deal) });
  world.do({ kind: "idle", seat: "1" });
  if (process.env["TWO"]) {
    const deal = makeDeal(world.corridor, { number: 11, legs: ringLegs([2, 1], 995n) });
    world.do({ kind: "submit", seat: "2", bytes: dealSubmission(deal) });
    world.do({ kind: "idle", seat: "2" });
  }
  const t0 = performance.now();
  const c0 = process.cpuUsage();
  const faulty = process.env["FAULTY"];
  const r = explore(world, {
    faults,
    budget: faults.length > 0 ? Number(process.env["B"] ?? 1) : 0,
    ...(faulty ? { faulty, prompt: (process.env["PROMPT"] ?? "disks") as "disks" } : {}),
  });
  const c = process.cpuUsage(c0);
  console.log(n, faults, r, "ms", performance.now() - t0, "cpu", (c.user + c.system) / 1000);
}, 1000000);
