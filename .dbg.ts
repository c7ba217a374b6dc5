import { playSharedChaos, sharedPlanOf } from "./test/corridor/shared-chaos.ts";
import { SharedWorld } from "./test/corridor/shared-kit.ts";
const s = Number(process.argv[2]);
let last: SharedWorld;
const orig = SharedWorld.prototype.found;
SharedWorld.prototype.found = function (...a) { last = this; return orig.apply(this, a as never); };
try { playSharedChaos(sharedPlanOf(s)); } catch (e) { console.log((e as Error).message); }
for (const seat of last!.world.seats) {
  const v = seat.validator?.state;
  console.log(seat.id, seat.stopped, v && { phase: v.phase, ...v.safety, highQc: v.safety.highQc.view, lock: v.safety.lock.view, final: v.tree.final.height, pool: v.pool.waiting.size, swaps: [...v.swaps.values()].map(x=>[x.sid.slice(0,6), x.isEndorsed,x.isVoiding,x.transaction.endorsements.length, x.legs, x.content.announcement.legBanks, x.content.announcement.expiryMs - Math.floor(last.world.now/1000)]), actions: v.actions.length, timer: v.viewTimer, own: v.ownTimeout?.view, links:[...v.links], nodes: v.tree.nodes.size, ledgerTime: v.ledger.timeMs - Math.floor(last.world.now/1000)});
}
console.log(last!.warnings().slice(-5));
const now = last!.world.now;
for (const s of last!.sent.filter(s=>s.at > now-6_000_000).slice(-40)) { const m = s.message as any; console.log((s.at-now)/1000, s.from, '>', s.to, m.kind, m.view ?? m.block?.header.view ?? '', m.highQc?.view ?? '', m.timeouts?.view ?? '', m.yours?.view ?? ''); }
for (const seat of last!.world.seats) console.log(seat.id, JSON.stringify([...seat.validator!.state.timeouts].map(([b,t])=>[b,t.view,t.highView])), [...seat.validator!.state.votes.keys()], [...seat.validator!.state.wanted], [...seat.validator!.state.unplaced.keys()], [...seat.validator!.state.tree.nodes.values()].map(n=>[n.view,n.height,n.block?.header.justify.view]).join(' | '));
