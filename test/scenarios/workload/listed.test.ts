import { describe, expect, it } from "vitest";
import { memberId } from "../../../node/ids.ts";
import { durationMs } from "../../../node/time.ts";
import type { ListedPayment, ListedSwap, ListedWorkload } from "../../../scenarios/scenario.ts";
import { expectedRejections } from "../../../scenarios/workload/listed.ts";
import { amount, bank, corridor, planOf } from "./corridor.ts";

const leg = (member: string, at: string, minor: bigint): ListedSwap["sell"] => ({
  member: memberId(member),
  bank: at,
  currency: bank(at).currency.code,
  amount: amount(minor),
});

const swap = (atMs: number, parts: Partial<ListedSwap> = {}): ListedSwap => ({
  atMs: durationMs(atMs),
  sell: leg("kz-one", "kz", 6_578_000n),
  buy: leg("cn-two", "cn", 100_000n),
  tag: null,
  deliverTo: null,
  facts: [],
  rejected: null,
  ...parts,
});

const payment = (atMs: number, parts: Partial<ListedPayment> = {}): ListedPayment => ({
  atMs: durationMs(atMs),
  bank: "kz",
  payer: memberId("kz-one"),
  payee: memberId("kz-two"),
  amount: amount(500),
  tag: null,
  line: null,
  purpose: null,
  facts: [],
  diversion: null,
  rejected: null,
  ...parts,
});

const listed = (
  swaps: readonly ListedSwap[],
  payments: readonly ListedPayment[] = [],
): ListedWorkload => ({ kind: "listed", swaps, payments, orders: [] });

const NONE = { facts: [], action: null, diversion: null, expected: null };

describe("a listed plan", () => {
  it("has the swaps as listed: the initiator sells leg 0 and is paid leg 1", () => {
    const workload = listed([swap(0, { tag: "school" })]);
    expect(planOf(corridor({ workload, rates: null }))).toEqual({
      swaps: [
        {
          id: "swap-1",
          initiatedMs: 0,
          screeningMs: 0,
          pair: "KZT/CNY",
          legs: [
            { bank: "kz", currency: "KZT", payer: "kz-one", payee: "cn-two", amount: 6_578_000n },
            { bank: "cn", currency: "CNY", payer: "cn-two", payee: "kz-one", amount: 100_000n },
          ],
          tag: "school",
          facts: [],
        },
      ],
      payments: [],
    });
  });

  it("has the payments as listed, each of its kind", () => {
    const tagged = { tag: "school", line: "1.1", purpose: "REPAIR", payee: memberId("builder") };
    const workload = listed(
      [],
      [
        payment(1),
        payment(2, { payee: memberId("cn-one") }),
        payment(3, { payer: memberId("cn-one") }),
        payment(4, tagged),
      ],
    );
    const { swaps, payments } = planOf(corridor({ workload }));
    expect(swaps).toEqual([]);
    const plain = { bank: "kz", amount: 500n, tag: null, line: null, purpose: null, ...NONE };
    expect(payments).toEqual([
      { ...plain, id: "payment-1", atMs: 1, kind: "domestic", payer: "kz-one", payee: "kz-two" },
      { ...plain, id: "payment-2", atMs: 2, kind: "one-way", payer: "kz-one", payee: "cn-one" },
      { ...plain, id: "payment-3", atMs: 3, kind: "one-way", payer: "cn-one", payee: "kz-two" },
      { ...plain, id: "payment-4", atMs: 4, kind: "tagged", payer: "kz-one", ...tagged },
    ]);
  });

  it("is numbered in order of time, and of the file at the same time", () => {
    const workload = listed(
      [
        swap(500, { buy: leg("cn-one", "cn", 1n) }),
        swap(0, { rejected: "FUNDS_INSUFFICIENT" }),
        swap(500, { rejected: "TAG_EXPORT_FORBIDDEN" }),
      ],
      [payment(9), payment(3, { rejected: "TAG_EXPIRED" })],
    );
    const { swaps, payments } = planOf(corridor({ workload }));
    expect(swaps.map(({ id, initiatedMs, legs }) => [id, initiatedMs, legs[1].payer])).toEqual([
      ["swap-1", 0, "cn-two"],
      ["swap-2", 500, "cn-one"],
      ["swap-3", 500, "cn-two"],
    ]);
    expect(payments.map(({ id, atMs }) => [id, atMs])).toEqual([
      ["payment-1", 3],
      ["payment-2", 9],
    ]);
    expect([...expectedRejections(workload)]).toEqual([
      ["swap-1", "FUNDS_INSUFFICIENT"],
      ["swap-3", "TAG_EXPORT_FORBIDDEN"],
      ["payment-1", "TAG_EXPIRED"],
    ]);
  });

  it("does not depend on the seed", () => {
    const workload = listed([swap(1), swap(0)], [payment(2)]);
    expect(planOf(corridor({ workload, seed: 1 }))).toEqual(
      planOf(corridor({ workload, seed: 2 })),
    );
  });
});
