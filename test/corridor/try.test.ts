import { it } from "vitest";
import { planOf, Chaos } from "./chaos.ts";
it("x", () => {
  const from = Number(process.env["FROM"] ?? 1),
    to = Number(process.env["TO"] ?? 100);
  const t0 = performance.now();
  const bad = new Map<string, number[]>();
  for (let seed = from; seed <= to; seed++) {
    const run = new Chaos(planOf(seed));
    try {
      run.anythingGoes();
      run.endWell();
    } catch (e) {
      const m = (e as Error).message.replace(/[0-9a-f]{8}/g, "..").slice(0, 90);
      bad.set(m, [...(bad.get(m) ?? []), seed]);
      if (from === to) {
        console.log(JSON.stringify(run.plan));
        console.log(run.world.log.slice(-Number(process.env["TAIL"] ?? 150)).join("\n"));
        console.log((e as Error).stack);
      }
    }
  }
  console.log([...bad].map(([m, s]) => `${s.length} ${m}: ${s.slice(0, 8).join(",")}`).join("\n"));
  console.log("ms per seed", (performance.now() - t0) / (to - from + 1));
}, 1000000);
