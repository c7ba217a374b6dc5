import { createHash } from "node:crypto";
import process from "node:process";
import { unreachable } from "../../crypto/outcome.ts";
import { keepBooks, type DayBooks } from "../checkers/day-books.ts";
import type { PropertyRow } from "../run-result.ts";
import { PACKAGE_VERSION } from "../play/assemble.ts";
import { GENERATED_DAY_MODELLED } from "../workload/generated-day.ts";
import type { DayInput } from "./day-input.ts";
import type { DayManifest, DayMeasures, InputFile, MemberRow } from "./day-manifest.ts";
import type { DayScenario } from "./day-scenario.ts";
import { measureDay } from "./measure-day.ts";
import type { DayOutcome } from "./run-day.ts";

/** A day that was run and measured: the source of its files, tables and plots. */
export interface DayResult extends DayOutcome {
  readonly manifest: DayManifest;
  readonly members: readonly MemberRow[];
}

/** Where the copies of a day's input stand in its folder. */
export const INPUT_FILES = {
  payments: "inputs/payments.csv",
  opening: "inputs/opening.csv",
} as const;

/** Measures a day that was run, checks its books, and says what it came to. */
export function assembleDay(scenario: DayScenario, outcome: DayOutcome): DayResult {
  const { input, settled, files, payments } = outcome;
  const { measures, members } = measureDay(settled, input.members);
  const books = keepBooks(settled);
  const properties = propertiesOf(books, input);
  const manifest: DayManifest = {
    format: "daliz-run/1",
    kind: scenario.kind,
    scenario: scenario.name,
    title: scenario.title,
    question: scenario.question,
    mode: scenario.mode,
    seed: scenario.seed,
    versions: { daliz: PACKAGE_VERSION, node: process.versions.node },
    modelled: [
      ...scenario.labels,
      "The day of one bank: no RTGS system is connected; there are no messages, ledgers or signatures.",
      "Settling takes no time: a payment settles at the time of the submission that lets it.",
      ...(scenario.workload.kind === "generated" ? [GENERATED_DAY_MODELLED] : []),
    ],
    heads: [],
    traceHash: sha256(payments),
    queue: outcome.queue,
    closeMs: outcome.closeMs,
    members: input.members.size,
    inputs: {
      payments: inputFile(INPUT_FILES.payments, files.payments.bytes),
      opening: inputFile(INPUT_FILES.opening, files.opening.bytes),
    },
    measures,
    conservation: {
      opening: String(books.openingTotal),
      closing: String(books.closingTotal),
      holds: books.openingTotal === books.closingTotal,
    },
    properties,
    expectations: scenario.expect.map((name) => {
      const detail = missedBy(name, { measures, properties });
      return { name, holds: detail === "", detail };
    }),
    document: scenario.document,
  };
  return { ...outcome, manifest, members };
}

/** In hex. OpenSSL computes it several times as fast as what is quickest for short messages. */
export const sha256 = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

const inputFile = (file: string, bytes: Uint8Array): InputFile => ({
  file,
  sha256: sha256(bytes),
  bytes: bytes.length,
});

/** What the books, kept once more, say of the two invariants of money. */
export function propertiesOf(
  books: DayBooks,
  { ids, records, members }: DayInput,
): readonly PropertyRow[] {
  const { openingTotal, closingTotal, firstNegative } = books;
  const isConserved = openingTotal === closingTotal;
  const row = (name: string, meaning: string, detail: string): PropertyRow => ({
    name,
    meaning,
    verdict: detail === "" ? "holds" : "violated",
    detail,
  });
  return [
    row(
      "I1",
      "Conservation: closing balances add up to what opening balances did.",
      isConserved ? "" : `${openingTotal} at the start, ${closingTotal} at the close`,
    ),
    row(
      "I2",
      "NonNegative: after each submission, with all that it let settle at once, no balance is below zero.",
      firstNegative === null
        ? ""
        : `${members.text(firstNegative.member)} is below zero after payment ${ids.text(records[firstNegative.payment] ?? 0)}`,
    ),
  ];
}

/** Why an expectation is not met; empty when it is. */
function missedBy(
  expectation: DayScenario["expect"][number],
  {
    measures,
    properties,
  }: { readonly measures: DayMeasures; readonly properties: readonly PropertyRow[] },
): string {
  const [conservation, nonNegative] = properties;
  switch (expectation) {
    case "conservation":
      return conservation?.detail ?? "";
    case "non-negative":
      return nonNegative?.detail ?? "";
    case "all-payments-settle": {
      const { payments } = measures.unsettled;
      return payments === 0
        ? ""
        : `${payments} of ${measures.settled.ofPayments} payments did not settle`;
    }
    default:
      return unreachable(expectation);
  }
}
