import { describe, expect, it } from "vitest";
import { auditRun } from "../../corridor/audit/audit.ts";
import { renderFinding } from "../../corridor/audit/findings.ts";
import { ABORT, COMMIT, CORRIDOR } from "../../corridor/entries.ts";
import { auditPlanted, HandLedgers } from "./hand-ledgers.ts";
import { PLANTED, plantedIn } from "./planted-cases.ts";

describe("the audit of FORMAT.md 12.3", () => {
  it.each(PLANTED)("$rule: $what", (planted) => {
    const { ledgers, ...given } = plantedIn(planted);
    const findings = auditPlanted(ledgers.corridor, given);
    const [guilty] = planted.guilty;
    const named = findings.filter(({ code, bank }) => code === planted.code && bank === guilty);
    const details = named.map(({ detail }) => detail).join("\n");
    expect(details).toMatch(planted.rule.startsWith("C") ? `${planted.rule}: ` : /./);
    const framed = findings.filter(({ bank }) => !planted.guilty.includes(bank));
    expect(framed.map(renderFinding)).toEqual([]);
  });

  it("has a case for every rule that a ledger can break", () => {
    const numbers = (letter: string, from: number, to: number): readonly string[] =>
      Array.from({ length: to - from + 1 }, (_, i) => `${letter}${from + i}`);
    // A1 is the genesis, A13 collects, and nothing breaks A12 that does not break A9 before.
    const rules = [...numbers("A", 2, 17), ...numbers("C", 0, 15)];
    const planted = new Set(PLANTED.map(({ rule }) => rule));
    const missing = rules.filter((rule) => !planted.has(rule));
    expect(missing).toEqual(["A12", "A13"]);
  });

  it("finds nothing when a swap is settled on the fast path", () => {
    const ledgers = new HandLedgers();
    const swap = ledgers.swap();
    ledgers.locks(swap);
    const votes = ledgers.votes(swap);
    ledgers.settle(swap, 0, votes);
    ledgers.settle(swap, 1, votes);
    expect(auditPlanted(ledgers.corridor, given(ledgers))).toEqual([]);
  });

  it.each([
    ["COMMIT with P", COMMIT],
    ["ABORT without P", ABORT],
  ] as const)("finds nothing when the slow path decides %s", (_, decision) => {
    const ledgers = new HandLedgers();
    const swap = ledgers.swap(3);
    const locks = ledgers.locks(swap);
    const { accepts, confirms } = ledgers.slowPath(
      swap,
      decision,
      decision === COMMIT ? locks : null,
    );
    const status = {
      kind: CORRIDOR.STATUS,
      sid: swap.sid,
      view: 2,
      locks: null,
      lock: { view: 1, decision, accepts },
    } as const;
    ledgers.each([1, 2, 3], status);
    if (decision === ABORT) for (const leg of [0, 1] as const) ledgers.void(swap, leg, confirms);
    expect(auditPlanted(ledgers.corridor, given(ledgers))).toEqual([]);
  });

  it("reports a bank without head and ledger, and a number that is no bank's", () => {
    const { corridor } = new HandLedgers();
    const none = { bytes: undefined, head: undefined };
    const asked = [2, 77].map((bank) => ({ bank, ...none }));
    const { findings } = auditRun(asked, corridor.genesis, corridor.signatures.verifier);
    expect(findings).toMatchObject([
      { code: "ledger_cut_short", bank: "bank-2" },
      { code: "ledger_cut_short", bank: "77" },
    ]);
  });

  it("forgives that a bank that never started has no ledger", () => {
    const { corridor } = new HandLedgers();
    const head = { seq: 0, hash: "", bytes: 0 };
    for (const bytes of [undefined, new Uint8Array(0)]) {
      const asked = [{ bank: 2, bytes, head }];
      expect(auditRun(asked, corridor.genesis, corridor.signatures.verifier).findings).toEqual([]);
    }
  });

  it("convicts a bank by two copies alone, though its ledger is not audited", () => {
    const ledgers = new HandLedgers();
    const [a, b] = [{}, { timeMs: 1_790_000_000_000 }].map((draft) => ledgers.forked(4, draft));
    for (const [to, block] of [a, b].entries())
      if (block !== undefined) ledgers.copy(to + 1, block);
    const asked = [1, 2].map((bank) => ({ bank, bytes: ledgers.file(bank), head: undefined }));
    const { genesis, signatures } = ledgers.corridor;
    const { verifier } = signatures;
    expect(auditRun(asked, genesis, verifier).findings).toMatchObject([
      { code: "equivocation", bank: "bank-4" },
    ]);
  });
});

const given = (ledgers: HandLedgers) => ({ files: ledgers.files, heads: ledgers.heads() });
