import { hashKey } from "../../crypto/hash.ts";
import { unreachable } from "../../crypto/outcome.ts";
import { swapIdOf, type Announcement } from "../announcement.ts";
import { EPOCH } from "../bank-state.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  entryName,
  isEntryUnder,
  isClosing,
  type EntryUnder,
  type CorridorEntryOf,
  type Decision,
  type SwapEntry,
} from "../entries.ts";
import { guiltyOf, type Evidence } from "../evidence.ts";
import type { Finding } from "./findings.ts";
import { Held } from "./held.ts";
import { brokenOtherwise, type Acts, type Judged } from "./other-conduct.ts";
import { find, type AuditContext, type LedgerAudit } from "./ledger-view.ts";

/** An entry that closed a leg. */
export interface ClosingSeen {
  readonly sid: string;
  readonly bank: string;
  readonly leg: number;
  /** Of SETTLE and PAY, COMMIT. */
  readonly decision: Decision;
  /** C14, or what its arrangement has in its place, holds. */
  readonly isFounded: boolean;
}

/**
 * Judges every own entry of one ledger by the rules C0 to C15 of FORMAT.md 9.4, on what the bank held
 * when it wrote the entry. The ledger's bank answers for its own entries only; what EVIDENCE proves of
 * another bank goes to `others`.
 */
export function auditConduct(
  audit: LedgerAudit,
  context: AuditContext,
  usable: ReadonlyMap<string, Announcement>,
  others: Finding[],
): readonly ClosingSeen[] {
  const held = new Held(context.genesis, usable);
  const signed = new Map<string, Acts>();
  const closings: ClosingSeen[] = [];
  const { number, id } = audit.bank;
  for (const audited of audit.blocks) {
    const { header } = audited.block;
    const where = `block ${header.seq}`;
    for (const entry of header.bank === number ? audited.entries : []) {
      if (entry === undefined) continue;
      if (entry.kind === CORRIDOR.EVIDENCE) {
        checkEvidence(audit, context, entry, where, others);
        continue;
      }
      if (entry.kind === CORRIDOR.ANNOUNCE) {
        const announcement = usable.get(hashKey(swapIdOf(entry.announcement)));
        if (announcement?.legBanks[0] !== number) {
          find(audit, "conduct", where, "C7: an announcement of no use, or another bank's");
        }
        held.announce(entry.announcement);
        continue;
      }
      const sid = hashKey(entry.sid);
      let acts = signed.get(sid);
      if (acts === undefined) signed.set(sid, (acts = newActs()));
      const announcement = held.announcementOf(sid);
      const rule = brokenRule({ audited, acts, entry, held, author: number, announcement });
      if (rule !== undefined) find(audit, "conduct", where, `${rule}, swap ${sid.slice(0, 16)}`);
      if (isClosing(entry)) {
        const { leg } = entry;
        const isFounded =
          announcement?.legBanks[leg] === number &&
          (announcement.arrangement === "certified"
            ? entry.kind !== CORRIDOR.PAY && held.isCertified(entry)
            : rule === undefined);
        if (!isFounded && announcement?.arrangement === "certified") {
          const detail = `C14: ${entryName(entry.kind)} of leg ${leg}, swap ${sid.slice(0, 16)}`;
          find(audit, "certificate_invalid", where, detail);
        }
        const decision = entry.kind === CORRIDOR.VOID ? ABORT : COMMIT;
        closings.push({ sid, bank: id, leg, decision, isFounded });
      }
      record(acts, entry);
    }
    held.add(audited);
  }
  return closings;
}

/** C15: EVIDENCE proves that a bank forked its log, or its author is at fault. */
function checkEvidence(
  audit: LedgerAudit,
  { genesis, verifier, banks }: AuditContext,
  entry: Evidence,
  where: string,
  others: Finding[],
): void {
  const guilty = guiltyOf(entry, {
    net: genesis.net,
    keyOf: (bank, epoch) => (epoch === EPOCH ? banks.get(bank)?.ledgerKey : undefined),
    verifier,
  });
  const culprit = guilty === undefined ? undefined : banks.get(guilty);
  if (culprit === undefined) {
    return find(audit, "conduct", where, "C15: EVIDENCE that proves nothing");
  }
  const detail = `it signed two blocks of one height: EVIDENCE in ${where} of bank ${audit.bank.id}`;
  others.push({ code: "equivocation", bank: culprit.id, where: "its log", detail });
}

const newActs = (): Acts => ({
  slots: new Set(),
  kinds: new Set(),
  locked: new Set(),
  hashLocks: new Map(),
  view: 0,
  confirmed: undefined,
});

const slotOf = (entry: SwapEntry): string =>
  `${entry.kind} ${"view" in entry ? entry.view : ""} ${"leg" in entry ? entry.leg : ""}`;

function record(acts: Acts, entry: SwapEntry): void {
  acts.slots.add(slotOf(entry));
  acts.kinds.add(entry.kind);
  if (entry.kind === CORRIDOR.LOCK) acts.locked.add(entry.leg);
  if (entry.kind === CORRIDOR.HLOCK) {
    acts.locked.add(entry.leg);
    acts.hashLocks.set(entry.leg, entry);
  }
  if (entry.kind === CORRIDOR.STATUS) acts.view = Math.max(acts.view, entry.view);
  if (entry.kind === CORRIDOR.CONFIRM && entry.view >= (acts.confirmed?.view ?? 0)) {
    acts.confirmed = { view: entry.view, decision: entry.decision };
  }
}

/** The first rule that an entry breaks: by what its author signed before, then by what it held. */
function brokenRule(judged: Judged): string | undefined {
  const { acts, entry, held, author, announcement } = judged;
  const { arrangement, legBanks } = announcement ?? {};
  const name = entryName(entry.kind);
  if (arrangement !== undefined && !isEntryUnder(arrangement, entry)) {
    return `C16: ${name} in a swap under ${arrangement}`;
  }
  if (announcement !== undefined && arrangement !== "certified") {
    return brokenTwice(acts, entry) ?? brokenOtherwise(judged, announcement);
  }
  if (!isEntryUnder("certified", entry)) return `C0: ${name} without an announcement`;
  return brokenAlone(acts, entry) ?? brokenAtLarge(acts, entry, held, author, legBanks);
}

/** The rule of C1 and C6 that an entry breaks. */
function brokenTwice(acts: Acts, entry: SwapEntry): string | undefined {
  const { kind } = entry;
  const name = entryName(kind);
  const { SETTLE, VOID } = CORRIDOR;
  if (acts.slots.has(slotOf(entry))) return `C1: a second ${name}`;
  const closed = kind === SETTLE ? [VOID] : kind === VOID ? [SETTLE] : [SETTLE, VOID];
  const isClosed = closed.some((closing) => acts.kinds.has(closing));
  return isClosed ? `C6: ${name} after a leg was closed` : undefined;
}

/** The rule of C1 to C6 that an entry breaks by what its author signed before. */
function brokenAlone(acts: Acts, entry: EntryUnder<"certified">): string | undefined {
  const { kind } = entry;
  const name = entryName(kind);
  const { LOCK, REFUSE, STATUS } = CORRIDOR;
  const twice = brokenTwice(acts, entry);
  if (twice !== undefined) return twice;
  switch (kind) {
    case CORRIDOR.LOCK:
    case CORRIDOR.REFUSE:
      if (acts.kinds.has(kind === LOCK ? REFUSE : LOCK)) return "C2: LOCK and REFUSE";
      return acts.kinds.has(STATUS) ? `C3: ${name} after STATUS` : undefined;
    case CORRIDOR.VOTE:
      return acts.kinds.has(STATUS) ? "C3: VOTE after STATUS" : undefined;
    case CORRIDOR.STATUS:
      return entry.view > acts.view ? undefined : `C4: STATUS of view ${entry.view}`;
    case CORRIDOR.LEAD:
    case CORRIDOR.ACCEPT:
    case CORRIDOR.CONFIRM:
      if (entry.view > 0 && entry.view === acts.view) return undefined;
      return `C5: ${name} of view ${entry.view} in view ${acts.view}`;
    case CORRIDOR.SETTLE:
    case CORRIDOR.VOID:
      return undefined;
    default:
      return unreachable(entry);
  }
}

/** The rule of C0 and C8 to C13 that an entry breaks by what its author held. */
function brokenAtLarge(
  acts: Acts,
  entry: EntryUnder<"certified">,
  held: Held,
  author: number,
  legBanks: readonly number[] | undefined,
): string | undefined {
  if (legBanks === undefined) return `C0: ${entryName(entry.kind)} without an announcement`;
  switch (entry.kind) {
    case CORRIDOR.VOTE: {
      const sid = hashKey(entry.sid);
      const isLocked = (bank: number, leg: number): boolean =>
        held.hasLock(sid, leg, bank) || (bank === author && acts.locked.has(leg));
      return legBanks.every(isLocked) ? undefined : "C8: VOTE without the LOCKs of all legs";
    }
    case CORRIDOR.STATUS:
      return brokenByStatus(acts, entry, held, legBanks);
    case CORRIDOR.LEAD:
      if (held.isLed(entry, author, legBanks)) return undefined;
      return "C11: LEAD that does not follow from its STATUSes";
    case CORRIDOR.ACCEPT:
      return held.hasLead(entry, legBanks) ? undefined : "C12: ACCEPT without the leader's LEAD";
    case CORRIDOR.CONFIRM:
      return held.hasAccepts(entry) ? undefined : "C13: CONFIRM without a quorum of ACCEPTs";
    case CORRIDOR.LOCK:
    case CORRIDOR.REFUSE:
    case CORRIDOR.SETTLE:
    case CORRIDOR.VOID:
      return undefined;
    default:
      return unreachable(entry);
  }
}

function brokenByStatus(
  acts: Acts,
  entry: CorridorEntryOf<typeof CORRIDOR.STATUS>,
  held: Held,
  legBanks: readonly number[],
): string | undefined {
  if (!held.isVerified(entry, legBanks)) return "C9: STATUS with references that are not good";
  if (acts.kinds.has(CORRIDOR.VOTE) && entry.locks === null)
    return "C9: STATUS without P after VOTE";
  const { confirmed } = acts;
  const { view, decision } = entry.lock ?? {};
  if (view === confirmed?.view && decision === confirmed?.decision) return undefined;
  return "C10: STATUS with another lock than the last CONFIRM";
}
