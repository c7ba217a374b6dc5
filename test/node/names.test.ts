import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, encode, text, type Layout } from "../../crypto/canonical-layout.ts";
import { MAX_STRING_BYTES } from "../../crypto/canonical-value.ts";
import { isCanonicalText } from "../../crypto/canonical-encode.ts";
import {
  accountId,
  accountLayout,
  accountOf,
  memberLayout,
  memberOf,
  parseName,
  tagKey,
  UNTAGGED,
} from "../../node/ids.ts";
import { lineLayout, purposeLayout } from "../../node/instruction.ts";
import { rejectionCodeLayout, ruleIdLayout } from "../../node/ledger/domestic-entries.ts";
import { CURRENCY_PATTERN, parseAmount } from "../../node/money.ts";
import { balanceKey } from "../../node/accounts/keys.ts";
import { bytesNamed } from "../bytes.ts";
import { holds } from "../property.ts";

const naughty = JSON.parse(
  readFileSync(join(import.meta.dirname, "../vectors/naughty-strings/blns.json"), "utf8"),
) as readonly string[];

/** Names that look like others, or that objects know already. */
const CONFUSING: readonly (readonly [what: string, name: string])[] = [
  ["a Cyrillic letter", "h\u0430lyk"],
  ["a Greek letter", "\u03b1lpha"],
  ["a full-width letter", "\uff41bc"],
  ["a zero-width joiner", "ab\u200dc"],
  ["a zero-width space", "ab\u200b"],
  ["a right-to-left override", "ab\u202ec"],
  ["a composed letter (NFC)", "caf\u00e9"],
  ["a decomposed letter (NFD)", "cafe\u0301"],
  ["a trailing space", "abc "],
  ["a leading space", " abc"],
  ["a trailing line break", "abc\n"],
  ["a capital", "Abc"],
  ["a dotless i", "\u0131stanbul"],
  ["NUL", "ab\u0000c"],
  ["a lone surrogate", "ab\ud800"],
  ["a letter beyond the basic plane", "ab\u{1d41a}"],
  ["__proto__", "__proto__"],
  ["a slash", "a/b"],
  ["dots", ".."],
  ["a leading digit", "1abc"],
  ["a leading hyphen", "-abc"],
  ["an underscore", "a_b"],
  ["one letter", "a"],
  ["33 letters", "a".repeat(33)],
  ["nothing", ""],
];

describe("parseName (B16)", () => {
  it.each(["ab", "a1", "a-", "nbk", "halyk-bank", "a".repeat(32), "z9-9-9"])("takes %s", (name) => {
    expect(parseName(name)).toEqual({ ok: true, value: name });
  });

  it.each(CONFUSING)("refuses %s", (_, name) => {
    expect(parseName(name)).toEqual({
      ok: false,
      error: {
        code: "name_invalid",
        found: JSON.stringify(name),
        want: "2 to 32 of a-z, 0-9 and -, beginning with a letter",
      },
    });
  });

  it("shows a refused name so that it cannot do harm: quoted, escaped and short", () => {
    const shown = (name: string): string => {
      const parsed = parseName(name);
      return parsed.ok ? "taken" : parsed.error.found;
    };
    expect(shown("x\u0007\n\u001b[31m")).toBe('"x\\u0007\\n\\u001b[31m"');
    expect(shown("\ud800")).toBe('"\\ud800"');
    expect(shown("!".repeat(100_000))).toHaveLength(64 + 2);
  });
});

describe("515 naughty strings (B16)", () => {
  it("are all there", () => expect(naughty).toHaveLength(515));

  it("a name is taken from a dozen plain words only", () => {
    const taken = new Set(naughty.filter((text) => parseName(text).ok));
    expect([...taken].join(" ")).toBe(
      "undefined undef null nil true false then evaluate mocha expression classic basement",
    );
  });

  const fields: Readonly<Record<string, Layout<string>>> = {
    member: memberLayout,
    account: accountLayout,
    purpose: purposeLayout,
    line: lineLayout,
    "rejection code": rejectionCodeLayout,
    "rule id": ruleIdLayout,
    currency: text(3, { min: 3, pattern: CURRENCY_PATTERN }),
    "free text": text(MAX_STRING_BYTES),
  };

  it.each(Object.entries(fields))(
    "through the field %s: written and read back, or a bug",
    (_, layout) => {
      for (const found of naughty) {
        let bytes: Uint8Array;
        try {
          bytes = encode(layout, found);
        } catch (error) {
          expect((error as Error).name).toBe("InvariantViolation");
          continue;
        }
        expect(isCanonicalText(found)).toBe(true);
        expect(decode(layout, bytes)).toEqual({ ok: true, value: found });
      }
    },
  );

  it("through parseAmount: a plain number or a rejection", () => {
    for (const found of naughty) {
      if (parseAmount(found, 2, "KZT").ok) expect(found).toMatch(/^\d+(\.\d\d?)?$/);
    }
  });
});

describe("accounts, members and columns", () => {
  it("a member's account has its name, both ways", () => {
    expect(memberOf(accountOf(memberOf(accountId("halyk"))))).toBe("halyk");
  });

  it("balances of names that objects know already are kept apart", () => {
    const names = ["constructor", "tostring", "valueof", "hasownproperty", "then", "undefined"];
    const keys = names.flatMap((name) => [
      balanceKey(accountId(name), null),
      balanceKey(accountId(name), bytesNamed("tag")),
    ]);
    expect(new Set(keys).size).toBe(keys.length);
    expect(names.every((name) => parseName(name).ok)).toBe(true);
  });

  it("no two columns of two accounts share a key", () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{1,31}$/).map(accountId);
    const tag = fc.option(fc.constantFrom(bytesNamed("tag a"), bytesNamed("tag b")));
    holds(
      fc.property(name, tag, name, tag, (a, tagA, b, tagB) => {
        const same = a === b && tagKey(tagA) === tagKey(tagB);
        expect(balanceKey(a, tagA) === balanceKey(b, tagB)).toBe(same);
      }),
      500,
    );
    expect(tagKey(null)).toBe(UNTAGGED);
  });
});
