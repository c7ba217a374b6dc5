import type { Bytes } from "../crypto/bytes.ts";
import type { Signer, Verifier } from "../crypto/ed25519.ts";
import { hashKey, type Hash } from "../crypto/hash.ts";
import { invariant } from "../crypto/outcome.ts";
import { newBooks, type Books } from "../node/accounts/books.ts";
import type { Bank, Genesis } from "../node/genesis.ts";
import type { BankNumber } from "../node/ids.ts";
import type { Block, FullBlock, KeyOf } from "../node/ledger/block.ts";
import type { DomesticDraft } from "../node/ledger/domestic-entries.ts";
import { LEDGER_MAGIC } from "../node/ledger/record.ts";
import type { Effect } from "../node/machine.ts";
import { instant, type Instant } from "../node/time.ts";
import type { SwapId } from "./announcement.ts";
import type { ArrangementChoice } from "./choice.ts";
import type { Swap, SwapTerms } from "./swap/swap.ts";
import { newDeadlines, type Deadlines } from "./deadlines.ts";
import { newDecidedIndex, type DecidedIndex } from "./decided.ts";
import type { CorridorEntry } from "./entries.ts";
import { newBankLog, type BankLog } from "./logs.ts";
import type { Message, parseMessage } from "./messages.ts";
import type { Report } from "./report.ts";

export interface BankConfig {
  readonly genesis: Genesis;
  readonly self: BankNumber;
  readonly signer: Signer;
  readonly verifier: Verifier;
  /** `parseMessage`, or what remembers its results: simulated banks are sent the very same bytes. */
  readonly parse?: typeof parseMessage;
  /** Told what a frame says that this bank has made, for `parse` at a bank of the same process. */
  readonly made?: (frame: Bytes, message: Message) => void;
  /** 32 secret bytes from which the salts of domestic entries are derived. */
  readonly saltSecret: Bytes;
  /** Report every step and block of every swap. */
  readonly trace: boolean;
  /** How the swaps settle that this bank announces; `certified` when nothing is said. */
  readonly arrangement?: ArrangementChoice;
  /** Sign without asking peers for the own newest block: the operator's explicit word. */
  readonly alone: boolean;
}

/** Entries that must stand in one block, in this order, with what is told once they are durable. */
export interface EntryGroup {
  readonly corridor: readonly CorridorEntry[];
  readonly domestic: readonly DomesticDraft[];
  readonly reports: readonly Report[];
}

/** A block that is being made durable. */
export interface Flight {
  /** The journal's size once it is durable. */
  readonly end: number;
  /** Absent when only blocks of peers are written. */
  readonly own:
    | {
        readonly block: FullBlock;
        readonly publicBytes: Bytes;
        readonly entries: readonly CorridorEntry[];
        readonly reports: Report[];
      }
    | undefined;
}

/** A swap that was submitted here by its member and waits for the other bank's announcement. */
export interface Offer {
  readonly agreed: SwapTerms;
  readonly received: Instant;
}

/** A run of GETs that closes a gap in one log. */
export interface Fetch {
  readonly peer: number;
  target: number;
  /** How far the log reached, and when it last grew. */
  linked: number;
  since: Instant;
  requested: number;
  /** Who was asked since then. */
  readonly asked: Set<number>;
}

/** Everything a bank knows, derived from its journal and from what peers sent since the start. */
export interface BankState {
  readonly books: Books;
  /** Logs of all banks, the own one among them. */
  readonly logs: Map<number, BankLog>;
  readonly swaps: Map<string, Swap>;
  /** Swaps whose announcement is not known, for each bank that mentioned them. */
  readonly stubsBy: Map<number, number>;
  readonly decided: DecidedIndex;
  /** Swaps by the commitment of their terms, for submissions that come before the announcement. */
  readonly offers: Map<string, Offer>;
  /** Banks that forked their log: evidence is in the ledger. */
  readonly convicted: Set<number>;
  /** Those of them whose fork an EVIDENCE of this bank's own shows. */
  readonly accused: Set<number>;
  /** Forks met while the journal was replayed, by bank: EVIDENCE is due unless it stands there already. */
  readonly foundForks: Map<number, EntryGroup>;
  readonly deadlines: Deadlines;
  /** The time that the driver was last asked to wake this bank at. */
  wakeAt: Instant | undefined;
  now: Instant;
  /** `checking`: peers are asked for the own newest block, nothing is signed. */
  phase: "opening" | "checking" | "running" | "stopped";
  readonly answered: Set<number>;
  /** Submissions that came before the bank may sign. */
  readonly queued: Bytes[];
  readonly links: Set<number>;
  readonly fetches: Map<number, Fetch>;
  /** Single blocks asked for by hash, and when. */
  readonly wanted: Map<string, Instant>;
  /** STATUSes about swaps decided here that are to be answered. */
  readonly owed: { readonly asker: number; readonly sid: SwapId }[];
  readonly violations: Map<number, { count: number; since: Instant }>;
  readonly pending: EntryGroup[];
  /** Blocks of peers that the journal does not have yet, in order of arrival. */
  readonly unwritten: { readonly block: Block; readonly bytes: Bytes }[];
  unwrittenBytes: number;
  flight: Flight | undefined;
  /** Bytes of the journal that were appended. */
  journalSize: number;
  /** Bytes of the journal that survive a crash. */
  durableSize: number;
  lastTimeMs: number;
}

export interface BankMachine {
  readonly config: BankConfig;
  readonly state: BankState;
  readonly banks: ReadonlyMap<number, Bank>;
  readonly keyOf: KeyOf;
}

/** One step under way: the machine, the time, and the effects so far. */
export interface Step extends BankMachine {
  readonly now: Instant;
  readonly effects: Effect<Report>[];
}

export const EPOCH = 0;

export function newBankMachine(config: BankConfig): BankMachine {
  const { genesis } = config;
  const banks = new Map(genesis.banks.map((bank) => [bank.number as number, bank]));
  invariant(banks.has(config.self), "KnownBank", `bank ${config.self} is not in the corridor`);
  const state: BankState = {
    books: newBooks(),
    logs: new Map(genesis.banks.map((bank) => [bank.number as number, newBankLog(bank.number)])),
    swaps: new Map(),
    stubsBy: new Map(),
    decided: newDecidedIndex(genesis.quorum),
    offers: new Map(),
    convicted: new Set(),
    accused: new Set(),
    foundForks: new Map(),
    deadlines: newDeadlines(),
    wakeAt: undefined,
    now: instant(0),
    phase: "opening",
    answered: new Set(),
    queued: [],
    links: new Set(),
    fetches: new Map(),
    wanted: new Map(),
    owed: [],
    violations: new Map(),
    pending: [],
    unwritten: [],
    unwrittenBytes: 0,
    flight: undefined,
    journalSize: LEDGER_MAGIC.length,
    durableSize: LEDGER_MAGIC.length,
    lastTimeMs: 0,
  };
  const keyOf: KeyOf = (bank, epoch) => (epoch === EPOCH ? banks.get(bank)?.ledgerKey : undefined);
  return { config, state, banks, keyOf };
}

export function logOf(machine: BankMachine, bank: number): BankLog {
  const log = machine.state.logs.get(bank);
  invariant(log !== undefined, "KnownBank", `bank ${bank}`);
  return log;
}

export const ownLog = (machine: BankMachine): BankLog => logOf(machine, machine.config.self);

export const report = (step: Pick<Step, "effects">, what: Report): void => {
  step.effects.push({ kind: "report", report: what });
};

export const send = (
  step: Pick<Step, "effects"> & { readonly state: Pick<BankState, "links"> },
  to: number,
  bytes: Bytes,
): void => {
  if (!step.state.links.has(to)) return;
  step.effects.push({ kind: "send", to: to as BankNumber, bytes });
};

export const warn = (
  step: Pick<Step, "effects">,
  code: string,
  peer: number | null,
  detail: string,
): void => report(step, { kind: "warning", code, peer, detail });

export const sidKeyOf = (sid: Hash): string => hashKey(sid);
