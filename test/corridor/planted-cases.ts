import { concatBytes, type Bytes } from "../../crypto/bytes.ts";
import { ABORT, CORRIDOR } from "../../corridor/entries.ts";
import { CORRIDOR_ITSELF, type FindingCode } from "../../corridor/audit/findings.ts";
import { encodeRecord, OWN_BLOCK, parseLedgerFile, PEER_BLOCK } from "../../node/ledger/record.ts";
import { bytesNamed } from "../bytes.ts";
import { announceEntry, HandLedgers, holdEntry, type Head, type Planted } from "./hand-ledgers.ts";
import { CONDUCT_CASES } from "./planted-conduct.ts";
import { EPOCH_START_MS } from "../../scenarios/explore/corridor.ts";
import { announcementOf } from "../../scenarios/explore/agreed-swaps.ts";

/** Ledgers in which one rule of FORMAT.md is broken, and what every auditor must say of them. */
export interface PlantedCase {
  readonly rule: string;
  readonly what: string;
  readonly code: FindingCode;
  /** Whom a finding may name; the first is named with `code`. */
  readonly guilty: readonly string[];
  readonly plant: (ledgers: HandLedgers) => Partial<Planted> | void;
}

export function plantedIn({ plant }: PlantedCase): Planted & { readonly ledgers: HandLedgers } {
  const ledgers = new HandLedgers();
  const planted = plant(ledgers);
  return { ledgers, files: ledgers.files, heads: ledgers.heads(), ...planted };
}

const broken = (
  rule: string,
  what: string,
  [code, bank]: readonly [FindingCode, number],
  plant: PlantedCase["plant"],
): PlantedCase => ({ rule, what, code, guilty: [`bank-${bank}`], plant });

const withFile = (ledgers: HandLedgers, bank: number, file: Bytes) =>
  new Map(ledgers.files).set(bank, file);

/** The heads as they are, then a change to the file of bank 3. */
function changed(ledgers: HandLedgers, change: (file: Bytes) => Bytes): Planted {
  const heads = ledgers.heads();
  return { heads, files: withFile(ledgers, 3, change(ledgers.file(3))) };
}

const files: readonly PlantedCase[] = [
  broken("A2", "a ledger is not there", ["ledger_cut_short", 3], (ledgers) => {
    const heads = ledgers.heads();
    ledgers.files.delete(3);
    return { heads };
  }),
  broken("A3", "a bit of a record differs", ["ledger_corrupt", 3], (ledgers) =>
    changed(ledgers, (file) => file.with(file.length >> 1, (file[file.length >> 1] ?? 0) ^ 1)),
  ),
  broken("A4", "a record that is no block", ["block_invalid", 3], (ledgers) => {
    const record = encodeRecord(OWN_BLOCK, bytesNamed("no block"));
    return changed(ledgers, (file) => concatBytes(file, record));
  }),
  broken("A4", "an own block without its bank's signature", ["signature_invalid", 3], (ledgers) => {
    ledgers.write(3, { to: [] });
    return changed(ledgers, lastSignatureBroken);
  }),
  broken("A5", "a height is left out", ["chain_broken", 3], (ledgers) => {
    ledgers.write(3, { seq: ledgers.tip(3).seq + 2 });
  }),
  broken("A5", "a block names another before it", ["chain_broken", 3], (ledgers) => {
    ledgers.write(3, { prev: ledgers.tip(2).hash });
  }),
  broken("A5", "time goes back", ["chain_broken", 3], (ledgers) => {
    ledgers.write(3, {});
    ledgers.write(3, { timeMs: EPOCH_START_MS });
  }),
  broken("A6", "a copy of the bank's own block", ["block_invalid", 3], (ledgers) => {
    ledgers.copy(3, ledgers.write(3, {}));
  }),
  broken("A6", "a copy without its bank's signature", ["signature_invalid", 3], (ledgers) => {
    const { publicBytes } = ledgers.write(4, { to: [1, 2] });
    ledgers.copy(3, { publicBytes: signatureBroken(publicBytes) });
  }),
  broken("A7", "the last block is cut off", ["ledger_cut_short", 3], (ledgers) => {
    ledgers.write(3, { to: [] });
    return changed(ledgers, (file) =>
      file.subarray(0, parseLedgerFile(file).records.at(-1)?.offset),
    );
  }),
  broken("A7", "a copy is put in before the head", ["ledger_cut_short", 3], (ledgers) => {
    const { publicBytes } = ledgers.write(4, {});
    ledgers.write(3, {});
    return changed(ledgers, (file) => {
      const at = parseLedgerFile(file).records.at(-1)?.offset ?? 0;
      const copy = encodeRecord(PEER_BLOCK, publicBytes);
      return concatBytes(file.subarray(0, at), copy, file.subarray(at));
    });
  }),
  broken("A7", "a bank without blocks has one", ["ledger_cut_short", 3], (ledgers) => {
    const none: Head = { seq: 0, hash: "", bytes: 0 };
    return { heads: new Map(ledgers.heads()).set(3, none) };
  }),
  broken("A8", "a corridor entry that does not decode", ["entry_invalid", 3], (ledgers) => {
    ledgers.write(3, { corridor: [bytesNamed("no entry")] });
  }),
  broken("A8", "a domestic entry that does not decode", ["entry_invalid", 3], (ledgers) => {
    ledgers.write(3, { domestic: [bytesNamed("no entry")] });
  }),
];

const lockOf = ({ sid }: { readonly sid: Parameters<typeof holdEntry>[0]["sid"] }) =>
  ({ kind: CORRIDOR.LOCK, sid, leg: 0 }) as const;

const domestic: readonly PlantedCase[] = [
  broken("A9", "an entry decided after its block", ["decided_otherwise", 1], (ledgers) => {
    const swap = ledgers.swap();
    const timeMs = EPOCH_START_MS + 1_000;
    const corridor = [announceEntry(swap), lockOf(swap)];
    ledgers.write(1, { corridor, domestic: [holdEntry(swap, 0)], timeMs });
  }),
  broken("A9", "an instruction of another bank's member", ["signature_invalid", 1], (ledgers) => {
    const swap = ledgers.swap();
    const instructions = swap.deal.instructions.toReversed();
    const hold = holdEntry({ ...swap, deal: { ...swap.deal, instructions } }, 0);
    ledgers.write(1, { corridor: [announceEntry(swap), lockOf(swap)], domestic: [hold] });
  }),
  broken("A9", "one instruction for two swaps", ["number_reused", 1], (ledgers) => {
    const swap = ledgers.swap();
    const later = { createdMs: EPOCH_START_MS + 1 };
    const second = announcementOf(ledgers.corridor, swap.deal, later);
    for (const { sid, announcement } of [swap, { ...second, announcement: second.bytes }]) {
      const one = { sid, announcement, deal: swap.deal };
      ledgers.write(1, {
        corridor: [announceEntry(one), lockOf(one)],
        domestic: [holdEntry(one, 0)],
      });
    }
  }),
  broken("A9", "terms that the payer did not sign", ["terms_mismatch", 1], (ledgers) => {
    const swap = ledgers.swap();
    const deal = { ...swap.deal, salt: bytesNamed("another salt") };
    const hold = holdEntry({ ...swap, deal }, 0);
    ledgers.write(1, { corridor: [announceEntry(swap), lockOf(swap)], domestic: [hold] });
  }),
  broken("A10", "a LOCK without its HOLD", ["hold_mismatch", 1], (ledgers) => {
    const swap = ledgers.swap();
    ledgers.write(1, { corridor: [announceEntry(swap), lockOf(swap)] });
  }),
  broken("A10", "a HOLD without its LOCK", ["hold_mismatch", 1], (ledgers) => {
    const swap = ledgers.swap();
    ledgers.write(1, { corridor: [announceEntry(swap)], domestic: [holdEntry(swap, 0)] });
  }),
];

const across: readonly PlantedCase[] = [
  broken("A14", "a bank shows another block than it keeps", ["equivocation", 4], (ledgers) => {
    const place = ledgers.tip(4);
    const shown = ledgers.forked(4, { corridor: [bytesNamed("another")] });
    ledgers.write(4, { seq: place.seq + 1, prev: place.hash, to: [1, 2] });
    ledgers.copy(3, shown);
  }),
  broken(
    "A14",
    "a bank's ledger lacks a block that it showed",
    ["ledger_cut_short", 4],
    (ledgers) => {
      ledgers.copy(3, ledgers.forked(4, {}));
    },
  ),
  broken("A15", "a hold against the announcement", ["terms_mismatch", 1], (ledgers) => {
    const { deal } = ledgers.swap();
    const changes = { expiryMs: deal.expiryMs + 1 };
    const { bytes: announcement, sid } = announcementOf(ledgers.corridor, deal, changes);
    const swap = { sid, announcement, deal };
    ledgers.write(1, {
      corridor: [announceEntry(swap), lockOf(swap)],
      domestic: [holdEntry(swap, 0)],
    });
  }),
  broken("A16", "a bank voids what the others settle", ["atomicity", 2], (ledgers) => {
    const swap = ledgers.swap();
    ledgers.locks(swap);
    const votes = ledgers.votes(swap);
    ledgers.settle(swap, 0, votes);
    ledgers.void(swap, 1, votes);
  }),
  {
    rule: "A16",
    what: "three liars commit what the fourth never locked",
    code: "atomicity",
    guilty: [CORRIDOR_ITSELF, "bank-1", "bank-3", "bank-4"],
    plant: (ledgers) => {
      const swap = ledgers.swap();
      ledgers.announce(swap);
      ledgers.lock(swap, 0);
      ledgers.settle(swap, 0, ledgers.votes(swap, [1, 3, 4]));
    },
  },
  {
    rule: "A17",
    what: "three liars decide both",
    code: "atomicity",
    guilty: [CORRIDOR_ITSELF, "bank-1", "bank-2", "bank-3"],
    plant: (ledgers) => {
      const swap = ledgers.swap(3);
      ledgers.locks(swap);
      ledgers.votes(swap);
      ledgers.slowPath(swap, ABORT, null);
    },
  },
];

function signatureBroken(publicBytes: Bytes): Bytes {
  const header = publicBytes[2] ?? 0;
  // Array head, two bytes before the header, the header, two bytes before the signature.
  const at = 1 + 2 + header + 2;
  return publicBytes.with(at, (publicBytes[at] ?? 0) ^ 1);
}

function lastSignatureBroken(file: Bytes): Bytes {
  const last = parseLedgerFile(file).records.at(-1);
  if (last === undefined) throw new RangeError("an empty ledger");
  const record = encodeRecord(last.kind, signatureBroken(last.payload));
  return concatBytes(file.subarray(0, last.offset), record);
}

export const PLANTED: readonly PlantedCase[] = [...files, ...domestic, ...CONDUCT_CASES, ...across];
