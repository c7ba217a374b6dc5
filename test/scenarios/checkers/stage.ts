import { encode } from "../../../crypto/canonical-layout.ts";
import type { Bytes } from "../../../crypto/bytes.ts";
import type { Signature } from "../../../crypto/ed25519.ts";
import { ZERO_HASH, type Hash } from "../../../crypto/hash.ts";
import { EPOCH } from "../../../corridor/bank-state.ts";
import {
  COMMIT,
  CORRIDOR,
  corridorEntryLayout,
  type CorridorEntry,
  type Decision,
  type EntryRef,
} from "../../../corridor/entries.ts";
import { sealBlock, type FullBlock } from "../../../node/ledger/block.ts";
import {
  DOMESTIC,
  domesticEntryLayout,
  type DomesticEntry,
} from "../../../node/ledger/domestic-entries.ts";
import type { Amount } from "../../../node/money.ts";
import { fromMs } from "../../../node/time.ts";
import type { Property } from "../../../scenarios/checkers/checker.ts";
import type { RunConditions } from "../../../scenarios/checkers/run-conditions.ts";
import { PropertySuite } from "../../../scenarios/checkers/suite.ts";
import { FREE } from "../../../scenarios/costs.ts";
import { PERFECT_WIRE } from "../../../scenarios/sim/links.ts";
import { Prng } from "../../../scenarios/sim/prng.ts";
import type { Seat } from "../../../scenarios/sim/seat.ts";
import { World } from "../../../scenarios/sim/world.ts";
import {
  DELTA_MS,
  EPOCH_START_MS,
  SHAPES,
  TTL_MS,
  configOf,
  range,
  signerOf,
  type FixedCorridor as TestCorridor,
} from "../../../scenarios/explore/corridor.ts";
import {
  accountName,
  announcementOf,
  agreeSwap,
  ringLegs,
} from "../../../scenarios/explore/agreed-swaps.ts";
import { testCorridor } from "../../corridor/kit.ts";

/** A run without faults on a network without delays, but for what a test says otherwise. */
export function conditions(changes: Partial<RunConditions> = {}): RunConditions {
  return {
    choice: { arrangement: "certified" },
    isNetted: false,
    greatestSkewMs: 0,
    budget: { lying: [], gone: [], byzantine: 1, crashed: 0 },
    hasFaults: false,
    greatestDelayUs: 0,
    isLossy: false,
    deltaMs: DELTA_MS,
    ttlMs: TTL_MS,
    handlingUs: () => 0,
    ...changes,
  };
}

export const LYING_FOUR = { lying: ["bank-4"], gone: [], byzantine: 1, crashed: 0 };

/** A block that a bank of a stage has signed, with references to its entries. */
export interface Staged {
  readonly block: FullBlock;
  readonly refs: readonly EntryRef[];
}

/**
 * Four banks whose machines do nothing: a test writes their blocks, and the checkers see them. Banks 1
 * and 2 have a swap, with a leg each.
 */
export class Stage {
  readonly corridor: TestCorridor = testCorridor(SHAPES[4]);
  readonly suite: PropertySuite;
  readonly world: World;
  readonly sid: Hash;
  readonly announcement: Bytes;
  readonly #heads = new Map<number, { readonly seq: number; readonly hash: Hash }>();

  constructor(changes: Partial<RunConditions> = {}) {
    const { genesis, signatures } = this.corridor;
    const { verifier } = signatures;
    const prng = Prng.fromSeed(1);
    this.suite = new PropertySuite({ genesis, verifier, conditions: conditions(changes), prng });
    this.world = new World({
      banks: range(4).map((bank) => ({
        id: `bank-${bank}`,
        config: configOf(this.corridor, bank),
      })),
      prng,
      startAt: fromMs(EPOCH_START_MS),
      wire: PERFECT_WIRE,
      costs: FREE,
      cores: Infinity,
      watchers: [this.suite.watcher],
    });
    this.suite.begin(this.world);
    const announced = this.announce(1);
    this.sid = announced.sid;
    this.announcement = announced.bytes;
  }

  announce(number: number): { readonly sid: Hash; readonly bytes: Bytes } {
    return announcementOf(
      this.corridor,
      agreeSwap(this.corridor, { number, legs: ringLegs([1, 2]) }),
    );
  }

  seat(bank: number): Seat {
    return this.world.seat(`bank-${bank}`);
  }

  /** The next block of a bank becomes durable. */
  block(
    bank: number,
    corridor: readonly (CorridorEntry | Bytes)[],
    domestic: readonly DomesticEntry[] = [],
    place: { readonly seq?: number; readonly prev?: Hash } = {},
  ): Staged {
    const head = this.#heads.get(bank) ?? { seq: 0, hash: ZERO_HASH };
    const block = sealBlock(
      {
        net: this.corridor.genesis.net,
        bank,
        epoch: EPOCH,
        seq: head.seq + 1,
        prev: head.hash,
        timeMs: EPOCH_START_MS,
        corridor: corridor.map((e) =>
          e instanceof Uint8Array ? e : encode(corridorEntryLayout, e),
        ),
        domestic: domestic.map((entry) => encode(domesticEntryLayout, entry)),
        ...place,
      },
      signerOf(this.corridor, bank),
    );
    const { seq } = block.header;
    this.#heads.set(bank, { seq, hash: block.hash });
    this.suite.watcher.onOwnBlock?.(this.seat(bank), block);
    const refs = corridor.map((_, index) => ({ bank, seq, index, blockHash: block.hash }));
    return { block, refs };
  }

  lock(bank: number, sid = this.sid, leg = bank - 1): Staged {
    const announces = bank === 1 && sid === this.sid ? [this.announceEntry()] : [];
    const money = this.issue(bank, 1_000n);
    return this.block(
      bank,
      [...announces, { kind: CORRIDOR.LOCK, sid, leg }],
      [money, hold(sid, leg)],
    );
  }

  announceEntry(announcement = this.announcement): CorridorEntry {
    return { kind: CORRIDOR.ANNOUNCE, announcement };
  }

  issue(bank: number, amount: bigint): DomesticEntry {
    return {
      kind: DOMESTIC.ISSUE,
      account: accountName(bank),
      amount: amount as Amount,
      instruction: SIGNED,
      timeMs: EPOCH_START_MS,
      salt: SALT,
    };
  }

  /** Both legs are LOCKed, and the banks vote: the references to the votes. */
  commit(voters: readonly number[] = [1, 2, 3]): readonly EntryRef[] {
    this.lock(1);
    this.lock(2);
    return voters.flatMap((bank) => this.vote(bank));
  }

  vote(bank: number, sid = this.sid): readonly EntryRef[] {
    return this.block(bank, [{ kind: CORRIDOR.VOTE, sid }]).refs;
  }

  status(
    bank: number,
    view: number,
    locks: readonly EntryRef[] | null = null,
    lock: { view: number; decision: Decision; accepts: readonly EntryRef[] } | null = null,
  ): readonly EntryRef[] {
    return this.block(bank, [{ kind: CORRIDOR.STATUS, sid: this.sid, view, locks, lock }]).refs;
  }

  settle(bank: number, votes: readonly EntryRef[], sid = this.sid, leg = bank - 1): Staged {
    const certificate = { view: 0, decision: COMMIT, refs: votes } as const;
    return this.block(
      bank,
      [{ kind: CORRIDOR.SETTLE, sid, leg, grounds: certificate }],
      [{ kind: DOMESTIC.POST, sid, leg, salt: SALT }],
    );
  }

  /** What was found, by property; after the end when `ends`. */
  found(ends = false): readonly string[] {
    if (ends) this.suite.end();
    return this.suite.violations.map(({ property, detail }) => `${property} ${detail}`);
  }

  verdict(name: Property) {
    return this.suite.verdicts().find((row) => row.name === name);
  }
}

export const SALT: Bytes = new Uint8Array(16);
const SIGNED = { body: Uint8Array.of(1), signature: new Uint8Array(64) as Signature };

export function hold(sid: Hash, leg: number, amount = 10n): DomesticEntry {
  return {
    kind: DOMESTIC.HOLD,
    sid,
    leg,
    payer: accountName(leg + 1),
    payee: accountName(2 - leg),
    tag: null,
    amount: amount as Amount,
    terms: Uint8Array.of(1),
    termsSalt: new Uint8Array(32),
    flags: [],
    instruction: SIGNED,
    timeMs: EPOCH_START_MS,
    salt: SALT,
  };
}
