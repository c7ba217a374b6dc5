import type { Model, ModelResult } from "./abstract-model.ts";

export interface ModelRow {
  readonly name: string;
  readonly model: Model;
  /** As published in protocols.md 3.13; of a mutation only where the violation is, not the states. */
  readonly want: ModelResult;
}

const FOUR: Model = { n: 4, liars: 1, quorum: 3, maxView: 1, participants: 2 };
const FOUR_TO_2: Model = { ...FOUR, maxView: 2 };

const holds = (name: string, model: Model, states: number, depth: number): ModelRow => ({
  name,
  model,
  want: { states, depth, violationAt: undefined },
});

const broken = (name: string, model: Model, at: number): ModelRow => ({
  name,
  model,
  want: { states: 0, depth: at, violationAt: at },
});

/** The table of protocols.md 3.13, and its mutations. */
export const MODEL_ROWS: readonly ModelRow[] = [
  holds("n = 4, 1 Byzantine, v <= 1", FOUR, 6_766, 18),
  holds("n = 4, 1 Byzantine taking part, v <= 1", { ...FOUR, participants: 1 }, 6_644, 17),
  holds("n = 4, 1 Byzantine, v <= 2", FOUR_TO_2, 1_302_994, 27),
  holds("n = 4, 1 Byzantine taking part, v <= 2", { ...FOUR_TO_2, participants: 1 }, 1_295_552, 26),
  holds("n = 3, v <= 2", { ...FOUR_TO_2, n: 3, liars: 0, quorum: 2 }, 897_438, 27),
  holds("n = 2, v <= 2", { ...FOUR_TO_2, n: 2, liars: 0, quorum: 2 }, 2_428, 19),
  holds("n = 2, v <= 3", { ...FOUR, n: 2, liars: 0, quorum: 2, maxView: 3 }, 32_340, 25),
  broken("STATUS omits P (S3)", { ...FOUR_TO_2, mutation: "status omits P" }, 13),
  broken("locks ignored (S3, S5)", { ...FOUR_TO_2, mutation: "locks ignored" }, 15),
  broken("VOTE after STATUS (S1, S2)", { ...FOUR_TO_2, mutation: "vote after status" }, 13),
  broken("P dominates locks (S5)", { ...FOUR_TO_2, mutation: "P dominates locks" }, 15),
  broken("amnesia of P after voting (S3)", { ...FOUR_TO_2, mutation: "amnesia" }, 14),
  broken("q = 2 of n = 4 (Q1)", { ...FOUR, quorum: 2 }, 8),
  broken("2 Byzantine of 4", { ...FOUR, liars: 2, participants: 1 }, 7),
  broken("1 Byzantine of 3", { ...FOUR, n: 3, quorum: 2, participants: 1 }, 7),
  holds("n = 4, v <= 2", { ...FOUR_TO_2, liars: 0 }, 26_226_804, 35),
];
