import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memberId } from "../../../node/ids.ts";
import { durationMs } from "../../../node/time.ts";
import type { Scenario, ScenarioTag } from "../../../scenarios/scenario.ts";
import { planWorkload } from "../../../scenarios/workload/plan-workload.ts";
import { holds } from "../../property.ts";
import {
  amount,
  BANKS,
  corridor,
  generated,
  member,
  membersWith,
  planOf,
  PLENTY,
  refusalOf,
  PLAIN_LINE,
  SCHOOL,
  swapsOf,
  textOf,
} from "./corridor.ts";
import { worstCase } from "./worst-case.ts";

const seeds = fc.nat(Number.MAX_SAFE_INTEGER);

describe("a generated plan", () => {
  it("is the same byte by byte for the same seed, and another one for another", () => {
    const texts = new Map<number, string>();
    const property = fc.property(seeds, (seed) => {
      const text = textOf(planOf(corridor({ seed })));
      expect(text).toBe(textOf(planOf(corridor({ seed }))));
      texts.set(seed, text);
    });
    holds(property, 30);
    expect(new Set(texts.values()).size).toBe(texts.size);
  });

  it("has the asked number of payments of each kind, numbered in order of time", () => {
    const counts = fc.record({
      domesticPayments: fc.nat(40),
      taggedPayments: fc.nat(40),
      oneWayPayments: fc.nat(40),
    });
    const property = fc.property(seeds, counts, (seed, wanted) => {
      const { payments } = planOf(corridor({ seed, workload: generated(wanted) }));
      const countOf = (kind: string): number =>
        payments.filter((payment) => payment.kind === kind).length;
      expect(countOf("domestic")).toBe(wanted.domesticPayments);
      expect(countOf("tagged")).toBe(wanted.taggedPayments);
      expect(countOf("one-way")).toBe(wanted.oneWayPayments);
      expect(payments.map(({ id }) => id)).toEqual(payments.map((_, i) => `payment-${i + 1}`));
      const times = payments.map(({ atMs }) => atMs);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times.every((atMs) => atMs >= 0 && atMs < 15_000)).toBe(true);
    });
    holds(property, 40);
  });

  it("keeps its swaps when payments are added, and its tagged payments whatever else there is", () => {
    const more = generated({ domesticPayments: 500, taggedPayments: 200, oneWayPayments: 300 });
    expect(planOf(corridor({ workload: more })).swaps).toEqual(planOf(corridor()).swaps);
    const taggedIn = (scenario: Scenario) =>
      planOf(scenario)
        .payments.filter(({ kind }) => kind === "tagged")
        .map((payment) => ({ ...payment, id: "any" }));
    const alone = generated({ swaps: null, domesticPayments: 0, oneWayPayments: 0 });
    expect(planOf(corridor({ workload: alone })).swaps).toEqual([]);
    expect(taggedIn(corridor({ workload: alone }))).toEqual(taggedIn(corridor()));
  });

  it("can be paid in the worst case: no money that comes in is needed, no payment is late", () => {
    const cases = fc.record({
      seed: seeds,
      duration: fc.integer({ min: 1, max: 60_000 }),
      count: fc.integer({ min: 1, max: 120 }),
      totalUsd: fc.bigInt(1_000_00n, 10n ** 9n),
      domesticPayments: fc.nat(60),
      taggedPayments: fc.nat(60),
      oneWayPayments: fc.nat(60),
      issue: fc.array(fc.bigInt(0n, 10n ** 13n), { minLength: 5, maxLength: 5 }),
      tags: fc.array(
        fc.record({
          issue: fc.bigInt(1n, 10n ** 6n),
          max: fc.bigInt(1n, 10n ** 6n),
          validForMs: fc.integer({ min: 1, max: 30_000 }),
          payees: fc.shuffledSubarray([...SCHOOL.payees], { minLength: 1 }),
        }),
        { maxLength: 3 },
      ),
    });
    const outcomes = { planned: 0, refused: 0 };
    const property = fc.property(cases, (drawn) => {
      const { seed, duration, count, totalUsd, issue, tags, ...counts } = drawn;
      const scenario = corridor({
        seed,
        members: membersWith((home) => issue[BANKS.findIndex(({ id }) => id === home)] ?? 0n),
        tags: tags.map(({ issue, max, validForMs, payees }, i): ScenarioTag => {
          const lines = SCHOOL.lines.map(({ line }) => ({ ...PLAIN_LINE, line, max: amount(max) }));
          const end = durationMs(validForMs);
          const id = `tag-${i}`;
          return { ...SCHOOL, id, issue: amount(issue), lines, payees, validForMs: end };
        }),
        workload: generated({
          ...counts,
          durationMs: durationMs(duration),
          swaps: swapsOf({ count, totalUsd: amount(totalUsd) }),
        }),
      });
      const plan = planWorkload(scenario);
      if (plan.ok) {
        outcomes.planned += 1;
        expect(worstCase(scenario, plan.value)).toEqual([]);
      } else {
        outcomes.refused += 1;
        expect(plan.error).toMatchObject({ code: "scenario_invalid", file: "test", line: 0 });
        expect(plan.error.path).toMatch(
          /^workload\.(swaps\.totalUsd|(domestic|tagged|oneWay)Payments)$/,
        );
      }
    });
    holds(property, 400);
    expect(outcomes.planned).toBeGreaterThan(50);
    expect(outcomes.refused).toBeGreaterThan(50);
  });
});

describe("untagged payments", () => {
  const payments = (seed: number) => {
    const workload = generated({ swaps: null, domesticPayments: 60, oneWayPayments: 60 });
    const scenario = corridor({ seed, workload });
    const homeOf = (id: string) => scenario.members.find((member) => member.id === id);
    return planOf(scenario)
      .payments.filter(({ kind }) => kind !== "tagged")
      .map((payment) => ({
        ...payment,
        from: homeOf(payment.payer),
        to: homeOf(payment.payee),
      }));
  };

  it("are paid by residents: domestic ones to residents, one-way ones to non-residents there", () => {
    const property = fc.property(seeds, (seed) => {
      for (const { kind, bank, payer, payee, amount, from, to, ...rest } of payments(seed)) {
        expect(from?.bank).toBe(bank);
        expect(payer).not.toBe(payee);
        if (kind === "domestic") expect(to?.bank).toBe(bank);
        else expect(to?.nonResidentAt).toContain(bank);
        expect(amount).toBeGreaterThan(0n);
        expect(rest).toMatchObject({ tag: null, line: null, purpose: null });
      }
    });
    holds(property, 30);
  });

  it("spread over all banks, and have at most three digits that are not zero", () => {
    const drawn = payments(1);
    expect(new Set(drawn.map(({ bank }) => bank)).size).toBe(BANKS.length);
    for (const payment of drawn) expect(String(payment.amount)).toMatch(/^[1-9]\d{0,2}0*$/);
  });

  it("of the last money are of single minor units, and end when it is spent", () => {
    const members = [member("kz-one", "kz", 7n), member("kz-two", "kz", 0n)];
    const workload = generated({
      swaps: null,
      taggedPayments: 0,
      oneWayPayments: 0,
      domesticPayments: 7,
    });
    const plan = planOf(corridor({ members, tags: [], workload }));
    expect(plan.payments.map(({ payer, amount }) => [payer, amount])).toEqual(
      Array.from({ length: 7 }, () => ["kz-one", 1n]),
    );
    expect(refusalOf({ ...workload, domesticPayments: 9 }, { members, tags: [] })).toBe(
      "test workload.domesticPayments: found 9: for 2 of them nobody has money left, allowed: fewer, or a larger issue of a member that can pay another resident of its bank",
    );
  });

  it("need somebody to pay", () => {
    const members = [member("kz-one", "kz", PLENTY, "treasury"), member("cn-one", "cn", 0n)];
    const workload = generated({
      swaps: null,
      taggedPayments: 0,
      domesticPayments: 0,
      oneWayPayments: 1,
    });
    expect(planOf(corridor({ members, tags: [], workload })).payments).toMatchObject([
      { bank: "kz", payer: "kz-one", payee: "cn-one" },
    ]);
    const alone = members.slice(0, 1);
    expect(refusalOf(workload, { members: alone, tags: [] })).toBe(
      "test workload.oneWayPayments: found 1: for 1 of them nobody has money left, allowed: fewer, or a larger issue of a member that can pay a non-resident member at its bank",
    );
  });

  it("leave the owner of a tag what it puts under the tag", () => {
    const members = [
      member("treasury", "kz", 100_000_003n, "treasury"),
      ...["city", "builder", "cement", "glass"].map((id) => member(id, "kz", 0n, "company")),
    ];
    const workload = generated({
      swaps: null,
      taggedPayments: 0,
      oneWayPayments: 0,
      domesticPayments: 4,
    });
    expect(refusalOf(workload, { members })).toContain("for 1 of them nobody has money left");
  });
});

describe("tagged payments", () => {
  const taggedOf = (tag: Partial<ScenarioTag>, count: number, parts: Partial<Scenario> = {}) => {
    const { workload = generated({ taggedPayments: count }) } = parts;
    const scenario = corridor({ ...parts, tags: [{ ...SCHOOL, ...tag }], workload });
    const plan = planOf(scenario);
    expect(worstCase(scenario, plan)).toEqual([]);
    return plan.payments.filter(({ kind }) => kind === "tagged");
  };

  it("go from the owner along the payees that pass money on, and then to the final ones", () => {
    const steps = new Set(taggedOf({}, 200).map(({ payer, payee }) => `${payer} ${payee}`));
    expect([...steps].sort((a, b) => (a < b ? -1 : 1))).toEqual([
      "builder cement",
      "builder glass",
      "city builder",
      "treasury city",
    ]);
  });

  it("go from the owner to final payees where nobody passes money on", () => {
    const payees = [{ account: memberId("glass"), final: true }];
    const steps = taggedOf({ payees }, 20).map(({ payer, payee }) => `${payer} ${payee}`);
    expect(new Set(steps)).toEqual(new Set(["treasury glass"]));
  });

  it("end at the last payee where none is final", () => {
    const payees = [
      { account: memberId("treasury"), final: true },
      { account: memberId("builder"), final: false },
      { account: memberId("glass"), final: false },
    ];
    const steps = taggedOf({ payees }, 50).map(({ payer, payee }) => `${payer} ${payee}`);
    expect(new Set(steps)).toEqual(new Set(["treasury builder", "builder glass"]));
  });

  it("use all lines and purposes, and are paid before the tag ends", () => {
    const payments = taggedOf({ validForMs: durationMs(4_000) }, 100);
    expect(new Set(payments.map(({ line }) => line))).toEqual(new Set(["1.1", "1.2"]));
    expect(new Set(payments.map(({ purpose }) => purpose))).toEqual(new Set(SCHOOL.purposes));
    expect(Math.max(...payments.map(({ atMs }) => atMs))).toBeLessThan(3_000);
  });

  it("within a second come from the owner alone: nothing can be paid on yet", () => {
    const workload = generated({ taggedPayments: 30, durationMs: durationMs(1_000) });
    const payers = taggedOf({}, 30, { workload }).map(({ payer }) => payer);
    expect(new Set(payers)).toEqual(new Set(["treasury"]));
  });

  it("of several tags do not touch each other's money", () => {
    const second = { ...SCHOOL, id: "second", reference: "Second", issue: amount(50) };
    const scenario = corridor({
      tags: [SCHOOL, second],
      workload: generated({ taggedPayments: 60 }),
    });
    const plan = planOf(scenario);
    expect(worstCase(scenario, plan)).toEqual([]);
    expect(new Set(plan.payments.map(({ tag }) => tag))).toEqual(
      new Set([null, "school", "second"]),
    );
  });

  it("need a tag that somebody can be paid under, for long enough", () => {
    const allowed = "a tag with another payee than its owner, valid for more than 1000 ms";
    const refused = `test workload.taggedPayments: found 12, allowed: ${allowed}`;
    const payees = [{ account: SCHOOL.owner, final: false }];
    expect(refusalOf(generated({}), { tags: [] })).toBe(refused);
    expect(refusalOf(generated({}), { tags: [{ ...SCHOOL, payees }] })).toBe(refused);
    const validForMs = durationMs(1_000);
    expect(refusalOf(generated({}), { tags: [{ ...SCHOOL, validForMs }] })).toBe(refused);
    expect(taggedOf({ validForMs: durationMs(1_001) }, 3).map(({ atMs }) => atMs)).toEqual([
      0, 0, 0,
    ]);
  });

  it("end when the money or the lines do", () => {
    const few = { ...SCHOOL, issue: amount(3) };
    const workload = generated({ durationMs: durationMs(500), taggedPayments: 4 });
    const found = "found 4: for 1 of them no tag has money left";
    expect(refusalOf(workload, { tags: [few] })).toContain(found);
    const lines = [{ ...PLAIN_LINE, line: "1.1", max: amount(3) }];
    expect(refusalOf(workload, { tags: [{ ...SCHOOL, lines }] })).toContain(found);
  });
});
