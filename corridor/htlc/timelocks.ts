import type { AnnouncementOf } from "../announcement.ts";

type HtlcAnnouncement = Pick<AnnouncementOf<"htlc">, "legBanks" | "createdMs" | "params">;

/**
 * TimelockOrder: when the locks of a ring of k legs end, in milliseconds since the Unix epoch. Leg i is
 * locked i worst-case delays (D) after the start, the last leg is claimed first, and each claim makes the
 * one of the leg before possible: so T of the last leg is start + (k + 1)D + 2e, and each leg before it
 * lasts D + 2e longer (protocols.md 2.1). The second e lets a bank whose clock is ahead agree, too.
 */
export function untilMs(announcement: HtlcAnnouncement, leg: number): number {
  const { legBanks, createdMs, params } = announcement;
  const { deltaMaxMs: d, epsilonMs: e } = params;
  const k = legBanks.length;
  return createdMs + (k + 1) * d + 2 * e + (k - 1 - leg) * (d + 2 * e);
}

/** Until when, by its own clock, a bank may lock its leg: later, its claim could come too late. */
export function lockByMs(announcement: HtlcAnnouncement, leg: number): number {
  const { legBanks, params } = announcement;
  const { deltaMaxMs: d, epsilonMs: e } = params;
  const left = legBanks.length - leg;
  return untilMs(announcement, leg) - 2 * left * d - (2 * left - 1) * e;
}

/** Whether the lock of a leg lasts long enough after that of the next for the claim to follow. */
export function isInOrder(
  { deltaMaxMs: d, epsilonMs: e }: HtlcAnnouncement["params"],
  beforeMs: number,
  nextMs: number,
): boolean {
  return beforeMs >= nextMs + d + 2 * e;
}

/** Whether a claim sent now reaches the ledger in time; if not, the secret is never shown. */
export function mayClaim(
  { deltaMaxMs: d, epsilonMs: e }: HtlcAnnouncement["params"],
  nowMs: number,
  until: number,
): boolean {
  return nowMs + d + e < until;
}

/** Who may claim a leg: the bank of the next one; the leader claims the last. */
export const claimerOf = ({ legBanks }: Pick<HtlcAnnouncement, "legBanks">, leg: number): number =>
  legBanks[(leg + 1) % legBanks.length] as number;
