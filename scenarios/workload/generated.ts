import { ok, type Outcome } from "../../crypto/outcome.ts";
import type { GeneratedWorkload, Scenario } from "../scenario.ts";
import { Prng } from "../sim/prng.ts";
import { Funds, type Refusal } from "./funds.ts";
import { generatePayments } from "./generated-payments.ts";
import { generateSwaps } from "./generated-swaps.ts";
import { generateHome } from "./generated-home.ts";
import { generateTagged } from "./generated-tagged.ts";
import type { WorkloadPlan } from "./plan.ts";

/**
 * Draws swaps and payments from the scenario's seed. Each kind has streams of its own: more payments
 * of one kind change no swap. Everything planned can be paid from what is issued at the start.
 */
export function planGenerated(
  scenario: Scenario,
  workload: GeneratedWorkload,
): Outcome<WorkloadPlan, Refusal> {
  const prng = Prng.fromSeed(scenario.seed).fork("workload");
  const funds = new Funds(scenario);
  const swaps =
    workload.swaps === null
      ? ok([])
      : generateSwaps(scenario, { workload, swaps: workload.swaps }, funds, prng.fork("swaps"));
  if (!swaps.ok) return swaps;
  const tagged = generateTagged(scenario, workload, prng.fork("tagged"));
  if (!tagged.ok) return tagged;
  const home = generateHome(scenario, workload, prng.fork("home"));
  if (!home.ok) return home;
  const drawn = [...tagged.value, ...home.value];
  for (const kind of ["domestic", "one-way"] as const) {
    const payments = generatePayments(scenario, { kind, workload }, funds, prng.fork(kind));
    if (!payments.ok) return payments;
    drawn.push(...payments.value);
  }
  drawn.sort((a, b) => a.atMs - b.atMs);
  const payments = drawn.map((payment, i) => ({ id: `payment-${i + 1}`, ...payment }));
  return ok({ swaps: swaps.value, payments });
}
