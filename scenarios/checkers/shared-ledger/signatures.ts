import type { Bytes } from "../../../crypto/bytes.ts";
import { decode } from "../../../crypto/canonical-layout.ts";
import { hashKey } from "../../../crypto/hash.ts";
import { unreachable } from "../../../crypto/outcome.ts";
import { leaderOf, parseChainBlock } from "../../../corridor/shared-ledger/block.ts";
import { stateRecordLayout } from "../../../corridor/shared-ledger/journal.ts";
import { parseChainMessage, type ChainMessage } from "../../../corridor/shared-ledger/messages.ts";
import { parseTransaction, type Transaction } from "../../../corridor/shared-ledger/transaction.ts";
import type { Genesis } from "../../../node/genesis.ts";
import {
  CHAIN_BLOCK,
  CHAIN_STATE,
  CHAIN_TRANSACTION,
  LEDGER_MAGIC,
  readRecord,
  RECORD_HEAD_BYTES,
} from "../../../node/ledger/record.ts";
import type { Seat } from "../../sim/seat.ts";

export type Signed = readonly [property: "SignOnce" | "WriteAhead", detail: string];

/** What an honest bank has signed, and what of it its disk has. */
interface Desk {
  /** How far its disk has been read. */
  read: number;
  /** Names of what is durable. */
  readonly durable: Set<string>;
  /** The block that it voted for, by view. */
  readonly votes: Map<number, string>;
  lastTimeout: number;
}

/** Looks at every message that an honest bank sends: what it signs, it signs once, and has on its disk. */
export class SignatureWatch {
  readonly #genesis: Genesis;
  readonly #term: number;
  readonly #desks = new Map<string, Desk>();
  #last: { readonly seat: Seat; readonly bytes: Bytes } | undefined;

  constructor(genesis: Genesis, term: number) {
    this.#genesis = genesis;
    this.#term = term;
  }

  onSend(seat: Seat, bytes: Bytes): readonly Signed[] {
    // A bank sends one and the same message to all others in turn.
    if (this.#last?.seat === seat && this.#last.bytes === bytes) return [];
    this.#last = { seat, bytes };
    const message = parseChainMessage(bytes, this.#genesis);
    if (!message.ok) return [["WriteAhead", "it sends a message that does not decode"]];
    const name = this.#nameOf(seat, message.value);
    if (name === undefined) return [];
    const desk = this.#deskOf(seat);
    this.#read(seat, desk);
    const found: Signed[] = [];
    if (!desk.durable.has(name)) found.push(["WriteAhead", `${name} leaves before it is durable`]);
    if (message.value.kind === "timeout") {
      desk.lastTimeout = Math.max(desk.lastTimeout, message.value.view);
    }
    if (message.value.kind !== "vote") return found;
    const { view, block } = message.value;
    const before = desk.votes.get(view);
    if (before !== undefined && before !== hashKey(block)) {
      found.push(["SignOnce", `two votes in view ${view}`]);
    }
    if (before === undefined && view <= desk.lastTimeout) {
      found.push(["SignOnce", `a vote in view ${view} after a timeout of ${desk.lastTimeout}`]);
    }
    desk.votes.set(view, hashKey(block));
    return found;
  }

  /** What the seat itself signed of a message, by name; nothing when it only passes on. */
  #nameOf({ config }: Seat, message: ChainMessage): string | undefined {
    const self: number = config.self;
    switch (message.kind) {
      case "vote":
        return voteName(message.view, hashKey(message.block));
      case "timeout":
        return timeoutName(message.view);
      case "propose": {
        const { header, key } = message.block;
        return leaderOf(this.#genesis, header.view, this.#term) === self
          ? `block ${key}`
          : undefined;
      }
      case "transaction":
      case "offer":
        return endorsementName(message.transaction, self);
      case "status":
      case "get":
        return undefined;
      default:
        return unreachable(message);
    }
  }

  #deskOf({ id }: Seat): Desk {
    const desk = this.#desks.get(id) ?? {
      read: LEDGER_MAGIC.length,
      durable: new Set<string>(),
      votes: new Map<number, string>(),
      lastTimeout: 0,
    };
    this.#desks.set(id, desk);
    return desk;
  }

  /** Reads what has become durable since the last time. */
  #read({ disk, config }: Seat, desk: Desk): void {
    if (disk.durable <= desk.read) return;
    const bytes = disk.read(desk.read, disk.durable - desk.read);
    for (let at = 0; at < bytes.length;) {
      const record = readRecord(bytes, at);
      if (typeof record === "string") break;
      for (const name of namesIn(record.kind, record.payload, this.#genesis, config.self)) {
        desk.durable.add(name);
      }
      at += RECORD_HEAD_BYTES + record.payload.length;
    }
    desk.read = disk.durable;
  }
}

const voteName = (view: number, block: string): string => `vote ${view} ${block}`;
const timeoutName = (view: number): string => `timeout ${view}`;

function endorsementName({ key, endorsements }: Transaction, self: number): string | undefined {
  return endorsements.some(({ bank }) => bank === self) ? `endorsement of ${key}` : undefined;
}

function namesIn(kind: number, payload: Bytes, genesis: Genesis, self: number): readonly string[] {
  if (kind === CHAIN_BLOCK) {
    const block = parseChainBlock(payload, genesis);
    return block.ok ? [`block ${block.value.key}`] : [];
  }
  if (kind === CHAIN_TRANSACTION) {
    const transaction = parseTransaction(payload, genesis);
    const name = transaction.ok ? endorsementName(transaction.value, self) : undefined;
    return name === undefined ? [] : [name];
  }
  if (kind !== CHAIN_STATE) return [];
  const state = decode(stateRecordLayout, payload);
  if (!state.ok) return [];
  const { vote, timeout } = state.value;
  return [
    ...(vote === null ? [] : [voteName(vote.view, hashKey(vote.block))]),
    ...(timeout === null ? [] : [timeoutName(timeout.view)]),
  ];
}
