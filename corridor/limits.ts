export { MAX_LEGS } from "../node/limits.ts";

/** Swaps that a bank keeps open at once; a further announcement waits until one is decided. */
export const MAX_OPEN_SWAPS = 200_000;

/** Swaps known only by an entry, whose announcement is being fetched, per author of such entries. */
export const MAX_STUBS_PER_BANK = 4_096;

/** Entries of one bank kept for one swap before its announcement arrives: an honest one has about a hundred. */
export const MAX_STUB_ENTRIES_PER_BANK = 128;

/** Places where one bank may have signed the same step of a swap, one per branch shown to a bank. */
export const MAX_PLACES_PER_STEP = 64;

/** Different STATUSes, or LEADs, of one bank and view: an honest bank signs one. */
export const MAX_VERSIONS_PER_VIEW = 4;

/** Blocks accepted beyond a gap in one bank's log (protocols.md 3.10). */
export const MAX_BLOCKS_BEYOND_GAP = 1_024;

/** Blocks of one forked log that are kept beside the first branch though nobody refers to them. */
export const MAX_BRANCH_BLOCKS_PER_BANK = 256;

/** Blocks of one forked log that are kept beside the first branch in all. */
export const MAX_WANTED_BLOCKS_PER_BANK = 4_096;

/** Questions after a decided swap that wait until its certificate is in the journal. */
export const MAX_OWED_ANSWERS = 4_096;

/** Headers of one bank's log kept at hand for EVIDENCE: forks are noticed soon after they are made. */
export const MAX_RECENT_HEADERS = 1_024;

/** How often banks compare how far their copies reach, besides on every new link, in milliseconds. */
export const HEADS_EVERY_MS = 2_000;

/** The longest pause before a bank asks again for an announcement or terms, in milliseconds. */
export const MAX_ASKING_PAUSE_MS = 60_000;

/** Blocks served for one GET: the asker asks again. */
export const MAX_BLOCKS_PER_GET = 64;

/** Bytes served for one GET: a quarter of a link's queue. */
export const MAX_BYTES_PER_GET = 1_048_576;

/** Submissions that wait for the other side's announcement. */
export const MAX_WAITING_SUBMISSIONS = 65_536;

/** Inputs kept while a started bank asks its peers for its own newest block. */
export const MAX_INPUTS_WHILE_CHECKING = 65_536;

/** Views of one swap: timers double, so view 24 lies months away. */
export const MAX_VIEW = 24;

/** Peer blocks received and not yet written, in bytes; above it they are written without an own block. */
export const MAX_UNWRITTEN_PEER_BYTES = 1_048_576;

/** Broken messages or slow signature checks after which a peer is disconnected. */
export const MAX_VIOLATIONS = 5;

/** Inputs that fail at the wire are forgiven at this pace, in milliseconds each. */
export const VIOLATION_FORGIVEN_MS = 60_000;
