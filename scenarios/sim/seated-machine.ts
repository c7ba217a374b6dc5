import type { Bytes } from "../../crypto/bytes.ts";
import { ok, type Outcome } from "../../crypto/outcome.ts";
import { headHash } from "../../corridor/logs.ts";
import { stepBank } from "../../corridor/participant.ts";
import { openBank, type ReplayRejection } from "../../corridor/replay.ts";
import type { Report } from "../../corridor/report.ts";
import { openValidator } from "../../corridor/shared-ledger/open-validator.ts";
import type { FinalBlock, ValidatorConfig } from "../../corridor/shared-ledger/state.ts";
import { stepValidator } from "../../corridor/shared-ledger/validator.ts";
import type { LedgerRecord } from "../../node/ledger/record.ts";
import type { Effect, Input } from "../../node/machine.ts";
import type { Instant } from "../../node/time.ts";
import type { Seat } from "./seat.ts";

/** How the validators of a world run; absent where the banks are none. */
export type ValidatorOptions = Pick<ValidatorConfig, "chain" | "term" | "parse"> & {
  readonly onFinal: (seat: Seat, final: FinalBlock) => void;
};

/** Opens the machine of a seat from its journal: a bank's own, or a validator of the shared ledger. */
export function openMachine(
  seat: Seat,
  records: readonly LedgerRecord[],
  validators: ValidatorOptions | undefined,
): Outcome<null, ReplayRejection> {
  if (validators === undefined) {
    const opened = openBank(seat.config, records);
    if (!opened.ok) return opened;
    seat.machine = opened.value;
    return ok(null);
  }
  const { onFinal, ...options } = validators;
  const { parse: _, ...config } = seat.config;
  const tell = (final: FinalBlock): void => onFinal(seat, final);
  const opened = openValidator({ ...config, ...options, onFinal: tell }, records);
  if (!opened.ok) return opened;
  seat.validator = opened.value;
  return ok(null);
}

export function stepMachine(seat: Seat, input: Input, now: Instant): readonly Effect<Report>[] {
  const { machine, validator } = seat;
  if (machine !== undefined) return stepBank(machine, input, now);
  return validator === undefined ? [] : stepValidator(validator, input, now);
}

/** What identifies the history of a seat that is up: the head of its log, or its last final block. */
export function headOf({ machine, validator, config }: Seat): Bytes | undefined {
  if (validator !== undefined) return validator.state.tree.final.hash;
  const log = machine?.state.logs.get(config.self);
  return log === undefined ? undefined : headHash(log);
}

/** Entries of what is being made durable: what costs time to decide. */
export function entriesInFlight({ machine, validator }: Seat): number {
  const block = machine?.state.flight?.own?.block;
  if (block !== undefined) return block.corridor.length + block.domestic.length;
  const { records = [] } = validator?.state.flight?.outbox ?? {};
  return records.reduce((sum, { node }) => sum + (node?.block?.transactions.length ?? 0), 0);
}
