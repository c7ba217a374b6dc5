import type { Property } from "../checkers/checker.ts";

/** What an arrangement promises, and on what condition. */
interface Guarantee {
  readonly safety: string;
  readonly liveness: string;
  /** Message delays until a swap is final when nothing goes wrong. */
  readonly delay: string;
  readonly oneBankDown: string;
  readonly abort: string;
  readonly proof: string;
  /** Properties that it is known not to have. */
  readonly notPromised: readonly Property[];
}

/** Nothing is known of an arrangement without a row here: whatever breaks is a failure. */
const UNKNOWN: Guarantee = {
  safety: "not stated",
  liveness: "not stated",
  delay: "not stated",
  oneBankDown: "not stated",
  abort: "not stated",
  proof: "not stated",
  notPromised: [],
};

/** The settlement arrangements side by side, D being one message delay. */
const GUARANTEES: ReadonlyMap<string, Guarantee> = new Map(
  Object.entries({
    certified: {
      safety: "at most b lying banks of n >= 3b + 2c + 1",
      liveness: "a quorum of correct banks up, messages arriving again",
      delay: "3 D (2 D if both sides start)",
      oneBankDown: "unchanged",
      abort: "time-to-live and 4 D",
      proof: "a certificate; conflicting ones name b + 1 culprits",
      notPromised: [],
    },
    "shared-ledger": {
      safety: "at most b lying banks of n >= 3b + 2c + 1",
      liveness: "a quorum of correct banks up, messages arriving again; else every currency stops",
      delay: "5 D or 7 D, and submission",
      oneBankDown: "a view's timer longer whenever that bank leads",
      abort: "the transaction's expiry",
      proof: "the final block and its quorum certificates",
      notPromised: [],
    },
    htlc: {
      safety: "messages in time, a redeemer that is up, honest owners of both ledgers",
      liveness: "none: holds expire",
      delay: "4 D",
      oneBankDown: "unchanged",
      abort: "the longer time lock (4 worst-case D at least)",
      proof: "the secret and two ledger proofs; not that nothing was refunded",
      notPromised: ["P1"],
    },
    "two-phase": {
      safety: "crashes only, an honest hub",
      liveness: "the hub up",
      delay: "4 D (3 D if the hub starts)",
      oneBankDown: "never, if it is the hub",
      abort: "the hub's time-out and 2 D",
      proof: "the hub's signed decision",
      notPromised: ["P8"],
    },
    gross: {
      safety: "not atomic",
      liveness: "none needed",
      delay: "D and the opening hours",
      oneBankDown: "unchanged",
      abort: "none",
      proof: "none",
      notPromised: ["P1"],
    },
    netting: {
      safety: "an honest hub",
      liveness: "the hub up, and pay-ins arriving",
      delay: "half a cycle and about 4 D",
      oneBankDown: "never, if it is the hub",
      abort: "the next cycle",
      proof: "the hub's statement",
      notPromised: ["P8"],
    },
  } satisfies Readonly<Record<string, Guarantee>>),
);

export const guaranteeOf = (arrangement: string): Guarantee =>
  GUARANTEES.get(arrangement) ?? UNKNOWN;
