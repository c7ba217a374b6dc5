import { checkConservation, checkTagConservation } from "../../../node/accounts/books.ts";
import { hashKey } from "../../../crypto/hash.ts";
import { unreachable } from "../../../crypto/outcome.ts";
import { DOMESTIC, type DomesticEntry } from "../../../node/ledger/domestic-entries.ts";
import { isUp, type Seat } from "../../sim/seat.ts";
import type { MakeChecker } from "../checker.ts";
import { holdKey } from "../signed-record.ts";

/** How often the machine's own books are added up, in blocks of a bank, and how large they may be for it. */
const BOOKS_EVERY_BLOCKS = 64;
const BOOKS_MAX_BALANCES = 64;

/**
 * P5: at every block of an honest bank, no balance is below zero, and posted and pending money is what
 * was issued less what was redeemed. The money is moved here a second time, as plainly as it gets, by
 * the durable entries alone, whatever its tag; the machine's own books, with TagConservation, are added
 * up now and then, and must agree at the end.
 */
export const conservation: MakeChecker = ({ isHonest, violated }) => {
  const ledgers = new Map<Seat, PlainLedger>();
  const addUp = (seat: Seat): void => {
    const books = seat.machine?.state.books;
    if (books === undefined) return;
    const wrong = checkConservation(books) ?? checkTagConservation(books);
    if (wrong !== undefined) violated("P5", seat, wrong);
  };
  return {
    property: "P5",
    onBlock: ({ seat, block, domestic }) => {
      let ledger = ledgers.get(seat);
      if (ledger === undefined) ledgers.set(seat, (ledger = newPlainLedger()));
      const where = `block ${block.header.seq}`;
      for (const entry of domestic) {
        if (entry === undefined) continue;
        const below = moveMoney(ledger, entry);
        if (below !== undefined) violated("P5", seat, `${where}: ${below} is below zero`);
      }
      const { posted, pending, issued, redeemed } = ledger;
      if (posted + pending !== issued - redeemed) {
        violated("P5", seat, `${where}: ${posted} + ${pending} held, ${issued - redeemed} issued`);
      }
      const balances = seat.machine?.state.books.balances.size ?? 0;
      const isDue = block.header.seq % BOOKS_EVERY_BLOCKS === 0;
      if (isDue && balances <= BOOKS_MAX_BALANCES) addUp(seat);
    },
    atEnd: ({ seats }) => {
      for (const seat of seats) {
        const ledger = ledgers.get(seat);
        if (!isUp(seat) || !isHonest(seat) || ledger === undefined) continue;
        addUp(seat);
        const differs = differsFromBooks(ledger, seat);
        if (differs !== undefined) violated("P5", seat, differs);
      }
    },
  };
};

export interface PlainLedger {
  /** Posted money by account, of whatever tag; `pendingOf` by the account that it is held of. */
  readonly balances: Map<string, bigint>;
  readonly pendingOf: Map<string, bigint>;
  readonly holds: Map<
    number,
    { readonly from: string; readonly to: string; readonly amount: bigint }
  >;
  readonly tagOwners: Map<string, string>;
  posted: bigint;
  pending: bigint;
  issued: bigint;
  redeemed: bigint;
}

export const newPlainLedger = (): PlainLedger => ({
  balances: new Map(),
  pendingOf: new Map(),
  holds: new Map(),
  tagOwners: new Map(),
  posted: 0n,
  pending: 0n,
  issued: 0n,
  redeemed: 0n,
});

/** Carries an entry out; the name of a balance that falls below zero. */
export function moveMoney(ledger: PlainLedger, entry: DomesticEntry): string | undefined {
  switch (entry.kind) {
    case DOMESTIC.ISSUE:
      ledger.issued += entry.amount;
      return add(ledger, entry.account, entry.amount);
    case DOMESTIC.REDEEM:
      ledger.redeemed += entry.amount;
      return add(ledger, entry.account, -BigInt(entry.amount));
    case DOMESTIC.XFER:
    case DOMESTIC.VAT_XFER:
    case DOMESTIC.TAG_RELEASE:
    case DOMESTIC.COURT_DEBIT:
      return pay(ledger, entry.payer, entry.payee, entry.amount);
    case DOMESTIC.HOLD: {
      const { payer, payee, amount } = entry;
      const hold = { from: payer, to: payee, amount };
      ledger.holds.set(holdKey(entry.sid, entry.leg), hold);
      const isFree = add(ledger, hold.from, -BigInt(amount));
      return addPending(ledger, hold.from, amount) ?? isFree;
    }
    case DOMESTIC.POST:
    case DOMESTIC.UNHOLD: {
      const key = holdKey(entry.sid, entry.leg);
      const hold = ledger.holds.get(key);
      if (hold === undefined) return undefined;
      ledger.holds.delete(key);
      const back = addPending(ledger, hold.from, -hold.amount);
      return back ?? add(ledger, entry.kind === DOMESTIC.POST ? hold.to : hold.from, hold.amount);
    }
    case DOMESTIC.TAG_ISSUE:
      // Only its owner puts money under a tag, and gets it back.
      ledger.tagOwners.set(hashKey(entry.tag), entry.account);
      return undefined;
    case DOMESTIC.TAG_RETURN: {
      const owner = ledger.tagOwners.get(hashKey(entry.tag)) ?? "";
      return pay(ledger, entry.payer, owner, entry.amount);
    }
    case DOMESTIC.ENROL:
    case DOMESTIC.REJECTED:
    case DOMESTIC.RULES:
    case DOMESTIC.ATTEST:
    case DOMESTIC.TAG_CONTRACT:
    case DOMESTIC.TAG_DEFINE:
    case DOMESTIC.TAG_FREEZE:
    case DOMESTIC.TAG_UNFREEZE:
      return undefined;
    default:
      return unreachable(entry);
  }
}

function pay(ledger: PlainLedger, from: string, to: string, amount: bigint): string | undefined {
  const below = add(ledger, from, -amount);
  return add(ledger, to, amount) ?? below;
}

function add(ledger: PlainLedger, name: string, amount: bigint): string | undefined {
  const sum = (ledger.balances.get(name) ?? 0n) + amount;
  ledger.balances.set(name, sum);
  ledger.posted += amount;
  return sum < 0n ? name : undefined;
}

function addPending(ledger: PlainLedger, name: string, amount: bigint): string | undefined {
  const sum = (ledger.pendingOf.get(name) ?? 0n) + amount;
  ledger.pendingOf.set(name, sum);
  ledger.pending += amount;
  return sum < 0n ? `what is held of ${name}` : undefined;
}

/** The machine's books, when all they are made of is durable, hold the same money in the same places. */
function differsFromBooks(ledger: PlainLedger, seat: Seat): string | undefined {
  const state = seat.machine?.state;
  if (state === undefined || state.pending.length > 0 || state.flight !== undefined)
    return undefined;
  const byAccount = new Map<string, { posted: bigint; pending: bigint }>();
  for (const { account, posted, pending } of state.books.balances.values()) {
    const sum = byAccount.get(account) ?? { posted: 0n, pending: 0n };
    byAccount.set(account, { posted: sum.posted + posted, pending: sum.pending + pending });
  }
  for (const name of new Set([...byAccount.keys(), ...ledger.balances.keys()])) {
    const { posted = 0n, pending = 0n } = byAccount.get(name) ?? {};
    const here = [ledger.balances.get(name) ?? 0n, ledger.pendingOf.get(name) ?? 0n];
    if (posted === here[0] && pending === here[1]) continue;
    return `${name}: its books say ${posted} and ${pending} held, its ledger ${here.join(" and ")}`;
  }
  return undefined;
}
