import process from "node:process";
import { acceleratedVerifier } from "../../crypto/ed25519.ts";
import { moneyOf, type AuditReport } from "../../corridor/audit/audit.ts";
import { renderFinding, renderSplit } from "../../corridor/audit/findings.ts";
import { opensslVerifier } from "../../node/io/openssl.ts";
import { modelledNetwork } from "../network/modelled.ts";
import type { ConservationRow, Manifest, PaymentRow, RunResult, SwapRow } from "../run-result.ts";
import type { Arrangement, Scenario } from "../scenario.ts";
import { usdCentsOf } from "../workload/usd-value.ts";
import { checkExpectations } from "../checkers/expectations.ts";
import { drawSwap, swapToDraw } from "./diagram.ts";
import { chainParametersOf, judgeLedgers } from "./judged-ledgers.ts";
import type { SwapReport, TrackedPayment, TrackedSwap } from "./recorder.ts";
import type { SimulatedFacts, SimulatedOutcome } from "../simulated/run-simulated.ts";
import type { RunOutcome } from "./outcome.ts";

export const PACKAGE_VERSION = "0.1.0";

/** What every live run models rather than executes. */
const MODELLED = [
  "The workload is generated: who pays whom, when and how much is drawn from the seed.",
  "Members' compliance screening is a drawn delay between initiation and submission.",
  "Reserves in the RTGS systems are numbers in the ledgers; no RTGS system is connected.",
];

/** Turns a run that has ended into its result: rows, audit, visibility, expectations. */
export function assembleResult(
  scenario: Scenario,
  outcome: RunOutcome & Partial<Pick<SimulatedOutcome, "simulated">>,
): RunResult {
  const { simulated } = outcome;
  const verifier = simulated?.verifier ?? acceleratedVerifier(opensslVerifier());
  const { audit, heads, visibility, tags, home } = judgeLedgers(scenario, outcome, verifier);
  const swaps = outcome.recorder.swaps.map((swap) => swapRow(scenario, swap));
  const payments = outcome.recorder.payments.map((payment) => paymentRow(scenario, payment));
  const drawn = swapToDraw(swaps);
  const diagram = drawn === undefined ? null : drawSwap(drawn, scenario, outcome.recorder.trace);
  const properties = simulated?.propertiesAfter(audit);
  const expectations = checkExpectations({
    scenario,
    swaps,
    payments,
    audit,
    faults: outcome.faults,
    properties,
  });
  const manifest: Manifest = {
    format: "daliz-run/1",
    scenario: scenario.name,
    title: scenario.title,
    question: scenario.question,
    mode: simulated === undefined ? "live" : "sim",
    arrangement: scenario.arrangement,
    ...sharedLedgerOf(scenario),
    seed: scenario.seed,
    startedAt: outcome.startedAt,
    durationMs: outcome.durationMs,
    versions: {
      daliz: PACKAGE_VERSION,
      node: process.versions.node,
      openssl: process.versions.openssl ?? "",
    },
    modelled: [
      ...scenario.labels,
      ...modelledOf(scenario),
      ...modelledNetwork(scenario.network),
      ...(simulated?.modelled ?? []),
    ],
    ...(simulated === undefined ? {} : simulatedFields(simulated)),
    banks: scenario.banks.map(({ number, id, name, currency }) => ({
      number,
      id,
      name,
      currency: currency.code,
      decimals: currency.decimals,
      members: scenario.members.filter((member) => member.bank === id).length,
    })),
    heads,
    conservation: conservation(audit),
    audit: {
      passed: audit.findings.length === 0,
      blocks: audit.blocks,
      entries: audit.entries,
      signatures: audit.signatures,
      swaps: audit.swaps.size,
      findings: audit.findings.map(renderFinding),
      ...(audit.splits.length === 0 ? {} : { splits: audit.splits.map(renderSplit) }),
    },
    visibility,
    tags,
    home,
    faults: outcome.faults,
    expectations,
    ...(properties === undefined ? {} : { properties }),
    connectedMs: outcome.connectedMs,
    document: scenario.document,
  };
  return { manifest, swaps, payments, diagram };
}

const simulatedFields = ({ signatures, traceHash, events, netting }: SimulatedFacts) => ({
  signatures,
  traceHash,
  events,
  ...(netting === undefined
    ? {}
    : {
        netting: netting.map(({ currency, gross, funded }) => ({
          currency,
          gross: String(gross),
          funded: String(funded),
        })),
      }),
});

function sharedLedgerOf(scenario: Scenario): Pick<Manifest, "sharedLedger"> {
  const parameters = chainParametersOf(scenario);
  return parameters === undefined ? {} : { sharedLedger: parameters };
}

function modelledOf(scenario: Scenario): readonly string[] {
  return scenario.workload.kind === "generated" ? MODELLED : MODELLED.slice(2);
}

function conservation(audit: AuditReport): readonly ConservationRow[] {
  return audit.ledgers.map(({ bank, books }) => {
    const { issued, redeemed, posted, pending, holds } = moneyOf(books);
    return {
      currency: bank.currency.code,
      issued: String(issued),
      redeemed: String(redeemed),
      posted: String(posted),
      pending: String(pending),
      holds,
    };
  });
}

/** One swap of a run that has ended, as its row of the table. */
export function swapRow(scenario: Scenario, swap: TrackedSwap): SwapRow {
  const { plan, refusal, finals } = swap;
  const [sell, buy] = plan.legs;
  const sellFinal = finals.get(sell.bank);
  const buyFinal = finals.get(buy.bank);
  const any = sellFinal ?? buyFinal;
  const outcome =
    any === undefined
      ? refusal === undefined
        ? "unresolved"
        : "rejected"
      : outcomeOf(scenario.arrangement, sellFinal, buyFinal, any);
  const receivedUs = sellFinal?.times.received || (any === undefined ? 0 : swap.submittedUs);
  const finalUs = [sellFinal, buyFinal].map((final) => final?.times.final ?? 0);
  const lastUs = Math.max(...finalUs);
  const locked = [sellFinal, buyFinal].flatMap((f) => (f?.times.locked ? [f.times.locked] : []));
  const bothFinal = finalUs.every((us) => us > 0);
  const since = (us: number): number | null =>
    outcome === "settled" && bothFinal && us > 0 ? (lastUs - us) / 1000 : null;
  return {
    id: plan.id,
    sid: any?.sid ?? "",
    arrangement: scenario.arrangement,
    pair: plan.pair,
    sellCurrency: sell.currency,
    sellAmount: String(sell.amount),
    buyCurrency: buy.currency,
    buyAmount: String(buy.amount),
    usdCents: String(usdCentsOf(plan, scenario) ?? ""),
    payer: sell.payer,
    counterparty: buy.payer,
    outcome,
    reason: refusal?.code ?? sellFinal?.refusal ?? buyFinal?.refusal ?? voidReason(outcome),
    view: any?.view ?? 0,
    initiatedUs: swap.initiatedUs,
    submittedUs: swap.submittedUs,
    receivedUs,
    announcedUs: any?.times.announced ?? 0,
    lockedSellUs: sellFinal?.times.locked ?? 0,
    lockedBuyUs: buyFinal?.times.locked ?? 0,
    decidedUs: any?.times.decided ?? 0,
    finalSellUs: finalUs[0] ?? 0,
    finalBuyUs: finalUs[1] ?? 0,
    processMs: since(swap.initiatedUs),
    settleMs: since(receivedUs),
    heldMs: locked.length === 0 || lastUs === 0 ? null : (lastUs - Math.min(...locked)) / 1000,
  };
}

/**
 * What the banks' reports make of a swap. Where there is a decision, either bank's report tells it; of gross
 * legs the other one may still be to come, or never.
 */
function outcomeOf(
  arrangement: Arrangement,
  sell: SwapReport | undefined,
  buy: SwapReport | undefined,
  any: SwapReport,
): SwapRow["outcome"] {
  if (sell !== undefined && buy !== undefined && sell.outcome !== buy.outcome) return "split";
  const isAlone = arrangement === "gross" && (sell === undefined || buy === undefined);
  return isAlone && any.outcome === "settled" ? "split" : any.outcome;
}

/** A swap voided without a bank's refusal ran out of time. */
const voidReason = (outcome: string): string => (outcome === "voided" ? "PVP_EXPIRED" : "");

function paymentRow(scenario: Scenario, payment: TrackedPayment): PaymentRow {
  const { plan, answer } = payment;
  const currency = scenario.banks.find((bank) => bank.id === plan.bank)?.currency.code ?? "";
  const status = answer?.status;
  const outcome =
    status === "executed" || status === "exists"
      ? "executed"
      : status === "rejected" || status === "refused"
        ? status
        : "unanswered";
  return {
    id: plan.id,
    kind: plan.kind,
    bank: plan.bank,
    currency,
    payer: plan.payer,
    payee: plan.payee,
    amount: String(plan.amount),
    tag: plan.tag ?? "",
    outcome,
    reason: answer?.code ?? "",
    expected: plan.expected ?? "",
    diversion: plan.diversion ?? "",
    submittedUs: payment.submittedUs,
    finalUs: payment.answeredUs,
  };
}
