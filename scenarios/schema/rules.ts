import { MAX_FACTS } from "../../node/facts.ts";
import { MEMBER_CLASS } from "../../node/members.ts";
import { RULE_CODES } from "../../node/rules/codes.ts";
import { MAX_CODES } from "../../node/rules/families/codes.ts";
import { MAX_SCREENED } from "../../node/rules/families/screen.ts";
import { MEASURE, PERIOD } from "../../node/rules/families/total.ts";
import { SUBJECT } from "../../node/rules/families/attested.ts";
import { CHANNEL } from "../../node/rules/rule.ts";
import { BASIS, VERDICT } from "../../node/rules/rule-set.ts";
import { BORDER, RESIDENCE } from "../../node/rules/scope.ts";
import { TAG_KIND } from "../../node/tags/definition.ts";
import { MAX_MOMENT_MS } from "../scenario-limits.ts";
import {
  byKind,
  choice,
  kind,
  listOf,
  mapOf,
  ref,
  wholeNumber,
  withDefault,
  type JsonSchema,
} from "./json-schema.ts";

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const CHANNEL_NAMES = Object.keys(CHANNEL);

const names = (values: readonly string[], description: string): JsonSchema =>
  listOf(choice(values, "One of them."), { max: values.length, unique: true }, description);

const factName = (description: string) => ref("factName", description);
const codes = (description: string): JsonSchema =>
  withDefault(
    listOf(ref("factValue", "A code."), { max: MAX_CODES, unique: true }, description),
    [],
  );

const limit = mapOf(
  {
    title: "Limit",
    description: "An amount in US dollars at the day's rate, or in the bank's currency.",
  },
  {
    usd: ref("amount", "In US dollars."),
    amount: ref("amount", "In the bank's own currency."),
  },
  ["usd", "amount"],
);

const conditions = (description: string): JsonSchema =>
  withDefault(listOf(ref("condition", "One condition."), { max: 8 }, description), []);

const scope = mapOf(
  { title: "About", description: "Which movements the rule is about." },
  {
    channels: withDefault(names(CHANNEL_NAMES, "By what they ask for."), ["transfer", "swap"]),
    border: withDefault(choice(Object.keys(BORDER), "Whether money changes country."), "any"),
    tags: names(["untagged", ...Object.keys(TAG_KIND)], "By the money; without it, any."),
    payer: withDefault(names(Object.keys(MEMBER_CLASS), "Classes of payers; none means any."), []),
    payee: withDefault(names(Object.keys(MEMBER_CLASS), "Classes of payees; none means any."), []),
    payerResidence: withDefault(choice(Object.keys(RESIDENCE), "Of the payer."), "any"),
    payeeResidence: withDefault(choice(Object.keys(RESIDENCE), "Of the payee."), "any"),
    above: { ...limit, description: "Only amounts above this." },
    when: conditions("All of these are met: a fact, or `fact=value|value`."),
    unless: conditions("None of these is met."),
  },
  [
    "channels",
    "border",
    "tags",
    "payer",
    "payee",
    "payerResidence",
    "payeeResidence",
    "above",
    "when",
    "unless",
  ],
);

const facts = (description: string, min: number): JsonSchema =>
  listOf(ref("factName", "A fact."), { min, max: MAX_FACTS, unique: true }, description);

/** One definition for each rule family; the key `kind` names it. */
const checks: Readonly<Record<string, JsonSchema>> = {
  require: mapOf(
    { title: "Require", description: "Each fact is stated." },
    { kind: kind("require"), facts: facts("The facts.", 1) },
  ),
  codes: mapOf(
    { title: "Codes", description: "A fact is on one list and not on another." },
    {
      kind: kind("codes"),
      fact: factName("The fact."),
      allowed: codes("Values that pass; none means any."),
      refused: codes("Values that do not pass."),
    },
    ["allowed", "refused"],
  ),
  eknp: mapOf(
    {
      title: "EKNP",
      description: "Kazakhstan's purpose string fits the parties and the currency.",
    },
    {
      kind: kind("eknp"),
      fact: factName("The fact."),
      purposes: listOf(
        {
          description: "A purpose code.",
          type: "string",
          pattern: "^[0-9]{3}$",
          "x-allowed": 'a quoted purpose of three digits, such as "710"',
        },
        { min: 1, max: MAX_CODES, unique: true },
        "Purposes that pass.",
      ),
    },
  ),
  iban: mapOf(
    { title: "IBAN", description: "A fact is a well-formed IBAN." },
    { kind: kind("iban"), fact: factName("The fact."), country: ref("country", "Whose IBAN.") },
  ),
  screen: mapOf(
    { title: "Screen", description: "No party is on a list of names." },
    {
      kind: kind("screen"),
      names: listOf(
        ref("factValue", "A name; in scenarios an invented one."),
        { min: 1, max: MAX_SCREENED, unique: true },
        "The list.",
      ),
      facts: withDefault(facts("Facts that name parties.", 0), []),
    },
    ["facts"],
  ),
  limit: mapOf(
    { title: "Limit of a payment", description: "One payment is not above the limit." },
    { kind: kind("limit"), limit },
  ),
  balance: mapOf(
    { title: "Limit of a balance", description: "The payee's balance is not above the limit." },
    { kind: kind("balance"), limit },
  ),
  total: mapOf(
    { title: "Total", description: "What adds up in a period is not above the limit." },
    {
      kind: kind("total"),
      measure: withDefault(choice(Object.keys(MEASURE), "Amounts, or payments."), "amount"),
      by: withDefault(
        names(["payer", "payee", "tag"], "Whose payments are added up; none means all."),
        ["payer"],
      ),
      fact: factName("Added up for each value of this fact apart."),
      period: choice(Object.keys(PERIOD), "Days and months begin in the bank's local time."),
      limit,
      times: wholeNumber(0, 1_000_000, "The limit of a count."),
    },
    ["measure", "by", "fact", "limit", "times"],
  ),
  attested: mapOf(
    { title: "Attested", description: "A register has stated something, or has not." },
    {
      kind: kind("attested"),
      topic: ref("code", "What about."),
      subject: choice(Object.keys(SUBJECT), "Whom, or which document, a fact names."),
      fact: factName("The fact, when the subject is one."),
      by: listOf(
        ref("name", "A member of class attester."),
        { min: 1, max: 8 },
        "Whose word counts.",
      ),
      least: withDefault(wholeNumber(0, Number.MAX_SAFE_INTEGER, "The smallest value."), 1),
      most: withDefault(
        wholeNumber(0, Number.MAX_SAFE_INTEGER, "The largest value."),
        Number.MAX_SAFE_INTEGER,
      ),
      wanted: {
        description: "Whether there must be such a statement, or must be none.",
        type: "boolean",
        default: true,
      },
    },
    ["fact", "least", "most", "wanted"],
  ),
  calendar: mapOf(
    { title: "Calendar", description: "Within a time of the run, on days of the week." },
    {
      kind: kind("calendar"),
      fromMs: withDefault(wholeNumber(0, MAX_MOMENT_MS, "From the start of the run."), 0),
      toMs: wholeNumber(0, MAX_MOMENT_MS, "Up to here; without it, for ever."),
      days: withDefault(names(WEEKDAYS, "Days of the week."), [...WEEKDAYS]),
    },
    ["fromMs", "toMs", "days"],
  ),
  deadline: mapOf(
    { title: "Deadline", description: "A fact is a time that has not come." },
    { kind: kind("deadline"), fact: factName("The fact, in milliseconds.") },
  ),
  forbid: mapOf(
    { title: "Forbid", description: "Nothing of this kind passes." },
    { kind: kind("forbid") },
  ),
  returning: mapOf(
    {
      title: "Returning",
      description: "The payee did not pay an import from tagged money shortly before.",
    },
    { kind: kind("returning"), withinMs: wholeNumber(1, Number.MAX_SAFE_INTEGER, "How shortly.") },
  ),
};

const rule = mapOf(
  { title: "Rule", description: "One rule of a bank's own: what it is about, and what it asks." },
  {
    id: {
      description: "Names the rule in rejections and reports.",
      type: "string",
      pattern: "^[A-Z0-9-]{1,24}$",
      "x-allowed": "1 to 24 of A-Z, 0-9 and -, such as KZ-2",
    },
    code: choice(RULE_CODES, "The code that the rule refuses or flags with."),
    verdict: withDefault(
      choice(Object.keys(VERDICT), "REJECT stops the movement; FLAG lets it pass and notes it."),
      "REJECT",
    ),
    basis: withDefault(choice(Object.keys(BASIS), "What the rule rests on."), "model"),
    about: { ...scope, default: {} },
    check: ref("check", "What it asks."),
  },
  ["verdict", "basis", "about"],
);

/** The banks' own rules. */
export const ruleSchemas: Readonly<Record<string, JsonSchema>> = {
  rule,
  check: byKind("Check", Object.keys(checks)),
  ...checks,
};
