import type { RunResult } from "../run-result.ts";
import { honestRefusals, leakage } from "./leakage.ts";
import { reach } from "./reach.ts";

/** The figures by which runs of one scenario are compared; `null` where a run has none. */
export interface HomeFigures {
  readonly executedPercent: number | null;
  readonly reachedPercent: number | null;
  readonly divertedPercent: number | null;
  readonly stoppedPercent: number | null;
  readonly honestRefusedPercent: number | null;
  readonly vatGapPercent: number | null;
  readonly refundDays: number | null;
  readonly mostClaimsOpen: number | null;
  readonly daysToFinal: number | null;
  readonly rejected: number;
}

export const FIGURE_TEXT: Readonly<Record<keyof HomeFigures, string>> = {
  executedPercent: "Payments executed, % of their value",
  reachedPercent: "Payees reached, %",
  divertedPercent: "Diverted, % of all that was paid out",
  stoppedPercent: "Diversions stopped, % of their value",
  honestRefusedPercent: "Honest payments turned down, %",
  vatGapPercent: "VAT neither paid nor secured, % of what is due",
  refundDays: "Days from claim to refund, median",
  mostClaimsOpen: "Claims open at a time, most",
  daysToFinal: "Days from the owner's payment to the final supplier, median",
  rejected: "Payments turned down by a rule",
};

/** One run of a comparison. */
export interface Variant {
  readonly value: string;
  readonly figures: HomeFigures;
  /** Expectations that did not hold. */
  readonly broken: readonly string[];
}

/** The figures that at least one of the runs has. */
export const figuresOf = (variants: readonly Variant[]): readonly (keyof HomeFigures)[] =>
  (Object.keys(FIGURE_TEXT) as (keyof HomeFigures)[]).filter((figure) =>
    variants.some(({ figures }) => figures[figure] !== null),
  );

const DAY_MS = 86_400_000;

/** Two decimals of a hundred, exact up to there; `null` of nothing. */
const percent = (part: bigint, whole: bigint): number | null =>
  whole === 0n ? null : Number((part * 10_000n) / whole) / 100;

export function homeFigures({ payments, manifest }: RunResult): HomeFigures {
  const paid = payments.filter(({ kind }) => kind !== "order");
  const sum = (rows: readonly { readonly amount: string }[]): bigint =>
    rows.reduce((total, { amount }) => total + BigInt(amount), 0n);
  const executed = paid.filter(({ outcome }) => outcome === "executed");
  const rows = leakage(payments);
  const leaked = rows.reduce((total, row) => total + row.leaked, 0n);
  const tried = rows.reduce((total, row) => total + row.triedAmount, 0n);
  const { honest, refused } = honestRefusals(payments);
  const reached = reach(payments);
  const home = manifest.home ?? [];
  const vat = home.flatMap((row) => row.vat ?? [])[0];
  const days = (vat?.refunds ?? []).flatMap(({ days: spread, claims }) =>
    spread === null ? [] : [{ p50: spread.p50, claims }],
  );
  const times = home.flatMap(({ toFinal }) => toFinal.map(({ times: { p50 } }) => p50));
  return {
    executedPercent: percent(sum(executed), sum(paid)),
    reachedPercent:
      reached !== null
        ? percent(BigInt(reached.reached), BigInt(reached.payees))
        : isStated(manifest.document, "connected")
          ? 100
          : null,
    divertedPercent: tried === 0n ? null : percent(leaked, sum(executed)),
    stoppedPercent: percent(tried - leaked, tried),
    honestRefusedPercent: percent(BigInt(refused), BigInt(honest)),
    vatGapPercent: vat === undefined ? null : percent(BigInt(vat.gap), BigInt(vat.due)),
    refundDays: weighted(days),
    mostClaimsOpen: vat === undefined ? null : Math.max(0, ...vat.queue.map(({ open }) => open)),
    // Money that waits for a payee without an account would be matched with payments of others.
    daysToFinal: times.length === 0 || reached !== null ? null : Math.max(...times) / DAY_MS,
    rejected: payments.filter(({ outcome }) => outcome === "rejected").length,
  };
}

const isStated = (document: unknown, key: string): boolean =>
  typeof document === "object" && document !== null && key in document;

/** The mean of medians, each as often as it has claims. */
function weighted(rows: readonly { readonly p50: number; readonly claims: number }[]) {
  const claims = rows.reduce((total, row) => total + row.claims, 0);
  return claims === 0 ? null : rows.reduce((total, r) => total + r.p50 * r.claims, 0) / claims;
}
