import { equalHash, hashKey, type Hash } from "../../crypto/hash.ts";
import type { Genesis } from "../../node/genesis.ts";
import { swapIdOf, type Announcement } from "../announcement.ts";
import { leaderOf, valueOf } from "../certified/slow-path.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  isCertificate,
  isEntryUnder,
  type CorridorEntry,
  type CorridorEntryOf,
  type Decision,
  type EntryRef,
  type SwapEntry,
} from "../entries.ts";
import type { AuditedBlock } from "./ledger-view.ts";

type Lead = CorridorEntryOf<typeof CORRIDOR.LEAD>;
type Status = CorridorEntryOf<typeof CORRIDOR.STATUS>;
type Closing = CorridorEntryOf<typeof CORRIDOR.SETTLE> | CorridorEntryOf<typeof CORRIDOR.VOID>;

/**
 * What a bank holds at one place of its ledger: the blocks whose records stand before it, its own and
 * copies of others' (FORMAT.md 9.4). An entry may rest on nothing else.
 */
export class Held {
  readonly #genesis: Genesis;
  readonly #usable: ReadonlyMap<string, Announcement>;
  readonly #blocks = new Map<string, AuditedBlock>();
  readonly #announced = new Set<string>();
  /** Banks with a LOCK, by `sid leg`, and with an ACCEPT, by `sid view decision`. */
  readonly #lockers = new Map<string, Set<number>>();
  readonly #accepters = new Map<string, Set<number>>();
  /** LEADs of leaders, by `sid view decision`. */
  readonly #leads = new Map<string, Lead[]>();
  /** Entries of kinds that certified commit does not have, by swap. */
  readonly #others = new Map<string, SignedEntry[]>();

  /** `usable`: the usable announcements of all ledgers by swap (A13). */
  constructor(genesis: Genesis, usable: ReadonlyMap<string, Announcement>) {
    this.#genesis = genesis;
    this.#usable = usable;
  }

  add(audited: AuditedBlock): void {
    const name = hashKey(audited.block.hash);
    if (this.#blocks.has(name)) return;
    this.#blocks.set(name, audited);
    const author = audited.block.header.bank;
    for (const entry of audited.entries) if (entry !== undefined) this.#note(author, entry);
  }

  #note(author: number, entry: CorridorEntry): void {
    if (entry.kind === CORRIDOR.ANNOUNCE) return this.announce(entry.announcement);
    if ("sid" in entry && !isEntryUnder("certified", entry)) {
      const sid = hashKey(entry.sid);
      const others = this.#others.get(sid);
      if (others === undefined) this.#others.set(sid, [{ bank: author, entry }]);
      else others.push({ bank: author, entry });
      return;
    }
    if (entry.kind === CORRIDOR.LOCK) {
      joined(this.#lockers, `${hashKey(entry.sid)} ${entry.leg}`).add(author);
    } else if (entry.kind === CORRIDOR.ACCEPT) {
      joined(this.#accepters, proposalKey(entry)).add(author);
    } else if (entry.kind === CORRIDOR.LEAD && this.#isLeader(author, entry)) {
      const leads = this.#leads.get(proposalKey(entry)) ?? [];
      leads.push(entry);
      this.#leads.set(proposalKey(entry), leads);
    }
  }

  announce(announcement: Uint8Array): void {
    this.#announced.add(hashKey(swapIdOf(announcement)));
  }

  /** The usable announcement of a swap, if it is held. */
  announcementOf(sid: string): Announcement | undefined {
    return this.#announced.has(sid) ? this.#usable.get(sid) : undefined;
  }

  othersOf(sid: string): readonly SignedEntry[] {
    return this.#others.get(sid) ?? [];
  }

  hasLock(sid: string, leg: number, bank: number): boolean {
    return this.#lockers.get(`${sid} ${leg}`)?.has(bank) === true;
  }

  /** C13: q banks accepted this. */
  hasAccepts(proposal: Proposal): boolean {
    return (this.#accepters.get(proposalKey(proposal))?.size ?? 0) >= this.#genesis.quorum;
  }

  /** C12: the leader proposed this, as C11 wants it. */
  hasLead(proposal: Proposal, legBanks: readonly number[]): boolean {
    const leads = this.#leads.get(proposalKey(proposal)) ?? [];
    return leads.some((lead) => this.#follows(lead, legBanks));
  }

  /** C11: the leader of the view proposes what q verified STATUSes of it allow. */
  isLed(lead: Lead, author: number, legBanks: readonly number[]): boolean {
    return this.#isLeader(author, lead) && this.#follows(lead, legBanks);
  }

  #isLeader(bank: number, lead: Lead): boolean {
    return bank === leaderOf({ config: { genesis: this.#genesis } }, lead, lead.view);
  }

  #follows(lead: Lead, legBanks: readonly number[]): boolean {
    const statuses: { readonly entry: Status }[] = [];
    const authors = new Set<number>();
    for (const ref of lead.statuses) {
      const status = this.entryAt(ref);
      if (status?.kind !== CORRIDOR.STATUS || status.view !== lead.view) return false;
      if (!equalHash(status.sid, lead.sid) || !this.isVerified(status, legBanks)) return false;
      if (authors.has(ref.bank)) return false;
      authors.add(ref.bank);
      statuses.push({ entry: status });
    }
    return authors.size >= this.#genesis.quorum && valueOf(statuses) === lead.decision;
  }

  /** Whether what a STATUS reports is backed by entries that are held. */
  isVerified({ sid, view, locks, lock }: Status, legBanks: readonly number[]): boolean {
    if (locks !== null) {
      if (locks.length !== legBanks.length) return false;
      const isLock = (ref: EntryRef, leg: number): boolean => {
        const entry = this.entryAt(ref);
        if (ref.bank !== legBanks[leg] || entry?.kind !== CORRIDOR.LOCK) return false;
        return entry.leg === leg && equalHash(entry.sid, sid);
      };
      if (!locks.every(isLock)) return false;
    }
    if (lock === null) return true;
    if (lock.view < 1 || lock.view >= view) return false;
    return this.#areBallots(lock.accepts, CORRIDOR.ACCEPT, { ...lock, sid });
  }

  /** C14: the certificate is valid, and decides what the closing entry says. */
  isCertified({ kind, sid, grounds }: Closing): boolean {
    if (!isCertificate(grounds)) return false;
    const { view, decision, refs } = grounds;
    if (decision !== (kind === CORRIDOR.SETTLE ? COMMIT : ABORT)) return false;
    if (view > 0) return this.#areBallots(refs, CORRIDOR.CONFIRM, { sid, view, decision });
    return this.#areOfQuorum(refs, (entry) => {
      return entry.kind === CORRIDOR.VOTE && equalHash(entry.sid, sid);
    });
  }

  #areBallots(
    refs: readonly EntryRef[],
    kind: typeof CORRIDOR.ACCEPT | typeof CORRIDOR.CONFIRM,
    { sid, view, decision }: Proposal,
  ): boolean {
    return this.#areOfQuorum(refs, (entry) => {
      if (entry.kind !== kind || !equalHash(entry.sid, sid)) return false;
      return entry.view === view && entry.decision === decision;
    });
  }

  #areOfQuorum(refs: readonly EntryRef[], isGood: (entry: CorridorEntry) => boolean): boolean {
    const banks = new Set<number>();
    for (const ref of refs) {
      const entry = this.entryAt(ref);
      if (entry === undefined || !isGood(entry)) return false;
      banks.add(ref.bank);
    }
    return banks.size >= this.#genesis.quorum;
  }

  entryAt({ bank, seq, index, blockHash }: EntryRef): CorridorEntry | undefined {
    const audited = this.#blocks.get(hashKey(blockHash));
    if (audited === undefined) return undefined;
    const { header } = audited.block;
    return header.bank === bank && header.seq === seq ? audited.entries[index] : undefined;
  }
}

export interface SignedEntry {
  readonly bank: number;
  readonly entry: SwapEntry;
}

interface Proposal {
  readonly sid: Hash;
  readonly view: number;
  readonly decision: Decision;
}

const proposalKey = ({ sid, view, decision }: Proposal): string =>
  `${hashKey(sid)} ${view} ${decision}`;

function joined(sets: Map<string, Set<number>>, key: string): Set<number> {
  let set = sets.get(key);
  if (set === undefined) sets.set(key, (set = new Set()));
  return set;
}
