import { MAX_FACTS } from "../../node/facts.ts";
import { RULE_CODES } from "../../node/rules/codes.ts";
import { MAX_DURATION_MS, MAX_MOMENT_MS, MAX_WORKLOAD_ITEMS } from "../scenario-limits.ts";
import { homeSchemas } from "./home.ts";
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

const MAX_PAIRS = 2_016;

const count = (description: string): JsonSchema =>
  withDefault(wholeNumber(0, MAX_WORKLOAD_ITEMS, description), 0);

const moment = (description: string): JsonSchema => wholeNumber(0, MAX_MOMENT_MS, description);

const facts = withDefault(
  listOf(
    ref("fact", "One fact."),
    { max: MAX_FACTS },
    "What it says of itself, such as a purpose code or the hash of a document.",
  ),
  [],
);

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
    durationMs: wholeNumber(1, MAX_MOMENT_MS, "Instructions are spread over this much time."),
    screeningMs: withDefault(
      listOf(
        wholeNumber(0, MAX_DURATION_MS, "A time in milliseconds."),
        { min: 2, max: 2 },
        "Modelled compliance work of a member before it submits: from and to, drawn evenly.",
      ),
      [0, 0],
    ),
    swaps: generatedSwaps,
    domesticPayments: count("Untagged payments between residents of one bank."),
    taggedPayments: count("Payments under a tag."),
    oneWayPayments: count("Payments by a resident to a non-resident member of the same bank."),
    procurement: ref("procurement", "Purchases along the supply chains of tags."),
    meals: ref("meals", "School meals paid by vouchers."),
    vat: ref("vat", "Exporters' invoices, their VAT and its refund."),
  },
  [
    "screeningMs",
    "swaps",
    "domesticPayments",
    "taggedPayments",
    "oneWayPayments",
    "procurement",
    "meals",
    "vat",
  ],
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
    deliverTo: ref("name", "Who receives the bought currency; by default the member that sells."),
    facts,
    rejected,
  },
  ["tag", "deliverTo", "facts", "rejected"],
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
    facts,
    diversion: ref(
      "plainText",
      "In which way it diverts money; without it, the payment is honest.",
    ),
    rejected,
  },
  ["tag", "line", "purpose", "facts", "diversion", "rejected"],
);

const tagOf = ref("name", "A tag of the bank.");
const documentText = ref("factValue", "A document, named by its text: its hash stands for it.");

/** One definition for each kind of order that pays nobody. */
const orders: Readonly<Record<string, JsonSchema>> = {
  attest: mapOf(
    { title: "Attest", description: "State what an outside register says." },
    {
      kind: kind("attest"),
      topic: ref("code", "What about."),
      subject: ref("factValue", "A member, or a document as #text."),
      value: withDefault(wholeNumber(0, Number.MAX_SAFE_INTEGER, "Such as a tier or a region."), 1),
      document: documentText,
      validForMs: withDefault(moment("How long it holds; 0 takes it back."), MAX_MOMENT_MS),
    },
    ["value", "document", "validForMs"],
  ),
  contract: mapOf(
    { title: "Contract", description: "Disclose a contract under a tag." },
    {
      kind: kind("contract"),
      tag: tagOf,
      payee: ref("name", "Whom the member will pay."),
      line: ref("line", "Under which line."),
      amount: ref("amount", "How much."),
      document: documentText,
    },
  ),
  ...Object.fromEntries(
    (["freeze", "unfreeze"] as const).map((name) => [
      name,
      mapOf(
        { title: name, description: "An auditor's freeze of a tag, or of one account under it." },
        {
          kind: kind(name),
          tag: tagOf,
          account: ref("name", "Whose money; without it, everybody's."),
          case: ref("plainText", "The auditor's case."),
        },
        ["account"],
      ),
    ]),
  ),
  "court-debit": mapOf(
    { title: "Court debit", description: "Take money from an account for a claim of a court." },
    {
      kind: kind("court-debit"),
      account: ref("name", "Whose money."),
      payee: ref("name", "Who receives it."),
      from: ref("name", "A tag whose money is to be taken; without it, untagged money."),
      amount: ref("amount", "How much."),
      case: ref("plainText", "The court's case."),
    },
    ["from"],
  ),
  ...Object.fromEntries(
    (["issue-tag", "return-tag"] as const).map((name) => [
      name,
      mapOf(
        { title: name, description: "Put own money under a tag, or give it back." },
        { kind: kind(name), tag: tagOf, amount: ref("amount", "How much.") },
      ),
    ]),
  ),
  ...Object.fromEntries(
    (["issue", "redeem"] as const).map((name) => [
      name,
      mapOf(
        { title: name, description: "Turn reserves into CBDC, or back." },
        { kind: kind(name), amount: ref("amount", "How much.") },
      ),
    ]),
  ),
};

const listedOrder = mapOf(
  { title: "Listed order", description: "An order of one member that pays nobody." },
  {
    atMs: moment("When it is submitted, from the start."),
    bank: ref("name", "The bank that carries it out."),
    member: ref("name", "The member that orders."),
    order: ref("order", "What."),
    rejected,
  },
  ["rejected"],
);

const listed = mapOf(
  { title: "Listed workload", description: "Swaps and payments as listed." },
  {
    kind: kind("listed"),
    swaps: listOf(listedSwap, { max: MAX_WORKLOAD_ITEMS }, "Swaps."),
    payments: listOf(listedPayment, { max: MAX_WORKLOAD_ITEMS }, "Payments."),
    orders: listOf(listedOrder, { max: MAX_WORKLOAD_ITEMS }, "Orders that pay nobody."),
  },
  ["swaps", "payments", "orders"],
);

/** What happens. */
export const workloadSchemas: Readonly<Record<string, JsonSchema>> = {
  workload: byKind("Workload", ["generated", "listed"]),
  generated,
  ...homeSchemas,
  listed,
  order: byKind("Order", Object.keys(orders)),
  ...orders,
};
