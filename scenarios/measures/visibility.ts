import { decode, encode, text } from "../../crypto/canonical-layout.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { hashKey } from "../../crypto/hash.ts";
import type { LedgerAudit } from "../../corridor/audit/ledger-view.ts";
import { CORRIDOR, isClosing } from "../../corridor/entries.ts";
import { swapIdOf } from "../../corridor/announcement.ts";
import { parseTerms } from "../../corridor/terms.ts";
import { legTermsLayout, type LegTerms } from "../../node/terms.ts";
import { DOMESTIC, domesticEntryLayout } from "../../node/ledger/domestic-entries.ts";
import type { VisibilityRow } from "../run-result.ts";

/** A swap as the banks taking part know it: what others should not see. */
interface Secret {
  readonly sid: string;
  readonly banks: ReadonlySet<number>;
  readonly legs: readonly LegTerms[];
}

/**
 * What banks in each role could see, measured on what each one received: its ledger holds every block
 * that peers sent it. For each pair of a bank and a swap it looks for the announcement, for the encoded
 * terms of a leg (the amount with its parties), for the names of the parties, and for the outcome.
 */
export function measureVisibility(audits: readonly LedgerAudit[]): readonly VisibilityRow[] {
  const secrets = collectSecrets(audits);
  const rows = { part: newCount(), witness: newCount() };
  for (const audit of audits) {
    const seen = whatIsSeen(audit);
    for (const secret of secrets) {
      const takesPart = secret.banks.has(audit.bank.number);
      const count = takesPart ? rows.part : rows.witness;
      count.pairs++;
      if (seen.announced.has(secret.sid)) count.announcements++;
      if (seen.closed.has(secret.sid)) count.outcomes++;
      const known = seen.travelled + (seen.terms.get(secret.sid) ?? "");
      const amounts = secret.legs.every((leg) => contains(known, encode(legTermsLayout, leg)));
      if (amounts) count.amounts++;
      const names = secret.legs.every((leg) => contains(known, encode(nameLayout, leg.payer)));
      if (names) count.parties++;
    }
  }
  return [
    {
      role: "bank taking part",
      ...counted(rows.part),
      note: `${rows.part.pairs} pairs of bank and swap; terms come on the direct link of the two banks`,
    },
    {
      role: "witness bank",
      ...counted(rows.witness),
      note: `${rows.witness.pairs} pairs of bank and swap; a witness votes on a salted commitment`,
    },
  ];
}

const nameLayout = text(32);

function collectSecrets(audits: readonly LedgerAudit[]): readonly Secret[] {
  const secrets = new Map<string, { sid: string; banks: Set<number>; legs: readonly LegTerms[] }>();
  for (const audit of audits) {
    for (const { domestic } of audit.own) {
      for (const bytes of domestic) {
        const entry = decode(domesticEntryLayout, bytes);
        if (!entry.ok || entry.value.kind !== DOMESTIC.HOLD) continue;
        const sid = hashKey(entry.value.sid);
        const terms = parseTerms(entry.value.terms);
        if (!terms.ok) continue;
        const known = secrets.get(sid) ?? { sid, banks: new Set(), legs: terms.value.legs };
        known.banks.add(audit.bank.number);
        secrets.set(sid, known);
      }
    }
  }
  return [...secrets.values()];
}

/** Everybody has the entries that travel; the terms of a swap stand only in the ledgers taking part in it. */
function whatIsSeen(audit: LedgerAudit) {
  const announced = new Set<string>();
  const closed = new Set<string>();
  const terms = new Map<string, string>();
  const parts: Bytes[] = [];
  for (const { block, entries, domestic } of [...audit.own, ...audit.copies]) {
    parts.push(...block.corridor);
    for (const bytes of domestic) {
      const entry = decode(domesticEntryLayout, bytes);
      if (!entry.ok || entry.value.kind !== DOMESTIC.HOLD) continue;
      terms.set(hashKey(entry.value.sid), asText(entry.value.terms));
    }
    for (const entry of entries) {
      if (entry?.kind === CORRIDOR.ANNOUNCE) announced.add(hashKey(swapIdOf(entry.announcement)));
      if (entry !== undefined && isClosing(entry)) closed.add(hashKey(entry.sid));
    }
  }
  return { announced, closed, terms, travelled: parts.map(asText).join(SEPARATOR) };
}

/** Stands between entries, and in none: each character of the others is one byte. */
const SEPARATOR = "\u{ffff}";

const contains = (haystack: string, needle: Bytes): boolean => haystack.includes(asText(needle));

/** Bytes as text of single-byte characters, for substring search. */
function asText(bytes: Bytes): string {
  let result = "";
  for (const byte of bytes) result += String.fromCharCode(byte);
  return result;
}

const newCount = () => ({ pairs: 0, announcements: 0, amounts: 0, parties: 0, outcomes: 0 });

function counted({ announcements, amounts, parties, outcomes }: ReturnType<typeof newCount>) {
  return { announcements, amounts, parties, outcomes };
}
