import type { RuleCode } from "../../node/rules/rule.ts";
import { MAX_DURATION_MS, MAX_WORKLOAD_ITEMS } from "../scenario-limits.ts";
import {
  byKind,
  choice,
  kind,
  listOf,
  mapOf,
  ref,
  wholeNumber,
  withDefault,
} from "./json-schema.ts";
import type { JsonSchema } from "./json-schema.ts";

const MAX_PAIRS = 2_016;

const RULE_CODES = Object.keys({
  MEMBER_NOT_CONNECTED: true,
  CLASS_FORBIDDEN: true,
  MINT_FORBIDDEN: true,
  AMOUNT_INVALID: true,
  TERMS_INVALID: true,
  TAG_UNKNOWN: true,
  TAG_EXISTS: true,
  TAG_DEFINITION_INVALID: true,
  TAG_OWNER_ONLY: true,
  TAG_EXPIRED: true,
  TAG_REDEEM_FORBIDDEN: true,
  TAG_PAYEE_NOT_ALLOWED: true,
  TAG_PURPOSE_MISMATCH: true,
  TAG_LINE_NOT_IN_ESTIMATE: true,
  TAG_LINE_EXHAUSTED: true,
  TAG_EXPORT_FORBIDDEN: true,
  LIMIT_BALANCE: true,
  HOLD_BUDGET: true,
  RESERVES_INSUFFICIENT: true,
  FUNDS_INSUFFICIENT: true,
  PVP_EXPIRED: true,
} satisfies Readonly<Record<RuleCode, true>>);

const count = (description: string): JsonSchema =>
  withDefault(wholeNumber(0, MAX_WORKLOAD_ITEMS, description), 0);

const moment = (description: string): JsonSchema => wholeNumber(0, MAX_DURATION_MS, description);

const rejected = choice(RULE_CODES, "The code with which a bank is expected to reject it.");

const generatedSwaps = mapOf(
  { title: "Generated swaps", description: "Swaps drawn from the seed." },
  {
    count: wholeNumber(1, MAX_WORKLOAD_ITEMS, "How many."),
    totalUsd: ref(
      "amount",
      "What they are worth together, in US dollars; at least one dollar each.",
    ),
    pairs: listOf(
      mapOf(
        { title: "Pair", description: "Two currencies, swapped in both directions." },
        {
          pair: {
            description: "Two currencies of the corridor.",
            type: "string",
            pattern: "^[A-Z]{3}/[A-Z]{3}$",
            "x-allowed": "two currency codes such as KZT/CNY",
          },
          share: wholeNumber(1, 100, "Per cent of the swaps; the shares sum to 100."),
        },
      ),
      { min: 1, max: MAX_PAIRS },
      "How the swaps spread over pairs of currencies.",
    ),
  },
);

const generated = mapOf(
  { title: "Generated workload", description: "Swaps and payments drawn from the seed." },
  {
    kind: kind("generated"),
    durationMs: wholeNumber(1, MAX_DURATION_MS, "Instructions are spread over this much time."),
    screeningMs: withDefault(
      listOf(
        moment("A time in milliseconds."),
        { min: 2, max: 2 },
        "Modelled compliance work of a member before it submits: from and to, drawn evenly.",
      ),
      [0, 0],
    ),
    swaps: generatedSwaps,
    domesticPayments: count("Untagged payments between residents of one bank."),
    taggedPayments: count("Payments under a tag."),
    oneWayPayments: count("Payments by a resident to a non-resident member of the same bank."),
  },
  ["screeningMs", "swaps", "domesticPayments", "taggedPayments", "oneWayPayments"],
);

const leg = mapOf(
  { title: "Leg", description: "One currency's side of a swap." },
  {
    member: ref("name", "The commercial bank that pays it."),
    currency: ref("currency", "What it pays."),
    amount: ref("amount", "How much."),
  },
);

const listedSwap = mapOf(
  { title: "Listed swap", description: "One swap; `sell` initiates it." },
  {
    atMs: moment("When it is initiated, from the start."),
    sell: { ...leg, description: "What the initiating member pays." },
    buy: { ...leg, description: "What its counterparty pays." },
    tag: ref("name", "A tag whose money pays the sold leg."),
    rejected,
  },
  ["tag", "rejected"],
);

const listedPayment = mapOf(
  { title: "Listed payment", description: "One payment between two accounts of one bank." },
  {
    atMs: moment("When it is initiated, from the start."),
    bank: ref("name", "The bank that carries it out."),
    payer: ref("name", "The member that pays."),
    payee: ref("name", "The member that is paid."),
    amount: ref("amount", "How much, in the bank's currency."),
    tag: ref("name", "A tag whose money pays."),
    line: ref("line", "The line of the tag's estimate."),
    purpose: ref("code", "One of the tag's purposes."),
    rejected,
  },
  ["tag", "line", "purpose", "rejected"],
);

const listed = mapOf(
  { title: "Listed workload", description: "Swaps and payments as listed." },
  {
    kind: kind("listed"),
    swaps: listOf(listedSwap, { max: MAX_WORKLOAD_ITEMS }, "Swaps."),
    payments: listOf(listedPayment, { max: MAX_WORKLOAD_ITEMS }, "Payments."),
  },
  ["swaps", "payments"],
);

/** What happens. */
export const workloadSchemas: Readonly<Record<string, JsonSchema>> = {
  workload: byKind("Workload", ["generated", "listed"]),
  generated,
  listed,
};
