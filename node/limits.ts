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

/** Payees that one tag names. */
export const MAX_TAG_PAYEES = 1_000;

/** Open holds that one member may have: a counterparty that falls silent ties up no more (griefing). */
export const MAX_OPEN_HOLDS_PER_MEMBER = 65_536;
