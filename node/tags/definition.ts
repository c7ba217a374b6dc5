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

/** What happens to tagged money at the border. DENY: it can never become a swap leg. */
export const BORDER_MODE = { DENY: 1 } as const;

/** A payee of a tag. When it is final, the money it receives is released: its tag ends there. */
export const payeeLayout = tuple({ account: accountLayout, final: oneOf(0, 1) });

/** A line of the estimate: what may be paid into the chain under it, in minor units. */
export const estimateLineLayout = tuple({ line: lineLayout, maxAmount: amountLayout });

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
  borderMode: oneOf(1),
  /** Hash of the design-and-estimate document, if there is one. */
  estimateHash: nullable(hashLayout),
});

export type TagDefinition = LayoutValue<typeof tagDefinitionLayout>;

export const tagIdOf = (definition: Bytes): TagId => digestParts(DOMAIN.tag, definition);
