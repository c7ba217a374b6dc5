import { describe, expect, it } from "vitest";
import { postedOf } from "../../../node/accounts/books.ts";
import { accountOf, type MemberId } from "../../../node/ids.ts";
import { NETTING_HUB } from "../../../scenarios/netting-hub.ts";
import { openScenario } from "../../../scenarios/resolve.ts";
import { play, type Played } from "../checkers/played.ts";

const netted = (sets: readonly string[] = []): Played =>
  play("bilateral", { sets: ["arrangement=netting", ...sets] });

type Side = readonly [member: string, currency: string, amount: string];

const trade = (atMs: number, sell: Side, buy: Side): string => {
  const leg = ([member, currency, amount]: Side): string =>
    `{member: ${member}, currency: ${currency}, amount: "${amount}"}`;
  return `{atMs: ${atMs}, sell: ${leg(sell)}, buy: ${leg(buy)}}`;
};

const listed = (swaps: readonly string[]): string =>
  `workload={kind: listed, swaps: [${swaps.join(", ")}]}`;

const outcomesOf = ({ run }: Played): readonly string[] =>
  run.recorder.swaps.map(({ finals }) =>
    [...finals.values()].map(({ outcome, refusal }) => `${outcome} ${refusal ?? ""}`).join(", "),
  );

/** What the hub's account at one bank still holds. */
const hubBalance = ({ run }: Played, bank: string): bigint => {
  const books = run.world.seat(bank).machine?.state.books;
  if (books === undefined) throw new TypeError(`${bank} is down`);
  return postedOf(books, accountOf(NETTING_HUB), null);
};

describe("a simulated run whose swaps are netted", () => {
  it("settles all swaps of a cycle at its cut-off, and keeps none of the money", () => {
    const played = netted();
    expect(new Set(outcomesOf(played))).toEqual(new Set(["settled , settled "]));
    for (const bank of ["kz", "cn"]) expect(hubBalance(played, bank)).toBe(0n);
    // All were initiated within the first cycle: nothing is final before its end.
    const finals = played.run.recorder.swaps.flatMap(({ finals: ends, initiatedUs, plan }) =>
      [...ends.values()].map(({ times }) => times.final - initiatedUs + plan.initiatedMs * 1000),
    );
    expect(Math.min(...finals)).toBeGreaterThan(60_000_000);
    expect(Math.max(...finals)).toBeLessThan(61_000_000);
  });

  it("saves nothing where two banks' members pay their own money only: the corridor is too thin (Q4)", () => {
    for (const { gross, funded } of netted().run.netting ?? []) expect(funded).toBe(gross);
  });

  it("takes only the difference of what goes both ways, and less the longer it waits", () => {
    const swaps = [
      trade(0, ["kz-steppe", "KZT", "1000.00"], ["cn-lotus", "CNY", "20.00"]),
      trade(2_000, ["cn-lotus", "KZT", "400.00"], ["kz-steppe", "CNY", "8.00"]),
    ];
    const fundedAt = (cycleMs: number) =>
      netted([listed(swaps), `arrangements={netting: {cycleMs: ${cycleMs}}}`]).run.netting;
    expect(fundedAt(60_000)).toEqual([
      { currency: "KZT", gross: 140_000n, funded: 60_000n },
      { currency: "CNY", gross: 2_800n, funded: 1_200n },
    ]);
    expect(fundedAt(1_000)).toEqual([
      { currency: "KZT", gross: 140_000n, funded: 140_000n },
      { currency: "CNY", gross: 2_800n, funded: 2_800n },
    ]);
  });

  it("returns what a member without funds was to pay for, and nobody loses principal (R9)", () => {
    const played = netted([
      listed([
        trade(0, ["kz-steppe", "KZT", "9000000000.00"], ["cn-lotus", "CNY", "20.00"]),
        trade(0, ["kz-tulip", "KZT", "1000.00"], ["cn-willow", "CNY", "20.00"]),
      ]),
    ]);
    expect(outcomesOf(played)).toEqual([
      "voided payin_missing, voided payin_missing",
      "settled , settled ",
    ]);
    for (const bank of ["kz", "cn"]) expect(hubBalance(played, bank)).toBe(0n);
    // What it had paid in is back with the member whose counterparty did not pay.
    const { books } = played.run.world.seat("cn").machine?.state ?? {};
    const lotus = books && postedOf(books, accountOf("cn-lotus" as MemberId), null);
    expect(lotus).toBe(6_000_000_000n);
  });

  it("has the same history twice", () => {
    const sets = ["network.topology=six-capitals", "network.model=measured"];
    const [one, other] = [netted(sets), netted(sets)];
    expect(one.run.world.traceHash()).toBe(other.run.world.traceHash());
  });

  it("is for simulated runs, and its hub has a name that no member has", () => {
    const live = openScenario("bilateral", ["arrangement=netting", "mode=live"]);
    expect(JSON.stringify(live)).toContain("another than netting in a live run");
    const taken = openScenario("bilateral", [
      "arrangement=netting",
      "mode=sim",
      "members[kz-steppe].id=netting-hub",
    ]);
    expect(JSON.stringify(taken)).toContain("another name: the netting hub has this one");
    const nowhere = openScenario("bilateral", [
      "arrangement=netting",
      "mode=sim",
      "arrangements={netting: {hub: mars}}",
    ]);
    expect(nowhere.ok).toBe(false);
  });
});
