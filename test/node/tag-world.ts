import fc from "fast-check";
import { hashKey } from "../../crypto/hash.ts";
import { unreachable } from "../../crypto/outcome.ts";
import { accountId, memberId, memberOf, tagKey, type TagId } from "../../node/ids.ts";
import { ORDER } from "../../node/instruction.ts";
import { PLAIN_LINE } from "../../node/tags/definition.ts";
import { bytesNamed } from "../bytes.ts";
import { amount } from "./fixtures.ts";
import { Home } from "./home.ts";

const ACTS = ["one", "two", "three"].map((name) => hashKey(bytesNamed(name)));
export const PARTIES = ["steppe", "tulip", "builder", "cement", "glass", "lotus"] as const;
const LINES = ["A", "B"] as const;

export type Step =
  | {
      readonly op: "pay";
      readonly from: string;
      readonly to: string;
      readonly minor: number;
      readonly line: string;
      readonly act: number;
      readonly split: boolean;
    }
  | {
      readonly op: "hold";
      readonly sid: number;
      readonly minor: number;
      readonly line: string;
      readonly act: number;
    }
  | { readonly op: "resolve"; readonly sid: number; readonly how: "POST" | "UNHOLD" }
  | { readonly op: "return"; readonly from: string; readonly minor: number }
  | { readonly op: "freeze"; readonly lift: boolean; readonly account: string | null }
  | { readonly op: "wait"; readonly ms: number };

const party = fc.constantFrom(...PARTIES);
const minor = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 600 }));
const line = fc.constantFrom(...LINES);
const act = fc.nat(ACTS.length);
/** What somebody does to money under a tag, or beside it. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant("pay" as const),
      from: party,
      to: party,
      minor,
      line,
      act,
      split: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant("pay" as const),
      from: fc.constant("steppe"),
      to: fc.constant("builder"),
      minor,
      line,
      act,
      split: fc.constant(false),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ op: fc.constant("hold" as const), sid: fc.nat(9), minor, line, act }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("resolve" as const),
      sid: fc.nat(9),
      how: fc.constantFrom("POST" as const, "UNHOLD" as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("return" as const), from: party, minor }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant("freeze" as const),
      lift: fc.boolean(),
      account: fc.option(party),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant("wait" as const),
      ms: fc.integer({ min: 1, max: 400 }),
    }),
  },
);

/** A tag with everything: two lines, pieces, evidence for final payees, imports, and a VAT tag beside it. */
export class World {
  readonly home = new Home();
  readonly tag: TagId;
  readonly vat: TagId;
  readonly open = new Map<number, number>();

  constructor() {
    const { home } = this;
    home.rules({});
    for (const document of ACTS) home.must(home.attest("ACT", document));
    const registered = ["builder", "glass"].map((name) => ({
      account: accountId(name),
      final: 0 as const,
    }));
    this.vat = home.tag(
      {
        kind: 2,
        purposes: ["VAT"],
        payees: registered,
        lines: [{ ...PLAIN_LINE, line: "VAT", maxAmount: amount(500) }],
      },
      0,
    );
    this.tag = home.tag(
      {
        fundOwner: memberId("steppe"),
        payees: [
          ...registered.slice(0, 1),
          { account: accountId("cement"), final: 1 },
          { account: accountId("glass"), final: 1 },
          { account: accountId("tulip"), final: 0 },
        ],
        lines: LINES.map((name) => ({
          ...PLAIN_LINE,
          line: name,
          maxAmount: amount(700),
          quantity: 40,
          importable: 1 as const,
        })),
        evidence: [{ topic: "ACT", final: 1 }],
        attesters: [memberId("registry")],
        borderMode: 2,
        maxDepth: 4,
        validToMs: home.now + 1_000,
      },
      1_000,
    );
    home.must(home.issue("tulip", 300));
  }

  run(s: Step): void {
    const { home, tag } = this;
    switch (s.op) {
      case "pay": {
        const facts = { quantity: "1", act: ACTS[s.act] ?? "none" };
        const vat = Math.floor((s.minor * 16) / 116);
        const split = { vat: `${vat}`, net: `${s.minor - vat}`, "vat-tag": hashKey(this.vat) };
        const more = {
          tag,
          line: s.line,
          purpose: "WORKS",
          facts: s.split ? { ...facts, ...split } : facts,
        };
        home.pay(s.from, s.to, s.minor, more);
        return;
      }
      case "hold": {
        if (this.open.has(s.sid)) return;
        const facts = { line: s.line, purpose: "WORKS", quantity: "1", act: ACTS[s.act] ?? "none" };
        const code = home.hold(`swap ${s.sid}`, "steppe", "lotus", s.minor, {
          tag,
          facts,
          supplier: "mill",
        });
        if (code === "done") this.open.set(s.sid, s.minor);
        return;
      }
      case "resolve":
        if (!this.open.delete(s.sid)) return;
        home.resolve(`swap ${s.sid}`, s.how);
        return;
      case "return":
        home.order(s.from, { kind: ORDER.returnTag, tag, amount: amount(s.minor) });
        return;
      case "freeze": {
        const kind = s.lift ? ORDER.unfreeze : ORDER.freeze;
        const account = s.account === null ? null : accountId(s.account);
        home.order("auditor", { kind, tag, account, case: "case" });
        return;
      }
      case "wait":
        home.now += s.ms;
        home.sweep();
        return;
      default:
        unreachable(s);
    }
  }

  /** The first promise about tags that the books break. */
  broken(): string | undefined {
    const { books } = this.home;
    for (const { account, tag, posted, pending } of books.balances.values()) {
      const isAbroad = books.members.get(memberOf(account))?.resident === false;
      if (tag !== "" && isAbroad && posted + pending > 0n)
        return `T5: ${account} abroad holds tagged money`;
    }
    const tag = books.tags.get(tagKey(this.tag));
    if (tag === undefined) return "the tag is gone";
    let held = 0n;
    for (const sum of this.open.values()) held += BigInt(sum);
    let [paidIn, released, unspent] = [0n, 0n, 0n];
    for (const part of tag.lines.values()) {
      if (part.released > part.paidIn || part.paidIn > part.maxAmount)
        return "T7: released <= paid in <= maximum";
      if (part.quantity !== null && part.bought > BigInt(part.quantity))
        return "more pieces than the estimate";
      paidIn += part.paidIn;
      released += part.released;
    }
    for (const part of tag.lineHoldings.values()) unspent += part;
    if (paidIn - released !== unspent + held)
      return `lines: ${paidIn - released} is not ${unspent} and ${held} held`;
    if (released !== tag.released) return "what lines released is what the tag released";
    // Stripped money would show here: all that is untagged was issued untagged, released or returned.
    let untagged = 0n;
    for (const balance of books.balances.values())
      if (balance.tag === "") untagged += balance.posted + balance.pending;
    const vat = books.tags.get(tagKey(this.vat));
    const everIssued = books.issued - books.redeemed;
    const wanted = everIssued - tag.held - (vat?.held ?? 0n);
    return untagged === wanted ? undefined : `stripped: ${untagged} untagged, ${wanted} expected`;
  }
}
