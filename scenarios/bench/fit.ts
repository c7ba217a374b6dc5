import type { ScenarioCosts } from "../costs.ts";

/** What a load cost a bank process in CPU, and what the banks did for it, per swap. */
export interface CostSample {
  /** CPU time per swap, measured live, in microseconds, all banks together. */
  readonly cpuUs: number;
  /** The same from signing and verifying alone, by the machine's measured speed. */
  readonly signaturesUs: number;
  /** Messages sent and received, per swap. */
  readonly messages: number;
  /** Entries decided, sealed or read, per swap. */
  readonly entries: number;
}

/**
 * The cost of a message and of an entry that explain the measured CPU time best: least squares over all
 * samples, each weighed by its own size, and neither below zero. What is left after signatures is split
 * between the two because loads differ in how many messages carry how many entries.
 */
export function fitCosts(
  samples: readonly CostSample[],
): Pick<ScenarioCosts, "messageUs" | "entryUs"> {
  let [mm, me, ee, mr, er] = [0, 0, 0, 0, 0];
  for (const { cpuUs, signaturesUs, messages, entries } of samples) {
    const weight = 1 / (cpuUs * cpuUs);
    const rest = Math.max(0, cpuUs - signaturesUs);
    mm += weight * messages * messages;
    me += weight * messages * entries;
    ee += weight * entries * entries;
    mr += weight * messages * rest;
    er += weight * entries * rest;
  }
  const determinant = mm * ee - me * me;
  const both = {
    messageUs: (mr * ee - er * me) / determinant,
    entryUs: (er * mm - mr * me) / determinant,
  };
  const isFit = determinant > 0 && both.messageUs >= 0 && both.entryUs >= 0;
  const fit = isFit ? both : alone(mm, ee, mr, er);
  return { messageUs: Math.round(fit.messageUs), entryUs: Math.round(fit.entryUs) };
}

/** One cost alone, the one that leaves less unexplained. */
function alone(mm: number, ee: number, mr: number, er: number) {
  const byMessages = (mr * mr) / mm;
  const byEntries = (er * er) / ee;
  return byMessages >= byEntries
    ? { messageUs: mr / mm, entryUs: 0 }
    : { messageUs: 0, entryUs: er / ee };
}
