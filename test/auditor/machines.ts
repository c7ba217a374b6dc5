import { concatBytes, type Bytes } from "../../crypto/bytes.ts";
import { acceleratedVerifier } from "../../crypto/ed25519.ts";
import { invariant } from "../../crypto/outcome.ts";
import type { BankMachine } from "../../corridor/bank-state.ts";
import { stepBank } from "../../corridor/participant.ts";
import { openBank } from "../../corridor/replay.ts";
import type { Report } from "../../corridor/report.ts";
import type { Books } from "../../node/accounts/books.ts";
import {
  bindTransport,
  checkGenesis,
  quorumSize,
  type BankRecord,
  type Genesis,
} from "../../node/genesis.ts";
import { bankNumber } from "../../node/ids.ts";
import { opensslSigner, opensslVerifier } from "../../node/io/openssl.ts";
import { LEDGER_MAGIC } from "../../node/ledger/record.ts";
import type { Effect, Input } from "../../node/machine.ts";
import type { CurrencyCode } from "../../node/money.ts";
import { fromMs } from "../../node/time.ts";
import { bytesNamed } from "../bytes.ts";

export const verifier = acceleratedVerifier(opensslVerifier());

const ledgerSigner = (id: string) => opensslSigner(bytesNamed(`ledger key of ${id}`));

/** A corridor of banks with fixed keys that tolerates nothing: every bank is in every quorum. */
export function fixedGenesis(banks: readonly { id: string; currency: string }[]): Genesis {
  const records = banks.map(({ id, currency }, i): BankRecord => {
    const signer = ledgerSigner(id);
    const transportKey = opensslSigner(bytesNamed(`transport key of ${id}`)).publicKey;
    return {
      number: i + 1,
      id,
      name: `Bank ${id.toUpperCase()}`,
      currency: currency as CurrencyCode,
      decimals: 2,
      ledgerKey: signer.publicKey,
      transportKey,
      binding: bindTransport(transportKey, signer),
    };
  });
  const genesis = checkGenesis(
    {
      version: 1,
      name: "tiny",
      banks: records,
      byzantine: 0,
      crashed: 0,
      quorum: quorumSize(records.length, 0),
      deltaMs: 100,
      ttlMs: 1_000,
    },
    verifier,
  );
  invariant(genesis.ok, "Genesis", JSON.stringify(genesis));
  return genesis.value;
}

interface Desk {
  readonly machine: BankMachine;
  readonly inbox: Input[];
  ledger: Bytes;
  wakeMs: number | undefined;
}

/** Banks in one thread: every message arrives, every append is durable, and time moves when told. */
export class Machines {
  readonly genesis: Genesis;
  readonly reports: Report[] = [];
  nowMs: number;
  readonly #desks = new Map<number, Desk>();

  constructor(genesis: Genesis, startMs: number) {
    this.genesis = genesis;
    this.nowMs = startMs;
    for (const { number, id } of genesis.banks) {
      const opened = openBank(
        {
          genesis,
          self: number,
          signer: ledgerSigner(id),
          verifier,
          saltSecret: bytesNamed(`salt secret of ${id}`),
          trace: false,
          alone: true,
        },
        [],
      );
      invariant(opened.ok, "Genesis", "an empty ledger opens");
      const inbox: Input[] = [{ kind: "start" }];
      for (const peer of genesis.banks) {
        if (peer.number !== number) inbox.push({ kind: "connected", peer: peer.number });
      }
      const machine = opened.value;
      this.#desks.set(number, { machine, inbox, ledger: LEDGER_MAGIC, wakeMs: undefined });
    }
    this.settle();
  }

  ledger(bank: number): Bytes {
    return this.#desk(bank).ledger;
  }

  books(bank: number): Books {
    return this.#desk(bank).machine.state.books;
  }

  submit(bank: number, bytes: Bytes): void {
    this.#desk(bank).inbox.push({ kind: "instruction", bytes });
  }

  /** Serves all that is at hand, bank by bank, until nothing is left but timers. */
  settle(): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const desk of this.#desks.values()) {
        if (desk.inbox.length === 0) continue;
        moved = true;
        for (const input of desk.inbox.splice(0)) this.#step(desk, input);
        this.#step(desk, { kind: "idle" });
      }
    }
  }

  /** Lets timers come due in their order, up to `ms` from now. */
  pass(ms: number): void {
    const until = this.nowMs + ms;
    for (;;) {
      this.settle();
      const due = [...this.#desks.values()].filter((desk) => (desk.wakeMs ?? Infinity) <= until);
      const [first] = due.sort((a, b) => (a.wakeMs ?? 0) - (b.wakeMs ?? 0));
      if (first === undefined) break;
      this.nowMs = Math.max(this.nowMs, first.wakeMs ?? 0);
      first.wakeMs = undefined;
      first.inbox.push({ kind: "wake" });
    }
    this.nowMs = until;
  }

  #step(desk: Desk, input: Input): void {
    for (const effect of stepBank(desk.machine, input, fromMs(this.nowMs))) {
      this.#carryOut(desk, effect);
    }
  }

  #carryOut(desk: Desk, effect: Effect<Report>): void {
    const from = desk.machine.config.self;
    switch (effect.kind) {
      case "append":
        desk.ledger = concatBytes(desk.ledger, effect.bytes);
        desk.inbox.push({ kind: "durable", size: desk.ledger.length });
        return;
      case "send":
        this.#desk(effect.to).inbox.push({ kind: "frame", from, bytes: effect.bytes });
        return;
      case "send-stored":
        for (const { offset, length } of effect.blocks) {
          const bytes = concatBytes(effect.prefix, desk.ledger.slice(offset, offset + length));
          this.#desk(effect.to).inbox.push({ kind: "frame", from, bytes });
        }
        return;
      case "wake":
        desk.wakeMs = effect.at / 1000;
        return;
      case "report":
        this.reports.push(effect.report);
        return;
      case "drop":
      case "stop":
        throw new Error(`bank ${from}: ${JSON.stringify(effect)}`);
    }
  }

  #desk(bank: number): Desk {
    const desk = this.#desks.get(bankNumber(bank));
    if (desk === undefined) throw new RangeError(`no bank ${bank}`);
    return desk;
  }
}
