/** Bytes of one transaction, signatures included: a tag's definition is the longest that it carries. */
export const MAX_TRANSACTION_BYTES = 65_535;

/** Transactions of one block. */
export const MAX_BLOCK_TRANSACTIONS = 1_024;

/** Bytes of a block's transactions: what the journal allows for one record, less room for the header. */
export const MAX_BLOCK_PAYLOAD_BYTES = 229_376;

/** Bytes of a block's header: two certificates of 64 banks, and what stands around them. */
export const MAX_CHAIN_HEADER_BYTES = 16_384;

/** Actions of one batch. */
export const MAX_BATCH_ACTIONS = 256;

/** Transactions in the pool that one bank signed first, and their bytes. */
export const MAX_POOLED_PER_BANK = 4_096;
export const MAX_POOLED_BYTES_PER_BANK = 8_388_608;

/** Votes are kept for this many views above the highest certificate. */
export const MAX_VIEWS_AHEAD = 64;

/** Blocks kept whose parent is not known yet; the oldest goes first. */
export const MAX_ORPHANS = 64;

/** Blocks of one view that are kept: an honest leader proposes one. A certified one is always kept. */
export const MAX_VERSIONS_PER_VIEW = 4;

/** Certificates kept whose block is not known yet, and blocks asked for. */
export const MAX_WANTED = 64;

/** Certificates remembered as verified. */
export const MAX_REMEMBERED_CERTIFICATES = 256;

/** Results of executed blocks remembered: an older claim of a header is not voted for. */
export const MAX_REMEMBERED_ROOTS = 1_024;

/** Swaps that wait here for the other banks' signatures. */
export const MAX_OPEN_OFFERS = 65_536;

/** Closed swaps that the ledger remembers; beyond it, those that have expired are forgotten. */
export const MAX_CLOSED_SWAPS = 200_000;

/** How long after its submission a swap may expire at the latest, in milliseconds: one week. */
export const MAX_SWAP_LIFE_MS = 604_800_000;

/** Doublings of the view timer: with the usual 1.5 s, the longest wait is 25 minutes. */
export const MAX_DOUBLINGS = 10;

/** Blocks served for one GET, and their bytes. */
export const MAX_BLOCKS_SERVED = 256;
export const MAX_BYTES_SERVED = 4_194_304;

/** Own transactions sent again when a view timer runs out. */
export const MAX_SENT_AGAIN = 64;
