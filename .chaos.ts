import { playSharedChaos, sharedPlanOf } from "/root/wt/shared/test/corridor/shared-chaos.ts";
const [from, to] = process.argv.slice(2).map(Number);
const errs = new Map<string, number[]>();
let ok = 0; const out: Record<string, number> = {};
for (let s = from!; s <= to!; s++) {
  try { const w = playSharedChaos(sharedPlanOf(s)); ok++; for (const {report} of w.reports) if (report.kind==="swap") out[report.outcome+" "+report.refusal]=(out[report.outcome+" "+report.refusal]??0)+1; }
  catch (e) { const m = (e as Error).message.replace(/\d+/g, "#").slice(0,120); errs.set(m, [...(errs.get(m) ?? []), s]); if (to===from) throw e; }
}
console.log(ok, "ok", out); for (const [m, s] of errs) console.log(s.length, m, s.slice(0, 8).join(","));
