import type { Report } from "../../corridor/report.ts";
import type { Scenario } from "../scenario.ts";
import type { SwapDiagram, SwapRow } from "../run-result.ts";
import type { TimedEvent } from "./recorder.ts";

type Message = SwapDiagram["messages"][number];

/** The swap to draw: of those that settled, the one whose settle time is the median; else the first with a sid. */
export function swapToDraw(rows: readonly SwapRow[]): SwapRow | undefined {
  const settled = rows
    .filter((row) => row.outcome === "settled" && row.settleMs !== null)
    .sort((a, b) => (a.settleMs ?? 0) - (b.settleMs ?? 0));
  return settled[Math.floor(settled.length / 2)] ?? rows.find((row) => row.sid !== "");
}

/** One swap as its real messages went: each block with an entry about it, and each private message. */
export function drawSwap(
  row: SwapRow,
  scenario: Scenario,
  trace: readonly TimedEvent[],
): SwapDiagram {
  const idOf = (number: number): string => scenario.banks[number - 1]?.id ?? String(number);
  const sent = sendingTimes(row, trace, idOf);
  const messages: Message[] = [];
  const steps: SwapDiagram["steps"][number][] = [];
  for (const { bank, event } of trace) {
    if (event.event !== "report") continue;
    const { report, at } = event;
    if (report.kind === "step" && report.sid === row.sid) {
      steps.push({ bank, atUs: at, label: report.step.toUpperCase() });
    }
    const message = messageOf(report, row.sid, idOf);
    if (message === undefined || message.direction === "out") continue;
    const { label, isPrivate, name, peer } = message;
    const sentUs = sent.get(`${name} ${bank}`);
    if (sentUs !== undefined) {
      messages.push({ from: peer, to: bank, sentUs, receivedUs: at, label, isPrivate });
    }
  }
  const takingPart = row.pair.split("/");
  const banks = scenario.banks.map(({ id, currency }) => ({
    id,
    role: takingPart.includes(currency.code) ? ("taking part" as const) : ("witness" as const),
  }));
  banks.sort((a, b) => rank(a, takingPart, scenario) - rank(b, takingPart, scenario));
  return { id: row.id, sid: row.sid, pair: row.pair, banks, messages, steps };
}

/** When each message left, by its name and receiver: a receipt may be reported before the sending is. */
function sendingTimes(
  row: SwapRow,
  trace: readonly TimedEvent[],
  idOf: (bank: number) => string,
): ReadonlyMap<string, number> {
  const sent = new Map<string, number>();
  for (const { bank, event } of trace) {
    if (event.event !== "report") continue;
    const message = messageOf(event.report, row.sid, idOf);
    if (message?.direction !== "out") continue;
    const name = message.isPrivate ? `${message.label} of ${bank}` : message.name;
    sent.set(`${name} ${message.peer}`, event.at);
  }
  return sent;
}

/** What a report says of a message about the swap: a block by its author and height, or a private one. */
function messageOf(report: Report, sid: string, idOf: (bank: number) => string) {
  if (report.kind === "private" && report.sid === sid) {
    const { direction, message: label } = report;
    const peer = idOf(report.peer);
    return { direction, peer, label, name: `${label} of ${peer}`, isPrivate: true };
  }
  if (report.kind !== "block") return undefined;
  const label = labelOf(report.entries, sid);
  // Copies that another bank passed on during catch-up are left out.
  if (label === "" || (report.direction === "in" && report.peer !== report.bank)) return undefined;
  const { direction } = report;
  const name = `${report.bank}/${report.seq}`;
  return { direction, peer: idOf(report.peer), label, name, isPrivate: false };
}

function labelOf(entries: readonly string[], sid: string): string {
  return entries
    .flatMap((entry) => (entry.endsWith(` ${sid}`) ? [entry.slice(0, entry.indexOf(" "))] : []))
    .join(" ");
}

function rank(bank: { readonly id: string }, pair: readonly string[], scenario: Scenario): number {
  const { currency, number } = scenario.banks.find((b) => b.id === bank.id) ?? {};
  const at = pair.indexOf(currency?.code ?? "");
  return at >= 0 ? at : 10 + (number ?? 0);
}
