import { QUEUE_RULES } from "../../corridor/liquidity/queue-rules.ts";
import { DAY_EXPECTATIONS, DAY_KIND } from "../rtgs/day-scenario.ts";
import { SCENARIO_FORMAT } from "../scenario.ts";
import {
  MAX_DRAWN_DAY_MEMBERS,
  MAX_DRAWN_DAY_PAYMENTS,
  MAX_LABELS,
  MAX_MEDIAN_VALUE,
  MAX_PATH_CHARACTERS,
  MAX_PROFILE_SLICES,
} from "../scenario-limits.ts";
import { kind, listOf, mapOf, ref, wholeNumber, withDefault } from "./json-schema.ts";
import type { JsonSchema } from "./json-schema.ts";

const meanings = (of: Readonly<Record<string, string>>): string =>
  Object.entries(of)
    .map(([name, meaning]) => `${name}: ${meaning}`)
    .join("\n");

const csvFile = (description: string): JsonSchema => ({
  description: `${description} Beside the scenario file; in --set, where the user stands.`,
  type: "string",
  maxLength: MAX_PATH_CHARACTERS,
  pattern: "^[^\\p{Cc}]+$",
  "x-allowed": "the path of a CSV file",
});

const generated = mapOf(
  {
    title: "Generated day",
    description: "Payments and opening balances drawn from the seed, when no files are given.",
  },
  {
    members: wholeNumber(
      2,
      MAX_DRAWN_DAY_MEMBERS,
      "How many; the n-th is about 1/n as busy as the first.",
    ),
    payments: wholeNumber(
      1,
      MAX_DRAWN_DAY_PAYMENTS,
      "How many, as a Poisson process of so many arrivals.",
    ),
    profile: withDefault(
      listOf(
        wholeNumber(0, 1_000, "How busy one slice is, against the others."),
        { min: 1, max: MAX_PROFILE_SLICES },
        "How busy the day is in slices of equal length; one slice is a day that is equally busy throughout.",
      ),
      [1],
    ),
    medianValue: wholeNumber(
      1,
      MAX_MEDIAN_VALUE,
      "Median of the values, in minor units; they are about log-normal with a standard deviation of 1.04 in the exponent.",
    ),
    liquidityPercent: wholeNumber(
      0,
      1_000,
      "What each member opens with, in per cent of its upper bound: what it needs to pay everything at once.",
    ),
  },
  ["profile"],
);

/** The shape of the scenario of one bank's day; its definitions are those of every scenario. */
export const daySchema: JsonSchema = {
  ...mapOf(
    {
      title: "Day of one RTGS system",
      description:
        "One bank whose members pay each other from their balances, or wait in a queue: no messages, ledgers or signatures.",
    },
    {
      format: {
        description: "The version of this format.",
        type: "string",
        const: SCENARIO_FORMAT,
      },
      kind: kind(DAY_KIND),
      name: ref("name", "Names the run; in the library it is the name of the file."),
      title: ref("shortText", "One line for lists and reports."),
      question: ref("longText", "The question that the scenario answers, in about two sentences."),
      labels: withDefault(
        listOf(
          ref("shortText", "Such as `invented`."),
          { max: MAX_LABELS, unique: true },
          "What is modelled or counterfactual: short texts, printed with every output.",
        ),
        [],
      ),
      mode: withDefault(
        {
          description: "Always simulated.",
          type: "string",
          const: "sim",
          "x-allowed": "sim: a day of one bank without messages is simulated only",
        },
        "sim",
      ),
      seed: wholeNumber(0, Number.MAX_SAFE_INTEGER, "Decides what is drawn at random."),
      payments: csvFile("Payments, as id,time_ms,sender,receiver,value and optionally priority."),
      opening: csvFile("Opening balances, as member,amount; whoever has none opens with 0."),
      generated,
      queue: {
        description: meanings(
          Object.fromEntries(
            Object.entries(QUEUE_RULES).map(([name, { meaning }]) => [name, meaning]),
          ),
        ),
        type: "string",
        enum: Object.keys(QUEUE_RULES),
      },
      close_ms: wholeNumber(
        1,
        Number.MAX_SAFE_INTEGER,
        "The close, in milliseconds since the start of the day; what is submitted at the close is still taken.",
      ),
      expect: withDefault(
        listOf(
          {
            description: meanings(DAY_EXPECTATIONS),
            type: "string",
            enum: Object.keys(DAY_EXPECTATIONS),
          },
          { min: 1, max: Object.keys(DAY_EXPECTATIONS).length, unique: true },
          "What must hold at the end; the run fails when one of them does not.",
        ),
        ["conservation", "non-negative"],
      ),
    },
    ["labels", "mode", "payments", "opening", "generated", "expect"],
  ),
  dependentRequired: { payments: ["opening"], opening: ["payments"] },
};
