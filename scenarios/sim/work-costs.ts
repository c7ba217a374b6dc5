import type { ScenarioCosts } from "../costs.ts";

/** What one step of a bank did, as far as it costs time. */
export interface Work {
  signs: number;
  verifies: number;
  entries: number;
  messages: number;
  bytes: number;
}

export function addWork(sum: Work, work: Work): void {
  sum.signs += work.signs;
  sum.verifies += work.verifies;
  sum.entries += work.entries;
  sum.messages += work.messages;
  sum.bytes += work.bytes;
}

const KIB = 1024;

/** CPU time of a step, in whole microseconds. */
export function cpuUs(work: Work, costs: ScenarioCosts): number {
  return Math.round(
    work.signs * costs.signUs +
      work.verifies * costs.verifyUs +
      work.entries * costs.entryUs +
      work.messages * costs.messageUs +
      (work.bytes * costs.byteNs) / 1000,
  );
}

/** How long the disk takes to make these bytes durable, in whole microseconds. */
export const flushUs = (bytes: number, costs: ScenarioCosts): number =>
  Math.round(costs.fsyncUs + (bytes / KIB) * costs.fsyncPerKiBUs);
