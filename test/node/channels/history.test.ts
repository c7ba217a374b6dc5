import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashKey } from "../../../crypto/hash.ts";
import { AccountIndex } from "../../../node/channels/account-index.ts";
import { History, type LinePage } from "../../../node/channels/history.ts";
import {
  comparePlaces,
  parsePlace,
  renderPlace,
  type LedgerLine,
} from "../../../node/channels/ledger-line.ts";
import type { DomesticDraft } from "../../../node/ledger/domestic-entries.ts";
import { accountId, tagKey } from "../../../node/ids.ts";
import { PLAIN_LINE } from "../../../node/tags/definition.ts";
import { bytesNamed } from "../../bytes.ts";
import { holds } from "../../property.ts";
import { amount } from "../fixtures.ts";
import { Home } from "../home.ts";
import { step, World } from "../tag-world.ts";

const FIVE_TO_A_BLOCK = 5;

function historyOf(home: Home, limit?: number): History {
  const history = new History(home.books, limit);
  for (const [i, entry] of home.drafts.entries()) feed(history, entry, i);
  return history;
}

const feed = (history: History, entry: DomesticDraft, i: number): LedgerLine | undefined =>
  history.take(entry, { seq: 1 + Math.floor(i / FIVE_TO_A_BLOCK), index: i % FIVE_TO_A_BLOCK }, i);

/** Every page of an account's lines, newest first. */
function allOf(history: History, account: string, limit: number): readonly LedgerLine[] {
  const lines: LedgerLine[] = [];
  for (let page: LinePage | undefined; page === undefined || page.hasMore;) {
    page = history.ofAccount(accountId(account), { before: lines.at(-1)?.place, limit });
    expect(page.lines.length).toBeLessThanOrEqual(limit);
    lines.push(...page.lines);
  }
  return lines;
}

describe("the history of a ledger", () => {
  it("adds up to the balances, whatever is paid, split, held, posted, voided and returned", () => {
    const kinds = new Set<string>();
    holds(
      fc.property(fc.array(step, { maxLength: 40, size: "max" }), (steps) => {
        const world = new World();
        for (const s of steps) world.run(s);
        const { home } = world;
        const sums = new Map<string, readonly [bigint, bigint]>();
        const history = new History(home.books);
        for (const [i, entry] of home.drafts.entries()) {
          const line = feed(history, entry, i);
          kinds.add(line?.kind ?? "none");
          for (const { account, tag, posted, pending } of line?.parts ?? []) {
            const key = tag === "" ? account : `${account} ${tag}`;
            const [p, q] = sums.get(key) ?? [0n, 0n];
            sums.set(key, [p + posted, q + pending]);
          }
        }
        const balances = [...home.books.balances].map(
          ([key, { posted, pending }]) => [key, [posted, pending]] as const,
        );
        expect(sums).toEqual(new Map<string, readonly [bigint, bigint]>(balances));
      }),
      100,
    );
    const wanted = ["issue", "payment", "hold", "post", "void", "tag-issue", "tag-return"];
    expect(wanted.filter((kind) => !kinds.has(kind))).toEqual([]);
    expect(kinds).toContain("rejection");
  });

  it("pages through an account's lines without loss or repetition, whatever the page size", () => {
    const home = new Home();
    home.must(home.issue("steppe", 1_000));
    for (let i = 1; i <= 12; i++) home.must(home.pay("steppe", i % 3 === 0 ? "tulip" : "cars", i));
    home.pay("steppe", "tulip", 100_000);
    const history = historyOf(home);
    const whole = allOf(history, "steppe", 100);
    expect(whole).toHaveLength(14);
    expect(whole[0]?.rejection?.code).toBe("FUNDS_INSUFFICIENT");
    for (let limit = 1; limit <= 15; limit++) {
      expect(allOf(history, "steppe", limit)).toEqual(whole);
    }
    expect(allOf(history, "tulip", 3).map((line) => line.amount)).toEqual([12n, 9n, 6n, 3n]);
    expect(allOf(history, "nobody", 3)).toEqual([]);
    const after = whole[5]?.place as LedgerLine["place"];
    const since = history.since(accountId("steppe"), after, 3);
    expect(since).toEqual(whole.slice(2, 5).reverse());
  });

  it("keeps no more than its bound, says what it forgot, and forgets it everywhere", () => {
    const home = new Home();
    home.must(home.issue("steppe", 1_000));
    for (let i = 1; i <= 9; i++) home.must(home.pay("steppe", "tulip", i));
    const full = historyOf(home, 10);
    expect(full.size).toBe(10);
    expect(full.ofAccount(accountId("steppe"), { before: undefined, limit: 1 }).isCut).toBe(false);
    home.must(home.pay("steppe", "cars", 10));
    const cut = historyOf(home, 10);
    expect(cut.size).toBe(10);
    expect(cut.ofAccount(accountId("steppe"), { before: undefined, limit: 1 }).isCut).toBe(true);
    expect(allOf(cut, "steppe", 4).map((line) => line.kind)).not.toContain("issue");
    expect(cut.ofOrder("steppe", 1)).toBeUndefined();
    expect(cut.ofOrder("steppe", 2)?.amount).toBe(1n);
  });

  it("finds instructions by number, with the words of a rule's refusal", () => {
    const home = new Home();
    home.must(home.issue("steppe", 10));
    home.pay("steppe", "tulip", 11);
    const history = historyOf(home);
    const turnedDown = history.ofOrder("steppe", 2);
    expect(turnedDown?.rejection).toEqual({ code: "FUNDS_INSUFFICIENT", rule: "FUNDS-2" });
    history.explain({ member: "steppe", number: 2 }, { found: "11", allowed: "10" });
    history.explain({ member: "steppe", number: 3 }, { found: "?", allowed: "?" });
    expect(turnedDown && history.explanationOf(turnedDown)).toEqual({ found: "11", allowed: "10" });
    expect(history.ofOrder("tulip", 2)).toBeUndefined();
  });

  it("tells a swap's legs by the commitment to its terms", () => {
    const home = new Home();
    home.must(home.issue("steppe", 100));
    home.must(home.hold("swap", "steppe", "lotus", 40));
    home.resolve("swap", "POST");
    const lines = historyOf(home).ofSwap(hashKey(bytesNamed("commitment")));
    expect(lines.map(({ kind }) => kind)).toEqual(["hold", "post"]);
    expect(lines[0]?.swap?.sid).toBe(hashKey(bytesNamed("swap")));
    expect(historyOf(home).ofSwap("00")).toEqual([]);
  });

  it("tells under which tag carried money arrives, and that it does not when the leg is voided", () => {
    const home = new Home();
    const payees = [{ account: accountId("builder"), final: 0 as const }];
    const lines = [{ ...PLAIN_LINE, line: "1.2", maxAmount: amount(400), importable: 1 as const }];
    const mirror = home.tag({ payees, lines, purposes: ["RAILS"] }, 0);
    home.must(home.issue("steppe", 1_000));
    const facts = { carry: hashKey(mirror), line: "1.2" };
    for (const how of ["UNHOLD", "POST"] as const) {
      home.must(home.hold(how, "steppe", "builder", 400, { facts }));
      home.resolve(how, how);
    }
    const [post, again, voided] = allOf(historyOf(home), "steppe", 10);
    expect(post?.parts[1]).toEqual({
      account: "builder",
      tag: tagKey(mirror),
      posted: 400n,
      pending: 0n,
    });
    expect([again?.kind, voided?.kind]).toEqual(["hold", "void"]);
    expect(voided?.parts).toHaveLength(1);
    expect(home.has("builder", mirror)).toBe(400);
  });

  it("tells a tag's way with the documents it asked for", () => {
    const home = new Home();
    const act = hashKey(bytesNamed("act"));
    home.must(home.attest("ACT", act));
    const tag = home.tag(
      {
        lines: [{ ...PLAIN_LINE, line: "A", maxAmount: amount(100) }],
        evidence: [{ topic: "ACT", final: 1 }],
        attesters: ["registry" as never],
      },
      100,
    );
    const more = { tag, line: "A", purpose: "WORKS", facts: { act, other: act } };
    home.must(home.pay("treasury", "cement", 7, more));
    const { lines } = historyOf(home).ofTag(tagKey(tag), { before: undefined, limit: 10 });
    expect(lines.map(({ kind }) => kind)).toEqual(["payment", "tag-issue"]);
    expect(lines[0]?.evidence).toEqual([{ topic: "ACT", document: act }]);
    // A final payee receives untagged money: the tag ends there.
    expect(lines[0]?.parts.map((part) => part.tag)).toEqual([tagKey(tag), ""]);
  });

  it("knows which QR codes were paid until they are over", () => {
    const home = new Home();
    home.must(home.issue("steppe", 100));
    const paid = (nonce: string, expiryMs: number): string =>
      home.pay("steppe", "cars", 1, { facts: { "qr-nonce": nonce, "qr-expiry": `${expiryMs}` } });
    home.must(paid("aa", home.now + 1));
    home.must(paid("bb", home.now));
    home.must(home.pay("steppe", "cars", 1, { facts: { "qr-nonce": "cc", "qr-expiry": "soon" } }));
    home.pay("steppe", "cars", 1_000, {
      facts: { "qr-nonce": "dd", "qr-expiry": "9999999999999" },
    });
    const history = historyOf(home);
    const isPaid = (nonce: string) => history.isQrPaid(accountId("cars"), nonce);
    expect(["aa", "bb", "cc", "dd"].map(isPaid)).toEqual([true, false, false, false]);
    expect(history.isQrPaid(accountId("glass"), "aa")).toBe(false);
  });
});

describe("a place in the ledger", () => {
  it("is rendered, parsed and compared", () => {
    for (const place of [
      { seq: 1, index: 0 },
      { seq: 999_999_999_999_999, index: 4095 },
    ]) {
      expect(parsePlace(renderPlace(place))).toEqual(place);
    }
    for (const text of [
      "",
      "1",
      "0.1",
      "1.01",
      "1.-1",
      "1.1.1",
      "01.1",
      " 1.1",
      "1e3.0",
      "1.1\n",
    ]) {
      expect(parsePlace(text), text).toBeUndefined();
    }
    const order = [
      { seq: 1, index: 2 },
      { seq: 1, index: 10 },
      { seq: 2, index: 0 },
    ];
    expect([...order].reverse().sort(comparePlaces)).toEqual(order);
  });
});

describe("the index of accounts", () => {
  it("reads on as members and balances are added, and repeats nothing", () => {
    const home = new Home();
    const index = new AccountIndex(home.books);
    const before = index.accounts.length;
    expect(index.balancesOf(accountId("steppe"))).toEqual([]);
    home.must(home.issue("steppe", 5));
    home.enrol("latecomer", "company");
    home.must(home.pay("steppe", "latecomer", 2));
    const tag = home.tag({ lines: [{ ...PLAIN_LINE, line: "A", maxAmount: amount(9) }] }, 9);
    expect(index.accounts.slice(before)).toEqual(["latecomer"]);
    expect(index.balancesOf(accountId("steppe")).map(({ posted }) => posted)).toEqual([3n]);
    expect(index.balancesOf(accountId("treasury")).map((b) => b.tag)).toEqual(["", tagKey(tag)]);
    home.must(home.pay("steppe", "latecomer", 1));
    expect(index.balancesOf(accountId("latecomer")).map(({ posted }) => posted)).toEqual([3n]);
    expect(index.accounts).toHaveLength(home.books.members.size);
  });
});
