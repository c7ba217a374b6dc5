import { DOMESTIC, type DomesticEntry } from "../../../node/ledger/domestic-entries.ts";
import { hashKey, type Hash } from "../../../crypto/hash.ts";
import { CORRIDOR, entryName, type SwapEntry } from "../../../corridor/entries.ts";
import { guiltyOf } from "../../../corridor/evidence.ts";
import type { BankLog } from "../../../corridor/logs.ts";
import { hashAt } from "../../../corridor/logs.ts";
import { isUp, type Seat } from "../../sim/seat.ts";
import type { MakeChecker } from "../checker.ts";
import { signatureContext } from "../signature-context.ts";
import { holdKey } from "../signed-record.ts";

type Half = typeof DOMESTIC.HOLD | typeof DOMESTIC.POST | typeof DOMESTIC.UNHOLD;

/** What stands beside the corridor entries about one leg, in the same block. */
const HALVES: ReadonlyMap<SwapEntry["kind"], readonly Half[]> = new Map([
  [CORRIDOR.LOCK, [DOMESTIC.HOLD]],
  [CORRIDOR.HLOCK, [DOMESTIC.HOLD]],
  [CORRIDOR.SETTLE, [DOMESTIC.POST]],
  [CORRIDOR.VOID, [DOMESTIC.UNHOLD]],
  [CORRIDOR.PAY, [DOMESTIC.HOLD, DOMESTIC.POST]],
]);

const isHalf = (entry: DomesticEntry): entry is Extract<DomesticEntry, { readonly kind: Half }> =>
  entry.kind === DOMESTIC.HOLD || entry.kind === DOMESTIC.POST || entry.kind === DOMESTIC.UNHOLD;

/**
 * P6: an honest bank places each hold once, beside its LOCK, and closes it once, beside its SETTLE or
 * VOID. An honest bank that holds two branches of a log has EVIDENCE of it in its ledger; and whoever an
 * honest bank's EVIDENCE names has lied.
 */
export const noDoubleSpend: MakeChecker = (setting) => {
  const { genesis, verifier, isHonest, isHonestBank, violated } = setting;
  const context = signatureContext(genesis, verifier);
  /** Open holds of each bank. */
  const holds = new Map<Seat, Set<number>>();
  const accused = new Map<Seat, Set<number>>();
  const openHolds = (seat: Seat): Set<number> => {
    let open = holds.get(seat);
    if (open === undefined) holds.set(seat, (open = new Set()));
    return open;
  };
  return {
    property: "P6",
    onBlock: ({ seat, block, entries, domestic }) => {
      const open = openHolds(seat);
      const broken = (what: string): void => {
        violated("P6", seat, `block ${block.header.seq}: ${what}`);
      };
      const halves = new Set<string>();
      for (const entry of domestic) {
        if (entry === undefined || !isHalf(entry)) continue;
        const key = holdKey(entry.sid, entry.leg);
        const isNew = entry.kind === DOMESTIC.HOLD;
        if (isNew === open.has(key)) {
          broken(`hold ${named(entry)} is ${isNew ? "placed again" : "not there to close"}`);
        }
        if (isNew) open.add(key);
        else open.delete(key);
        halves.add(`${entry.kind} ${key}`);
      }
      for (const entry of entries) {
        if (entry === undefined || !("leg" in entry)) continue;
        const key = holdKey(entry.sid, entry.leg);
        const wanted = HALVES.get(entry.kind) ?? [];
        if (wanted.filter((half) => halves.delete(`${half} ${key}`)).length === wanted.length) {
          continue;
        }
        // The VOID of a leg that was never LOCKed has nothing to give back.
        const isBare = entry.kind === CORRIDOR.VOID && !open.has(holdKey(entry.sid, entry.leg));
        if (!isBare) broken(`${entryName(entry.kind)} ${named(entry)} without its domestic half`);
      }
      if (halves.size > 0) broken("a hold without its LOCK, SETTLE or VOID");
    },
    onEvidence: (entry, { seat, block }) => {
      const guilty = guiltyOf(entry, context);
      const where = `block ${block.header.seq}`;
      if (guilty === undefined) violated("P6", seat, `${where}: EVIDENCE that proves nothing`);
      else if (isHonestBank(guilty)) violated("P6", seat, `${where} accuses honest bank ${guilty}`);
      else accused.set(seat, (accused.get(seat) ?? new Set()).add(guilty));
    },
    atEnd: ({ seats }) => {
      for (const seat of seats) {
        if (!isUp(seat) || !isHonest(seat)) continue;
        // Who still asks its peers for its own newest block signs nothing, EVIDENCE included.
        if (seat.machine?.state.phase !== "running") continue;
        for (const log of seat.machine.state.logs.values()) {
          if (!isForked(log) || accused.get(seat)?.has(log.bank) === true) continue;
          violated("P6", seat, `it holds two branches of bank ${log.bank}, without EVIDENCE`);
        }
      }
    },
  };
};

/** Whether two blocks of one height are held whose headers are at hand, as EVIDENCE needs them. */
function isForked(log: BankLog): boolean {
  return log.branches.some(({ seq, block, signed }) => {
    const first = hashAt(log, seq);
    if (first === undefined || signed === undefined || !log.recent.has(seq)) return false;
    return hashKey(first) !== hashKey(block.hash);
  });
}

const named = (entry: { readonly sid: Hash; readonly leg: number }): string =>
  `${hashKey(entry.sid).slice(0, 16)} ${entry.leg}`;
