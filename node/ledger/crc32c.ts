import type { Bytes } from "../../crypto/bytes.ts";

/** CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `bytes` from `start` up to `end`. */
export function crc32c(bytes: Bytes, start = 0, end = bytes.length): number {
  let crc = 0xffffffff;
  let i = start;
  // Four bytes at once: a ledger passes through here with every block that is written.
  for (; i + 4 <= end; i += 4) {
    const word =
      crc ^
      ((bytes[i] as number) |
        ((bytes[i + 1] as number) << 8) |
        ((bytes[i + 2] as number) << 16) |
        ((bytes[i + 3] as number) << 24));
    crc =
      (THREE_MORE[word & 0xff] as number) ^
      (TWO_MORE[(word >>> 8) & 0xff] as number) ^
      (ONE_MORE[(word >>> 16) & 0xff] as number) ^
      (TABLE[word >>> 24] as number);
  }
  for (; i < end; i++) crc = pushed(crc ^ (bytes[i] as number));
  return (crc ^ 0xffffffff) >>> 0;
}

/** What each byte does to the checksum. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

const pushed = (crc: number): number => (TABLE[crc & 0xff] as number) ^ (crc >>> 8);

/** The same when one, two or three more bytes have followed. */
const ONE_MORE = TABLE.map(pushed);
const TWO_MORE = ONE_MORE.map(pushed);
const THREE_MORE = TWO_MORE.map(pushed);
