import { tagKey, type AccountId, type TagKey } from "../../../node/ids.ts";
import type { Tag } from "../../../node/tags/tag.ts";
import { unreachable } from "../../../crypto/outcome.ts";
import { decode } from "../../../crypto/canonical-layout.ts";
import { CARRY_FACT } from "../../../node/rules/border.ts";
import { termsLayout } from "../../../node/terms.ts";
import {
  DOMESTIC,
  type DomesticEntry,
  type EntryOf,
} from "../../../node/ledger/domestic-entries.ts";
import type { LedgerItem } from "./ledger-items.ts";

/** R8: money that a bank has issued, in minor units as decimal strings. Issue adds up; outstanding goes down again. */
export interface SupplyRow {
  readonly issued: string;
  readonly redeemed: string;
  readonly outstanding: string;
  /** Of what is outstanding, what stands under tags. */
  readonly tagged: string;
  /** The course of the three, at no more than a few hundred times. */
  readonly course: readonly {
    readonly timeMs: number;
    readonly issued: string;
    readonly outstanding: string;
    readonly tagged: string;
  }[];
}

/** Points of a course that are kept: more do not show. */
const MAX_POINTS = 300;

/** Follows issue, redemption and the beginning and end of tags. */
export class Supply {
  #issued = 0n;
  #redeemed = 0n;
  #tagged = 0n;
  /** What posting a hold does to tagged money: it ends with an import, and begins with a carried leg. */
  readonly #holds = new Map<string, bigint>();
  readonly #points: SupplyRow["course"][number][] = [];
  readonly #tags: ReadonlyMap<TagKey, Tag>;

  constructor(tags: ReadonlyMap<TagKey, Tag>) {
    this.#tags = tags;
  }

  take({ entry, timeMs }: LedgerItem): void {
    const before = [this.#issued, this.#redeemed, this.#tagged];
    this.#add(entry);
    const now = [this.#issued, this.#redeemed, this.#tagged];
    if (now.every((value, i) => value === before[i])) return;
    this.#points.push({ timeMs, ...this.#sums() });
  }

  #add(entry: DomesticEntry): void {
    switch (entry.kind) {
      case DOMESTIC.ISSUE:
        this.#issued += entry.amount;
        break;
      case DOMESTIC.REDEEM:
        this.#redeemed += entry.amount;
        break;
      case DOMESTIC.TAG_ISSUE:
        this.#tagged += entry.amount;
        break;
      case DOMESTIC.TAG_RELEASE:
      case DOMESTIC.TAG_RETURN:
        this.#tagged -= entry.amount;
        break;
      case DOMESTIC.VAT_XFER: {
        this.#tagged += entry.vat;
        if (entry.tag === null) break;
        const final = this.#isFinal(tagKey(entry.tag), entry.payee);
        this.#tagged -= final ? entry.amount : entry.vat;
        break;
      }
      case DOMESTIC.HOLD:
        this.#hold(entry);
        break;
      case DOMESTIC.POST:
        this.#tagged += this.#holds.get(`${tagKey(entry.sid)} ${entry.leg}`) ?? 0n;
        break;
      case DOMESTIC.XFER:
      case DOMESTIC.UNHOLD:
      case DOMESTIC.ENROL:
      case DOMESTIC.REJECTED:
      case DOMESTIC.TAG_DEFINE:
      case DOMESTIC.RULES:
      case DOMESTIC.ATTEST:
      case DOMESTIC.TAG_CONTRACT:
      case DOMESTIC.TAG_FREEZE:
      case DOMESTIC.TAG_UNFREEZE:
      case DOMESTIC.COURT_DEBIT:
        return;
      default:
        unreachable(entry);
    }
  }

  result(): SupplyRow {
    return { redeemed: `${this.#redeemed}`, ...this.#sums(), course: thinned(this.#points) };
  }

  #hold({ sid, leg, tag, amount, terms }: EntryOf<typeof DOMESTIC.HOLD>): void {
    const agreed = decode(termsLayout, terms);
    const isCarried = agreed.ok && agreed.value.border.some(({ name }) => name === CARRY_FACT);
    const change: bigint = tag !== null ? 0n - amount : isCarried ? amount : 0n;
    if (change !== 0n) this.#holds.set(`${tagKey(sid)} ${leg}`, change);
  }

  #isFinal(tag: TagKey, payee: AccountId): boolean {
    return this.#tags.get(tag)?.payees.get(payee)?.final === true;
  }

  #sums() {
    return {
      issued: `${this.#issued}`,
      outstanding: `${this.#issued - this.#redeemed}`,
      tagged: `${this.#tagged}`,
    };
  }
}

function thinned<T>(points: readonly T[]): readonly T[] {
  if (points.length <= MAX_POINTS) return points;
  const step = (points.length - 1) / (MAX_POINTS - 1);
  return Array.from({ length: MAX_POINTS }, (_, i) => points[Math.round(i * step)] as T);
}
