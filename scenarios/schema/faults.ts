import { MAX_BANKS } from "../../node/genesis.ts";
import { BYZANTINE_BEHAVIOURS, DISK_DAMAGES, FAULT_STEPS } from "../scenario.ts";
import { MAX_CLOCK_DRIFT_PPM, MAX_DURATION_MS, MAX_WORKLOAD_ITEMS } from "../scenario-limits.ts";
import {
  byKind,
  choice,
  kind,
  listOf,
  mapOf,
  ref,
  wholeNumber,
  withDefault,
  type JsonSchema,
} from "./json-schema.ts";

const moment = (description: string): JsonSchema => wholeNumber(0, MAX_DURATION_MS, description);

const atMs = moment("When it begins, from the start.");

const forMs = wholeNumber(1, MAX_DURATION_MS, "How long it lasts.");

const oneBank = ref("name", "The bank.");

const banks = (description: string): JsonSchema =>
  listOf(ref("name", "A bank."), { min: 1, max: MAX_BANKS, unique: true }, description);

const faultTime: JsonSchema = {
  ...mapOf(
    { title: "When", description: "One of atMs, settledShare and step." },
    {
      atMs: moment("From the start."),
      settledShare: wholeNumber(
        0,
        100,
        "As soon as this share of the swaps, in per cent, is final.",
      ),
      step: choice(FAULT_STEPS, "As soon as the bank reports this step of a swap ..."),
      count: withDefault(wholeNumber(1, MAX_WORKLOAD_ITEMS, "... for this many times."), 1),
    },
    ["atMs", "settledShare", "step", "count"],
  ),
  dependentRequired: { count: ["step"] },
};

const kill = mapOf(
  { title: "Kill", description: "The bank's process ends without warning." },
  {
    kind: kind("kill"),
    bank: ref("name", "The bank."),
    when: faultTime,
    restartAfterMs: wholeNumber(
      0,
      MAX_DURATION_MS,
      "How long until it is started again; without it, it stays away.",
    ),
  },
  ["restartAfterMs"],
);

const away = mapOf(
  { title: "Away", description: "The bank is not there from this time on; at 0 it never starts." },
  {
    kind: kind("away"),
    bank: ref("name", "The bank."),
    when: mapOf({ title: "When", description: "A time." }, { atMs: moment("From the start.") }),
  },
);

const partition = mapOf(
  { title: "Partition", description: "For a while, what some banks send others is lost." },
  {
    kind: kind("partition"),
    from: banks("Banks whose messages are lost ..."),
    to: banks("... on the way to these."),
    atMs,
    forMs,
    bothWays: withDefault(
      { description: "Whether it is so in the other direction, too.", type: "boolean" },
      true,
    ),
  },
  ["bothWays"],
);

const clog = mapOf(
  { title: "Clog", description: "For a while, messages from and to some banks take longer." },
  {
    kind: kind("clog"),
    banks: banks("The banks."),
    atMs,
    forMs,
    delayMs: wholeNumber(1, MAX_DURATION_MS, "How much longer each message takes."),
  },
);

const clock = mapOf(
  { title: "Clock", description: "The bank's clock is wrong; at least one of the two figures." },
  {
    kind: kind("clock"),
    bank: oneBank,
    offsetMs: withDefault(
      wholeNumber(-MAX_DURATION_MS, MAX_DURATION_MS, "How far it is ahead at the start."),
      0,
    ),
    driftPpm: withDefault(
      wholeNumber(
        -MAX_CLOCK_DRIFT_PPM,
        MAX_CLOCK_DRIFT_PPM,
        "How much faster it goes, in parts per million.",
      ),
      0,
    ),
  },
  ["offsetMs", "driftPpm"],
);

const disk = mapOf(
  { title: "Disk", description: "Something is wrong with the bank's disk." },
  {
    kind: kind("disk"),
    bank: oneBank,
    damage: choice(Object.keys(DISK_DAMAGES), describeAll(DISK_DAMAGES)),
    atMs,
  },
);

const byzantine = mapOf(
  { title: "Byzantine", description: "The bank lies." },
  {
    kind: kind("byzantine"),
    bank: oneBank,
    behaviour: choice(Object.keys(BYZANTINE_BEHAVIOURS), describeAll(BYZANTINE_BEHAVIOURS)),
    atMs,
  },
);

function describeAll(meanings: Readonly<Record<string, string>>): string {
  return Object.entries(meanings)
    .map(([name, meaning]) => `${name}: ${meaning}`)
    .join("\n");
}

const faults = { kill, away, partition, clog, clock, disk, byzantine };

/** What goes wrong. All but `kill` and `away` need a simulated run. */
export const faultSchemas: Readonly<Record<string, JsonSchema>> = {
  fault: byKind("Fault", Object.keys(faults)),
  ...faults,
};
