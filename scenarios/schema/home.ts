import { DIVERSIONS } from "../home.ts";
import { listOf, mapOf, ref, wholeNumber, withDefault, type JsonSchema } from "./json-schema.ts";

/** Items of one kind of a generated workload at home: each takes up to four instructions. */
const MAX_ITEMS = 10_000;

const percent = (description: string): JsonSchema => wholeNumber(0, 100, description);
const maybePercent = (description: string): JsonSchema => withDefault(percent(description), 0);

const WAYS = {
  "dead-souls": "To somebody who is not in the chain.",
  "fictitious-works": "To a supplier who delivered nothing: no act is attested.",
  "price-inflation": "At a price above the estimate's.",
} as const;

const procurement = mapOf(
  {
    title: "Procurement",
    description:
      "Purchases along the supply chains of tags whose lines have unit prices, some of them diverted.",
  },
  {
    purchases: wholeNumber(1, MAX_ITEMS, "How many."),
    diversions: mapOf(
      { title: "Diversions", description: "Of a hundred purchases, how many are diverted so." },
      Object.fromEntries(DIVERSIONS.map((name) => [name, maybePercent(WAYS[name])])),
      DIVERSIONS,
    ),
    inflationPercent: withDefault(
      wholeNumber(1, 1_000, "How far an inflated price is above the estimate's."),
      30,
    ),
    lateActsPercent: maybePercent(
      "Honest purchases that are tried before their act is attested, and given up.",
    ),
  },
  ["diversions", "inflationPercent", "lateActsPercent"],
);

const meals = mapOf(
  {
    title: "Meals",
    description: "A school pays a canteen for children's meals, from the first tag of vouchers.",
  },
  {
    children: wholeNumber(1, 1_000, "How many."),
    days: wholeNumber(1, 366, "Days in a row from the start, week-ends included."),
    price: ref("amount", "What a meal costs."),
    absentPercent: maybePercent("Children who are absent, and tap nevertheless."),
    secondPercent: maybePercent("Meals that are tapped for once more."),
  },
  ["absentPercent", "secondPercent"],
);

const days = (description: string): JsonSchema =>
  listOf(wholeNumber(0, 366, "Days."), { min: 2, max: 2 }, description);

const vat = mapOf(
  {
    title: "VAT",
    description:
      "Exporters buy from traders, traders from nobody; the first tag of kind vat marks the VAT.",
  },
  {
    invoices: wholeNumber(1, MAX_ITEMS, "How many."),
    days: wholeNumber(1, 366, "Invoices are spread over so many days."),
    gross: ref("amount", "What each invoice comes to, VAT included."),
    insidePercent: percent("Invoices inside the scheme."),
    missingPercent: percent("Invoices after which the trader disappears."),
    refundDaysOutside: days("From a claim to its refund outside the scheme, from and to."),
    refundDaysInside: days("And inside it."),
  },
);

/** What a bank's members do at home in a generated workload. */
export const homeSchemas: Readonly<Record<string, JsonSchema>> = { procurement, meals, vat };
