import type { Bytes } from "../../crypto/bytes.ts";
import {
  list,
  nullable,
  oneOf,
  text,
  tuple,
  uint,
  type LayoutValue,
} from "../../crypto/canonical-layout.ts";
import { digestParts, DOMAIN } from "../../crypto/hash.ts";
import { accountLayout, hashLayout, memberLayout, type TagId } from "../ids.ts";
import { lineLayout, purposeLayout } from "../instruction.ts";
import { MAX_ESTIMATE_LINES, MAX_TAG_PAYEES } from "../limits.ts";
import { amountLayout } from "../money.ts";

/** What a tag marks money for (digital-tenge facts: budget, VAT, vouchers, subsidies, National Fund). */
export const TAG_KIND = { budget: 1, vat: 2, voucher: 3, subsidy: 4, "national-fund": 5 } as const;

/**
 * What happens to tagged money at the border. DENY: it can never become a swap leg. FINAL_IMPORT: it may
 * pay a foreign supplier under an importable line, and its tag ends with the swap. CARRY: a tag of the
 * foreign bank takes over (research only).
 */
export const BORDER_MODE = { DENY: 1, FINAL_IMPORT: 2, CARRY: 3 } as const;

/** Whether the supply chain's contracts must be known before money moves under them. */
export const DISCLOSURE = { none: 0, warn: 1, enforce: 2 } as const;

/** How far a chain of payees may reach at most. */
export const MAX_DEPTH = 16;

/** A payee of a tag. When it is final, the money it receives is released: its tag ends there. */
export const payeeLayout = tuple({ account: accountLayout, final: oneOf(0, 1) });

/** A line of the estimate: what may be paid into the chain under it, in minor units. */
export const estimateLineLayout = tuple({
  line: lineLayout,
  maxAmount: amountLayout,
  /** Minor units for one piece, when the estimate sets a price. */
  maxUnitPrice: nullable(amountLayout),
  /** Pieces that may be bought in all, when the estimate sets a number. */
  quantity: nullable(uint(0xffff_ffff)),
  importable: oneOf(0, 1),
});

/** A document that must be attested and unused: with every payment, or only when a final payee is paid. */
export const evidenceLayout = tuple({ topic: purposeLayout, final: oneOf(0, 1) });

/** The signed definition of a tag; its hash is the tag's id (FORMAT.md, section 7). */
export const tagDefinitionLayout = tuple({
  net: hashLayout,
  kind: oneOf(1, 2, 3, 4, 5),
  /** For display only. */
  colour: text<string>(16, { min: 1, pattern: /^[a-z]+$/ }),
  fundOwner: memberLayout,
  /** Distinguishes two tags with the same rules, such as a contract number. */
  reference: text<string>(64, { min: 1 }),
  /** Codes that a payment under this tag may name. */
  purposes: list(purposeLayout, 16, 1),
  payees: list(payeeLayout, MAX_TAG_PAYEES, 1),
  lines: list(estimateLineLayout, MAX_ESTIMATE_LINES, 1),
  validFromMs: uint(),
  /** From this time on what is still held goes back to the fund owner. */
  validToMs: uint(),
  /** A payment reaches at most this many steps from the fund owner. */
  maxDepth: uint(MAX_DEPTH),
  disclosure: oneOf(0, 1, 2),
  evidence: list(evidenceLayout, 4),
  /** Members whose attestations count for this tag. */
  attesters: list(memberLayout, 4),
  /** Regions, by code, in which payees must be registered; none means any. */
  regions: list(uint(999_999_999), 16),
  borderMode: oneOf(1, 2, 3),
  /** Countries of foreign suppliers, as two capitals. */
  countries: list(text<string>(2, { min: 2, pattern: /^[A-Z]+$/ }), 16),
  /** Hash of the design-and-estimate document, if there is one. */
  estimateHash: nullable(hashLayout),
});

export type TagDefinition = LayoutValue<typeof tagDefinitionLayout>;

export const tagIdOf = (definition: Bytes): TagId => digestParts(DOMAIN.tag, definition);

/** A line of an estimate that limits the amount alone. */
export const PLAIN_LINE = { maxUnitPrice: null, quantity: null, importable: 0 } as const;

/** The part of a definition that asks for nothing special. */
export const PLAIN_TAG = {
  maxDepth: MAX_DEPTH,
  disclosure: DISCLOSURE.none,
  evidence: [],
  attesters: [],
  regions: [],
  borderMode: BORDER_MODE.DENY,
  countries: [],
} as const;
