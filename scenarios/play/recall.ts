import { decode } from "../../crypto/canonical-layout.ts";
import { hashKey } from "../../crypto/hash.ts";
import { parseAnnouncement, swapIdOf } from "../../corridor/announcement.ts";
import { CORRIDOR, corridorEntryLayout, isCertificate, isClosing } from "../../corridor/entries.ts";
import { readChain } from "../../corridor/shared-ledger/read-chain.ts";
import type {
  ChainParameters,
  FinalBlock,
  ValidatorConfig,
} from "../../corridor/shared-ledger/state.ts";
import { parseFullBlock, parsePublicBlock } from "../../node/ledger/block.ts";
import { OWN_BLOCK, parseLedgerFile } from "../../node/ledger/record.ts";
import { instant, type Instant } from "../../node/time.ts";
import type { SwapReport } from "./recorder.ts";

/**
 * How swaps ended, as a bank's ledger has it: a bank that was killed between the durable SETTLE or VOID
 * and its report never makes that report. Times are those of the blocks, in whole milliseconds.
 */
export function recallFinals(ledger: Uint8Array): readonly SwapReport[] {
  const commitments = new Map<string, string>();
  const locked = new Map<string, Instant>();
  const finals: SwapReport[] = [];
  for (const { kind, payload } of parseLedgerFile(ledger).records) {
    const block = kind === OWN_BLOCK ? parseFullBlock(payload) : parsePublicBlock(payload);
    if (!block.ok) continue;
    const at = instant(block.value.header.timeMs * 1000);
    for (const bytes of block.value.corridor) {
      const decoded = decode(corridorEntryLayout, bytes);
      if (!decoded.ok) continue;
      const entry = decoded.value;
      if (entry.kind === CORRIDOR.ANNOUNCE) {
        const announcement = parseAnnouncement(entry.announcement);
        if (!announcement.ok) continue;
        const sid = hashKey(swapIdOf(entry.announcement));
        commitments.set(sid, hashKey(announcement.value.commitment));
      }
      if (kind !== OWN_BLOCK) continue;
      if (entry.kind === CORRIDOR.LOCK || entry.kind === CORRIDOR.HLOCK) {
        locked.set(hashKey(entry.sid), at);
      }
      if (!isClosing(entry)) continue;
      const sid = hashKey(entry.sid);
      const isCertified = entry.kind !== CORRIDOR.PAY && isCertificate(entry.grounds);
      const view = isCertified ? entry.grounds.view : 0;
      finals.push({
        kind: "swap",
        sid,
        commitment: commitments.get(sid) ?? "",
        outcome: entry.kind === CORRIDOR.VOID ? "voided" : "settled",
        view,
        refusal: null,
        times: { ...NO_TIMES, locked: locked.get(sid) ?? NEVER, final: at },
      });
    }
  }
  return finals;
}

const NEVER = instant(0);
const NO_TIMES = { received: NEVER, announced: NEVER, locked: NEVER, voted: NEVER, decided: NEVER };

/**
 * The same for the journal of a shared ledger: it is executed again. Times are those of the blocks, by
 * their leaders' clocks.
 */
export function recallChainFinals(
  journal: Uint8Array,
  config: Pick<ValidatorConfig, "genesis" | "self" | "verifier">,
  parameters: ChainParameters,
): readonly SwapReport[] {
  const finals: SwapReport[] = [];
  const { self } = config;
  const onFinal = ({ block, executed }: FinalBlock): void => {
    const at = instant(block.header.timeMs * 1000);
    for (const outcome of executed.flatMap(({ outcomes }) => outcomes)) {
      if (outcome.kind !== "swap") continue;
      const { sid, swapKey, announcement, refusedBy, code } = outcome;
      const isRejection = refusedBy !== undefined && refusedBy.bank === announcement.legBanks[0];
      if (isRejection || !announcement.legBanks.includes(self)) continue;
      finals.push({
        kind: "swap",
        sid: hashKey(sid),
        commitment: swapKey,
        outcome: outcome.outcome,
        view: 0,
        refusal: code === "PVP_EXPIRED" ? null : code,
        times: { ...NO_TIMES, locked: NEVER, final: at },
      });
    }
  };
  readChain(config, parameters, parseLedgerFile(journal).records, onFinal);
  return finals;
}
