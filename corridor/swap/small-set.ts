/** Legs or views, one bit each: there are at most 8 legs and 24 views. A bank keeps many swaps. */
export type SmallSet = number & { readonly __brand: "SmallSet" };

export const NONE = 0 as SmallSet;

export const includes = (set: SmallSet, member: number): boolean => (set & (1 << member)) !== 0;

export const including = (set: SmallSet, member: number): SmallSet =>
  (set | (1 << member)) as SmallSet;
