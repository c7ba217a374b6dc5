import type { Bytes } from "../../crypto/bytes.ts";
import {
  LEDGER_MAGIC,
  readRecord,
  RECORD_HEAD_BYTES,
  type LedgerRecord,
} from "../../node/ledger/record.ts";
import type { Prng } from "../sim/prng.ts";
import { isUp, type Seat } from "../sim/seat.ts";
import type { World } from "../sim/world.ts";

/** How much of a journal is read for samples. */
const SAMPLED_BYTES = 8 * 2 ** 20;

/** The first records of a seat's durable journal, as copies. */
export function firstRecords(seat: Seat, most: number): readonly LedgerRecord[] {
  const content = seat.disk.read(0, Math.min(seat.disk.durable, SAMPLED_BYTES)).slice();
  const records: LedgerRecord[] = [];
  for (let at = LEDGER_MAGIC.length; records.length < most && at < content.length;) {
    const record = readRecord(content, at);
    if (typeof record === "string") break;
    records.push(record);
    at += RECORD_HEAD_BYTES + record.payload.length;
  }
  return records;
}

/** Up to `count` of the items, each as likely as the others. */
export const sample = <T>(items: readonly T[], count: number, prng: Prng): readonly T[] =>
  prng.shuffle(items).slice(0, count);

/** One of the honest seats that are up at the end; `undefined` when there is none. */
export function anySeat(
  { seats }: World,
  isHonest: (seat: Seat) => boolean,
  prng: Prng,
): Seat | undefined {
  const able = seats.filter((seat) => isUp(seat) && isHonest(seat));
  return able.length === 0 ? undefined : prng.pick(able);
}

/** The same bytes but for one bit. */
export function flipped(bytes: Bytes, prng: Prng): Bytes {
  const copy = bytes.slice();
  const at = prng.int(0, copy.length - 1);
  copy[at] = (copy[at] as number) ^ (1 << prng.int(0, 7));
  return copy;
}
