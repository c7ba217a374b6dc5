import { hashKey } from "../../../crypto/hash.ts";
import { MAX_DOUBLINGS } from "../../../corridor/shared-ledger/limits.ts";
import { hasReady } from "../../../corridor/shared-ledger/pool.ts";
import type { ChainParameters, FinalBlock } from "../../../corridor/shared-ledger/state.ts";
import { HEADS_EVERY_MS } from "../../../corridor/limits.ts";
import type { Genesis } from "../../../node/genesis.ts";
import { after, durationMs, instant, type Instant } from "../../../node/time.ts";
import type { PropertyRow } from "../../run-result.ts";
import { isUp, type Seat } from "../../sim/seat.ts";
import type { Watcher, World } from "../../sim/world.ts";
import type { Violation } from "../checker.ts";
import { isLiveBudget, isSafeBudget, renderBudget } from "../fault-budget.ts";
import type { RunConditions } from "../run-conditions.ts";
import type { RunSuite } from "../run-suite.ts";
import { ChainMoney } from "./money.ts";
import { CHAIN_PROPERTIES, CHAIN_PROPERTY_NAMES, type ChainProperty } from "./properties.ts";
import { SignatureWatch } from "./signatures.ts";

export interface ChainSuiteOptions {
  readonly genesis: Genesis;
  readonly conditions: RunConditions;
  readonly parameters: ChainParameters;
}

const VIOLATIONS_KEPT = 100;

/** Watches a world of validators for all properties of a shared ledger at once. */
export class ChainSuite implements RunSuite {
  readonly watcher: Watcher;
  readonly violations: Violation[] = [];
  readonly #counts = new Map<ChainProperty, { readonly first: Violation; count: number }>();
  readonly #conditions: RunConditions;
  readonly #parameters: ChainParameters;
  readonly #lying: ReadonlySet<string>;
  readonly #money = new ChainMoney();
  /** The final block of each height, and the results up to there, as first seen at an honest bank. */
  readonly #finals = new Map<number, { readonly key: string; readonly root: string }>();
  #world: World | undefined;
  #healedAt: Instant | undefined;
  #failedAtHealing = 0;

  constructor({ genesis, conditions, parameters }: ChainSuiteOptions) {
    this.#conditions = conditions;
    this.#parameters = parameters;
    const { lying } = conditions.budget;
    this.#lying = new Set(lying);
    const signatures = new SignatureWatch(genesis, parameters.term);
    this.watcher = {
      onFinal: (seat, final) => {
        if (!this.#isLying(seat)) this.#takeFinal(seat, final);
      },
      onSend: (seat, _to, bytes) => {
        if (this.#isLying(seat)) return;
        for (const [property, detail] of signatures.onSend(seat, bytes)) {
          this.#violated(property, seat, detail);
        }
      },
    };
  }

  begin(world: World): void {
    this.#world = world;
    const { hasFaults, isLossy } = this.#conditions;
    if (!hasFaults && !isLossy) this.#healedAt = world.now;
  }

  healed(): void {
    if (this.#world === undefined || this.#healedAt !== undefined) return;
    this.#healedAt = this.#world.now;
    const failed = this.#honest().map(({ validator }) => validator?.state.safety.failed ?? 0);
    this.#failedAtHealing = Math.max(0, ...failed);
  }

  livenessBound(): Instant {
    const now = this.#world?.now ?? instant(0);
    return this.#honest().some(hasOpenBusiness) ? (this.#boundOf() ?? now) : now;
  }

  end(): void {
    const now = this.#world?.now ?? instant(0);
    const bound = this.#boundOf();
    if (bound === undefined || now < bound) return;
    for (const seat of this.#honest().filter(hasOpenBusiness)) {
      const { swaps, pool } = seat.validator?.state ?? {};
      const open = `${swaps?.size ?? 0} swaps and ${pool?.waiting.size ?? 0} transactions are open`;
      this.#violated("Liveness", seat, open);
    }
  }

  /** The audit has its own verdict; nothing of it is needed here. */
  audited(): void {}

  verdicts(): readonly PropertyRow[] {
    return CHAIN_PROPERTY_NAMES.map((name, i) => ({
      name: `C${i + 1}`,
      meaning: `${name}: ${CHAIN_PROPERTIES[name]}`,
      ...this.#verdict(name),
    }));
  }

  #verdict(name: ChainProperty): Pick<PropertyRow, "verdict" | "detail"> {
    const { budget, deltaMs, greatestDelayUs } = this.#conditions;
    const found = this.#counts.get(name);
    const detail = found === undefined ? "" : renderFirst(found.first, found.count);
    const isWithin = name === "Liveness" ? isLiveBudget(budget) : isSafeBudget(budget);
    if (found !== undefined && !isWithin) {
      return { verdict: "beyond budget", detail: `${renderBudget(budget)}: ${detail}` };
    }
    if (name === "Liveness") {
      const why = !isLiveBudget(budget)
        ? `too few banks are up: ${renderBudget(budget)}`
        : this.#healedAt === undefined
          ? "the run ended before its network had healed"
          : greatestDelayUs !== undefined && greatestDelayUs > deltaMs * 1000
            ? "messages take longer than the corridor's figure for one delay"
            : undefined;
      if (why !== undefined) return { verdict: "not applicable", detail: why };
    }
    return { verdict: found === undefined ? "holds" : "violated", detail };
  }

  /**
   * After healing: the view timer that runs, those of b + c further leaders, each twice as long, and the
   * chain's delays; before that, what is unfinished may wait for its expiry, and for the next STATUS.
   */
  #boundOf(): Instant | undefined {
    if (this.#healedAt === undefined) return undefined;
    const { deltaMs, ttlMs, budget } = this.#conditions;
    const timers = budget.byzantine + budget.crashed + 2;
    let sum = 0;
    for (let i = 0; i < timers; i++) {
      sum += 6 * deltaMs * 2 ** Math.min(this.#failedAtHealing + i, MAX_DOUBLINGS);
    }
    const delays = (4 * this.#parameters.chain + 16) * deltaMs;
    // A bank that was cut off makes its peers wait once more when it joins in.
    return after(this.#healedAt, durationMs(2 * (sum + delays + HEADS_EVERY_MS) + 2 * ttlMs));
  }

  #takeFinal(seat: Seat, { block, executed, ledger }: FinalBlock): void {
    const { height } = block.header;
    const seen = { key: block.key, root: hashKey(ledger.root) };
    const known = this.#finals.get(height);
    if (known === undefined) {
      this.#finals.set(height, seen);
      for (const [property, detail] of this.#money.take(executed)) {
        this.#violated(property, seat, `block ${height}: ${detail}`);
      }
    } else if (known.key !== seen.key) {
      this.#violated("AgreementOfFinalBlocks", seat, `another block is final at height ${height}`);
    } else if (known.root !== seen.root) {
      this.#violated("AgreementOfFinalBlocks", seat, `other results at height ${height}`);
    }
  }

  #honest(): readonly Seat[] {
    return (this.#world?.seats ?? []).filter((seat) => isUp(seat) && !this.#isLying(seat));
  }

  /** A bank's second seat has its name, with an ending. */
  #isLying = ({ id, lie }: Seat): boolean =>
    lie !== undefined || [...this.#lying].some((bank) => id === bank || id === `${bank}-twin`);

  #violated(property: ChainProperty, seat: Seat, detail: string): void {
    const violation = { property, bank: seat.id, at: this.#world?.now ?? instant(0), detail };
    if (this.violations.length < VIOLATIONS_KEPT) this.violations.push(violation);
    const found = this.#counts.get(property);
    if (found === undefined) this.#counts.set(property, { first: violation, count: 1 });
    else found.count++;
  }
}

const hasOpenBusiness = ({ validator }: Seat): boolean =>
  validator !== undefined &&
  (validator.state.swaps.size > 0 ||
    hasReady(validator.state.pool, validator.state.ledger) ||
    validator.state.actions.length > 0);

function renderFirst({ bank, detail }: Violation, count: number): string {
  const more = count > 1 ? ` (and ${count - 1} more)` : "";
  return `${bank}: ${detail}${more}`;
}
