import { decode } from "../../../crypto/canonical-layout.ts";
import { equalBytes, type Bytes } from "../../../crypto/bytes.ts";
import { headerLayout } from "../../../node/ledger/block.ts";
import { storedAt } from "../../../corridor/logs.ts";
import { MESSAGE, PUSH_PREFIX } from "../../../corridor/messages.ts";
import type { Seat } from "../../sim/seat.ts";
import type { MakeChecker } from "../checker.ts";

/** P12: when an honest bank sends a block of its own, those very bytes stand on its synced disk. */
export const writeAhead: MakeChecker = ({ isHonest, violated }) => {
  // A bank sends one and the same message to all others in turn.
  const lastSent = new Map<Seat, Bytes>();
  return {
    property: "P12",
    onSend: (seat, _to, bytes) => {
      if (bytes[0] !== MESSAGE.PUSH || !isHonest(seat) || lastSent.get(seat) === bytes) return;
      lastSent.set(seat, bytes);
      const missing = missingOnDisk(seat, bytes);
      if (missing !== undefined) violated("P12", seat, missing);
    },
  };
};

/** The message's kind and the array head of the block; then the header, whose length takes up to 3 bytes. */
const PREFIX_BYTES = PUSH_PREFIX.length;
const SHORT_BIN = 0xc4;
const LONG_BIN = 0xc5;

/** The header alone: all else of the message is compared with the disk byte for byte. */
function headerOf(bytes: Bytes) {
  const [kind, high = 0, low = 0] = bytes.subarray(PREFIX_BYTES);
  if (kind !== SHORT_BIN && kind !== LONG_BIN) return undefined;
  const start = PREFIX_BYTES + (kind === SHORT_BIN ? 2 : 3);
  const length = kind === SHORT_BIN ? high : high * 256 + low;
  return decode(headerLayout, bytes.subarray(start, start + length));
}

function missingOnDisk(seat: Seat, bytes: Bytes): string | undefined {
  const header = headerOf(bytes);
  if (header?.ok !== true) return "it sends a block that does not decode";
  const { bank, seq } = header.value;
  if (bank !== seat.config.self) return undefined;
  const log = seat.machine?.state.logs.get(bank);
  const place = log === undefined ? undefined : storedAt(log, seq, null);
  if (place === undefined || place.offset + place.length > seat.disk.durable) {
    return `block ${seq} leaves before it is durable`;
  }
  const isOnDisk = equalBytes(
    seat.disk.read(place.offset, place.length),
    bytes.subarray(PREFIX_BYTES),
  );
  return isOnDisk ? undefined : `block ${seq} leaves with other bytes than the disk has`;
}
