/**
 * What a bank's work costs in a simulated run, with the meaning of each figure. In microseconds, but
 * for those that say otherwise in their name. A live run pays the real costs and ignores these.
 */
export const COSTS = {
  signUs: "CPU of one signature.",
  verifyUs: "CPU of checking one signature.",
  entryUs: "CPU of one ledger entry, decided or replayed.",
  byteNs: "CPU of one byte received, encoded or hashed, in nanoseconds.",
  messageUs: "CPU of sending or receiving one message.",
  fsyncUs: "How long the disk takes to make a block durable.",
  fsyncPerKiBUs: "What each KiB of the block adds to that.",
  cores: "Processors that all banks share; 0 gives each bank its own.",
  clientUs: "From a member's decision until its instruction is at its bank.",
} as const;

export type ScenarioCosts = Readonly<Record<keyof typeof COSTS, number>>;

export const COST_NAMES = Object.keys(COSTS) as readonly (keyof ScenarioCosts)[];

/**
 * What a scenario gets that states none: fitted by `daliz calibrate` to live banks on two cores of a
 * shared cloud machine (November 2026), rounded, with a processor for each bank.
 */
export const FITTED: ScenarioCosts = {
  signUs: 55,
  verifyUs: 170,
  entryUs: 0,
  byteNs: 0,
  messageUs: 150,
  fsyncUs: 330,
  fsyncPerKiBUs: 0,
  cores: 0,
  clientUs: 0,
};

/** Nothing costs anything. */
export const FREE: ScenarioCosts = {
  signUs: 0,
  verifyUs: 0,
  entryUs: 0,
  byteNs: 0,
  messageUs: 0,
  fsyncUs: 0,
  fsyncPerKiBUs: 0,
  cores: 0,
  clientUs: 0,
};
