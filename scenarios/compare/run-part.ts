import { unreachable } from "../../crypto/outcome.ts";
import { countReasons, type ReasonCount } from "../measures/reasons.ts";
import { leftOf, riskSpells, type RiskSpell } from "../measures/principal-at-risk.ts";
import { measureRun, type RunValues } from "../measures/run-measures.ts";
import { sumSpells, type Spell, type SpellSum } from "../measures/spells.ts";
import { optionWindowMs } from "../measures/option-window.ts";
import { WorkMeter } from "../measures/work-meter.ts";
import { swapRow } from "../play/assemble.ts";
import { crossRate, USD } from "../rates.ts";
import type { PropertyRow, SwapRow } from "../run-result.ts";
import type { Scenario } from "../scenario.ts";
import { checkedRun } from "../simulated/run-simulated.ts";
import { planWorkload } from "../workload/plan-workload.ts";

/** Money on hold at a bank over a run. Amounts as decimal strings of minor units. */
export interface LiquidityPart {
  readonly bank: string;
  readonly currency: string;
  readonly peak: string;
  /** Minor units times seconds, rounded down. */
  readonly unitSeconds: string;
}

/** A member's principal at risk over a run. */
export interface ExposurePart {
  readonly member: string;
  readonly currency: string;
  readonly peak: string;
  readonly unitSeconds: string;
  /** What was paid for nothing, or was still unanswered at the end. */
  readonly lost: string;
}

/** What is kept of one run. */
export interface RunPart {
  readonly traceHash: string;
  readonly events: number;
  /** From the first to the last event, in virtual time. */
  readonly virtualMs: number;
  readonly values: RunValues;
  readonly properties: readonly PropertyRow[];
  readonly reasons: readonly ReasonCount[];
  readonly liquidity: readonly LiquidityPart[];
  readonly exposure: readonly ExposurePart[];
  readonly swaps: readonly SwapRow[];
}

/** Plays one run in virtual time, watched for all properties, and measures it. */
export function playPart(scenario: Scenario, volatility: number): RunPart {
  const plan = planWorkload(scenario);
  if (!plan.ok) throw new TypeError(`the workload of ${scenario.name} cannot be planned`);
  const meter = new WorkMeter();
  const { run, suite } = checkedRun(
    {
      scenario,
      plan: plan.value,
      onProgress: () => undefined,
      onEvent: () => undefined,
      onOpened: (world) => meter.start(world),
    },
    [meter.watcher],
  );
  run.advance(Infinity);
  suite.end();
  const { recorder, world } = run;
  const properties = suite.verdicts();
  const swaps = recorder.swaps.map((swap) => swapRow(scenario, swap));
  const held = heldSpells(swaps, world.now);
  const risk = swaps.flatMap((swap) => riskSpells(swap, world.now));
  const valuedRisk = inCents(risk, scenario);
  const values = measureRun({
    swaps,
    work: meter.read(world),
    held: summed(inCents(held, scenario)),
    atRisk: summed(valuedRisk),
    lostCents: valuedRisk === null ? null : leftOf(valuedRisk),
    optionWindowMs: optionWindowMs(scenario),
    volatility,
    violated: properties.filter(({ verdict }) => isBroken(verdict)).length,
  });
  return {
    traceHash: world.traceHash(),
    events: world.events,
    virtualMs: run.durationMs,
    values,
    properties,
    reasons: countReasons(swaps, "settled"),
    liquidity: scenario.banks.map(({ id, currency: { code } }) => {
      const sum = sumSpells(held.filter(({ currency }) => currency === code));
      return { bank: id, currency: code, ...rendered(sum) };
    }),
    exposure: exposureOf(risk),
    swaps,
  };
}

/** Whether a checker saw the property broken, for whatever reason. */
export function isBroken(verdict: PropertyRow["verdict"]): boolean {
  switch (verdict) {
    case "violated":
    case "documented":
    case "beyond budget":
      return true;
    case "holds":
    case "not applicable":
      return false;
    default:
      return unreachable(verdict);
  }
}

interface CurrencySpell extends Spell {
  readonly currency: string;
}

/** What was on hold for swaps, leg by leg; a hold that never ended lasts to the end of the run. */
function heldSpells(swaps: readonly SwapRow[], endUs: number): readonly CurrencySpell[] {
  return swaps.flatMap((swap) => {
    const legs = [
      [swap.sellCurrency, swap.sellAmount, swap.lockedSellUs, swap.finalSellUs],
      [swap.buyCurrency, swap.buyAmount, swap.lockedBuyUs, swap.finalBuyUs],
    ] as const;
    return legs.flatMap(([currency, amount, fromUs, finalUs]) =>
      fromUs === 0 ? [] : [{ currency, amount: BigInt(amount), fromUs, toUs: finalUs || endUs }],
    );
  });
}

/** The same spells in US cents at the scenario's rates, rounded down; `null` if one has no rate. */
function inCents<S extends CurrencySpell>(
  spells: readonly S[],
  { rates, banks }: Pick<Scenario, "rates" | "banks">,
): readonly S[] | null {
  if (rates === null) return null;
  const rateOf = new Map(
    banks.map(({ currency }) => [currency.code as string, crossRate(rates, currency, USD)]),
  );
  const valued: S[] = [];
  for (const spell of spells) {
    const rate = rateOf.get(spell.currency);
    if (rate === undefined) return null;
    valued.push({ ...spell, amount: (spell.amount * rate.numerator) / rate.denominator });
  }
  return valued;
}

const summed = (spells: readonly Spell[] | null): SpellSum | null =>
  spells === null ? null : sumSpells(spells);

const MICROS_PER_SECOND = 1_000_000n;

const rendered = ({ peak, unitMicros }: SpellSum) => ({
  peak: String(peak),
  unitSeconds: String(unitMicros / MICROS_PER_SECOND),
});

function exposureOf(risk: readonly RiskSpell[]): readonly ExposurePart[] {
  const keyOf = ({ member, currency }: RiskSpell): string => `${member} ${currency}`;
  return [...Map.groupBy(risk, keyOf)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, spells]) => {
      const [{ member, currency } = { member: "", currency: "" }] = spells;
      const lost = String(leftOf(spells));
      return { member, currency, ...rendered(sumSpells(spells)), lost };
    });
}
