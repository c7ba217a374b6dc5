import { decode } from "../../../crypto/canonical-layout.ts";
import { equalBytes, type Bytes } from "../../../crypto/bytes.ts";
import { publicBlockLayout, headerLayout } from "../../../node/ledger/block.ts";
import { storedAt } from "../../../corridor/logs.ts";
import { MESSAGE } from "../../../corridor/messages.ts";
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

function missingOnDisk(seat: Seat, bytes: Bytes): string | undefined {
  const body = bytes.subarray(1);
  const parts = decode(publicBlockLayout, body);
  const header = parts.ok ? decode(headerLayout, parts.value.header) : parts;
  if (!header.ok) return "it sends a block that does not decode";
  const { bank, seq } = header.value;
  if (bank !== seat.config.self) return undefined;
  const log = seat.machine?.state.logs.get(bank);
  const place = log === undefined ? undefined : storedAt(log, seq, null);
  if (place === undefined || place.offset + place.length > seat.disk.durable) {
    return `block ${seq} leaves before it is durable`;
  }
  const isOnDisk = equalBytes(seat.disk.read(place.offset, place.length), body.subarray(1));
  return isOnDisk ? undefined : `block ${seq} leaves with other bytes than the disk has`;
}
