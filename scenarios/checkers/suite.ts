import { decode } from "../../crypto/canonical-layout.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import type { Verifier } from "../../crypto/ed25519.ts";
import type { AuditReport } from "../../corridor/audit/audit.ts";
import { parseAnnouncement, swapIdOf } from "../../corridor/announcement.ts";
import { CORRIDOR, type CorridorEntryOf } from "../../corridor/entries.ts";
import { MESSAGE, parseMessage, readEntries, type ReadEntry } from "../../corridor/messages.ts";
import type { Genesis } from "../../node/genesis.ts";
import type { Block, FullBlock } from "../../node/ledger/block.ts";
import { domesticEntryLayout } from "../../node/ledger/domestic-entries.ts";
import { instant, type Instant } from "../../node/time.ts";
import type { PropertyRow } from "../run-result.ts";
import type { Prng } from "../sim/prng.ts";
import { isUp, type Seat } from "../sim/seat.ts";
import type { Watcher, World } from "../sim/world.ts";
import {
  PROPERTIES,
  PROPERTY_NAMES,
  type CheckerSetting,
  type MakeChecker,
  type Property,
  type PropertyChecker,
  type SeenBlock,
  type Violation,
} from "./checker.ts";
import { isWithinBudget, renderBudget } from "./fault-budget.ts";
import { abortNonTriviality } from "./properties/abort-non-triviality.ts";
import { atomicity } from "./properties/atomicity.ts";
import { certificateUniqueness } from "./properties/certificate-uniqueness.ts";
import { commitValidity } from "./properties/commit-validity.ts";
import { conservation } from "./properties/conservation.ts";
import { finality } from "./properties/finality.ts";
import { hashChain } from "./properties/hash-chain.ts";
import { idempotence } from "./properties/idempotence.ts";
import { lockLiveness, type LockLiveness } from "./properties/lock-liveness.ts";
import { noDoubleSpend } from "./properties/no-double-spend.ts";
import { nonRepudiation } from "./properties/non-repudiation.ts";
import { proofSoundness, type ProofSoundness } from "./properties/proof-soundness.ts";
import { unforgeability } from "./properties/unforgeability.ts";
import { writeAhead } from "./properties/write-ahead.ts";
import { meaningless, notPromised } from "./promises.ts";
import type { RunConditions } from "./run-conditions.ts";
import type { RunSuite } from "./run-suite.ts";
import { SignedRecord } from "./signed-record.ts";

export interface SuiteOptions {
  readonly genesis: Genesis;
  readonly verifier: Verifier;
  readonly conditions: RunConditions;
  readonly prng: Prng;
}

/** Violations that are kept word by word; all are counted. */
const VIOLATIONS_KEPT = 100;

/** Those that need nothing but the setting. P8 and P13 are told more, and P15 takes two runs. */
const CHECKERS: readonly MakeChecker[] = [
  atomicity,
  certificateUniqueness,
  commitValidity,
  abortNonTriviality,
  conservation,
  noDoubleSpend,
  finality,
  unforgeability,
  nonRepudiation,
  hashChain,
  writeAhead,
  idempotence,
];

/** Watches a world for all properties at once. Each block is taken apart once, for all of them. */
export class PropertySuite implements RunSuite {
  readonly watcher: Watcher;
  /** The first of them. */
  readonly violations: Violation[] = [];
  readonly #counts = new Map<Property, { readonly first: Violation; count: number }>();
  readonly #record: SignedRecord;
  readonly #checkers: readonly PropertyChecker[];
  readonly #hooks: Hooks;
  readonly #liveness: LockLiveness;
  readonly #proofs: ProofSoundness;
  readonly #conditions: RunConditions;
  readonly #lying: ReadonlySet<number>;
  #world: World | undefined;

  constructor(options: SuiteOptions) {
    const { genesis, conditions } = options;
    this.#conditions = conditions;
    const { lying } = conditions.budget;
    this.#lying = new Set(
      genesis.banks.flatMap((bank) => (lying.includes(bank.id) ? [bank.number as number] : [])),
    );
    const isHonestBank = (bank: number): boolean => !this.#lying.has(bank);
    this.#record = new SignedRecord(genesis.quorum, isHonestBank);
    const setting: CheckerSetting = {
      ...options,
      record: this.#record,
      isHonestBank,
      isHonest: (seat) => isHonestBank(seat.config.self),
      now: () => this.#world?.now ?? instant(0),
      violated: (property, seat, detail) => this.#violated(property, seat, detail),
    };
    this.#liveness = lockLiveness(setting);
    this.#proofs = proofSoundness(setting);
    this.#checkers = [...CHECKERS.map((make) => make(setting)), this.#liveness, this.#proofs];
    this.#hooks = hooksOf(this.#checkers);
    this.watcher = this.#watcher();
  }

  /** The world that is watched, as soon as it is there. */
  begin(world: World): void {
    this.#world = world;
    const { hasFaults, isLossy } = this.#conditions;
    if (!hasFaults && !isLossy) this.#liveness.healed(world.now);
  }

  /** The last fault is over: the liveness phase begins. */
  healed(): void {
    const { hasFaults, isLossy } = this.#conditions;
    if ((hasFaults || isLossy) && this.#world !== undefined) this.#liveness.healed(this.#world.now);
  }

  /** When the liveness phase is over at the latest; now, when no honest bank that is up has a hold. */
  livenessBound(): Instant {
    const now = this.#world?.now ?? instant(0);
    const hasHolds = this.#world?.seats.some(
      (seat) =>
        isUp(seat) &&
        !this.#lying.has(seat.config.self) &&
        (seat.machine?.state.books.holds.size ?? 0) > 0,
    );
    return hasHolds === true ? (this.#liveness.boundOf() ?? now) : now;
  }

  /** Nothing more happens in the world. */
  end(): void {
    const world = this.#world;
    if (world === undefined) return;
    for (const checker of this.#checkers) checker.atEnd?.(world);
  }

  /** The run's ledgers were audited: what that says of the proofs in them. */
  audited(audit: AuditReport): void {
    this.#proofs.audited(audit);
  }

  verdicts(): readonly PropertyRow[] {
    return PROPERTY_NAMES.map((name) => ({
      name,
      meaning: PROPERTIES[name],
      ...this.#verdict(name),
    }));
  }

  #verdict(name: Property): Pick<PropertyRow, "verdict" | "detail"> {
    const checker = this.#checkers.find(({ property }) => property === name);
    if (checker === undefined) {
      return { verdict: "not applicable", detail: "it takes two runs of the same seed" };
    }
    const { budget } = this.#conditions;
    const found = this.#counts.get(name);
    const detail = found === undefined ? "" : renderFirst(found.first, found.count);
    const why = found && notPromised(name, this.#conditions);
    if (why !== undefined) return { verdict: "documented", detail: `${why}: ${detail}` };
    if (found !== undefined && !isWithinBudget(budget, name)) {
      return { verdict: "beyond budget", detail: `${renderBudget(budget)}: ${detail}` };
    }
    const reason = meaningless(name, this.#conditions) ?? checker.notApplicable?.();
    if (reason !== undefined) return { verdict: "not applicable", detail: reason };
    return { verdict: found === undefined ? "holds" : "violated", detail };
  }

  #violated(property: Property, seat: Seat | undefined, detail: string): void {
    const at = this.#world?.now ?? instant(0);
    const violation: Violation = { property, bank: seat?.id ?? "", at, detail };
    if (this.violations.length < VIOLATIONS_KEPT) this.violations.push(violation);
    const found = this.#counts.get(property);
    if (found === undefined) this.#counts.set(property, { first: violation, count: 1 });
    else found.count++;
  }

  #watcher(): Watcher {
    const { steps, sends, reports } = this.#hooks;
    return {
      onOwnBlock: (seat, block) => this.#takeOwn(seat, block),
      onStep: (seat, input) => {
        for (const step of steps) step(seat, input);
      },
      onSend: (seat, to, bytes) => {
        if (this.#lying.has(seat.config.self)) this.#takeSent(bytes);
        for (const send of sends) send(seat, to, bytes);
      },
      onReport: (seat, report) => {
        for (const take of reports) take(seat, report);
      },
    };
  }

  /** A lying bank may send blocks that it never told its own machine of. */
  #takeSent(bytes: Bytes): void {
    if (bytes[0] !== MESSAGE.PUSH) return;
    const message = parseMessage(bytes);
    if (!message.ok || message.value.kind !== "push") return;
    const { block, entries } = message.value;
    const { bank, seq } = block.header;
    if (!this.#lying.has(bank) || this.#record.has(bank, seq, block.hash)) return;
    this.#take(block, entries, undefined);
  }

  #takeOwn(seat: Seat, block: FullBlock): void {
    const entries = readEntries(block);
    const { bank, seq } = block.header;
    if (this.#lying.has(bank)) {
      if (!this.#record.has(bank, seq, block.hash)) this.#take(block, entries, undefined);
      return;
    }
    const domestic = block.domestic.map((bytes) => {
      const entry = decode(domesticEntryLayout, bytes);
      return entry.ok ? entry.value : undefined;
    });
    const seen: SeenBlock = { seat, block, entries, domestic };
    for (const judge of this.#hooks.blocks) judge(seen);
    this.#take(block, entries, seen);
  }

  #take(block: Block, entries: readonly ReadEntry[], seen: SeenBlock | undefined): void {
    const { bank } = block.header;
    const note = this.#record.noteBlock(block, entries);
    for (const entry of entries) {
      if (entry === undefined) continue;
      if (entry.kind === CORRIDOR.EVIDENCE) {
        if (seen !== undefined) for (const judge of this.#hooks.evidence) judge(entry, seen);
        continue;
      }
      if (entry.kind === CORRIDOR.ANNOUNCE) {
        this.#announce(entry, note);
        continue;
      }
      const swap = this.#record.swapOf(entry.sid, note);
      const certified = this.#record.sign(swap, entry, bank);
      if (certified !== undefined) {
        for (const judge of this.#hooks.certificates) judge(swap, certified);
      }
      if (seen === undefined) continue;
      const before = this.#record.conductOf(swap, bank);
      for (const judge of this.#hooks.entries) judge(entry, swap, before, seen);
      this.#record.act(swap, entry, bank);
    }
    this.#record.forgetIfIdle(note);
  }

  #announce(
    { announcement }: CorridorEntryOf<typeof CORRIDOR.ANNOUNCE>,
    note: ReturnType<SignedRecord["noteBlock"]>,
  ): void {
    const parsed = parseAnnouncement(announcement);
    if (!parsed.ok) return;
    const swap = this.#record.swapOf(swapIdOf(announcement), note);
    swap.announced ??= parsed.value;
  }
}

/** What the checkers listen to, by kind: most of them listen to little. */
const hooksOf = (checkers: readonly PropertyChecker[]) => ({
  steps: checkers.flatMap(({ onStep }) => onStep ?? []),
  sends: checkers.flatMap(({ onSend }) => onSend ?? []),
  reports: checkers.flatMap(({ onReport }) => onReport ?? []),
  blocks: checkers.flatMap(({ onBlock }) => onBlock ?? []),
  entries: checkers.flatMap(({ onEntry }) => onEntry ?? []),
  evidence: checkers.flatMap(({ onEvidence }) => onEvidence ?? []),
  certificates: checkers.flatMap(({ onCertificate }) => onCertificate ?? []),
});

type Hooks = ReturnType<typeof hooksOf>;

function renderFirst({ bank, detail }: Violation, count: number): string {
  const more = count > 1 ? ` (and ${count - 1} more)` : "";
  return `${bank === "" ? "" : `${bank}: `}${detail}${more}`;
}
