import { ok, type Outcome } from "../../crypto/outcome.ts";
import type { GeneratedWorkload, Scenario } from "../scenario.ts";
import type { Prng } from "../sim/prng.ts";
import type { Refusal } from "./funds.ts";
import { generateMeals } from "./generated-meals.ts";
import type { DraftPayment } from "./generated-payments.ts";
import { generateProcurement } from "./generated-procurement.ts";
import { generateVat } from "./generated-vat.ts";

/**
 * What a bank's members do at home, each part from a stream of its own. The same is drawn whether tags
 * are used, ask for documents, or are left out: only then can their runs be compared.
 */
export function generateHome(
  scenario: Scenario,
  workload: GeneratedWorkload,
  prng: Prng,
): Outcome<readonly DraftPayment[], Refusal> {
  const { procurement, meals, vat } = workload;
  const drawn: DraftPayment[] = [];
  const parts = [
    procurement && generateProcurement(scenario, workload, procurement, prng.fork("procurement")),
    meals && generateMeals(scenario, meals, prng.fork("meals")),
    vat && generateVat(scenario, vat, vatRateOf(scenario), prng.fork("vat")),
  ];
  for (const part of parts) {
    if (part === null) continue;
    if (!part.ok) return part;
    drawn.push(...part.value);
  }
  const isOpen = scenario.tagging !== "full" || scenario.members.some((m) => !m.connected);
  const { tagging } = scenario;
  const kept = drawn.filter(({ action }) => tagging !== "none" || action?.kind !== "return-tag");
  return ok(kept.map((item) => (isOpen ? { ...item, ...opened(scenario, item) } : item)));
}

/** An item of an experiment's control, or of a bank that not everybody has joined: anything may come of it. */
const opened = ({ tagging }: Scenario, { tag }: DraftPayment): Partial<DraftPayment> => ({
  expected: "any",
  tag: tagging === "none" ? null : tag,
});

/** The rate of the bank whose tag marks VAT, in basis points. */
function vatRateOf({ rules, tags }: Scenario): number {
  const bank = tags.find(({ kind }) => kind === "vat")?.bank ?? "";
  return rules.get(bank)?.(0).vatBasisPoints ?? 0;
}
