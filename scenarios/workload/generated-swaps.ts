import { ok, type Outcome } from "../../crypto/outcome.ts";
import type { Amount } from "../../node/money.ts";
import type {
  GeneratedSwaps,
  GeneratedWorkload,
  Scenario,
  ScenarioBank,
  ScenarioMember,
} from "../scenario.ts";
import type { Prng } from "../sim/prng.ts";
import { drawSwaps } from "./drawn-swaps.ts";
import type { Funds, Refusal } from "./funds.ts";
import type { PlannedLeg, PlannedSwap } from "./plan.ts";
import { assignTraders, type Traders } from "./traders.ts";

/** Plans the swaps, in order of time, and takes what they need from the funds. */
export function generateSwaps(
  scenario: Scenario,
  { workload, swaps }: { readonly workload: GeneratedWorkload; readonly swaps: GeneratedSwaps },
  funds: Funds,
  prng: Prng,
): Outcome<readonly PlannedSwap[], Refusal> {
  const drawn = drawSwaps(swaps, scenario.rates, prng);
  if (!drawn.ok) return drawn;
  const traders = assignTraders(scenario, drawn.value, funds, prng.fork("members"));
  if (!traders.ok) return traders;
  const times = prng.fork("times");
  const initiated = drawn.value.map(() => times.int(0, workload.durationMs - 1));
  initiated.sort((a, b) => a - b);
  const screening = prng.fork("screening");
  const planned = drawn.value.map(({ route, sell, buy }, i): PlannedSwap => {
    const { seller, buyer } = traders.value[i] as Traders;
    return {
      id: `swap-${i + 1}`,
      initiatedMs: initiated[i] as number,
      screeningMs: screening.int(...workload.screeningMs),
      pair: `${route.sold.currency.code}/${route.bought.currency.code}`,
      legs: [
        legAt(route.sold, { payer: seller, payee: buyer, amount: sell }),
        legAt(route.bought, { payer: buyer, payee: seller, amount: buy }),
      ],
      tag: null,
      facts: [],
    };
  });
  return ok(planned);
}

interface Movement {
  readonly payer: ScenarioMember;
  readonly payee: ScenarioMember;
  readonly amount: Amount;
}

const legAt = ({ id, currency }: ScenarioBank, { payer, payee, amount }: Movement): PlannedLeg => ({
  bank: id,
  currency: currency.code,
  payer: payer.id,
  payee: payee.id,
  amount,
});
