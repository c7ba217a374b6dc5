import { unreachable } from "../../crypto/outcome.ts";
import type { Fault } from "../scenario.ts";
import type { Prng } from "../sim/prng.ts";
import type { Seat } from "../sim/seat.ts";
import type { World } from "../sim/world.ts";
import { turnLiar } from "./liars.ts";

type FaultOf<K extends Fault["kind"]> = Extract<Fault, { readonly kind: K }>;

/** Lets a scenario's faults strike a simulated world, and says what happened to which bank. */
export class Striker {
  readonly #world: World;
  readonly #prng: Prng;
  readonly #happened: (bank: string, what: string) => void;
  /** Banks that will come back by themselves. */
  readonly #returning = new Set<string>();

  constructor(world: World, prng: Prng, happened: (bank: string, what: string) => void) {
    this.#world = world;
    this.#prng = prng;
    this.#happened = happened;
  }

  isReturning(bank: string): boolean {
    return this.#returning.has(bank);
  }

  /** Starts now whoever would have come back later. */
  bringBack(): void {
    for (const bank of this.#returning) this.#world.start(this.#world.seat(bank));
    this.#returning.clear();
  }

  strike(fault: Fault): void {
    switch (fault.kind) {
      case "away":
        this.#world.crash(this.#world.seat(fault.bank));
        return this.#happened(fault.bank, "went away");
      case "kill":
        return this.#kill(fault);
      case "partition":
        return this.#partition(fault);
      case "clog": {
        const { banks, delayMs, forMs } = fault;
        this.#world.fabric.clog(this.#seats(banks), delayMs * 1000, forMs * 1000);
        return this.#happened(banks.join(", "), `clogged by ${delayMs} ms`);
      }
      case "clock":
        return this.#setClock(fault);
      case "disk":
        return this.#damageDisk(fault);
      case "byzantine": {
        const { bank, behaviour } = fault;
        const prng = this.#prng.fork(`${behaviour} ${bank}`);
        turnLiar(this.#world, this.#world.seat(bank), behaviour, prng);
        return this.#happened(bank, `begins to lie: ${behaviour}`);
      }
      default:
        unreachable(fault);
    }
  }

  #kill({ bank, restartAfterMs }: FaultOf<"kill">): void {
    const seat = this.#world.seat(bank);
    if (restartAfterMs !== null) this.#returning.add(bank);
    this.#world.crash(seat, this.#keptOfTail(seat));
    this.#happened(bank, "killed (SIGKILL)");
    if (restartAfterMs === null) return;
    this.#world.after(restartAfterMs * 1000, () => {
      if (!this.#returning.delete(bank)) return;
      this.#world.start(seat);
      this.#happened(bank, "restarted from its ledger");
    });
  }

  /** How much of what was being written reaches the disk: any part, or with a torn write never all of it. */
  #keptOfTail(seat: Seat): number {
    const tail = seat.disk.tail?.length ?? 0;
    if (tail === 0) return 0;
    const most = seat.damage === "torn" ? tail - 1 : tail;
    return this.#prng.fork(`tail ${seat.id} ${seat.life}`).int(0, most);
  }

  #partition({ from, to, bothWays, forMs }: FaultOf<"partition">): void {
    this.#world.fabric.partition(this.#seats(from), this.#seats(to), bothWays, forMs * 1000);
    const arrow = bothWays ? "and" : "to";
    const what = `cut off: nothing gets from there ${arrow} ${to.join(", ")}`;
    this.#happened(from.join(", "), what);
  }

  #damageDisk({ bank, damage }: FaultOf<"disk">): void {
    const seat = this.#world.seat(bank);
    if (damage === "rot") {
      const prng = this.#prng.fork(`rot ${bank}`);
      seat.disk.rot(prng.int(0, seat.disk.durable - 1), prng.int(0, 7));
    } else seat.damage = damage;
    this.#happened(bank, `disk: ${damage}`);
  }

  #setClock({ bank, offsetMs, driftPpm }: FaultOf<"clock">): void {
    const since = this.#world.now;
    this.#world.seat(bank).clock = { offsetUs: offsetMs * 1000, driftPpm, since };
    this.#happened(bank, `clock off by ${offsetMs} ms and ${driftPpm} ppm`);
  }

  #seats(banks: readonly string[]): readonly Seat[] {
    return banks.map((bank) => this.#world.seat(bank));
  }
}
