import { renderProblem } from "../../../scenarios/problem.ts";
import { runDay, type DayOutcome, type DayRun } from "../../../scenarios/rtgs/run-day.ts";

export const CLOSE_MS = 1_000;

export interface Texts {
  readonly payments: string | Uint8Array;
  readonly opening?: string | Uint8Array;
}

const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === "string" ? new TextEncoder().encode(content) : content;

/** A day whose two files are these texts. */
export const dayRun = (
  { payments, opening = "member,amount\n" }: Texts,
  rule: Partial<Pick<DayRun, "queue" | "closeMs">> = {},
): DayRun => ({
  files: {
    payments: { bytes: bytesOf(payments), file: "p.csv" },
    opening: { bytes: bytesOf(opening), file: "o.csv" },
  },
  queue: "fifo",
  closeMs: CLOSE_MS,
  ...rule,
});

/** A day that must be accepted. */
export function settled(texts: Texts, rule?: Parameters<typeof dayRun>[1]): DayOutcome {
  const outcome = runDay(dayRun(texts, rule));
  if (!outcome.ok) throw new Error(outcome.error.map(renderProblem).join("\n"));
  return outcome.value;
}

/** The lines of `payments.csv` behind the first. */
export const rowsOf = (outcome: DayOutcome): readonly string[] =>
  new TextDecoder().decode(outcome.payments).trimEnd().split("\n").slice(1);

/** The problems of a day that must be refused, one line each. */
export function problemsOf(texts: Texts): readonly string[] {
  const outcome = runDay(dayRun(texts));
  if (outcome.ok) throw new Error("the files are accepted");
  return outcome.error.map(renderProblem);
}

export const HEADER = "id,time_ms,sender,receiver,value\n";
