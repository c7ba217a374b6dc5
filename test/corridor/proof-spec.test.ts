import { describe, expect, it } from "vitest";
import { inclusionProof } from "../../crypto/merkle.ts";
import { COMMIT, CORRIDOR, type CorridorEntry } from "../../corridor/entries.ts";
import { checkSwapProof, encodeSwapProof, type EntryProof } from "../../corridor/proof.ts";
import { SHAPES } from "../../scenarios/explore/corridor.ts";
import { announcementOf, agreeSwap, ringLegs } from "../../scenarios/explore/agreed-swaps.ts";
import { Puppet } from "../../scenarios/explore/puppet.ts";
import { testCorridor } from "./kit.ts";

const corridor = testCorridor(SHAPES[4]);
const deal = agreeSwap(corridor, { number: 1, legs: ringLegs([1, 2]) });
const { bytes: announcement, sid } = announcementOf(corridor, deal);

const vote: CorridorEntry = { kind: CORRIDOR.VOTE, sid };
const confirm = (view: number): CorridorEntry => ({
  kind: CORRIDOR.CONFIRM,
  sid,
  view,
  decision: COMMIT,
});

/** A ballot that a bank signed, in a block of its own. */
function ballot(bank: number, entry: CorridorEntry): EntryProof {
  const { block } = new Puppet(corridor, bank).write(entry);
  const { headerBytes: header, signature, corridor: entries } = block;
  return {
    header,
    signature,
    entry: entries[0] ?? new Uint8Array(0),
    index: 0,
    path: inclusionProof(entries, 0),
  };
}

function verdictOn(...certificate: readonly EntryProof[]): string {
  const bytes = encodeSwapProof({ version: 1, announcement, certificate, closings: [] });
  const checked = checkSwapProof(bytes, corridor.genesis, corridor.signatures.verifier);
  return checked.ok ? `by ${checked.value.signers.join(", ")}` : checked.error.why;
}

describe("3.12 a proof shows q distinct signers and one decision value", () => {
  it("three of four banks' VOTEs prove COMMIT", () => {
    expect(verdictOn(ballot(1, vote), ballot(2, vote), ballot(3, vote))).toBe("by 1, 2, 3");
  });

  it("q - 1 banks prove nothing", () => {
    expect(verdictOn(ballot(1, vote), ballot(2, vote))).toBe("2 banks, the quorum is 3");
  });

  it("a bank counts once", () => {
    const twice = ballot(2, vote);
    expect(verdictOn(ballot(1, vote), twice, twice, ballot(3, vote))).toBe("a bank twice");
  });

  it("ballots of different views do not add up", () => {
    const other = "another view or decision than the first ballot";
    expect(verdictOn(ballot(1, confirm(1)), ballot(2, confirm(1)), ballot(3, confirm(2)))).toBe(
      other,
    );
    expect(verdictOn(ballot(1, vote), ballot(2, vote), ballot(3, confirm(1)))).toBe(other);
  });
});
