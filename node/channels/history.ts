import { decode } from "../../crypto/canonical-layout.ts";
import { invariant } from "../../crypto/outcome.ts";
import type { Books } from "../accounts/books.ts";
import type { AccountId, TagKey } from "../ids.ts";
import { domesticEntryLayout, type DomesticDraft } from "../ledger/domestic-entries.ts";
import type { FullBlock } from "../ledger/block.ts";
import { comparePlaces, orderKey, type LedgerLine, type Place } from "./ledger-line.ts";
import { MAX_HISTORY_LINES, MAX_PAID_QR_CODES } from "./limits.ts";
import { LineList } from "./line-list.ts";
import { readEntry, type Reading } from "./read-line.ts";

/** Why an instruction was turned down, in words; the ledger keeps code and rule. */
export interface Explanation {
  readonly found: string;
  readonly allowed: string;
}

/** A part of a list, newest first. */
export interface LinePage {
  readonly lines: readonly LedgerLine[];
  /** Whether there are older lines than these. */
  readonly hasMore: boolean;
  /** Whether older lines were forgotten: the ledger file has them. */
  readonly isCut: boolean;
}

const NO_LINES = new LineList();

/**
 * The newest lines of a bank's ledger, found by account, tag, instruction and swap. It is derived from
 * durable blocks alone, in their order, so that nothing is told that a crash could undo.
 */
export class History {
  readonly #limit: number;
  readonly #reading: Reading;
  readonly #lines = new LineList();
  readonly #byAccount = new Map<AccountId, LineList>();
  readonly #byTag = new Map<TagKey, LineList>();
  readonly #byOrder = new Map<string, LedgerLine>();
  readonly #bySwap = new Map<string, LineList>();
  readonly #explanations = new Map<string, Explanation>();
  readonly #paidQr = new Map<string, number>();
  #isCut = false;

  constructor(books: Pick<Books, "tags">, limit: number = MAX_HISTORY_LINES) {
    this.#limit = limit;
    this.#reading = { books, defined: new Set(), holds: new Map() };
  }

  get size(): number {
    return this.#lines.length;
  }

  /** Takes the next durable block of the bank; gives its lines. */
  takeBlock(block: FullBlock): readonly LedgerLine[] {
    const { seq, timeMs } = block.header;
    return block.domestic.flatMap((bytes, index) => {
      const entry = decode(domesticEntryLayout, bytes);
      invariant(entry.ok, "JournalChain", "an entry of the own ledger that does not decode");
      return this.take(entry.value, { seq, index }, timeMs) ?? [];
    });
  }

  take(entry: DomesticDraft, place: Place, blockMs: number): LedgerLine | undefined {
    const read = readEntry(this.#reading, entry, { place, blockMs });
    if (read === undefined) return undefined;
    const { line, paidQr } = read;
    this.#keep(line);
    if (paidQr !== undefined && paidQr.expiryMs > line.timeMs && !this.isFullOfQr(line.timeMs)) {
      this.#paidQr.set(`${paidQr.payee} ${paidQr.nonce}`, paidQr.expiryMs);
    }
    return line;
  }

  /** Keeps the words with which a rule turned an instruction down. */
  explain(order: { readonly member: string; readonly number: number }, why: Explanation): void {
    const key = `${order.member} ${order.number}`;
    if (this.#byOrder.has(key)) this.#explanations.set(key, why);
  }

  explanationOf(line: LedgerLine): Explanation | undefined {
    return line.order === null ? undefined : this.#explanations.get(orderKey(line.order));
  }

  /** The line of the instruction with this number. */
  ofOrder(member: string, number: number): LedgerLine | undefined {
    return this.#byOrder.get(`${member} ${number}`);
  }

  /** Lines of the swap with this commitment, oldest first. */
  ofSwap(commitment: string): readonly LedgerLine[] {
    return (this.#bySwap.get(commitment) ?? NO_LINES).slice(0);
  }

  ofAccount(account: AccountId, page: PageRequest): LinePage {
    return this.#page(this.#byAccount.get(account) ?? NO_LINES, page);
  }

  ofTag(tag: TagKey, page: PageRequest): LinePage {
    return this.#page(this.#byTag.get(tag) ?? NO_LINES, page);
  }

  /** Lines of an account from after a place on, oldest first. */
  since(account: AccountId, after: Place, limit: number): readonly LedgerLine[] {
    const lines = this.#byAccount.get(account) ?? NO_LINES;
    const first = lines.firstIndex(({ place }) => comparePlaces(place, after) > 0);
    return lines.slice(first, first + limit);
  }

  /** Whether a payment of the payee's QR code with this nonce is in the ledger. */
  isQrPaid(payee: AccountId, nonce: string): boolean {
    return this.#paidQr.has(`${payee} ${nonce}`);
  }

  /** Whether no further QR payment could be remembered. */
  isFullOfQr(nowMs: number): boolean {
    if (this.#paidQr.size < MAX_PAID_QR_CODES) return false;
    // A code that is over is refused for that; only the others need to be remembered.
    for (const [key, end] of this.#paidQr) if (end <= nowMs) this.#paidQr.delete(key);
    return this.#paidQr.size >= MAX_PAID_QR_CODES;
  }

  #page(lines: LineList, { before, limit }: PageRequest): LinePage {
    const end =
      before === undefined
        ? lines.length
        : lines.firstIndex(({ place }) => comparePlaces(place, before) >= 0);
    const first = Math.max(0, end - limit);
    return {
      lines: lines.slice(first, end).reverse(),
      hasMore: first > 0,
      isCut: this.#isCut,
    };
  }

  #keep(line: LedgerLine): void {
    this.#lines.push(line);
    for (const account of accountsOf(line)) append(this.#byAccount, account, line);
    for (const tag of tagsOf(line)) append(this.#byTag, tag, line);
    if (line.order !== null) this.#byOrder.set(orderKey(line.order), line);
    if (line.swap !== null) append(this.#bySwap, line.swap.commitment, line);
    if (this.#lines.length > this.#limit) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const line = this.#lines.dropFirst();
    if (line === undefined) return;
    this.#isCut = true;
    for (const account of accountsOf(line)) dropFirst(this.#byAccount, account);
    for (const tag of tagsOf(line)) dropFirst(this.#byTag, tag);
    if (line.swap !== null) dropFirst(this.#bySwap, line.swap.commitment);
    if (line.order === null) return;
    this.#byOrder.delete(orderKey(line.order));
    this.#explanations.delete(orderKey(line.order));
  }
}

export interface PageRequest {
  /** Only lines before this place; by default the newest. */
  readonly before: Place | undefined;
  readonly limit: number;
}

function* accountsOf(line: LedgerLine): Generator<AccountId> {
  const seen = new Set<AccountId>(line.parts.map(({ account }) => account));
  if (line.rejection !== null && line.from !== null) seen.add(line.from);
  yield* seen;
}

function* tagsOf(line: LedgerLine): Generator<TagKey> {
  const seen = new Set<TagKey>(line.parts.map(({ tag }) => tag));
  seen.add(line.tag);
  seen.delete("");
  yield* seen;
}

function append<K>(index: Map<K, LineList>, key: K, line: LedgerLine): void {
  let lines = index.get(key);
  if (lines === undefined) {
    lines = new LineList();
    index.set(key, lines);
  }
  lines.push(line);
}

/** The oldest line of all is the first of every list it stands in. */
function dropFirst<K>(index: Map<K, LineList>, key: K): void {
  const lines = index.get(key);
  lines?.dropFirst();
  if (lines?.length === 0) index.delete(key);
}
