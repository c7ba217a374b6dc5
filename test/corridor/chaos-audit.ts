import { auditRun, type LedgerToAudit } from "../../corridor/audit/audit.ts";
import { renderFinding, type Finding } from "../../corridor/audit/findings.ts";
import { demand } from "../../scenarios/checkers/conduct.ts";
import { type World } from "../../scenarios/explore/world.ts";

/**
 * I18: whatever a liar wrote, and whether or not an auditor is given its ledger, no honest bank is
 * blamed, and neither is the corridor as a whole. What is found against the liar is returned.
 */
export function demandNobodyFramed(
  world: World,
  ofLiar: readonly LedgerToAudit[],
): readonly Finding[] {
  const honest = [...world.seats.values()].filter((seat) => seat.honest);
  const ledgers = honest.map(({ bank, file }) => ({ bank, bytes: file, head: undefined }));
  const liars = new Set(ofLiar.map(({ bank }) => `bank-${bank}`));
  const { genesis, signatures } = world.corridor;
  const { verifier } = signatures;
  const found: Finding[] = [];
  for (const given of ofLiar.length === 0 ? [ledgers] : [ledgers, [...ledgers, ...ofLiar]]) {
    const { findings } = auditRun(given, genesis, verifier);
    const [first] = findings.filter(({ bank }) => !liars.has(bank));
    demand(first === undefined, "Audit", first === undefined ? "" : renderFinding(first));
    found.push(...findings);
  }
  return found;
}
