import type { Bytes } from "../../crypto/bytes.ts";
import type { Signature } from "../../crypto/ed25519.ts";
import { hashKey, type Hash } from "../../crypto/hash.ts";
import { invariant } from "../../crypto/outcome.ts";
import type { Bank } from "../../node/genesis.ts";
import type { SignedInstruction } from "../../node/instruction.ts";
import { LEDGER_MAGIC } from "../../node/ledger/record.ts";
import type { Effect } from "../../node/machine.ts";
import { instant, type Instant } from "../../node/time.ts";
import type { BankConfig } from "../bank-state.ts";
import { newDeadlines, type Deadlines } from "../deadlines.ts";
import type { Report } from "../report.ts";
import type { ChainBlock } from "./block.ts";
import { newBlockTree, type BlockNode, type BlockPlace, type BlockTree } from "./block-tree.ts";
import {
  genesisCertificate,
  type Electorate,
  type QuorumCertificate,
  type TimeoutCertificate,
} from "./certificates.ts";
import type { Executed } from "./execute.ts";
import { newSharedLedger, type SharedLedger } from "./ledger.ts";
import type { parseChainMessage, Statement } from "./messages.ts";
import { newPool, type Pool } from "./pool.ts";
import type { OpenSwap } from "./open-swap.ts";
import type { Action } from "./transaction.ts";

/** 3: final with the third certificate in a row (chained HotStuff). 2: with the second (two-chain). */
export type ChainRule = 2 | 3;

export interface ChainParameters {
  readonly chain: ChainRule;
  /** Views that one leader leads in a row. */
  readonly term: number;
}

/**
 * With a new leader in every view, `chain` certificates in a row need more correct leaders in a row than
 * there may be (n = 4 with one down has three, and the votes for the last go to the one that is down).
 * A term one longer than the chain lets one correct leader finish what it began (FORMAT.md, section 6).
 */
export const usualParameters = (chain: ChainRule): ChainParameters => ({ chain, term: chain + 1 });

export interface ValidatorConfig extends Omit<BankConfig, "parse">, ChainParameters {
  /** `parseChainMessage`, or what remembers its results. */
  readonly parse?: typeof parseChainMessage;
  /** Told of every block that becomes final here, also while the journal is replayed. */
  readonly onFinal?: (final: FinalBlock) => void;
}

/** A block that has become final, and what its execution did. */
export interface FinalBlock {
  readonly block: ChainBlock;
  readonly executed: readonly Executed[];
  readonly ledger: SharedLedger;
}

/** A swap's instructions as a member submitted them here, while its announcement is not known. */
export interface SubmittedSwap {
  readonly instructions: readonly SignedInstruction[];
  readonly received: Instant;
}

export type ValidatorDeadline =
  /** Tell the peers how far this validator is. */
  | { readonly kind: "status" }
  /** Ask again for the signatures that an open swap lacks. */
  | { readonly kind: "offer"; readonly key: string; readonly waitMs: number }
  /** A swap has expired: if it was not executed, it is voided. */
  | { readonly kind: "expiry"; readonly key: string }
  /** Tagged money may have expired. */
  | { readonly kind: "tags" };

/** What the safety of the chain rests on: durable before a vote or timeout leaves. */
export interface Safety {
  /** The view whose proposal this validator waits for. */
  view: number;
  /** Never again a vote or a proposal in a view up to here. */
  lastVoted: number;
  /** Views that failed since a block last became final. */
  failed: number;
  highQc: QuorumCertificate;
  /** The highest block whose child has a certificate. */
  lock: Lock;
}

export interface Lock {
  readonly view: number;
  readonly height: number;
  readonly block: Hash;
}

export interface SeenTimeout {
  readonly view: number;
  readonly highView: number;
  readonly signature: Signature;
}

/** The own timeout, with the certificate that it names. */
export interface OwnTimeout extends SeenTimeout {
  readonly highQc: QuorumCertificate;
}

/** What waits for the next flush, and leaves when it is durable. */
export interface Outbox {
  records: { readonly bytes: Bytes; readonly node: BlockNode | undefined }[];
  sends: { readonly to: number; readonly bytes: Bytes }[];
  reports: Report[];
}

export interface ValidatorFlight {
  readonly end: number;
  readonly outbox: Outbox;
}

export interface ValidatorState {
  readonly ledger: SharedLedger;
  /** Results and transactions up to a height, as far back as headers may still claim them. */
  readonly roots: Map<number, { readonly root: Hash; readonly total: number }>;
  readonly tree: BlockTree;
  /** Where the final blocks stand in the journal, by height. */
  readonly finalBlocks: Map<number, BlockPlace>;
  readonly safety: Safety;
  /** The safety that the journal lacks. */
  isSafetyDirty: boolean;
  lastTc: TimeoutCertificate | undefined;
  ownTimeout: OwnTimeout | undefined;
  /** Votes for this validator as the next leader, by view and voter. */
  readonly votes: Map<number, Map<number, { readonly block: Hash; readonly signature: Signature }>>;
  /** The latest timeout of each bank. */
  readonly timeouts: Map<number, SeenTimeout>;
  /** Certificates whose block is not known yet, by the block. */
  readonly unplaced: Map<string, QuorumCertificate>;
  /** Blocks whose parent is not known yet. */
  readonly orphans: Map<string, ChainBlock>;
  /** Blocks asked for, and when. */
  readonly wanted: Map<string, Instant>;
  /** Certificates known to be valid, by their bytes' digest. */
  readonly verified: Set<string>;
  /** The newest thing that each bank is known to have signed. */
  readonly newest: Map<number, Statement>;
  readonly pool: Pool;
  /** Swaps in which this bank takes part, by commitment. */
  readonly swaps: Map<string, OpenSwap>;
  /** Keys of members whose enrolment is under way. */
  readonly enrolling: Map<string, Bytes>;
  /** Numbers of instructions under way, by member and number. */
  readonly underWay: Set<string>;
  /** What members submitted before the bank of leg 0 announced the swap, by commitment. */
  readonly submitted: Map<string, SubmittedSwap>;
  /** Actions that wait to be made into a batch. */
  readonly actions: { readonly action: Action; readonly size: number }[];
  nextBatch: number;
  readonly deadlines: Deadlines<ValidatorDeadline>;
  viewTimer: { readonly view: number; at: Instant } | undefined;
  wakeAt: Instant | undefined;
  now: Instant;
  phase: "opening" | "checking" | "running" | "stopped";
  readonly answered: Set<number>;
  readonly queued: Bytes[];
  readonly links: Set<number>;
  readonly violations: Map<number, { count: number; since: Instant }>;
  outbox: Outbox;
  flight: ValidatorFlight | undefined;
  journalSize: number;
  durableSize: number;
}

export interface Validator extends Electorate {
  readonly config: ValidatorConfig;
  readonly state: ValidatorState;
}

/** One step under way: the validator, the time, and the effects so far. */
export interface ValidatorStep extends Validator {
  readonly now: Instant;
  readonly effects: Effect<Report>[];
}

export const newOutbox = (): Outbox => ({ records: [], sends: [], reports: [] });

export function newValidator(config: ValidatorConfig): Validator {
  const { genesis, verifier } = config;
  const banks = new Map<number, Bank>(genesis.banks.map((bank) => [bank.number, bank]));
  invariant(banks.has(config.self), "KnownBank", `bank ${config.self} is not in the corridor`);
  const highQc = genesisCertificate(genesis);
  const ledger = newSharedLedger(genesis, verifier);
  const state: ValidatorState = {
    ledger,
    roots: new Map([[0, { root: ledger.root, total: 0 }]]),
    tree: newBlockTree(highQc.block),
    finalBlocks: new Map(),
    safety: {
      view: 1,
      lastVoted: 0,
      failed: 0,
      highQc,
      lock: { view: 0, height: 0, block: highQc.block },
    },
    isSafetyDirty: false,
    lastTc: undefined,
    ownTimeout: undefined,
    votes: new Map(),
    timeouts: new Map(),
    unplaced: new Map(),
    orphans: new Map(),
    wanted: new Map(),
    verified: new Set(),
    newest: new Map(),
    pool: newPool(),
    swaps: new Map(),
    enrolling: new Map(),
    underWay: new Set(),
    submitted: new Map(),
    actions: [],
    nextBatch: 1,
    deadlines: newDeadlines<ValidatorDeadline>(),
    viewTimer: undefined,
    wakeAt: undefined,
    now: instant(0),
    phase: "opening",
    answered: new Set(),
    queued: [],
    links: new Set(),
    violations: new Map(),
    outbox: newOutbox(),
    flight: undefined,
    journalSize: LEDGER_MAGIC.length,
    durableSize: LEDGER_MAGIC.length,
  };
  return { config, state, banks, genesis, verifier };
}

/** The block of the highest certificate. */
export function highNode({ tree, safety }: ValidatorState): BlockNode {
  const node = tree.nodes.get(hashKey(safety.highQc.block));
  invariant(node !== undefined, "KnownBlock", "the highest certificate's block is not there");
  return node;
}

/** Puts an entry into a map of bounded size; the oldest goes. */
export function putBounded<V>(map: Map<string, V>, key: string, value: V, limit: number): void {
  map.set(key, value);
  if (map.size <= limit) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
