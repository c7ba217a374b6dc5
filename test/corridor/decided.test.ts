import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvariantViolation } from "../../crypto/outcome.ts";
import { hashKey, type Hash } from "../../crypto/hash.ts";
import {
  decisionName,
  lookUpDecided,
  newDecidedIndex,
  recordDecided,
} from "../../corridor/decided.ts";
import { ABORT, COMMIT, type Certificate, type Decision } from "../../corridor/entries.ts";
import { MAX_VIEW } from "../../corridor/limits.ts";
import { bytesNamed } from "../bytes.ts";
import { holds } from "../property.ts";

const certificateOf = (
  decision: Decision,
  view: number,
  authors: readonly number[],
): Certificate => ({
  decision,
  view,
  refs: authors.map((bank) => ({
    bank,
    seq: bank * 1_000_000_007,
    index: 3,
    blockHash: bytesNamed(`block of ${bank}`),
  })),
});

const blocksOf = ({ refs }: Certificate) => refs.map(({ bank, seq }) => ({ bank, seq }));

describe("the index of decided swaps", () => {
  it("answers like a map, whatever the swaps are called and however many there are", () => {
    // Names that begin alike fall into one row and have to be told apart by the rest.
    const sid = fc.tuple(fc.constantFrom(0, 1, 0xffffffff), fc.nat(40)).map(([start, rest]) => {
      const bytes = bytesNamed(`swap ${rest}`);
      new DataView(bytes.buffer).setUint32(0, start);
      return bytes;
    });
    const certificate = fc
      .tuple(
        fc.nat(MAX_VIEW),
        fc.constantFrom(COMMIT, ABORT),
        fc.uniqueArray(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 4 }),
      )
      .map(([view, decision, authors]) => certificateOf(decision, view, authors));
    const asMap = fc.property(
      fc.array(fc.tuple(sid, certificate), { maxLength: 80 }),
      (decisions) => {
        const index = newDecidedIndex(4);
        const model = new Map<string, Certificate>();
        for (const [name, decided] of decisions) {
          const known = model.get(hashKey(name));
          if (known !== undefined && known.decision !== decided.decision) {
            expect(() => recordDecided(index, name, decided)).toThrow(InvariantViolation);
            continue;
          }
          recordDecided(index, name, decided);
          model.set(hashKey(name), known ?? decided);
        }
        expect(index.count).toBe(model.size);
        for (const [name] of decisions) {
          const { decision, view } = model.get(hashKey(name)) as Certificate;
          const blocks = blocksOf(model.get(hashKey(name)) as Certificate);
          expect(lookUpDecided(index, name)).toEqual({ decision, view, blocks });
        }
        expect(lookUpDecided(index, bytesNamed("another"))).toBeUndefined();
      },
    );
    holds(asMap, 300);
  });

  it("forgets nothing when it grows", () => {
    const index = newDecidedIndex(3);
    const names: Hash[] = [];
    for (let i = 0; i < 5_000; i++) {
      const name = bytesNamed(`swap ${i}`);
      names.push(name);
      recordDecided(
        index,
        name,
        certificateOf(i % 3 === 0 ? ABORT : COMMIT, i % 20, [1, 2, (i % 60) + 3]),
      );
    }
    for (const [i, name] of names.entries()) {
      expect(lookUpDecided(index, name)).toEqual({
        decision: i % 3 === 0 ? ABORT : COMMIT,
        view: i % 20,
        blocks: blocksOf(certificateOf(COMMIT, 0, [1, 2, (i % 60) + 3])),
      });
    }
  });

  it("CertificateUniqueness: a second, different decision is the end; the same one again changes nothing", () => {
    const index = newDecidedIndex(2);
    const sid = bytesNamed("a swap");
    recordDecided(index, sid, certificateOf(COMMIT, 0, [1, 2]));
    recordDecided(index, sid, certificateOf(COMMIT, 3, [3, 4]));
    expect(lookUpDecided(index, sid)?.view).toBe(0);
    expect(() => recordDecided(index, sid, certificateOf(ABORT, 1, [1, 2]))).toThrow(
      "CertificateUniqueness",
    );
    expect(index.count).toBe(1);
  });

  it("names the outcomes", () => {
    expect([decisionName(COMMIT), decisionName(ABORT)]).toEqual(["settled", "voided"]);
  });
});
