import type { Verifier } from "../../crypto/ed25519.ts";
import type { CorridorEntryOf, CORRIDOR, Decision, SwapEntry } from "../../corridor/entries.ts";
import type { ReadEntry } from "../../corridor/messages.ts";
import type { Genesis } from "../../node/genesis.ts";
import type { FullBlock } from "../../node/ledger/block.ts";
import type { DomesticEntry } from "../../node/ledger/domestic-entries.ts";
import type { Instant } from "../../node/time.ts";
import type { Prng } from "../sim/prng.ts";
import type { Seat } from "../sim/seat.ts";
import type { Watcher, World } from "../sim/world.ts";
import type { RunConditions } from "./run-conditions.ts";
import type { SignedRecord, SwapNote } from "./signed-record.ts";
import type { SwapConduct } from "./swap-conduct.ts";

/** The properties of protocols.md, section 5, that a simulated run is checked for, with their meaning. */
export const PROPERTIES = {
  P1: "Atomicity: no swap is settled at one bank and voided at another.",
  P2: "Certificate uniqueness: no swap has valid certificates of both outcomes.",
  P3: "Commit validity: a COMMIT certificate implies every taking-part bank's LOCK, before its SETTLE.",
  P4: "Abort non-triviality: without faults, what all are willing to settle settles on the fast path.",
  P5: "Conservation: at every block, posted and pending money is what was issued less what was redeemed.",
  P6: "No double spend: a hold is placed once and closed once; of a forked log, evidence is in every ledger.",
  P7: "Finality: nothing follows a SETTLE or VOID, and no bank changes its mind, also across a restart.",
  P8: "Lock liveness: after the network heals, every hold is closed within its bound.",
  P9: "Unforgeability: a block with any bit changed is refused.",
  P10: "Non-repudiation: of each block that a bank holds, it can show the header and a valid signature.",
  P11: "Hash chain: one block per height, each naming the one before, in canonical bytes.",
  P12: "Write-ahead: no byte of a block leaves before the block is durable.",
  P13: "Proof soundness: a swap's proof checks, and no longer does with anything in it changed.",
  P14: "Idempotence: the same blocks in another order, or twice, lead to the same state.",
  P15: "Determinism: the same seed gives the same history.",
} as const;

export type Property = keyof typeof PROPERTIES;

export const PROPERTY_NAMES = Object.keys(PROPERTIES) as readonly Property[];

/** Something that must never be, with its place in the run's time. */
export interface Violation {
  readonly property: string;
  /** Whose ledger or conduct shows it; empty for the corridor as a whole. */
  readonly bank: string;
  readonly at: Instant;
  readonly detail: string;
}

/** A block of an honest bank that has become durable, taken apart once for all checkers. */
export interface SeenBlock {
  readonly seat: Seat;
  readonly block: FullBlock;
  /** `undefined` where the bytes are no entry. */
  readonly entries: readonly ReadEntry[];
  readonly domestic: readonly (DomesticEntry | undefined)[];
}

/** What a checker knows of its world. It judges banks that do not lie; what liars sign is evidence only. */
export interface CheckerSetting {
  readonly genesis: Genesis;
  readonly verifier: Verifier;
  readonly record: SignedRecord;
  readonly conditions: RunConditions;
  /** For samples; each checker forks its own. */
  readonly prng: Prng;
  readonly isHonest: (seat: Seat) => boolean;
  readonly isHonestBank: (bank: number) => boolean;
  readonly now: () => Instant;
  readonly violated: (property: Property, seat: Seat | undefined, detail: string) => void;
}

/** One property, watched while a world runs. */
export interface PropertyChecker extends Pick<Watcher, "onStep" | "onSend" | "onReport"> {
  readonly property: Property;
  /** A block of an honest bank, before its entries. */
  readonly onBlock?: (seen: SeenBlock) => void;
  /** An entry of an honest bank about a swap. `before` is what the bank had signed about it until then. */
  readonly onEntry?: (
    entry: SwapEntry,
    swap: SwapNote,
    before: Readonly<SwapConduct>,
    seen: SeenBlock,
  ) => void;
  readonly onEvidence?: (entry: CorridorEntryOf<typeof CORRIDOR.EVIDENCE>, seen: SeenBlock) => void;
  /** The entries that any banks signed make a certificate of this outcome: once for each outcome. */
  readonly onCertificate?: (swap: SwapNote, decision: Decision) => void;
  /** What can be judged only once nothing more happens. */
  readonly atEnd?: (world: World) => void;
  /** Why it has nothing to say about this run, if so; asked after the end. */
  readonly notApplicable?: () => string | undefined;
}

export type MakeChecker = (setting: CheckerSetting) => PropertyChecker;
