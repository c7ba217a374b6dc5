import { equalBytes } from "../../crypto/bytes.ts";
import { hashKey } from "../../crypto/hash.ts";
import type { SignedInstruction } from "../../node/instruction.ts";
import { after, durationMs } from "../../node/time.ts";
import { participantsOf } from "../announcement.ts";
import { report, send, type Step } from "../bank-state.ts";
import { addDeadline } from "../deadlines.ts";
import { MAX_LEGS } from "../limits.ts";
import { encodeGetAnnouncement, encodeGetTerms, encodeTerms } from "../messages.ts";
import { isCommitment, parseTerms } from "../terms.ts";
import { noted, type Swap, type SwapTerms } from "./swap.ts";

type TermsOffered = Pick<SwapTerms, "bytes" | "salt" | "instructions">;

/** Takes terms that match the commitment; instructions from both ways are put together. */
export function attachTerms(swap: Swap, offered: TermsOffered): boolean {
  const { announcement } = swap;
  if (announcement === undefined) return false;
  const { bytes, salt } = offered;
  const { commitment } = announcement;
  if (!isCommitment(commitment, bytes, salt)) return false;
  const terms = parseTerms(bytes);
  if (!terms.ok) return false;
  addTerms(swap, { ...offered, terms: terms.value, commitment });
  return true;
}

/** Takes terms that are known to match the swap's commitment. */
export function addTerms(swap: Swap, agreed: SwapTerms): void {
  const { instructions } = agreed;
  const known = swap.terms?.instructions ?? [];
  const isKnown = (signed: SignedInstruction): boolean =>
    known.some((k) => equalBytes(k.body, signed.body) && equalBytes(k.signature, signed.signature));
  const more = instructions.filter((signed) => !isKnown(signed));
  const all = [...known, ...more].slice(0, 2 * MAX_LEGS);
  swap.terms = { ...agreed, instructions: all };
}

/** Uses what the own member submitted before the other bank announced the swap. */
export function useOffer(step: Step, swap: Swap): void {
  const { announcement } = swap;
  if (announcement === undefined) return;
  const key = hashKey(announcement.commitment);
  const offer = step.state.offers.get(key);
  if (offer === undefined) return;
  step.state.offers.delete(key);
  addTerms(swap, offer.agreed);
  noted(swap.times, "received", offer.received);
}

/** Sends the terms to the other banks taking part, on their own links, never relayed. */
export function deliverTerms(step: Step, swap: Swap): void {
  const { announcement } = swap;
  if (announcement === undefined) return;
  for (const bank of participantsOf(announcement)) {
    if (bank !== step.config.self) sendTerms(step, swap, bank);
  }
}

export function sendTerms(step: Step, swap: Swap, bank: number): void {
  const { announcement, terms, sid, key } = swap;
  if (announcement === undefined || terms === undefined) return;
  if (!participantsOf(announcement).includes(bank)) return;
  const { bytes, salt, instructions } = terms;
  const fields = { sid, terms: bytes, salt, instructions: instructions.slice(0, MAX_LEGS) };
  const message = encodeTerms(fields);
  step.config.made?.(message, { kind: "terms", ...fields });
  send(step, bank, message);
  if (step.config.trace && step.state.links.has(bank)) {
    const { length } = message;
    const traced = { direction: "out", message: "TERMS", peer: bank, sid: key } as const;
    report(step, { kind: "private", ...traced, bytes: length });
  }
}

/** Tells the other banks taking part why this one refused. */
export function deliverDecline(step: Step, swap: Swap): void {
  const { announcement, decline } = swap;
  if (announcement === undefined || decline === undefined) return;
  for (const bank of participantsOf(announcement)) {
    if (bank !== step.config.self) send(step, bank, decline);
  }
}

/** Asks again for what a swap still lacks: its announcement, or the terms of an own leg. */
export function askForMissing(step: Step, swap: Swap): boolean {
  const { announcement, sid } = swap;
  if (announcement === undefined) {
    for (const peer of step.state.links) send(step, peer, encodeGetAnnouncement({ sid }));
    return true;
  }
  if (swap.myLegs.length === 0 || swap.terms !== undefined || swap.wantedView > 0) return false;
  for (const bank of participantsOf(announcement)) {
    if (bank !== step.config.self) send(step, bank, encodeGetTerms({ sid }));
  }
  return true;
}

/** Terms or an announcement normally come with the block that made them wanted; ask if they do not. */
export function askSoon(step: Step, swap: Swap): void {
  const waitMs = step.config.genesis.deltaMs;
  const at = after(step.now, durationMs(waitMs));
  addDeadline(step.state.deadlines, at, { kind: "swap-missing", key: swap.key, waitMs });
}
