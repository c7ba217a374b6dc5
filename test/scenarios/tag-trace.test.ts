import { describe, expect, it } from "vitest";
import { encode } from "../../crypto/canonical-layout.ts";
import { hashKey } from "../../crypto/hash.ts";
import { accountId, memberId, tagKey, type TagId } from "../../node/ids.ts";
import { ORDER } from "../../node/instruction.ts";
import { domesticEntryLayout, type DomesticEntry } from "../../node/ledger/domestic-entries.ts";
import { DISCLOSURE, PLAIN_LINE } from "../../node/tags/definition.ts";
import { findTags, traceTag } from "../../scenarios/measures/tag-trace.ts";
import { renderTagPage } from "../../scenarios/report/tag-page.ts";
import { bytesNamed } from "../bytes.ts";
import { amount } from "../node/fixtures.ts";
import { Home } from "../node/home.ts";

const salt = bytesNamed("salt").subarray(0, 16);

/** A tag whose money went every way there is. */
function busyHome(): { readonly home: Home; readonly tag: TagId; readonly vat: TagId } {
  const home = new Home();
  home.rules({});
  const vat = home.tag(
    {
      kind: 2,
      purposes: ["VAT"],
      payees: [{ account: accountId("glass"), final: 0 }],
      lines: [{ ...PLAIN_LINE, line: "VAT", maxAmount: amount(100) }],
    },
    0,
  );
  const lines = [{ ...PLAIN_LINE, line: "A", maxAmount: amount(900), importable: 1 as const }];
  const owner = memberId("steppe");
  const change = { fundOwner: owner, lines, borderMode: 2 as const, disclosure: DISCLOSURE.warn };
  const tag = home.tag({ ...change, reference: "<b>road</b>" }, 1_000);
  const place = { tag, line: "A", purpose: "WORKS" };
  home.must(home.pay("steppe", "builder", 500, place));
  home.must(home.pay("builder", "cement", 100, place));
  home.must(home.pay("builder", "cement", 50, place));
  const facts = { net: "100", vat: "16", "vat-tag": hashKey(vat) };
  home.must(home.pay("builder", "glass", 116, { ...place, facts }));
  home.must(home.order("builder", { kind: ORDER.returnTag, tag, amount: amount(34) }));
  const border = { line: "A", purpose: "WORKS" };
  home.must(home.hold("out", "steppe", "lotus", 200, { tag, facts: border, supplier: "mill" }));
  home.must(home.hold("not", "steppe", "lotus", 10, { tag, facts: border, supplier: "mill" }));
  home.resolve("out", "POST");
  home.resolve("not", "UNHOLD");
  expect(home.pay("builder", "cars", 7, place)).toBe("TAG_PAYEE_NOT_ALLOWED");
  expect(home.pay("builder", "cars", 8, place)).toBe("TAG_PAYEE_NOT_ALLOWED");
  expect(home.hold("no", "steppe", "lotus", 9, { tag, facts: border })).toBe(
    "TAG_EXPORT_FORBIDDEN",
  );
  return { home, tag, vat };
}

function traced(home: Home, id: TagId) {
  const tag = home.books.tags.get(tagKey(id));
  if (tag === undefined) throw new Error("no such tag");
  const entries = home.drafts.map((draft) =>
    encode(domesticEntryLayout, { ...draft, salt } as DomesticEntry),
  );
  return traceTag(tag, entries);
}

describe("the trace of a tag", () => {
  it("adds up what was issued, paid on, released, split off, imported and returned", () => {
    const { home, tag } = busyHome();
    const { flows, tag: end } = traced(home, tag);
    expect(
      flows.map(({ kind, from, to, payments, amount }) => [
        kind,
        from,
        to,
        payments,
        Number(amount),
      ]),
    ).toEqual([
      ["issued", "budget", "steppe", 1, 1_000],
      ["paid", "steppe", "builder", 1, 500],
      ["released", "builder", "cement", 2, 150],
      ["released", "builder", "glass", 1, 100],
      ["retagged", "builder", "glass", 1, 16],
      ["returned", "builder", "steppe", 1, 34],
      ["imported", "steppe", "lotus", 1, 200],
    ]);
    const sumOf = (...kinds: readonly string[]): bigint =>
      flows.reduce((sum, f) => (kinds.includes(f.kind) ? sum + f.amount : sum), 0n);
    expect(sumOf("issued")).toBe(end.issued);
    expect(sumOf("released", "retagged", "imported")).toBe(end.released);
    expect(sumOf("returned")).toBe(end.returned);
  });

  it("begins a VAT tag with the payment that split it off", () => {
    const { home, vat } = busyHome();
    expect(traced(home, vat).flows).toEqual([
      { kind: "issued", from: "builder", to: "glass", line: "VAT", amount: 16n, payments: 1 },
    ]);
  });

  it("says what each rule saved, and what was noted", () => {
    const { home, tag } = busyHome();
    const { refusals, notes } = traced(home, tag);
    expect(refusals).toEqual([
      { code: "TAG_PAYEE_NOT_ALLOWED", rule: "TAG-6", amount: 15n, count: 2 },
      { code: "TAG_EXPORT_FORBIDDEN", rule: "KZ-9", amount: 9n, count: 1 },
    ]);
    expect([...notes]).toEqual([["TAG-15", 5]]);
  });

  it("finds a tag by the beginning of its id, or by its reference", () => {
    const { home, tag } = busyHome();
    const found = (wanted: string) => findTags(home.books, wanted).map(({ id }) => tagKey(id));
    expect(found(tagKey(tag).slice(0, 8))).toEqual([tagKey(tag)]);
    expect(found("<b>road</b>")).toEqual([tagKey(tag)]);
    expect(found("road")).toEqual([]);
    expect(found("")).toEqual([]);
  });

  it("is drawn on a page in which no text is markup", () => {
    const { home, tag } = busyHome();
    const page = renderTagPage(traced(home, tag), { run: "<i>run</i>", decimals: 2 });
    expect(page).toContain("&#60;b&#62;road&#60;/b&#62;");
    expect(page).not.toMatch(/<b>|<i>|<script/);
    expect(page.match(/<path/g)).toHaveLength(7);
    expect(page).toContain("TAG_EXPORT_FORBIDDEN");
  });
});
