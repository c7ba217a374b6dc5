import { bytesToHex, concatBytes, type Bytes } from "../../crypto/bytes.ts";
import { digest, hashKey } from "../../crypto/hash.ts";
import type { BankMachine } from "../../corridor/bank-state.ts";
import { leaderOf } from "../../corridor/certified/slow-path.ts";
import type { Swap } from "../../corridor/swap/swap.ts";
import { isCertificate, type CorridorEntry, type EntryRef } from "../../corridor/entries.ts";
import { headHash } from "../../corridor/logs.ts";
import { parseMessage } from "../../corridor/messages.ts";
import { parseFullBlock, parsePublicBlock, type Block } from "../../node/ledger/block.ts";
import { LEDGER_MAGIC, OWN_BLOCK, parseLedgerFile } from "../../node/ledger/record.ts";
import { entriesOf } from "../checkers/conduct.ts";
import type { Seat } from "./seat.ts";

/**
 * Names for blocks, messages and banks' states, such that what has one name has one future, up to the
 * names themselves. States that differ only as follows have one name, and no behaviour is lost by it:
 *
 * - The order of what a bank keeps as a set: copies of peers' blocks in its file, VOTEs, ACCEPTs,
 *   CONFIRMs and LOCKs seen. Where it picks q of more than q, or the first of several, the order counts
 *   and is kept.
 * - Header times, salts and signatures of blocks: no bank acts on a peer's time, and its own clock is
 *   part of its state. So blocks are named by their place and entries, references by the blocks' names.
 * - The order of the references within one certificate: it is checked as a set.
 * - Reports, and times kept for reports.
 */
export class Names {
  readonly #numbers = new Map<string, number>();
  readonly #byHash = new Map<string, number>();
  readonly #disks = new Map<Bytes, number>();
  readonly #liars: ReadonlySet<number>;

  constructor(liars: ReadonlySet<number>) {
    this.#liars = liars;
  }

  number(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(text, number);
    }
    return number;
  }

  block(block: Block): number {
    const key = hashKey(block.hash);
    const known = this.#byHash.get(key);
    if (known !== undefined) return known;
    const { bank, seq, prev } = block.header;
    const entries = entriesOf(block).map((entry) => this.entry(entry));
    const before = this.#liars.has(bank) ? ` after ${this.#hash(prev)}` : "";
    const number = this.number(`${bank}/${seq}${before} ${entries.join(" ")}`);
    this.#byHash.set(key, number);
    return number;
  }

  /** The name of the block of this hash, or the hash itself if no such block was seen. */
  #hash(hash: Bytes): string {
    const key = hashKey(hash);
    return `${this.#byHash.get(key) ?? key}`;
  }

  #ref(ref: EntryRef): string {
    return `${ref.bank}/${ref.seq}/${ref.index}/${this.#hash(ref.blockHash)}`;
  }

  #refs(refs: readonly EntryRef[]): readonly string[] {
    return refs.map((ref) => this.#ref(ref));
  }

  #set(refs: readonly EntryRef[]): string {
    return this.#refs(refs).toSorted(byText).join("+");
  }

  entry(entry: CorridorEntry): string {
    const fields: unknown[] = [entry.kind];
    if ("sid" in entry) fields.push(hashKey(entry.sid).slice(0, 8));
    if ("leg" in entry) fields.push(entry.leg);
    if ("view" in entry) fields.push(entry.view);
    if ("decision" in entry) fields.push(entry.decision);
    if ("locks" in entry) {
      const { locks, lock } = entry;
      fields.push(locks === null ? "-" : this.#refs(locks).join("+"));
      fields.push(lock === null ? "-" : [lock.view, lock.decision, this.#set(lock.accepts)]);
    }
    if ("grounds" in entry && isCertificate(entry.grounds)) {
      const { view, decision, refs } = entry.grounds;
      fields.push(view, decision, this.#set(refs));
    }
    if ("statuses" in entry) fields.push(this.#refs(entry.statuses).join("+"));
    if ("announcement" in entry) fields.push(bytesToHex(digest(entry.announcement)).slice(0, 16));
    if ("headerA" in entry) fields.push(bytesToHex(digest(entry.headerA)).slice(0, 16));
    return fields.join(":");
  }

  message(bytes: Bytes): number {
    const parsed = parseMessage(bytes);
    if (!parsed.ok) return this.number(`broken ${bytesToHex(bytes)}`);
    const { value: message } = parsed;
    if (message.kind === "push") return this.number(`push ${this.block(message.block)}`);
    if (message.kind === "heads") {
      const heads = message.heads.map(
        ({ bank, seq, hash }) => `${bank}/${seq}/${this.#hash(hash)}`,
      );
      const yours = message.yours === null ? "" : this.#hash(digest(message.yours.header));
      return this.number(`heads ${heads.join(" ")} yours ${yours}`);
    }
    if (message.kind === "get") {
      const tip = message.tip === null ? "" : this.#hash(message.tip);
      return this.number(`get ${message.bank} ${message.from} ${message.to} ${tip}`);
    }
    return this.number(`${message.kind} ${bytesToHex(digest(bytes))}`);
  }

  seat(seat: Seat): number {
    const { id, stopped, wakeAt, busy, skew, file, tail, machine } = seat;
    const state = machine === undefined ? null : this.#machine(machine);
    const disk = [this.#disk(file), this.#records(concatBytes(LEDGER_MAGIC, tail))];
    return this.number(JSON.stringify([id, stopped, wakeAt, busy, skew, disk, state]));
  }

  /** A bank's file is the same object until it grows. */
  #disk(file: Bytes): number {
    let number = this.#disks.get(file);
    if (number === undefined) {
      number = this.number(JSON.stringify(this.#records(file)));
      this.#disks.set(file, number);
    }
    return number;
  }

  /** The blocks of a ledger file: its own in order, the copies as a set. */
  #records(file: Bytes): unknown {
    const own: number[] = [];
    const copies: number[] = [];
    for (const { kind, payload } of parseLedgerFile(file).records) {
      const block = kind === OWN_BLOCK ? parseFullBlock(payload) : parsePublicBlock(payload);
      if (block.ok) (kind === OWN_BLOCK ? own : copies).push(this.block(block.value));
    }
    return [own, copies.toSorted(byNumber)];
  }

  #machine(machine: BankMachine): unknown {
    const { books, logs, swaps, deadlines, flight, pending, ...state } = machine.state;
    // Blocks have names before anything refers to them by their hashes.
    const unwritten = state.unwritten.map(({ block }) => this.block(block)).toSorted(byNumber);
    const flying = flight?.own === undefined ? flight !== undefined : this.block(flight.own.block);
    const seenAt = ([key, at]: readonly [string, unknown]): string =>
      `${this.#byHash.get(key) ?? key} ${String(at)}`;
    return [
      state.phase,
      state.now,
      [...books.balances].map(([key, b]) => `${key}=${b.posted}+${b.pending}`).toSorted(byText),
      [...logs.values()].map((log) => [
        log.linked,
        this.#hash(headHash(log)),
        [...log.beyond].map(([seq, held]) => `${seq} ${this.#hash(held.hash)}`).toSorted(byText),
        log.branches.map(({ seq, block }) => `${seq} ${this.#hash(block.hash)}`).toSorted(byText),
      ]),
      [...swaps.values()].map((swap) => this.#swap(machine, swap)).toSorted(byText),
      machine.state.decided.count,
      [...state.offers.keys()].toSorted(byText),
      [...state.convicted].toSorted(byNumber),
      deadlines.heap
        .map(({ at, deadline }) => `${at} ${JSON.stringify(deadline)}`)
        .toSorted(byText),
      state.wakeAt,
      [...state.answered].toSorted(byNumber),
      [...state.links].toSorted(byNumber),
      state.queued.length,
      [...state.stubsBy].filter(([, count]) => count > 0),
      [...state.violations].map(([bank, { count }]) => `${bank} ${count}`),
      [...state.fetches].map(([bank, f]) => [bank, f.peer, f.target, f.requested, f.since]),
      [...state.wanted].map(seenAt).toSorted(byText),
      state.owed.map((owed) => `${owed.asker} ${hashKey(owed.sid)}`).toSorted(byText),
      pending.map((group) => group.corridor.map((entry) => this.entry(entry))),
      unwritten,
      flying,
    ];
  }

  #swap(machine: BankMachine, swap: Swap): string {
    const { quorum } = machine.config.genesis;
    const authors = (box: ReadonlyMap<number, unknown>): readonly number[] =>
      box.size > quorum ? [...box.keys()] : [...box.keys()].toSorted(byNumber);
    const ballots = (box: Swap["accepts"]): readonly string[] =>
      [...box]
        .map(([key, votes]) => `${key} ${authors(votes).join(",")} ${this.#places(votes)}`)
        .toSorted(byText);
    const seen = ({ author, ref, entry }: Swap["early"][number]): string =>
      `${author} ${this.#ref(ref)} ${this.entry(entry)}`;
    // Whoever leads a view picks the first q STATUSes; to the others their order means nothing.
    const { self } = machine.config;
    const leads = swap.statuses.some(({ entry }) => leaderOf(machine, swap, entry.view) === self);
    const statuses = swap.statuses.map(seen);
    return JSON.stringify([
      swap.key,
      swap.announcement !== undefined,
      swap.announcedIn !== undefined,
      swap.stubOf,
      swap.early.map(seen).toSorted(byText),
      swap.terms?.instructions.length ?? -1,
      [swap.view, swap.wantedView, swap.voted, swap.refused, swap.unsealed, swap.closedDurably],
      [swap.locked, swap.led, swap.accepted, swap.confirmed, swap.closed],
      swap.lock ?? null,
      swap.locks.map((places) => this.#refs(places)),
      swap.participantRefused,
      [...swap.votes].map(([author, ref]) => `${author} ${this.#ref(ref)}`).toSorted(byText),
      leads ? statuses : statuses.toSorted(byText),
      swap.leads.map(seen),
      ballots(swap.accepts),
      ballots(swap.confirms),
      swap.certificate === undefined
        ? null
        : [swap.certificate.view, swap.certificate.decision, this.#set(swap.certificate.refs)],
    ]);
  }

  #places(votes: ReadonlyMap<number, readonly EntryRef[]>): string {
    return [...votes.values()]
      .map((places) => this.#refs(places).join("+"))
      .toSorted(byText)
      .join();
  }
}

const byNumber = (a: number, b: number): number => a - b;
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
