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
  const sent = new Map<string, number>();
  const messages: Message[] = [];
  const steps: SwapDiagram["steps"][number][] = [];
  for (const { bank, event } of trace) {
    if (event.event !== "report") continue;
    const { report, at } = event;
    if (report.kind === "step" && report.sid === row.sid) {
      steps.push({ bank, atUs: at, label: report.step.toUpperCase() });
    } else if (report.kind === "private" && report.sid === row.sid) {
      const peer = idOf(report.peer);
      if (report.direction === "out") sent.set(`${report.message} ${bank} ${peer}`, at);
      else {
        const sentUs = sent.get(`${report.message} ${peer} ${bank}`);
        if (sentUs === undefined) continue;
        const { message: label } = report;
        messages.push({ from: peer, to: bank, sentUs, receivedUs: at, label, isPrivate: true });
      }
    } else if (report.kind === "block") {
      const label = labelOf(report.entries, row.sid);
      if (label === "") continue;
      const author = idOf(report.bank);
      if (report.direction === "out") {
        sent.set(`${report.bank}/${report.seq} ${idOf(report.peer)}`, at);
      } else {
        const sentUs = sent.get(`${report.bank}/${report.seq} ${bank}`);
        if (sentUs === undefined || idOf(report.peer) !== author) continue;
        messages.push({ from: author, to: bank, sentUs, receivedUs: at, label, isPrivate: false });
      }
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
