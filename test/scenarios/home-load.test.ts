import { describe, expect, it } from "vitest";
import { AT_HOME, edit, good, HOME, problems } from "./fixtures.ts";

describe("a bank at home, in a file", () => {
  it("has its clock, tagging, connections and workload", () => {
    const { clock, tagging, members, workload, tags } = good(AT_HOME);
    expect(clock).toEqual({ startMs: Date.UTC(2026, 8, 7), pace: 1000 });
    expect(tagging).toBe("no-evidence");
    expect(tags.map(({ evidence }) => evidence)).toEqual([[], [], []]);
    const away = members.filter(({ connected }) => !connected).map(({ id }) => id as string);
    expect(away).toEqual(["onay", "cement"]);
    expect(workload).toMatchObject({
      procurement: {
        purchases: 10,
        diversions: { "dead-souls": 10, "fictitious-works": 20, "price-inflation": 30 },
        inflationPercent: 40,
        lateActsPercent: 5,
      },
      meals: { children: 2, days: 3, price: 100n },
      vat: { gross: 1_160n, refundDaysInside: [10, 15], refundDaysOutside: [70, 75] },
    });
  });

  it("connects everybody and uses all of its tags, unless it says otherwise", () => {
    const all = good(edit(edit(AT_HOME, "connected: 1\n", ""), "tagging: no-evidence\n", ""));
    expect(all.members.every(({ connected }) => connected)).toBe(true);
    expect(all.tags[0]?.evidence).toEqual([{ topic: "ACT", final: true }]);
    const two = good(edit(AT_HOME, "connected: 1\n", "connected: 2\n"));
    expect(two.members.every(({ connected }) => connected)).toBe(true);
    const none = good(edit(AT_HOME, "connected: 1\n", "connected: 0\n"));
    const away = none.members.filter(({ connected }) => !connected).map(({ id }) => id as string);
    expect(away).toEqual(["halyk", "onay", "builder", "cement"]);
  });

  it("lists the same payments from plain money when it is asked to leave tags out", () => {
    const coloured = good(HOME).workload;
    const plain = good(HOME, ["tagging=none"]).workload;
    if (coloured.kind !== "listed" || plain.kind !== "listed") throw new Error("no lists");
    expect(plain.payments).toHaveLength(coloured.payments.length);
    expect(plain.payments.every(({ tag, rejected }) => tag === null && rejected === "any")).toBe(
      true,
    );
    expect(plain.orders.some(({ action }) => "tag" in action)).toBe(false);
    expect(plain.orders.length).toBeGreaterThan(0);
  });

  const wrong: readonly (readonly [what: string, from: string, to: string, message: RegExp])[] = [
    ["a day that is none", "2026-09-07", "2026-02-30", /clock\.start: .*a day of the calendar/],
    ["a date in another form", "2026-09-07", "7.9.2026", /clock\.start: .*a date such as/],
    ["a clock that stands still", "pace: 1000", "pace: 0", /clock\.pace: found 0/],
    ["a clock that races", "pace: 1000", "pace: 1000001", /clock\.pace: found 1000001/],
    ["another tagging", "tagging: no-evidence", "tagging: half", /tagging: found "half".*none/],
    ["more organisations", "connected: 1", "connected: 3", /connected: found 3.*2 organisations/],
    ["a member as organisation", "through: onay", "through: glass", /members\[4\]\.through.*organ/],
    [
      "an unknown organisation",
      "through: onay",
      "through: nobody",
      /members\[4\]\.through.*one of/,
    ],
    ["more than all", "price-inflation: 30", "price-inflation: 71", /diversions: .*at most 100/],
    ["days backwards", "[70, 75]", "[75, 70]", /refundDaysOutside: found 75 to 70/],
    ["one day alone", "[10, 15]", "[10]", /refundDaysInside/],
    ["meals without vouchers", "kind: voucher", "kind: subsidy", /meals: .*kind voucher/],
    ["VAT without its tag", "kind: vat\n", "kind: subsidy\n", /workload\.vat: .*kind vat/],
    ["no unit price", ', maxUnitPrice: "1.00"', "", /procurement: .*unit prices/],
    ["a price of nothing", 'price: "1.00"', 'price: "0.00"', /meals\.price/],
  ];
  it.each(wrong)("is refused with %s", (_what, from, to, message) => {
    const found = problems(edit(AT_HOME, from, to));
    expect(found.join("\n")).toMatch(message);
  });

  it("runs fast only when its bank is alone", () => {
    const two = edit(
      AT_HOME,
      "vatBasisPoints: 1600 }]",
      "vatBasisPoints: 1600 }, { id: cn, name: C, currency: CNY }]",
    );
    expect(problems(two).join("\n")).toMatch(
      /clock\.pace: found 1000, allowed: 1, or a single bank/,
    );
  });

  it("has somebody for dead souls to stand in for", () => {
    const found = problems(edit(AT_HOME, "  - { id: shell, bank: kz, class: company }\n", ""));
    expect(found.join("\n")).toMatch(
      /dead-souls: found 10, allowed: 0, or a company that is no payee/,
    );
  });

  const lookAlikes: readonly (readonly [what: string, from: string, to: string])[] = [
    ["a Cyrillic letter in a name", "id: cement,", "id: c\u0435ment,"],
    ["a full-width letter in a line", '{ line: "M",', '{ line: "\uff2d",'],
    ["a Greek letter in a purpose", "purposes: [MEALS]", "purposes: [M\u0395ALS]"],
    ["a Cyrillic letter in a reference", "reference: School\n", "reference: S\u0441hool\n"],
    ["an invisible space in a colour", "colour: red", "colour: re\u200bd"],
    ["a letter in another composed form", "name: at-home", "name: a\u0301t-home"],
    ["a reference of a thousand letters", "reference: VAT\n", `reference: ${"V".repeat(1_000)}\n`],
    ["a case that turns the direction", "title: A bank alone", "title: A bank \u202eenola"],
  ];
  it.each(lookAlikes)("refuses %s, and says where", (_what, from, to) => {
    const [first = ""] = problems(edit(AT_HOME, from, to));
    expect(first).toMatch(/^my\.yaml:[0-9]+:[0-9]+ .*: found .*, allowed: /);
    expect(first).toMatch(/^[\x20-\x7e]*$/);
  });
});
