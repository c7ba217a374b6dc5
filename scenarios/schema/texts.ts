import { CURRENCY_PATTERN } from "../../node/money.ts";
import { NAME_PATTERN } from "../../node/ids.ts";
import type { JsonSchema } from "./json-schema.ts";

/** Text on one line that shows what it is: no control, invisible or direction-changing characters. */
const VISIBLE = "^[^\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]+$";

/** The same with line ends, as a folded text of YAML has at its end. */
const VISIBLE_LINES = "^(?:[^\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]|\\n)+$";

/** What canonical encoding carries. */
const PRINTABLE_ASCII = "^[\\x20-\\x7e]+$";

/** Single values that occur in many places. */
export const textSchemas = {
  name: {
    title: "Name",
    description: "Names a scenario, bank, member, account or tag.",
    type: "string",
    pattern: NAME_PATTERN.source,
    "x-allowed": "a name: 2 to 32 of a-z, 0-9 and -, beginning with a letter",
  },
  shortText: {
    title: "Short text",
    type: "string",
    minLength: 1,
    maxLength: 100,
    pattern: VISIBLE,
    "x-allowed": "text of 1 to 100 visible characters on one line",
  },
  longText: {
    title: "Long text",
    type: "string",
    minLength: 1,
    maxLength: 1000,
    pattern: VISIBLE_LINES,
    "x-allowed": "text of 1 to 1000 visible characters",
  },
  plainText: {
    title: "Plain text",
    type: "string",
    minLength: 1,
    maxLength: 64,
    pattern: PRINTABLE_ASCII,
    "x-allowed": "text of 1 to 64 printable ASCII characters",
  },
  currency: {
    title: "Currency",
    description: "An ISO 4217 code.",
    type: "string",
    pattern: CURRENCY_PATTERN.source,
    "x-allowed": "a currency code of three capitals, such as KZT",
  },
  amount: {
    title: "Amount",
    description:
      "Money in major units, always quoted, with at most as many decimals as the currency has.",
    type: "string",
    pattern: "^(0|[1-9][0-9]{0,18})(\\.[0-9]{1,6})?$",
    "x-allowed": 'a quoted amount in major units, such as "1250000.00"',
  },
  code: {
    title: "Code",
    type: "string",
    pattern: "^[A-Z0-9-]{1,16}$",
    "x-allowed": "a code: 1 to 16 of A-Z, 0-9 and -",
  },
  country: {
    title: "Country",
    type: "string",
    pattern: "^[A-Z]{2}$",
    "x-allowed": "a country as two capitals, such as CN",
  },
  factName: {
    title: "Name of a fact",
    type: "string",
    pattern: "^[a-z][a-z0-9-]{0,23}$",
    "x-allowed": "a name: 1 to 24 of a-z, 0-9 and -, beginning with a letter",
  },
  factValue: {
    title: "Value of a fact",
    type: "string",
    minLength: 1,
    maxLength: 140,
    pattern: PRINTABLE_ASCII,
    "x-allowed": "text of 1 to 140 printable ASCII characters",
  },
  condition: {
    title: "Condition",
    type: "string",
    pattern:
      "^[a-z][a-z0-9-]{0,23}(=[\\x20-\\x7b\\x7d\\x7e]{1,140}(\\|[\\x20-\\x7b\\x7d\\x7e]{1,140}){0,63})?$",
    "x-allowed": "a fact such as wages, or a fact with values such as channel=card|atm",
  },
  fact: {
    title: "Fact",
    description:
      "name=value. In place of a value, #text stands for the hash of a document with this text, @tag for the id of a tag of this file, and +1000 for the time so many milliseconds after the start.",
    type: "string",
    pattern: "^[a-z][a-z0-9-]{0,23}=[\\x20-\\x7e]{1,140}$",
    "x-allowed": 'a fact as name=value, such as "unk=1/2468/0001/2026"',
  },
  line: {
    title: "Estimate line",
    type: "string",
    pattern: "^[A-Z0-9.-]{1,16}$",
    "x-allowed": 'a quoted line of the estimate: 1 to 16 of A-Z, 0-9, . and -, such as "1.1"',
  },
} as const satisfies Readonly<Record<string, JsonSchema>>;
