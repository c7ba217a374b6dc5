import { ok, reject, unreachable, type Outcome } from "../../crypto/outcome.ts";
import type { ScenarioProblem } from "../problem.ts";
import type { Scenario } from "../scenario.ts";
import { planGenerated } from "./generated.ts";
import { planListed } from "./listed.ts";
import type { WorkloadPlan } from "./plan.ts";

/**
 * Who pays whom, how much and when: the scenario's workload, decided by the scenario and its seed
 * alone. Refused when a generated workload asks for more than the members have.
 */
export function planWorkload(scenario: Scenario): Outcome<WorkloadPlan, ScenarioProblem> {
  const { workload } = scenario;
  switch (workload.kind) {
    case "listed":
      return ok(planListed(scenario, workload));
    case "generated": {
      const plan = planGenerated(scenario, workload);
      if (plan.ok) return plan;
      const place = { file: scenario.name, line: 0, column: 0 };
      return reject({ code: "scenario_invalid", ...place, ...plan.error });
    }
    default:
      return unreachable(workload);
  }
}
