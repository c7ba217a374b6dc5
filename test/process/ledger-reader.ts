import { decode } from "../../crypto/canonical-layout.ts";
import { hashKey } from "../../crypto/hash.ts";
import { parseAnnouncement, swapIdOf } from "../../corridor/announcement.ts";
import { CORRIDOR, corridorEntryLayout } from "../../corridor/entries.ts";
import { parseInstruction } from "../../node/instruction.ts";
import { parseFullBlock } from "../../node/ledger/block.ts";
import { domesticEntryLayout } from "../../node/ledger/domestic-entries.ts";
import { OWN_BLOCK, parseLedgerFile } from "../../node/ledger/record.ts";

/** What a test asks of a ledger, read from its own blocks without checking a signature. */
export interface LedgerContent {
  /** Commitments of the swaps announced here, by swap id. */
  readonly announced: ReadonlyMap<string, string>;
  /** `settled` or `voided`, by swap id and leg. */
  readonly closed: ReadonlyMap<string, "settled" | "voided">;
  /** `member number` of every instruction that an entry took in, and how often. */
  readonly taken: ReadonlyMap<string, number>;
}

export function readLedger(bytes: Uint8Array): LedgerContent {
  const announced = new Map<string, string>();
  const closed = new Map<string, "settled" | "voided">();
  const taken = new Map<string, number>();
  for (const { kind, payload } of parseLedgerFile(bytes).records) {
    const block = kind === OWN_BLOCK ? parseFullBlock(payload) : undefined;
    if (block?.ok !== true) continue;
    for (const entry of block.value.corridor) readCorridor(entry, announced, closed);
    for (const entry of block.value.domestic) {
      const member = memberOf(entry);
      if (member !== undefined) taken.set(member, (taken.get(member) ?? 0) + 1);
    }
  }
  return { announced, closed, taken };
}

function readCorridor(
  bytes: Uint8Array,
  announced: Map<string, string>,
  closed: Map<string, "settled" | "voided">,
): void {
  const entry = decode(corridorEntryLayout, bytes);
  if (!entry.ok) return;
  const { value } = entry;
  if (value.kind === CORRIDOR.SETTLE) closed.set(`${hashKey(value.sid)} ${value.leg}`, "settled");
  if (value.kind === CORRIDOR.VOID) closed.set(`${hashKey(value.sid)} ${value.leg}`, "voided");
  if (value.kind !== CORRIDOR.ANNOUNCE) return;
  const announcement = parseAnnouncement(value.announcement);
  if (!announcement.ok) return;
  announced.set(hashKey(swapIdOf(value.announcement)), hashKey(announcement.value.commitment));
}

function memberOf(bytes: Uint8Array): string | undefined {
  const entry = decode(domesticEntryLayout, bytes);
  if (!entry.ok || !("instruction" in entry.value) || entry.value.instruction === null) {
    return undefined;
  }
  const instruction = parseInstruction(entry.value.instruction);
  return instruction.ok ? `${instruction.value.member} ${instruction.value.number}` : undefined;
}
