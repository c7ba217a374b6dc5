import process from "node:process";
import { credit, newBooks, type Books } from "../../node/accounts/books.ts";
import { applyEntry } from "../../node/domestic/apply.ts";
import { digest, type Hash } from "../../crypto/hash.ts";
import { NO_FACTS } from "../../node/facts.ts";
import { accountId, memberId, tagKey } from "../../node/ids.ts";
import { DOMESTIC } from "../../node/ledger/domestic-entries.ts";
import type { Amount } from "../../node/money.ts";
import { decideMovement } from "../../node/rules/order.ts";
import { encodeRuleSet, parseRuleSet } from "../../node/rules/rule-set.ts";
import type { Movement } from "../../node/rules/rule.ts";
import { PLAIN_LINE, PLAIN_TAG } from "../../node/tags/definition.ts";
import { newTag, type Tag } from "../../node/tags/tag.ts";
import { openScenario } from "../resolve.ts";

/** What one bank's rules decide on one core, on books of this size. */
export interface RuleSpeed {
  readonly accounts: number;
  readonly tags: number;
  readonly untaggedPerSecond: number;
  readonly taggedPerSecond: number;
  readonly buildMs: number;
  readonly rssMb: number;
}

const TAGS = 10_000;
const FUNDS = (10n ** 12n) as Amount;
const PAYEES = 20;

/** The scenario whose rule set decides: a dozen rules of all kinds. */
const RULES_OF = "everyday-tenge";

/** Fills books with accounts and tags, every hundredth with a thousand lines, and decides for a while. */
export function measureRules(accounts: number, budgetMs: number): RuleSpeed {
  const start = performance.now();
  const books = newBooks();
  const nameOf = (i: number) => accountId(`member-${i % accounts}`);
  for (let i = 0; i < accounts; i++) enrol(books, i);
  const tags = Array.from({ length: TAGS }, (_, i) => addTag(books, i, nameOf));
  setRules(books);
  const buildMs = performance.now() - start;
  const plain = { payer: nameOf(0), amount: 500n as Amount, timeMs: 1_000 };
  const untagged = (i: number): Movement => ({
    ...MOVEMENT,
    ...plain,
    payer: nameOf(i * 7_919),
    payee: nameOf(i * 104_729 + 1),
  });
  const tagged = (i: number): Movement => {
    const { id, definition } = tags[(i * 31) % TAGS] as Tag;
    const payee = definition.payees[1 + (i % (PAYEES - 1))]?.account ?? null;
    // Two of three payments are under the tag's last lines: lookup by line must not depend on their number.
    const { length } = definition.lines;
    const line = definition.lines[i % 3 === 0 ? i % length : length - 1 - (i % 10)]?.line ?? null;
    return { ...MOVEMENT, ...plain, payee, tag: id, line, purpose: "WORKS" };
  };
  return {
    accounts,
    tags: TAGS,
    untaggedPerSecond: rate(books, untagged, budgetMs / 2),
    taggedPerSecond: rate(books, tagged, budgetMs / 2),
    buildMs,
    rssMb: process.memoryUsage.rss() / 2 ** 20,
  };
}

const MOVEMENT = {
  by: null,
  channel: "transfer",
  tag: null,
  line: null,
  purpose: null,
  facts: NO_FACTS,
  definition: null,
  legs: null,
  expiryMs: null,
  case: null,
} as const;

function enrol(books: Books, i: number): void {
  const member = memberId(`member-${i}`);
  const key = new Uint8Array(32) as Hash;
  const state = { resident: 1 as const, key, reserves: 0n as Amount, timeMs: 0 };
  applyEntry(books, { kind: DOMESTIC.ENROL, member, memberClass: 1, ...state });
  credit(books, accountId(member), null, FUNDS);
}

function addTag(
  books: Books,
  i: number,
  nameOf: (i: number) => Tag["definition"]["payees"][number]["account"],
): Tag {
  const id = digest(new TextEncoder().encode(`tag ${i}`));
  const count = i % 100 === 0 ? 1_000 : 10;
  const tag = newTag(id, {
    ...PLAIN_TAG,
    net: id,
    kind: 1,
    colour: "red",
    fundOwner: memberId("member-0"),
    reference: `tag ${i}`,
    purposes: ["WORKS"],
    payees: Array.from({ length: PAYEES }, (_, k) => ({
      account: nameOf(i * PAYEES + k),
      final: 0,
    })),
    lines: Array.from({ length: count }, (_, k) => ({
      ...PLAIN_LINE,
      line: `L-${k}`,
      maxAmount: FUNDS,
    })),
    validFromMs: 0,
    validToMs: Number.MAX_SAFE_INTEGER,
    estimateHash: null,
  });
  books.tags.set(tagKey(id), tag);
  credit(books, accountId("member-0"), id, FUNDS);
  return tag;
}

function setRules(books: Books): void {
  const scenario = openScenario(RULES_OF);
  const [rules] = scenario.ok ? [...scenario.value.rules.values()] : [];
  if (rules === undefined) throw new TypeError(`${RULES_OF} has no rules`);
  const set = parseRuleSet(encodeRuleSet(rules(0)));
  if (set.ok) books.rules = set.value;
}

/** Decisions for a second; one that is refused is a bug of this bench. */
function rate(books: Books, movement: (i: number) => Movement, budgetMs: number): number {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < budgetMs) {
    for (let i = 0; i < 1_000; i++) {
      const decided = decideMovement(books, movement(count++));
      if (!decided.ok) throw new TypeError(`${decided.error.rule}: ${decided.error.found}`);
    }
  }
  return (1_000 * count) / (performance.now() - start);
}
