import { unreachable } from "../crypto/outcome.ts";
import type { ListedWorkload, Scenario } from "./scenario.ts";

/**
 * The scenario as its `tagging` asks for it: with all its tags, with tags that ask for no documents, or
 * with the same payments from plain money. What is listed as rejected under all tags is then open.
 */
export function asTagged(scenario: Scenario): Scenario {
  const { tagging, tags, workload } = scenario;
  switch (tagging) {
    case "full":
      return scenario;
    case "no-evidence":
      return {
        ...scenario,
        tags: tags.map((tag) => ({ ...tag, evidence: [] })),
        workload: workload.kind === "listed" ? open(workload) : workload,
      };
    case "none":
      return { ...scenario, workload: workload.kind === "listed" ? plain(workload) : workload };
    default:
      return unreachable(tagging);
  }
}

const opened = <T extends { readonly rejected: unknown }>(items: readonly T[]) =>
  items.map((item) => ({ ...item, rejected: "any" as const }));

const open = ({ kind, swaps, payments, orders }: ListedWorkload): ListedWorkload => ({
  kind,
  swaps: opened(swaps),
  payments: opened(payments),
  orders: opened(orders),
});

function plain(workload: ListedWorkload): ListedWorkload {
  const { kind, swaps, payments, orders } = open(workload);
  return {
    kind,
    swaps: swaps.map((swap) => ({ ...swap, tag: null })),
    payments: payments.map((payment) => ({ ...payment, tag: null })),
    orders: orders.filter(({ action }) => !("tag" in action)),
  };
}
