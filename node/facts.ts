import { list, text, tuple, type LayoutValue } from "../crypto/canonical-layout.ts";

/** Facts of one payment: the travel rule asks for the most, about a dozen. */
export const MAX_FACTS = 16;

export const factNameLayout = text<string>(24, { min: 1, pattern: /^[a-z][a-z0-9-]*$/ });
export const factValueLayout = text<string>(140, { min: 1 });

/** What a payment says of itself beside money and parties, such as a purpose code or a document's hash. */
export const factsLayout = list(tuple({ name: factNameLayout, value: factValueLayout }), MAX_FACTS);

export type Fact = LayoutValue<typeof factsLayout>[number];

/** Facts by name; when a name stands twice, the first counts. */
export type Facts = ReadonlyMap<string, string>;

export const NO_FACTS: Facts = new Map();

export function factsOf(stated: readonly Fact[]): Facts {
  if (stated.length === 0) return NO_FACTS;
  const facts = new Map<string, string>();
  for (const { name, value } of stated) if (!facts.has(name)) facts.set(name, value);
  return facts;
}

/** A fact that is a whole number from 0 to 2^63 - 1 in decimal digits without leading zeros. */
export function numberOf(value: string | undefined): bigint | undefined {
  if (value === undefined || !/^(0|[1-9][0-9]{0,18})$/.test(value)) return undefined;
  const number = BigInt(value);
  return number < 2n ** 63n ? number : undefined;
}

/** A fact that is a hash: 64 hex digits in lower case. */
export const isHashText = (value: string): boolean => /^[0-9a-f]{64}$/.test(value);
