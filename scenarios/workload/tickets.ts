import { invariant } from "../../crypto/outcome.ts";
import type { Amount } from "../../node/money.ts";
import type { Prng } from "../sim/prng.ts";
import { drawWeight } from "./weights.ts";

/** No swap is worth less than a dollar. */
const LEAST_CENTS = 100n;

/** The smallest ticket is this part of the average one, so that a table shows no crumbs. */
const LEAST_PART = 50n;

/**
 * The values of `count` swaps in US cents: together exactly `total`, which is at least one dollar
 * each. Spread as payments are: most are small, a few large (about log-normal, with a standard
 * deviation of ln 2^1.5 = 1.04 in the exponent; the largest of 164 is some eight times the average).
 */
export function drawTickets(total: Amount, count: number, prng: Prng): readonly Amount[] {
  const swaps = BigInt(count);
  invariant(count > 0 && total >= swaps * LEAST_CENTS, "Tickets", `${count} swaps of ${total}`);
  const part = total / swaps / LEAST_PART;
  const least = part > LEAST_CENTS ? part : LEAST_CENTS;
  const weights = Array.from({ length: count }, () => drawWeight(prng));
  const whole = weights.reduce((sum, weight) => sum + weight, 0n);
  const spread = total - swaps * least;
  const tickets = weights.map((weight) => least + (spread * weight) / whole);
  const left = Number(total - tickets.reduce((sum, ticket) => sum + ticket, 0n));
  return tickets.map((ticket, i) => (i < left ? ticket + 1n : ticket) as Amount);
}
