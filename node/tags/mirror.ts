import type { Books } from "../accounts/books.ts";
import { isHashText, type Facts } from "../facts.ts";
import type { AccountId } from "../ids.ts";
import { subtractAmounts, type Amount } from "../money.ts";
import { lineHoldingKey, type EstimateLine, type Tag } from "./tag.ts";

/** The tag of this bank under which the money of a carried leg arrives. */
export function mirrorOf({ tags }: Pick<Books, "tags">, facts: Facts): Tag | undefined {
  const named = facts.get("carry");
  return named !== undefined && isHashText(named) ? tags.get(named) : undefined;
}

const lineOf = ({ lines }: Tag, facts: Facts): EstimateLine | undefined =>
  lines.get(facts.get("line") ?? "");

/** What may still arrive under the line that the facts name. */
export function lineRemainderOf(mirror: Tag, facts: Facts): bigint | undefined {
  const line = lineOf(mirror, facts);
  return line === undefined ? undefined : line.maxAmount - line.paidIn;
}

/** Reserves the line while the leg is held; `release` gives it back. */
export function reserveMirror(mirror: Tag, facts: Facts, amount: Amount): void {
  const line = lineOf(mirror, facts);
  if (line !== undefined) line.paidIn = (line.paidIn + amount) as Amount;
}

export function freeMirror(mirror: Tag, facts: Facts, amount: Amount): void {
  const line = lineOf(mirror, facts);
  if (line !== undefined) line.paidIn = subtractAmounts(line.paidIn, amount);
}

/** The money of the carried leg begins its life under the mirror tag. */
export function openMirror(mirror: Tag, facts: Facts, payee: AccountId, amount: Amount): void {
  mirror.issued = (mirror.issued + amount) as Amount;
  mirror.held = (mirror.held + amount) as Amount;
  const key = lineHoldingKey(payee, facts.get("line") ?? "");
  mirror.lineHoldings.set(key, ((mirror.lineHoldings.get(key) ?? 0n) + amount) as Amount);
  mirror.holders.add(payee);
  mirror.depths.set(payee, Math.max(mirror.depths.get(payee) ?? 0, 1));
}
