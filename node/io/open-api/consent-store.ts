import { bytesToHex } from "../../../crypto/bytes.ts";
import type { EnrolledKey } from "../../../crypto/ed25519.ts";
import { hashKey } from "../../../crypto/hash.ts";
import { ok, reject, type Outcome } from "../../../crypto/outcome.ts";
import {
  judgeConsent,
  openConsent,
  openRevocation,
  type ConsentedAct,
  type DocumentRejection,
  type DocumentSetting,
  type SignedDocument,
} from "../../channels/consent.ts";
import {
  MAX_ACCESSES_PER_CONSENT,
  MAX_CONSENT_LIFE_MS,
  MAX_CONSENTS,
  MAX_CONSENTS_PER_ACCOUNT,
} from "../../channels/limits.ts";
import type { AccountId } from "../../ids.ts";
import { LineFile, type LineFileDamage } from "../line-file.ts";
import {
  accessLine,
  grantLine,
  parseRecord,
  parseSigned,
  revocationLine,
  type Access,
  type GrantRecord,
  type StoredConsent,
} from "./consent-record.ts";
import { refuse, type Problem } from "./problem.ts";

type Entry = {
  -readonly [K in keyof StoredConsent]: K extends "accesses" ? Access[] : StoredConsent[K];
};

export interface ConsentStoreOptions {
  readonly file: string;
  readonly setting: DocumentSetting;
  readonly nowMs: () => number;
  readonly onFailure: (error: Error) => void;
  readonly limits?: { readonly perAccount: number; readonly inAll: number };
}

/** Lines of the file that may be past before it is made anew. */
const MAX_PAST_LINES = 20_000;

/** How long a consent that is over stays readable while nobody needs its place: 30 days. */
const KEEP_MS = 2_592_000_000;

/**
 * The consents of a bank's members, in a file of its data folder. Each is the document that its member
 * signed, and is checked again at every start: whoever can write the file can take consents away, and
 * cannot make one. What was granted, revoked or used is durable before anybody is told.
 */
export class ConsentStore {
  readonly #options: ConsentStoreOptions;
  readonly #limits: { readonly perAccount: number; readonly inAll: number };
  readonly #consents = new Map<string, Entry>();
  readonly #byAccount = new Map<AccountId, Set<Entry>>();
  readonly #byGrantee = new Map<string, Set<Entry>>();
  #file: LineFile | undefined;

  private constructor(options: ConsentStoreOptions) {
    this.#options = options;
    this.#limits = options.limits ?? { perAccount: MAX_CONSENTS_PER_ACCOUNT, inAll: MAX_CONSENTS };
  }

  static open(options: ConsentStoreOptions): Outcome<ConsentStore, LineFileDamage> {
    const { file, onFailure } = options;
    const store = new ConsentStore(options);
    const live = () => store.#live();
    const opened = LineFile.open({ file, live, maxPast: MAX_PAST_LINES, onFailure });
    if (!opened.ok) return opened;
    for (const [i, line] of opened.value.lines.entries()) {
      const wrong = store.#read(line);
      if (wrong === undefined) continue;
      const message = `${file}, line ${i + 1}: ${wrong}`;
      return reject({ code: "file_corrupt", message });
    }
    store.#file = opened.value;
    store.#forget((entry) => entry.authentic.consent.expiryMs + KEEP_MS <= options.nowMs());
    return ok(store);
  }

  close(): Promise<void> {
    return this.#file?.close() ?? Promise.resolve();
  }

  get size(): number {
    return this.#consents.size;
  }

  /** Grants a consent, once: the same document again changes nothing. */
  async grant(
    signed: SignedDocument,
    account: AccountId,
  ): Promise<Outcome<{ readonly stored: StoredConsent; readonly isNew: boolean }, Problem>> {
    const opened = openConsent(signed, this.#options.setting);
    if (!opened.ok) return refuse(documentCode(opened.error), opened.error);
    const { id, consent } = opened.value;
    if (consent.account !== account) {
      return refuse("access_denied", { found: `account ${consent.account}`, allowed: account });
    }
    const known = this.#consents.get(hashKey(id));
    if (known !== undefined) {
      // It may have come with another request that is still being made durable.
      await this.#append();
      return ok({ stored: known, isNew: false });
    }
    const nowMs = this.#options.nowMs();
    if (consent.expiryMs <= nowMs || consent.expiryMs > nowMs + MAX_CONSENT_LIFE_MS) {
      return refuse("CONSENT_EXPIRED", {
        found: `an end at ${consent.expiryMs} ms`,
        allowed: `an end within ${MAX_CONSENT_LIFE_MS} ms from ${nowMs} ms`,
      });
    }
    const full = this.#makeRoom(account, nowMs);
    if (full !== undefined) return refuse("busy", full);
    const entry = this.#add({ signed, authentic: opened.value, grantedMs: nowMs });
    await this.#append(grantLine(entry));
    return ok({ stored: entry, isNew: true });
  }

  /** Ends a consent for good, once. */
  async revoke(key: string, signed: SignedDocument): Promise<Outcome<StoredConsent, Problem>> {
    const entry = this.#consents.get(key);
    if (entry === undefined) return refuse("not_found", { found: `consent ${key}` });
    const { id, consent } = entry.authentic;
    const of = { id, account: consent.account };
    const opened = openRevocation(signed, of, this.#options.setting);
    if (!opened.ok) return refuse(documentCode(opened.error), opened.error);
    entry.revoked ??= { atMs: this.#options.nowMs(), signed };
    await this.#append(revocationLine(entry, entry.revoked));
    return ok(entry);
  }

  /**
   * Asks for leave to act under a consent. What it costs counts from now on, before anything is done
   * (ConsentBound); the access is durable, allowed or not, when this resolves.
   */
  async ask(
    use: { readonly key: string; readonly grantee: string; readonly operation: string },
    act: ConsentedAct,
  ): Promise<Outcome<StoredConsent, Problem>> {
    const entry = this.#consents.get(use.key);
    if (entry === undefined || granteeOf(entry) !== use.grantee) {
      return refuse("CONSENT_SCOPE", {
        found: `consent ${use.key}`,
        allowed: "a consent that was given to this third party",
      });
    }
    const nowMs = this.#options.nowMs();
    const { spent, revoked, authentic } = entry;
    const state = { consent: authentic.consent, isRevoked: revoked !== undefined, spent };
    const verdict = judgeConsent(state, act, nowMs);
    if (verdict.ok) entry.spent += act.amount;
    await this.#note(entry, use.operation, verdict.ok ? "allowed" : verdict.error.code);
    return verdict.ok ? ok(entry) : refuse(verdict.error.code, verdict.error);
  }

  /** Gives back what a payment was to cost that the bank has turned down for good. */
  async giveBack(stored: StoredConsent, amount: bigint, code: string): Promise<void> {
    const entry = this.#consents.get(stored.key);
    if (entry === undefined) return;
    entry.spent -= amount;
    await this.#note(entry, "payment turned down", code);
  }

  get(key: string): StoredConsent | undefined {
    return this.#consents.get(key);
  }

  /** In the order in which they were given. */
  ofAccount(account: AccountId): readonly StoredConsent[] {
    return [...(this.#byAccount.get(account) ?? [])];
  }

  /** The key of a third party that some member has given a consent that is kept here. */
  keyOfGrantee(grantee: string): EnrolledKey | undefined {
    const [first] = this.#byGrantee.get(grantee) ?? [];
    return first?.authentic.granteeKey;
  }

  /** The accounts whose consents, not over, name this third party. */
  ofGrantee(grantee: string): readonly StoredConsent[] {
    return [...(this.#byGrantee.get(grantee) ?? [])];
  }

  #add(given: Pick<Entry, "signed" | "authentic" | "grantedMs">): Entry {
    const entry: Entry = {
      ...given,
      key: hashKey(given.authentic.id),
      revoked: undefined,
      spent: 0n,
      accesses: [],
    };
    this.#consents.set(entry.key, entry);
    addTo(this.#byAccount, entry.authentic.consent.account, entry);
    addTo(this.#byGrantee, granteeOf(entry), entry);
    return entry;
  }

  async #note(entry: Entry, operation: string, outcome: string): Promise<void> {
    const n = (entry.accesses.at(-1)?.n ?? 0) + 1;
    const access = { n, atMs: this.#options.nowMs(), operation, outcome, spent: entry.spent };
    pushAccess(entry, access);
    await this.#append(accessLine(entry, access));
  }

  #append(...lines: readonly string[]): Promise<void> {
    return this.#file?.append(...lines) ?? Promise.resolve();
  }

  /** Consents that are over make room; those that are not stay, so that a revoked one is not given again. */
  #makeRoom(account: AccountId, nowMs: number): Omit<Problem, "code"> | undefined {
    const isFull = () => this.#consents.size >= this.#limits.inAll;
    const isFullHere = () => (this.#byAccount.get(account)?.size ?? 0) >= this.#limits.perAccount;
    if (isFull() || isFullHere()) {
      this.#forget(({ authentic }) => authentic.consent.expiryMs <= nowMs);
    }
    if (isFullHere()) {
      const { perAccount } = this.#limits;
      return { found: `${perAccount} consents of ${account}`, allowed: "one when another is over" };
    }
    return isFull() ? { found: `${this.#limits.inAll} consents` } : undefined;
  }

  #forget(isPast: (entry: Entry) => boolean): void {
    for (const entry of this.#consents.values()) {
      if (!isPast(entry)) continue;
      this.#consents.delete(entry.key);
      takeFrom(this.#byAccount, entry.authentic.consent.account, entry);
      takeFrom(this.#byGrantee, granteeOf(entry), entry);
    }
  }

  *#live(): Generator<string> {
    for (const entry of this.#consents.values()) {
      // All of one consent at once: it may be used while the file is made anew.
      const lines = [grantLine(entry)];
      if (entry.revoked !== undefined) lines.push(revocationLine(entry, entry.revoked));
      for (const access of entry.accesses) lines.push(accessLine(entry, access));
      yield* lines;
    }
  }

  /** Takes one line of the file in; says what is wrong with it. */
  #read(line: string): string | undefined {
    const record = parseRecord(line);
    if (record === undefined) return "no record of a consent";
    if ("grant" in record) return this.#readGrant(record);
    const entry = this.#consents.get(record.consent);
    if (entry === undefined) return `of a consent that is not there, ${record.consent}`;
    if ("revoke" in record) {
      const signed = parseSigned(record.revoke);
      const { id, consent } = entry.authentic;
      const of = { id, account: consent.account };
      if (!openRevocation(signed, of, this.#options.setting).ok) return "a forged revocation";
      entry.revoked ??= { atMs: record.atMs, signed };
      return undefined;
    }
    const { n, atMs, operation, outcome, spent } = record;
    // A line may be there twice (`LineFile`).
    if (n <= (entry.accesses.at(-1)?.n ?? 0)) return undefined;
    entry.spent = BigInt(spent);
    pushAccess(entry, { n, atMs, operation, outcome, spent: entry.spent });
    return undefined;
  }

  #readGrant({ grant, atMs }: GrantRecord): string | undefined {
    const signed = parseSigned(grant);
    const opened = openConsent(signed, this.#options.setting);
    if (!opened.ok) return `a forged consent: ${opened.error.code}, ${opened.error.found}`;
    if (this.#consents.has(hashKey(opened.value.id))) return undefined;
    this.#add({ signed, authentic: opened.value, grantedMs: atMs });
    return undefined;
  }
}

export const granteeOf = ({ authentic }: StoredConsent): string =>
  bytesToHex(authentic.consent.grantee);

function pushAccess(entry: Entry, access: Access): void {
  entry.accesses.push(access);
  if (entry.accesses.length > MAX_ACCESSES_PER_CONSENT) entry.accesses.shift();
}

function addTo<K>(index: Map<K, Set<Entry>>, key: K, entry: Entry): void {
  const known = index.get(key);
  if (known === undefined) index.set(key, new Set([entry]));
  else known.add(entry);
}

function takeFrom<K>(index: Map<K, Set<Entry>>, key: K, entry: Entry): void {
  const known = index.get(key);
  known?.delete(entry);
  if (known?.size === 0) index.delete(key);
}

/** An unsigned document is the caller's fault in content, not in who it is. */
const documentCode = ({ code }: DocumentRejection): Problem["code"] =>
  code === "signature_invalid" ? "document_invalid" : code;
