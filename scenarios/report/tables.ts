import { styleText } from "node:util";
import { currencyPairs, type PairSwaps } from "../measures/currency-pairs.ts";
import { countOutcomes } from "../measures/outcomes.ts";
import { paymentsByKind } from "../measures/payments.ts";
import { principalAtRisk } from "../measures/principal-at-risk.ts";
import { countReasons } from "../measures/reasons.ts";
import { CLOCKS, settleTimes } from "../measures/settle-times.ts";
import { settledValue } from "../measures/settled-value.ts";
import type { Distribution } from "../measures/distribution.ts";
import type { Manifest, RunResult, SwapRow } from "../run-result.ts";
import { USD } from "../rates.ts";
import {
  counted,
  decimalsOf,
  oneLine,
  renderCount,
  renderDuration,
  renderMoney,
  renderRoundMoney,
} from "./format.ts";
import { leakageTable, reachText, refusalTable, vatTable } from "./home-tables.ts";
import { expectationText } from "./expectation-text.ts";
import { grid, WIDTH, wrap } from "./terminal-grid.ts";

export interface TerminalStyle {
  readonly colour: boolean;
}

/** Colours only for a person: not in a file or pipe, and not against `NO_COLOR` (no-color.org). */
export const terminalStyle = (
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): TerminalStyle => ({ colour: stream.isTTY === true && (env["NO_COLOR"] ?? "") === "" });

const SPACE = " ";

/** What a run came to, as text of at most 100 columns for a terminal. */
export function renderTables(result: RunResult, { colour }: TerminalStyle): string {
  const paint: Paint = (format, text) =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  const { manifest, swaps } = result;
  const sections = [
    heading(manifest, paint),
    section("Swaps by currency pair", swapTable(result), paint),
    section("Time to settle", timeTable(result), paint),
    section("Not settled, by reason", reasonTable(swaps, manifest), paint),
    section("Principal at risk", riskTable(result), paint),
    section("Netting", nettingTable(manifest), paint),
    section("Payments within one bank", paymentTable(result), paint),
    section("What the rules did not let happen", refusalTable(result), paint),
    section("Diversions that were tried (model output)", leakageTable(result), paint),
    section("VAT and its refunds", vatTable(result), paint),
    section("Who could be reached", wrap(reachText(result), WIDTH).join("\n"), paint),
    section("Conservation of money", conservationTable(manifest, paint), paint),
    section("Faults", faultTable(manifest), paint),
    section("Expectations", expectationTable(manifest, paint), paint),
    section("Properties", propertyTable(manifest, paint), paint),
    section("Offline audit", auditText(manifest, paint), paint),
  ];
  return `${sections.filter((part) => part !== "").join("\n\n")}\n`;
}

type Paint = (format: "bold" | "dim" | "green" | "red" | "yellow", text: string) => string;

const section = (title: string, body: string, paint: Paint): string =>
  body === "" ? "" : `${paint("bold", title)}\n${body}`;

function heading(manifest: Manifest, paint: Paint): string {
  const { title, scenario, mode, arrangement, seed, durationMs, modelled } = manifest;
  const facts = [scenario, mode, `arrangement ${arrangement}`, `seed ${seed}`];
  const lines = [
    ...wrap(oneLine(title), WIDTH).map((line) => paint("bold", line)),
    ...wrap(oneLine([...facts, renderDuration(durationMs, SPACE)].join(", ")), WIDTH),
  ];
  if (modelled.length > 0) {
    lines.push(paint("yellow", "A simulation, not money. Modelled or counterfactual:"));
    for (const label of modelled) {
      const [first = "", ...rest] = wrap(oneLine(label), WIDTH - 4);
      lines.push(`  - ${first}`, ...rest.map((line) => `    ${line}`));
    }
  }
  return lines.join("\n");
}

function swapTable({ manifest, swaps }: RunResult): string {
  const decimals = decimalsOf(manifest.banks);
  const row = (name: string, of: readonly SwapRow[], currencies: readonly string[]): string[] => {
    const counts = countOutcomes(of);
    const { byCurrency, usdCents } = settledValue(of);
    const values = currencies.map((currency) => {
      const value = byCurrency.get(currency) ?? 0n;
      return `${renderRoundMoney(value, decimals(currency), SPACE)} ${shortCode(currency)}`;
    });
    return [
      name,
      ...[of.length, counts.settled, counts.voided, counts.rejected].map((n) =>
        renderCount(n, SPACE),
      ),
      ...(values.length === 2 ? values : ["", ""]),
      renderRoundMoney(usdCents, USD.decimals, SPACE),
    ];
  };
  const pairs = currencyPairs(swaps, manifest.banks);
  const rows = pairs.map((pair) => row(pairName(pair), pair.swaps, [pair.first, pair.second]));
  if (pairs.length > 1) rows.push(row("all", swaps, []));
  return grid(
    [
      ["Pair", "left"],
      ["Swaps", "right"],
      ["Settled", "right"],
      ["Voided", "right"],
      ["Rejected", "right"],
      ["Value settled,", "right"],
      ["both currencies", "right"],
      ["USD", "right"],
    ],
    rows,
  );
}

function timeTable({ manifest, swaps }: RunResult): string {
  const row = (name: string, of: readonly SwapRow[]): string[] => {
    const { instruction, ledger } = settleTimes(of);
    return [name, ...quantiles(instruction), ...quantiles(ledger)];
  };
  const pairs = currencyPairs(swaps, manifest.banks).filter(
    ({ swaps: of }) => countOutcomes(of).settled > 0,
  );
  const rows = pairs.map((pair) => row(pairName(pair), pair.swaps));
  if (pairs.length > 1) rows.push(row("all", swaps));
  if (rows.length === 0) return "";
  const body = grid(
    [
      ["Pair", "left"],
      ["instruction p50", "right"],
      ["p95", "right"],
      ["max", "right"],
      ["ledger p50", "right"],
      ["p95", "right"],
      ["max", "right"],
    ],
    rows,
  );
  const notes = (["instruction", "ledger"] as const).flatMap((clock) =>
    wrap(`${CLOCKS[clock].title}: ${CLOCKS[clock].spans}.`, WIDTH),
  );
  return [body, ...notes].join("\n");
}

/** A currency's code is three letters; anything longer would break the columns. */
const shortCode = (currency: string): string => oneLine(currency).slice(0, 3);

const pairName = ({ first, second }: PairSwaps): string =>
  `${shortCode(first)}/${shortCode(second)}`;

const quantiles = (times: Distribution | null): readonly string[] =>
  times === null
    ? ["", "", ""]
    : [times.p50, times.p95, times.max].map((ms) => renderDuration(ms, SPACE));

const MAX_REASON_ROWS = 20;

function reasonTable(swaps: readonly SwapRow[], { banks }: Manifest): string {
  const reasons = countReasons(swaps, "settled");
  const rows = reasons.slice(0, MAX_REASON_ROWS).map(({ outcome, reason, count }) => {
    const matching = swaps.filter((swap) => swap.outcome === outcome && swap.reason === reason);
    const pairs = currencyPairs(matching, banks).map(
      (pair) => `${pairName(pair)} ${pair.swaps.length}`,
    );
    return [
      outcome,
      reason === "" ? "(none given)" : reason,
      renderCount(count, SPACE),
      pairs.join(", "),
    ];
  });
  const left = reasons.length - rows.length;
  const body = grid(
    [
      ["Outcome", "left", 10],
      ["Reason", "left", 28],
      ["Swaps", "right", 7],
      ["Pairs", "left", 49],
    ],
    rows,
  );
  return left > 0 ? `${body}\n${counted(left, "more reason")} in swaps.csv` : body;
}

/** Nothing where nothing was ever at risk. */
function riskTable({ manifest, swaps }: RunResult): string {
  const decimals = decimalsOf(manifest.banks);
  const rows = principalAtRisk(swaps, manifest.banks);
  if (rows.length === 0) return "";
  const body = grid(
    [
      ["Currency", "left"],
      ["Most at one time", "right"],
      ["Times seconds", "right"],
      ["Never answered", "right"],
    ],
    rows.map(({ currency, peak, unitMicros, left }) => [
      shortCode(currency),
      ...[peak, unitMicros / 1_000_000n, left].map((minor) =>
        renderMoney(minor, decimals(currency), SPACE),
      ),
    ]),
  );
  return [body, ...wrap("Paid for good while the other leg of the swap was not.", WIDTH)].join(
    "\n",
  );
}

function paymentTable({ payments }: RunResult): string {
  return grid(
    [
      ["Kind", "left"],
      ["Payments", "right"],
      ["Executed", "right"],
      ["Rejected", "right"],
      ["Refused", "right"],
      ["Unanswered", "right"],
      ["p50", "right"],
      ["p95", "right"],
    ],
    paymentsByKind(payments).map(({ kind, count, outcomes, times }) => [
      kind.slice(0, 20),
      ...[count, outcomes.executed, outcomes.rejected, outcomes.refused, outcomes.unanswered].map(
        (n) => renderCount(n, SPACE),
      ),
      ...quantiles(times).slice(0, 2),
    ]),
  );
}

/** What netting saved: 1 - funding / gross (protocols.md, 2.5). */
function nettingTable({ netting = [], banks }: Manifest): string {
  if (netting.length === 0) return "";
  const decimals = decimalsOf(banks);
  return grid(
    [
      ["Currency", "left"],
      ["Swap by swap", "right"],
      ["Paid in", "right"],
      ["Saved", "right"],
    ],
    netting.map(({ currency, gross, funded }) => [
      shortCode(currency),
      renderMoney(BigInt(gross), decimals(currency), SPACE),
      renderMoney(BigInt(funded), decimals(currency), SPACE),
      `${(100 * (1 - Number(funded) / Number(gross))).toFixed(1)} %`,
    ]),
  );
}

function conservationTable({ conservation, banks }: Manifest, paint: Paint): string {
  const decimals = decimalsOf(banks);
  return grid(
    [
      ["Currency", "left"],
      ["Issued less redeemed", "right"],
      ["In accounts, with holds", "right"],
      ["Of which on hold", "right"],
      ["", "left"],
    ],
    conservation.map(({ currency, issued, redeemed, posted, pending, holds }) => [
      shortCode(currency),
      ...[BigInt(issued) - BigInt(redeemed), BigInt(posted) + BigInt(pending), BigInt(pending)].map(
        (minor) => renderMoney(minor, decimals(currency), SPACE),
      ),
      { painted: holds ? paint("green", "equal") : paint("red", "DIFFER") },
    ]),
  );
}

function faultTable({ faults }: Manifest): string {
  return grid(
    [
      ["After", "right", 12],
      ["Bank", "left", 20],
      ["What happened", "left", 62],
    ],
    faults.map(({ atMs, bank, what }) => [renderDuration(atMs, SPACE), bank, what]),
  );
}

function expectationTable({ expectations }: Manifest, paint: Paint): string {
  return grid(
    [
      ["", "left", 6],
      ["Expectation", "left", 34],
      ["In words, or what was found", "left", 54],
    ],
    expectations.map(({ name, holds, detail }) => [
      { painted: holds ? paint("green", "holds") : paint("red", "FAILS") },
      name,
      detail === "" ? expectationText(name) : detail,
    ]),
  );
}

const VERDICT_COLOURS: ReadonlyMap<string, "green" | "red" | "yellow"> = new Map([
  ["holds", "green"],
  ["violated", "red"],
  ["documented", "yellow"],
  ["beyond budget", "yellow"],
]);

function propertyTable({ properties = [] }: Manifest, paint: Paint): string {
  return grid(
    [
      ["Verdict", "left", 14],
      ["", "left", 4],
      ["In words, or what was found", "left", 76],
    ],
    properties.map(({ name, meaning, verdict, detail }) => [
      { painted: paint(VERDICT_COLOURS.get(verdict) ?? "dim", verdict) },
      name,
      detail === "" ? meaning : detail,
    ]),
  );
}

const MAX_FINDINGS = 10;

function auditText({ audit }: Manifest, paint: Paint): string {
  const { passed, blocks, entries, signatures, swaps, findings } = audit;
  const checked = [
    counted(blocks, "block"),
    counted(entries, "entry", "entries"),
    counted(signatures, "signature"),
    counted(swaps, "swap"),
  ].map((part) => part.replaceAll("\u202f", SPACE));
  const verdict = passed ? paint("green", "passed") : paint("red", "FAILED");
  const lines = [`${verdict}: ${checked.join(", ")} checked`];
  for (const finding of findings.slice(0, MAX_FINDINGS)) {
    const [first = "", ...rest] = wrap(oneLine(finding), WIDTH - 4);
    lines.push(`  - ${first}`, ...rest.map((line) => `    ${line}`));
  }
  const left = findings.length - MAX_FINDINGS;
  if (left > 0) lines.push(`  and ${left} more in manifest.json`);
  return lines.join("\n");
}
