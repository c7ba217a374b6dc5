import type { Fault, Scenario } from "../scenario.ts";

/** The `--set` options that turn the scenario file into what a seed drew, as one types them in a shell. */
export function asSets(drawn: Scenario): readonly string[] {
  const { network, faults, workload } = drawn;
  const { model, lossPercent, duplicatePercent, reorder } = network;
  const sets = [
    `network.model=${model}`,
    `network.lossPercent=${lossPercent}`,
    `network.duplicatePercent=${duplicatePercent}`,
    `network.reorder=${reorder}`,
    `faults=${JSON.stringify(faults.map(asDocument))}`,
  ];
  if (workload.kind === "generated" && workload.swaps !== null) {
    sets.push(`workload.swaps.count=${workload.swaps.count}`);
  }
  return sets;
}

/** A fault as a scenario file has it. */
function asDocument(fault: Fault): unknown {
  if (fault.kind === "clock") {
    const { kind, bank, offsetMs, driftPpm } = fault;
    return { kind, bank, offsetMs, driftPpm };
  }
  if (fault.kind === "away") {
    return { kind: fault.kind, bank: fault.bank, when: { atMs: fault.when.atMs } };
  }
  if (fault.kind !== "kill") return fault;
  const { kind, bank, when, restartAfterMs } = fault;
  const restart = restartAfterMs === null ? {} : { restartAfterMs };
  return { kind, bank, when: whenOf(when), ...restart };
}

function whenOf(when: Extract<Fault, { readonly kind: "kill" }>["when"]): unknown {
  switch (when.kind) {
    case "at":
      return { atMs: when.atMs };
    case "settled-share":
      return { settledShare: when.percent };
    case "step":
      return { step: when.step, count: when.count };
    default:
      return when satisfies never;
  }
}

/** Quoted for a shell, when it has to be. */
export const quoted = (text: string): string =>
  /^[\w.=,:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** One fault in a few words. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case "kill": {
      const back = fault.restartAfterMs === null ? "for good" : `for ${fault.restartAfterMs} ms`;
      return `${describeWhen(fault.when)} ${fault.bank} is killed, ${back}`;
    }
    case "away":
      return `at ${fault.when.atMs} ms ${fault.bank} goes away`;
    case "partition": {
      const arrow = fault.bothWays ? "<->" : "->";
      return `at ${fault.atMs} ms, for ${fault.forMs} ms, nothing passes ${fault.from.join(" ")} ${arrow} ${fault.to.join(" ")}`;
    }
    case "clog":
      return `at ${fault.atMs} ms, for ${fault.forMs} ms, ${fault.banks.join(" ")} are ${fault.delayMs} ms slower`;
    case "clock":
      return `the clock of ${fault.bank} is off by ${fault.offsetMs} ms and ${fault.driftPpm} ppm`;
    case "disk":
      return `at ${fault.atMs} ms the disk of ${fault.bank}: ${fault.damage}`;
    case "byzantine":
      return `at ${fault.atMs} ms ${fault.bank} begins to lie: ${fault.behaviour}`;
    default:
      return fault satisfies never;
  }
}

function describeWhen(when: Extract<Fault, { readonly kind: "kill" }>["when"]): string {
  if (when.kind === "at") return `at ${when.atMs} ms`;
  if (when.kind === "settled-share") return `when ${when.percent} % are settled`;
  return `at its ${when.count}. ${when.step}`;
}
