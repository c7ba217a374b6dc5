import {
  lastOfTerm,
  leaderOf,
  sealChainBlock,
  type ChainBlock,
  type ChainHeader,
} from "../../corridor/shared-ledger/block.ts";
import {
  genesisCertificate,
  signTimeout,
  signVote,
  type QuorumCertificate,
  type TimeoutCertificate,
} from "../../corridor/shared-ledger/certificates.ts";
import {
  encodePropose,
  encodeStatus,
  encodeTimeout,
  encodeTransactionMessage,
  encodeVote,
  parseChainMessage,
  type ChainMessage,
} from "../../corridor/shared-ledger/messages.ts";
import { stateRecordLayout } from "../../corridor/shared-ledger/journal.ts";
import { openValidator } from "../../corridor/shared-ledger/open-validator.ts";
import type { ChainParameters, Validator } from "../../corridor/shared-ledger/state.ts";
import {
  ACTION,
  encodeBody,
  endorse,
  parseTransaction,
  TRANSACTION,
  type Action,
  type Transaction,
} from "../../corridor/shared-ledger/transaction.ts";
import { stepValidator } from "../../corridor/shared-ledger/validator.ts";
import type { Report } from "../../corridor/report.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { concatBytes } from "../../crypto/bytes.ts";
import { decode } from "../../crypto/canonical-layout.ts";
import { bankNumber } from "../../node/ids.ts";
import { CHAIN_STATE, LEDGER_MAGIC, parseLedgerFile } from "../../node/ledger/record.ts";
import type { Effect, Input } from "../../node/machine.ts";
import { fromMs, instant, type Instant } from "../../node/time.ts";
import {
  configOf,
  EPOCH_START_MS,
  fixedCorridor,
  modelledSignatures,
  signerOf,
  type CorridorShape,
  type FixedCorridor,
} from "../../scenarios/explore/corridor.ts";

/** One validator on the bench; the other banks' words are put into its ears with their own keys. */
export class Lab {
  readonly corridor: FixedCorridor;
  readonly parameters: ChainParameters;
  readonly self: number;
  validator: Validator;
  now: Instant = fromMs(EPOCH_START_MS);
  journal: Bytes = LEDGER_MAGIC;
  readonly sent: { readonly to: number; readonly message: ChainMessage }[] = [];
  readonly reports: Report[] = [];
  stopped: string | undefined;
  #unflushed: Bytes | undefined;
  #startedAt = 0;

  constructor(
    self: number,
    parameters: ChainParameters,
    shape: CorridorShape = { n: 4, b: 1, c: 0 },
  ) {
    this.corridor = fixedCorridor(shape, modelledSignatures());
    this.parameters = parameters;
    this.self = self;
    this.validator = this.open();
    this.start();
  }

  get genesis() {
    return this.corridor.genesis;
  }

  open(): Validator {
    const { parse: _, ...config } = { ...configOf(this.corridor, this.self), alone: true };
    const { records } = parseLedgerFile(this.journal);
    const opened = openValidator({ ...config, ...this.parameters }, records);
    if (!opened.ok) throw new Error(JSON.stringify(opened.error));
    return opened.value;
  }

  start(): void {
    this.feed({ kind: "start" });
    for (const { number } of this.genesis.banks) {
      if (number !== this.self) this.feed({ kind: "connected", peer: number });
    }
    this.settle();
    this.sent.length = 0;
    this.#startedAt = this.journal.length;
  }

  /** Ends the process; what was not durable is lost. */
  restart(): void {
    this.#unflushed = undefined;
    this.validator = this.open();
    this.start();
  }

  feed(input: Input): readonly Effect<Report>[] {
    const effects = stepValidator(this.validator, input, this.now);
    for (const effect of effects) this.#carryOut(effect);
    return effects;
  }

  #carryOut(effect: Effect<Report>): void {
    if (effect.kind === "append") this.#unflushed = effect.bytes;
    if (effect.kind === "report") this.reports.push(effect.report);
    if (effect.kind === "stop") this.stopped = effect.code;
    if (effect.kind !== "send") return;
    const message = parseChainMessage(effect.bytes, this.genesis);
    if (!message.ok) throw new Error(JSON.stringify(message.error));
    this.sent.push({ to: effect.to, message: message.value });
  }

  /** Lets the validator write what it has, and makes it durable. */
  settle(): this {
    this.feed({ kind: "idle" });
    this.flush();
    this.feed({ kind: "idle" });
    return this.flush();
  }

  flush(): this {
    if (this.#unflushed === undefined) return this;
    this.journal = concatBytes(this.journal, this.#unflushed);
    this.#unflushed = undefined;
    this.feed({ kind: "durable", size: this.journal.length });
    return this;
  }

  wait(ms: number): this {
    this.now = instant(this.now + ms * 1000);
    this.feed({ kind: "wake" });
    return this.settle();
  }

  hear(from: number, bytes: Bytes): this {
    this.feed({ kind: "frame", from: bankNumber(from), bytes });
    return this.settle();
  }

  // --- What others say.

  leader(view: number): number {
    return leaderOf(this.genesis, view, this.parameters.term);
  }

  get genesisQc(): QuorumCertificate {
    return genesisCertificate(this.genesis);
  }

  /** A block of the view's leader; without more, it follows `justify` and claims what is right. */
  block(
    view: number,
    justify: QuorumCertificate,
    more: Partial<ChainHeader> & { readonly transactions?: readonly Transaction[] } = {},
  ): ChainBlock {
    const { transactions = [], ...changes } = more;
    const parent = this.#known.get(justify.block.join());
    const header = {
      net: this.genesis.net,
      view,
      height: (parent?.header.height ?? 0) + 1,
      justify,
      timeouts: null,
      timeMs: Math.max(EPOCH_START_MS, parent?.header.timeMs ?? 0),
      finalHeight: 0,
      finalRoot: this.rootAt(0),
      ...changes,
    };
    const block = sealChainBlock(header, transactions, signerOf(this.corridor, this.leader(view)));
    this.#known.set(block.hash.join(), block);
    return block;
  }
  readonly #known = new Map<string, ChainBlock>();

  rootAt(height: number) {
    const known = this.validator.state.roots.get(height);
    if (known === undefined) throw new Error(`nothing is known of height ${height}`);
    return known.root;
  }

  qc({ header: { view }, hash: block }: ChainBlock, voters = this.quorum()): QuorumCertificate {
    const votes = voters.map((bank) => ({
      bank,
      signature: signVote(this.genesis, { view, block }, signerOf(this.corridor, bank)),
    }));
    return { view, block, votes };
  }

  tc(view: number, highView = 0, banks = this.quorum()): TimeoutCertificate {
    const timeouts = banks.map((bank) => ({
      bank,
      highView,
      signature: signTimeout(this.genesis, { view, highView }, signerOf(this.corridor, bank)),
    }));
    return { view, timeouts };
  }

  /** The first q banks. */
  quorum(): readonly number[] {
    return this.genesis.banks.slice(0, this.genesis.quorum).map(({ number }) => number);
  }

  hearBlock(block: ChainBlock): this {
    return this.hear(this.leader(block.header.view), encodePropose(block));
  }

  hearVote(from: number, { header: { view }, hash: block }: ChainBlock): this {
    const signature = signVote(this.genesis, { view, block }, signerOf(this.corridor, from));
    return this.hear(from, encodeVote({ view, block, signature }));
  }

  hearTimeout(from: number, view: number, highQc = this.genesisQc): this {
    const body = { view, highView: highQc.view };
    const signature = signTimeout(this.genesis, body, signerOf(this.corridor, from));
    return this.hear(from, encodeTimeout({ view, signature, highQc }));
  }

  hearStatus(from: number, highQc: QuorumCertificate, timeouts: TimeoutCertificate | null = null) {
    return this.hear(from, encodeStatus({ highQc, timeouts, yours: null }));
  }

  batch(bank: number, number: number, actions: readonly Action[] = [{ kind: ACTION.RETURNS }]) {
    const { net } = this.genesis;
    const bodyBytes = encodeBody({ kind: TRANSACTION.BATCH, net, bank, number, actions });
    const own = { bank, instructions: [] };
    const bytes = endorse(
      this.genesis,
      { bodyBytes, endorsements: [] },
      own,
      signerOf(this.corridor, bank),
    );
    const transaction = parseTransaction(bytes, this.genesis);
    if (!transaction.ok) throw new Error(transaction.error.code);
    return transaction.value;
  }

  hearTransaction(from: number, { bytes }: Transaction): this {
    return this.hear(from, encodeTransactionMessage(bytes));
  }

  // --- What it said.

  said<K extends ChainMessage["kind"]>(kind: K) {
    return this.sent.flatMap(({ to, message }) =>
      message.kind === kind
        ? [{ to, message: message as Extract<ChainMessage, { readonly kind: K }> }]
        : [],
    );
  }

  /** The views in which it has voted since the last start, in order, as its journal has them. */
  votes(): readonly number[] {
    return parseLedgerFile(this.journal).records.flatMap(({ kind, offset, payload }) => {
      const record = kind === CHAIN_STATE ? decode(stateRecordLayout, payload) : undefined;
      const isNew = offset >= this.#startedAt;
      return record?.ok === true && record.value.vote !== null && isNew
        ? [record.value.vote.view]
        : [];
    });
  }

  get state() {
    return this.validator.state;
  }

  lastOfTerm(view: number): number {
    return lastOfTerm(view, this.parameters.term);
  }
}
