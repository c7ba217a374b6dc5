import { expect, it } from "vitest";
import { parseMessage } from "../../../corridor/messages.ts";
import { openScenario } from "../../../scenarios/resolve.ts";
import { checkedRun } from "../../../scenarios/simulated/run-simulated.ts";
import { drawFaults } from "../../../scenarios/swarm/draw-faults.ts";
import { planWorkload } from "../../../scenarios/workload/plan-workload.ts";

it.each([1, 2, 17])("what seed %i's banks are told of a frame is what its bytes say", (seed) => {
  const swarm = openScenario("swarm", []);
  if (!swarm.ok) throw new Error(JSON.stringify(swarm.error));
  const scenario = drawFaults(swarm.value, seed);
  const plan = planWorkload(scenario);
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  const silent = { onProgress: () => undefined, onEvent: () => undefined };
  const kinds = new Set<string>();
  const { run } = checkedRun({ scenario, plan: plan.value, ...silent }, [
    {
      onSend: ({ config }, _to, frame) => {
        const told = config.parse?.(frame);
        expect(told).toEqual(parseMessage(frame.slice()));
        if (told?.ok === true) kinds.add(told.value.kind);
      },
    },
  ]);
  while (!run.advance(4_096));
  expect([...kinds]).toEqual(expect.arrayContaining(["push", "terms", "heads"]));
});
