import { openScenario, libraryNames } from "./scenarios/resolve.ts";
import { renderProblem } from "./scenarios/problem.ts";
for (const n of libraryNames()) { const t=performance.now(); const r=openScenario(n); console.log(n, (performance.now()-t).toFixed(1)+"ms", r.ok); if(!r.ok) for(const p of r.error) console.log("  ",renderProblem(p)); }
const r=openScenario("bilateral"); if(r.ok) console.dir(r.value,{depth:6});
for (const s of [["corridor.byzantne=1"],["members[kz-tulip].issue=12.5","corridor.byzantine=1"],["seed=1e3"],["nope"],["workload.swaps.pairs[0].share=99"],["expect=[conservation,"],["members[9].id=x"],["rates.date=2026-09-27"],["banks[kz].name="]]) { const r=openScenario("bilateral",s); console.log(s, r.ok); if(!r.ok) for(const p of r.error) console.log("  ",renderProblem(p)); }
for (const n of ["bilatral","./no.yaml","/dev/zero.yaml/","scenarios/",""]) {const r=openScenario(n); if(!r.ok) for(const p of r.error) console.log("  ",renderProblem(p)); }
