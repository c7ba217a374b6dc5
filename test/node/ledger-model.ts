import { unreachable } from "../../crypto/outcome.ts";
import { MEMBERS, PRIVATE, PROGRAMME, ROAD, type MemberName } from "./fixtures.ts";

export const TAGS = { ROAD, PROGRAMME, PRIVATE };
export type TagName = keyof typeof TAGS;
export const TAG_NAMES = Object.keys(TAGS) as readonly TagName[];

/** What can happen to a ledger. "nobody" has no account. */
export type Operation =
  | { readonly op: "issue" | "redeem"; readonly payer: MemberName; readonly amount: number }
  | {
      readonly op: "pay";
      readonly payer: MemberName;
      readonly payee: MemberName | "nobody";
      readonly amount: number;
    }
  | {
      readonly op: "pay-tagged";
      readonly payer: MemberName;
      readonly payee: MemberName | "nobody";
      readonly amount: number;
      readonly tag: TagName;
      readonly line: string | null;
      readonly purpose: string | null;
    }
  | {
      readonly op: "hold";
      readonly payer: MemberName;
      readonly payee: MemberName | "nobody";
      readonly amount: number;
      readonly tag: TagName | null;
      readonly late: boolean;
    }
  /** `hold` counts back from the one that was placed last. */
  | { readonly op: "post" | "void"; readonly hold: number }
  | { readonly op: "define"; readonly payer: MemberName; readonly tag: TagName }
  | {
      readonly op: "issue-tag" | "return-tag";
      readonly payer: MemberName;
      readonly tag: TagName;
      readonly amount: number;
    }
  | { readonly op: "wait"; readonly ms: number }
  | { readonly op: "sweep" };

/** The ledger as somebody would keep it on paper: numbers under names, and no thought of speed. */
export class Model {
  now = 0;
  readonly posted = new Map<string, number>();
  readonly pending = new Map<string, number>();
  readonly reserves = new Map<string, number>(
    Object.entries(MEMBERS).map(([name, { reserves }]) => [name, reserves]),
  );
  readonly holds: { payer: string; payee: string; amount: number; open: boolean }[] = [];
  readonly defined = new Set<TagName>();
  readonly paidIn = new Map<string, number>();
  readonly received = new Map<string, number>();

  /** Carries the operation out and says true, or changes nothing and says false. */
  run(o: Operation): boolean {
    switch (o.op) {
      case "issue":
        if (!mayIssue(o.payer) || o.amount < 1 || o.amount > get(this.reserves, o.payer))
          return false;
        add(this.reserves, o.payer, -o.amount);
        return add(this.posted, o.payer, o.amount);
      case "redeem":
        if (!mayIssue(o.payer) || !this.covers(o.payer, o.amount)) return false;
        add(this.reserves, o.payer, o.amount);
        return add(this.posted, o.payer, -o.amount);
      case "pay":
        if (o.payee === "nobody" || o.payee === o.payer || !this.covers(o.payer, o.amount))
          return false;
        return this.move(o.payer, o.payee, o.amount);
      case "pay-tagged":
        return this.payTagged(o);
      case "hold":
        if (o.payee === "nobody" || o.payee === o.payer || !isBank(o.payer)) return false;
        if (o.tag !== null || o.late || !this.covers(o.payer, o.amount)) return false;
        this.holds.push({ payer: o.payer, payee: o.payee, amount: o.amount, open: true });
        add(this.pending, o.payer, o.amount);
        return add(this.posted, o.payer, -o.amount);
      case "post":
      case "void": {
        const hold = this.holds.at(-1 - o.hold);
        if (hold?.open !== true) return false;
        hold.open = false;
        add(this.pending, hold.payer, -hold.amount);
        return add(this.posted, o.op === "post" ? hold.payee : hold.payer, hold.amount);
      }
      case "define":
        if (TAGS[o.tag].fundOwner !== o.payer || !mayIssue(o.payer)) return false;
        if (this.defined.has(o.tag) || this.now >= TAGS[o.tag].validToMs) return false;
        this.defined.add(o.tag);
        return true;
      case "issue-tag":
        if (!this.valid(o.tag) || TAGS[o.tag].fundOwner !== o.payer) return false;
        return (
          this.covers(o.payer, o.amount) && this.move(o.payer, `${o.payer} ${o.tag}`, o.amount)
        );
      case "return-tag": {
        const column = `${o.payer} ${o.tag}`;
        if (!this.covers(column, o.amount)) return false;
        this.freeLines(o.payer, o.tag, o.amount);
        return this.move(column, TAGS[o.tag].fundOwner, o.amount);
      }
      case "wait":
        this.now += o.ms;
        return true;
      case "sweep":
        for (const [column, held] of Array.from(this.posted)) {
          const [, tag] = column.split(" ") as [string, TagName | undefined];
          if (tag === undefined || this.now < TAGS[tag].validToMs) continue;
          this.freeLines(column.split(" ")[0] ?? "", tag, held);
          this.move(column, TAGS[tag].fundOwner, held);
        }
        return true;
      default:
        return unreachable(o);
    }
  }

  private payTagged(o: Operation & { op: "pay-tagged" }): boolean {
    const { payer, payee, amount, tag, line } = o;
    const { fundOwner, payees, lines, purposes } = TAGS[tag];
    const to = payees.find(({ account }) => account === payee);
    const estimate = lines.find((l) => l.line === line);
    if (!this.valid(tag) || to === undefined || estimate === undefined || payee === payer)
      return false;
    if (payee === "nobody" || !MEMBERS[payee].resident) return false;
    if (o.purpose === null || !purposes.includes(o.purpose)) return false;
    const left =
      payer === fundOwner
        ? Number(estimate.maxAmount) - get(this.paidIn, `${tag} ${line}`)
        : get(this.received, `${payer} ${tag} ${line}`);
    if (amount > left || !this.covers(`${payer} ${tag}`, amount)) return false;
    if (payer === fundOwner) add(this.paidIn, `${tag} ${line}`, amount);
    else add(this.received, `${payer} ${tag} ${line}`, -amount);
    if (to.final === 0) add(this.received, `${payee} ${tag} ${line}`, amount);
    return this.move(`${payer} ${tag}`, to.final === 1 ? payee : `${payee} ${tag}`, amount);
  }

  /** What goes back was received under lines, which can be paid into again. */
  private freeLines(payer: string, tag: TagName, amount: number): void {
    if (payer === TAGS[tag].fundOwner) return;
    let left = amount;
    for (const { line } of TAGS[tag].lines) {
      const part = Math.min(left, get(this.received, `${payer} ${tag} ${line}`));
      add(this.received, `${payer} ${tag} ${line}`, -part);
      add(this.paidIn, `${tag} ${line}`, -part);
      left -= part;
    }
  }

  private covers(column: string, amount: number): boolean {
    return amount >= 1 && amount <= get(this.posted, column);
  }

  private valid(tag: TagName): boolean {
    const { validFromMs, validToMs } = TAGS[tag];
    return this.defined.has(tag) && this.now >= validFromMs && this.now < validToMs;
  }

  private move(from: string, to: string, amount: number): boolean {
    add(this.posted, from, -amount);
    return add(this.posted, to, amount);
  }
}

const isBank = (name: MemberName): boolean => MEMBERS[name].memberClass === "commercial-bank";
const mayIssue = (name: MemberName): boolean =>
  MEMBERS[name].resident && (isBank(name) || name === "treasury");

const get = (map: Map<string, number>, key: string): number => map.get(key) ?? 0;

function add(map: Map<string, number>, key: string, change: number): true {
  map.set(key, get(map, key) + change);
  return true;
}
