import { expect, it } from "vitest";
import { foundedOf, runFor, settle, demandLiveness, outcomeAt, sidKeys } from "./drive.ts";
import { dealSubmission, makeDeal, ringLegs } from "./kit.ts";
import { toMs } from "../../node/time.ts";
it("x", () => {
  for (const n of [2,3,4,6,7] as const) {
  const t0 = performance.now();
  const world = foundedOf(n);
  const deal = makeDeal(world.corridor, { number: 10, legs: ringLegs([1, 2]) });
  world.do({ kind: "submit", seat: "1", bytes: dealSubmission(deal) });
  const t1 = performance.now();
  try { settle(world); demandLiveness(world, toMs(world.now)); } catch (e) { console.log(world.log.slice(-30).join("\n")); throw e; }
  console.log(n, t1-t0, performance.now() - t1, sidKeys(world).map((s) => outcomeAt(world, "1", s)+outcomeAt(world, "2", s)));
  }
});
