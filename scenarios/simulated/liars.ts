import { unreachable } from "../../crypto/outcome.ts";
import { LEDGER_MAGIC, parseLedgerFile, RECORD_HEAD_BYTES } from "../../node/ledger/record.ts";
import type { ByzantineBehaviour } from "../scenario.ts";
import {
  deafValidator,
  doubleVote,
  equivocatingLeader,
  forgingValidator,
  wrongResults,
} from "../sim/lies/chain-lies.ts";
import { deafToItself } from "../sim/lies/deafness.ts";
import { equivocation } from "../sim/lies/equivocation.ts";
import { forgery } from "../sim/lies/forgery.ts";
import type { Lie } from "../sim/lies/lie.ts";
import { lateBy, SILENT } from "../sim/lies/silence.ts";
import { DOUBLE_VOTE, WRONG_LEAD } from "../sim/lies/wrong-entries.ts";
import type { Prng } from "../sim/prng.ts";
import type { Seat } from "../sim/seat.ts";
import type { World } from "../sim/world.ts";

/** How much later than a message's working delay a late bank sends. */
const LATE_DELAYS = 5;

/** From now on the bank of this seat lies. */
export function turnLiar(
  world: World,
  seat: Seat,
  behaviour: ByzantineBehaviour,
  prng: Prng,
): void {
  const { self, signer, genesis } = seat.config;
  const term = seat.validator?.config.term;
  if (term !== undefined) return turnLyingValidator(world, seat, behaviour, { prng, term });
  switch (behaviour) {
    case "silent":
      seat.lie = SILENT;
      return;
    case "late":
      seat.lie = lateBy(LATE_DELAYS * genesis.deltaMs * 1000);
      return;
    case "equivocating":
      seat.lie = equivocation(self, signer, prng);
      return;
    case "double-voting":
      seat.lie = DOUBLE_VOTE;
      return;
    case "wrong-leader":
      seat.lie = WRONG_LEAD;
      return;
    case "forging": {
      const peers = genesis.banks.flatMap(({ number }) => (number === self ? [] : [number]));
      seat.lie = forgery(peers, signer, prng);
      return;
    }
    case "amnesiac":
      return forget(world, seat, { prng, lie: deafToItself(self) });
    case "twins":
      return seatTwin(world, seat, deafToItself(self));
    default:
      unreachable(behaviour);
  }
}

/** The same behaviours, as far as they have a meaning for a validator of a shared ledger. */
function turnLyingValidator(
  world: World,
  seat: Seat,
  behaviour: ByzantineBehaviour,
  { prng, term }: { readonly prng: Prng; readonly term: number },
): void {
  const { self, signer, genesis } = seat.config;
  const liar = { genesis, self, signer, term };
  switch (behaviour) {
    case "silent":
      seat.lie = SILENT;
      return;
    case "late":
      seat.lie = lateBy(LATE_DELAYS * genesis.deltaMs * 1000);
      return;
    case "equivocating":
      seat.lie = equivocatingLeader(liar, prng);
      return;
    case "double-voting":
      seat.lie = doubleVote(liar);
      return;
    case "wrong-leader":
      seat.lie = wrongResults(liar);
      return;
    case "forging":
      seat.lie = forgingValidator(liar, prng);
      return;
    case "amnesiac":
      return forget(world, seat, { prng, lie: deafValidator(liar) });
    case "twins":
      return seatTwin(world, seat, deafValidator(liar));
    default:
      unreachable(behaviour);
  }
}

/** Starts again from an earlier state of its own disk, and hears nobody who knows better. */
function forget(
  world: World,
  seat: Seat,
  { prng, lie }: { readonly prng: Prng; readonly lie: Lie },
): void {
  world.crash(seat);
  const content = seat.disk.content();
  const ends = parseLedgerFile(content).records.map(
    ({ offset, payload }) => offset + RECORD_HEAD_BYTES + payload.length,
  );
  // Enough is forgotten to matter, and the opening is not.
  const oldest = Math.floor(ends.length / 2);
  const end =
    ends.length === 0 ? LEDGER_MAGIC.length : (ends[prng.int(oldest, ends.length - 1)] as number);
  world.restore(seat, content.subarray(0, end));
  seat.lie = lie;
  seat.config = { ...seat.config, alone: true };
  world.start(seat);
}

/** A second, correct bank with the same key and a copy of the disk, linked with the same peers. */
function seatTwin(world: World, seat: Seat, lie: Lie): void {
  seat.config = { ...seat.config, alone: true };
  seat.lie = lie;
  const twin = world.addTwin(seat, `${seat.id}-twin`);
  twin.lie = seat.lie;
  world.start(twin);
}
