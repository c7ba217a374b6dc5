import { describe, expect, it } from "vitest";
import { encode, decode } from "../../crypto/canonical-layout.ts";
import { concatBytes, type Bytes } from "../../crypto/bytes.ts";
import { auditChain } from "../../corridor/shared-ledger/audit.ts";
import { signVote } from "../../corridor/shared-ledger/certificates.ts";
import { stateRecordLayout } from "../../corridor/shared-ledger/journal.ts";
import { usualParameters } from "../../corridor/shared-ledger/state.ts";
import { CHAIN_STATE, encodeRecord, parseLedgerFile } from "../../node/ledger/record.ts";
import { signerOf } from "../../scenarios/explore/corridor.ts";
import { SharedWorld } from "./shared-kit.ts";

const PARAMETERS = usualParameters(3);

function playedWorld(swaps: number): SharedWorld {
  const shared = new SharedWorld({ n: 4, b: 1, c: 0 }, { parameters: PARAMETERS }).found();
  for (let i = 0; i < swaps; i++) {
    shared.swap(1 + (i % 4), 1 + ((i + 1) % 4));
    shared.runFor(500);
  }
  return shared.runFor(5_000);
}

const shared = playedWorld(3);
const journals = shared.world.seats.map((seat) => seat.disk.content());

function findings(files: readonly Bytes[], heads: readonly (Bytes | undefined)[] = []) {
  const ledgers = files.map((bytes, i) => {
    const whole = heads[i];
    const head = whole === undefined ? undefined : auditOf([whole], i).heads.get(i + 1);
    return { bank: i + 1, bytes, head };
  });
  const { genesis, signatures } = shared.corridor;
  const { report } = auditChain(ledgers, genesis, signatures.verifier, PARAMETERS);
  return report.findings.map(({ code, bank }) => `${code} ${bank}`);
}

const auditOf = (files: readonly Bytes[], from = 0) => {
  const { genesis, signatures } = shared.corridor;
  const ledgers = files.map((bytes, i) => ({ bank: from + i + 1, bytes, head: undefined }));
  return auditChain(ledgers, genesis, signatures.verifier, PARAMETERS);
};

describe("the audit of a shared ledger", () => {
  it("finds nothing in the journals of a run, and executes every swap again", () => {
    const { report, seen } = auditOf(journals);
    expect(report.findings).toEqual([]);
    expect(report.swaps.size).toBe(3);
    expect(report.blocks).toBeGreaterThan(3);
    for (const swaps of seen.values()) expect(swaps.size).toBe(3);
  });

  it("finds a bit that was changed anywhere in a journal", () => {
    const [first = new Uint8Array(), ...others] = journals;
    for (let i = 1; i < 40; i++) {
      const changed = first.slice();
      const at = Math.floor((i * (changed.length - 1)) / 40);
      changed[at] = (changed[at] ?? 0) ^ 4;
      expect(findings([changed, ...others], [first]), `byte ${at}`).not.toEqual([]);
    }
  });

  it("finds a journal that ends before its head", () => {
    const [first = new Uint8Array(), ...others] = journals;
    const { records } = parseLedgerFile(first);
    const cut = first.slice(0, records[Math.floor(records.length / 2)]?.offset ?? 0);
    expect(findings([cut, ...others], [first])).toContain("ledger_cut_short bank-1");
  });

  it("names a validator that voted twice in one view", () => {
    const [first = new Uint8Array(), ...others] = journals;
    const votes = parseLedgerFile(first).records.flatMap(({ kind, payload }) => {
      const state = kind === CHAIN_STATE ? decode(stateRecordLayout, payload) : undefined;
      return state?.ok === true && state.value.vote !== null ? [state.value] : [];
    });
    const last = votes.at(-1);
    if (last?.vote == null) throw new Error("no vote in the journal");
    const other = { view: last.vote.view, block: last.highQc.block };
    const { genesis } = shared.corridor;
    const signature = signVote(genesis, other, signerOf(shared.corridor, 1));
    const second = encode(stateRecordLayout, { ...last, vote: { ...other, signature } });
    const twice = concatBytes(first, encodeRecord(CHAIN_STATE, second));
    expect(findings([twice, ...others])).toEqual(["conduct bank-1"]);
    const unsigned = encode(stateRecordLayout, {
      ...last,
      vote: last.vote && { ...last.vote, ...other },
    });
    const forged = concatBytes(first, encodeRecord(CHAIN_STATE, unsigned));
    expect(findings([forged, ...others])).toContain("signature_invalid bank-1");
  });

  it("finds two histories with different final blocks", () => {
    const [first = new Uint8Array()] = journals;
    const [, ...rest] = playedApart();
    expect(findings([first, ...rest])).toContain("equivocation the corridor");
  });
});

/** The same banks in another history: the swaps go the other way round. */
function playedApart(): readonly Bytes[] {
  const apart = new SharedWorld({ n: 4, b: 1, c: 0 }, { parameters: PARAMETERS, seed: 2 }).found([
    4,
  ]);
  apart.swap(3, 2);
  return apart.runFor(5_000).world.seats.map((seat) => seat.disk.content());
}
