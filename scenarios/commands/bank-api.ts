import type { FastVerifier, Verifier } from "../../crypto/ed25519.ts";
import type { BankMachine } from "../../corridor/bank-state.ts";
import type { Report } from "../../corridor/report.ts";
import { encodeSubmission, SUBMISSION } from "../../corridor/submissions.ts";
import { invariant, unreachable } from "../../crypto/outcome.ts";
import { readClock, type Clock } from "../../node/io/clock.ts";
import type { BankAnswer, BankView } from "../../node/io/open-api/bank-view.ts";
import type { ApiLimits } from "../../node/io/open-api/limits.ts";
import type { OpenApi } from "../../node/io/open-api/open-api.ts";
import type { LedgerRecord } from "../../node/ledger/record.ts";
import { toMs } from "../../node/time.ts";
import { environmentFailed } from "../exit.ts";

export interface BankApiOptions {
  readonly machine: BankMachine;
  readonly records: readonly LedgerRecord[];
  readonly folder: string;
  readonly verifier: Verifier;
  readonly fast: FastVerifier;
  readonly clock: Clock;
  readonly onFailure: (error: Error) => void;
  readonly limits?: Partial<ApiLimits>;
}

/** The Open API of a bank's machine. Its parts are loaded when it is wanted: a bank starts quickly. */
export async function openBankApi(options: BankApiOptions): Promise<OpenApi> {
  const { machine, clock, ...rest } = options;
  const { openOpenApi } = await import("../../node/io/open-api/open-api.ts");
  const api = openOpenApi({
    ...rest,
    view: viewOf(machine),
    forms: {
      instruction: (instruction) => encodeSubmission({ kind: SUBMISSION.instruction, instruction }),
      swap: (swap) => encodeSubmission({ kind: SUBMISSION.swap, ...swap }),
    },
    nowMs: () => toMs(clock.read()),
    machineMs: () => toMs(readClock()),
  });
  if (!api.ok) throw environmentFailed(`${api.error.code}: ${api.error.message}`);
  return api.value;
}

/** What a bank reports of its members' instructions and swaps. */
export function readAnswer(report: Report): BankAnswer | undefined {
  switch (report.kind) {
    case "instruction": {
      const { member, number, status, code, found, allowed } = report;
      return { about: "instruction", member, number, status, code, found, allowed };
    }
    case "swap": {
      const { commitment, outcome, refusal } = report;
      return { about: "swap", commitment, outcome, refusal };
    }
    case "ready":
    case "step":
    case "block":
    case "private":
    case "warning":
      return undefined;
    default:
      return unreachable(report);
  }
}

function viewOf({ config, state, banks }: BankMachine): BankView {
  const bank = banks.get(config.self);
  invariant(bank !== undefined, "KnownBank", `bank ${config.self}`);
  return {
    net: config.genesis.net,
    bank,
    books: state.books,
    isRunning: () => state.phase === "running",
    pendingEntries: () => state.pending.reduce((sum, { domestic }) => sum + domestic.length, 0),
    flight: () => {
      const { flight } = state;
      return flight?.own && { block: flight.own.block, end: flight.end };
    },
    waitingSwap: (commitment) => {
      const offer = state.offers.get(commitment);
      return offer && { parties: offer.agreed.terms.legs.flatMap((leg) => [leg.payer, leg.payee]) };
    },
  };
}
