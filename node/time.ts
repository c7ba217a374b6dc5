/** A point in time: whole microseconds since the Unix epoch, as read by one bank's clock. */
export type Instant = number & { readonly __brand: "Instant" };

/** A length of time in whole milliseconds, as scenario files and announcements state it. */
export type DurationMs = number & { readonly __brand: "DurationMs" };

export const instant = (microseconds: number): Instant => microseconds as Instant;
export const durationMs = (milliseconds: number): DurationMs => milliseconds as DurationMs;

/** What formats carry: whole milliseconds since the Unix epoch, rounded down. */
export const toMs = (at: Instant): number => Math.floor(at / 1000);
export const fromMs = (milliseconds: number): Instant => (milliseconds * 1000) as Instant;

export const after = (at: Instant, wait: DurationMs): Instant => (at + wait * 1000) as Instant;
