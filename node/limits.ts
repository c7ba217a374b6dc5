/** Entries of one block: with 4,096 a block stays within one second of CPU at every peer. */
export const MAX_BLOCK_ENTRIES = 4096;

/** Bytes of one block in the journal: four 64 KiB entries, and well below a link's write buffer. */
export const MAX_BLOCK_BYTES = 262_144;

/** Bytes of one entry: the longest byte string of the encoding. */
export const MAX_ENTRY_BYTES = 65_535;

/**
 * How far below the highest number seen a member's number may lie and still be taken. Instructions of
 * one member reach a bank by two ways (its own, and with a counterparty's terms), so they may overtake
 * each other; 1,024 is more than a member has open at once (RFC 6479 calls it a replay window).
 */
export const NUMBER_WINDOW = 1024;

/** Accounts that one bank keeps. */
export const MAX_ACCOUNTS = 1_000_000;

/** Tags that one bank keeps. */
export const MAX_TAGS = 100_000;

/** Lines of one tag's estimate. */
export const MAX_ESTIMATE_LINES = 1_000;

/** Payees that one tag names: with 1,000 lines and the longest names a definition is below 60,000 bytes. */
export const MAX_TAG_PAYEES = 400;

/** Bytes of a tag's definition: with the instruction around it, it fits one entry. */
export const MAX_DEFINITION_BYTES = 60_000;

/** Contracts disclosed under one tag: ten for each line of the longest estimate. */
export const MAX_TAG_CONTRACTS = 10_000;

/** Documents used up as evidence under one tag: a hundred for each line of the longest estimate. */
export const MAX_TAG_EVIDENCE = 100_000;

/** Attestations that one bank keeps: one for each account. */
export const MAX_ATTESTATIONS = 1_000_000;

/** Sums that a bank keeps for the rules about totals: one for each account. */
export const MAX_TOTALS = 1_000_000;

/** Rules of one bank: the six countries of the corridor need about forty together. */
export const MAX_RULES = 200;

/** Rules that let one payment pass and note it. */
export const MAX_FLAGS = 16;

/** Legs of one swap: a vehicle currency needs three, a small ring a few more. */
export const MAX_LEGS = 8;

/** Open holds that one member may have: a counterparty that falls silent ties up no more (griefing). */
export const MAX_OPEN_HOLDS_PER_MEMBER = 65_536;
