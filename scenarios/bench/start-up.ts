import process from "node:process";
import { openBank } from "../../corridor/replay.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { encode } from "../../crypto/canonical-layout.ts";
import { acceleratedVerifier } from "../../crypto/ed25519.ts";
import { digest, ZERO_HASH, type Hash } from "../../crypto/hash.ts";
import { bankNumber, memberId } from "../../node/ids.ts";
import { opensslSigner, opensslVerifier } from "../../node/io/openssl.ts";
import { encodeBothForms, sealBlock } from "../../node/ledger/block.ts";
import { DOMESTIC, domesticEntryLayout, SALT_BYTES } from "../../node/ledger/domestic-entries.ts";
import { OWN_BLOCK, RECORD_HEAD_BYTES, type LedgerRecord } from "../../node/ledger/record.ts";
import { ZERO } from "../../node/money.ts";
import { makeCorridor } from "../play/corridor-keys.ts";
import { BENCH_BANKS } from "./corridor-shape.ts";

/** How long a bank takes to open a ledger with so many accounts, and what it keeps in memory. */
export interface StartUp {
  readonly accounts: number;
  readonly ms: number;
  readonly heapMb: number;
}

/** Enrolments in one block: each is about 120 bytes, a block at most 262,144. */
const ENTRIES_IN_A_BLOCK = 1_500;

/** Writes a ledger of enrolments, then opens it as a bank that starts does: every block verified again. */
export function measureStartUp(accounts: number): StartUp {
  const verifier = acceleratedVerifier(opensslVerifier());
  const [bank] = BENCH_BANKS;
  const plan = {
    name: "bench",
    banks: [{ ...bank, name: bank.id, decimals: 2 }],
    byzantine: 0,
    crashed: 0,
    deltaMs: 250,
    ttlMs: 30_000,
  };
  const { genesis, keys } = makeCorridor(plan, verifier);
  const own = keys.get(bank.id);
  if (own === undefined) throw new TypeError("no keys");
  const signer = opensslSigner(own.ledgerSeed);
  const records = enrolments(accounts, { net: genesis.net, signer });
  const before = process.memoryUsage().heapUsed;
  const start = performance.now();
  const { saltSecret } = own;
  const rest = { saltSecret, trace: false, alone: false };
  const opened = openBank({ genesis, self: bankNumber(1), signer, verifier, ...rest }, records);
  const ms = performance.now() - start;
  const members = opened.ok ? opened.value.state.books.members.size : 0;
  if (members !== accounts) throw new TypeError(`${members} accounts after the start`);
  const heapMb = (process.memoryUsage().heapUsed - before) / 2 ** 20;
  return { accounts, ms, heapMb };
}

function enrolments(
  accounts: number,
  { net, signer }: { readonly net: Hash; readonly signer: ReturnType<typeof opensslSigner> },
): readonly LedgerRecord[] {
  const records: LedgerRecord[] = [];
  const salt = new Uint8Array(SALT_BYTES) as Bytes;
  const key = digest(salt);
  let [prev, offset] = [ZERO_HASH, 0];
  for (let first = 0; first < accounts; first += ENTRIES_IN_A_BLOCK) {
    const count = Math.min(ENTRIES_IN_A_BLOCK, accounts - first);
    const domestic = Array.from({ length: count }, (_, i) => {
      const member = memberId(`member-${first + i}`);
      const state = { memberClass: 5, resident: 1, key, reserves: ZERO, timeMs: 0, salt } as const;
      return encode(domesticEntryLayout, { kind: DOMESTIC.ENROL, member, ...state });
    });
    const seq = records.length + 1;
    const position = { net, bank: 1, epoch: 0, seq, prev, timeMs: 0 };
    const block = sealBlock({ ...position, corridor: [], domestic }, signer);
    const payload = encodeBothForms(block).full;
    records.push({ kind: OWN_BLOCK, offset, payload });
    offset += RECORD_HEAD_BYTES + payload.length;
    prev = block.hash;
  }
  return records;
}
