/** Bytes of one scenario file or file of rates: ten thousand members fit. */
export const MAX_FILE_BYTES = 1_048_576;

/** Nesting of lists and maps: a scenario needs 6; the parser works by recursion. */
export const MAX_NESTING = 32;

/** Lexical tokens of one file: ten thousand members take about 300,000. */
export const MAX_TOKENS = 400_000;

/** Characters of one token, such as a quoted text or a comment. */
export const MAX_TOKEN_CHARACTERS = 65_536;

/** Problems listed at once; the rest are counted. */
export const MAX_PROBLEMS = 500;

/** Members of a scenario: far more than any corridor has, and still started within seconds. */
export const MAX_MEMBERS = 10_000;

/** Tags of a scenario. */
export const MAX_SCENARIO_TAGS = 1_000;

/** Swaps, and payments of each kind, of one run: a run keeps a row for each in memory. */
export const MAX_WORKLOAD_ITEMS = 100_000;

/** One day: no time-to-live, no fault and no swap of a scenario file lasts longer. */
export const MAX_DURATION_MS = 86_400_000;

/** When something of a workload happens at the latest: a leap year, as budgets end with the year. */
export const MAX_MOMENT_MS = 366 * 86_400_000;

/** How many times as fast the clocks of a live run go at most: a year in half a minute. */
export const MAX_PACE = 1_000_000;

/** A tag's validity: a leap year, as budgets end with the year. */
export const MAX_TAG_VALIDITY_MS = 366 * 86_400_000;

/** Faults of one scenario. */
export const MAX_FAULTS = 1_000;

/** Labels of one scenario: they stand on every output. */
export const MAX_LABELS = 16;

/** Rows and columns of a file of rates: forty years of business days, twice the banks of a corridor. */
export const MAX_RATE_ROWS = 10_000;
export const MAX_RATE_COLUMNS = 128;

/** Characters of a topology that is a path. */
export const MAX_TOPOLOGY_CHARACTERS = 200;

/** A terabit a second: beyond any link, and the arithmetic stays exact. */
export const MAX_BANDWIDTH_MBPS = 1_000_000;

/** An hour: a run that nobody ends is not to go on for ever. */
export const MAX_KEEP_OPEN_MS = 3_600_000;

/** One cost of a simulated run: a minute in microseconds. */
export const MAX_COST = 60_000_000;

/** A clock that gains or loses a tenth of the time: a thousand times worse than a poor quartz. */
export const MAX_CLOCK_DRIFT_PPM = 100_000;

/** How far apart two banks' clocks are taken to be at most where a scenario does not say: an assumption. */
export const DEFAULT_EPSILON_MS = 50;

/** How long a cycle of netting and its pay-in window last where a scenario does not say: assumptions. */
export const DEFAULT_CYCLE_MS = 60_000;
export const DEFAULT_PAY_IN_MS = 30_000;

/** Payments of one day of one bank: ten times what the largest RTGS systems settle, in about 1 GB of memory. */
export const MAX_DAY_PAYMENTS = 4_000_000;

/** Members of one bank on one day. */
export const MAX_DAY_MEMBERS = 1_000_000;

/** Bytes of a file of payments or opening balances: as many lines, of 64 bytes on average. */
export const MAX_DAY_FILE_BYTES = 64 * MAX_DAY_PAYMENTS;

/** Characters of a member's label or a payment's id in such a file. */
export const MAX_LABEL_CHARACTERS = 64;

/** Characters of a path in a scenario file. */
export const MAX_PATH_CHARACTERS = 4_096;

/** Members and payments of a day that is drawn from a seed; larger ones come from files. */
export const MAX_DRAWN_DAY_MEMBERS = 10_000;
export const MAX_DRAWN_DAY_PAYMENTS = 1_000_000;

/** Slices of a day: one for every quarter of an hour. */
export const MAX_PROFILE_SLICES = 96;

/** The median of drawn values: ten billion major units of two decimals. */
export const MAX_MEDIAN_VALUE = 1_000_000_000_000;
