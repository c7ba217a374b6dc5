import type { Bytes } from "../../crypto/bytes.ts";
import { bankNumber } from "../../node/ids.ts";
import type { Input } from "../../node/machine.ts";
import { instant, type Instant } from "../../node/time.ts";
import { Direction, type Wire } from "./links.ts";
import type { Prng } from "./prng.ts";
import { isUp, type Seat } from "./seat.ts";

/** What the fabric needs of the world around it. */
export interface FabricHost {
  readonly seats: readonly Seat[];
  readonly now: Instant;
  at(time: Instant, happens: () => void): void;
  feed(seat: Seat, input: Input): void;
}

/** How long a peer that was hung up on is not let in again, in microseconds. */
const REDIAL_US = 1_000_000;

/**
 * The links between all seats. Each is a connection: open or not, in order unless the wire reorders,
 * and what was under way when it closed is lost. A partition loses everything on its way; when it ends,
 * the connections it held are opened afresh, as a transport does that has given up on them.
 */
export class Fabric {
  readonly #host: FabricHost;
  readonly #wire: Wire;
  readonly #prng: Prng;
  readonly #directions = new Map<string, Direction>();
  /** Sessions of open links, by pair. */
  readonly #open = new Map<string, number>();
  #sessions = 0;
  /** Counts healings: a partition or clog that was ended by one ends no more by itself. */
  #healings = 0;

  constructor(host: FabricHost, wire: Wire, prng: Prng) {
    this.#host = host;
    this.#wire = wire;
    this.#prng = prng;
  }

  isOpen(a: Seat, b: Seat): boolean {
    return this.#open.has(pairOf(a, b));
  }

  /** Sends to every seat of a bank that is linked; what is lost on the way is lost. */
  send(from: Seat, to: Seat, bytes: Bytes, laterUs: number): void {
    const session = this.#open.get(pairOf(from, to));
    if (session === undefined) return;
    const leaves = instant(this.#host.now + laterUs);
    for (const at of this.#direction(from, to).arrivals(leaves, bytes.length)) {
      this.#host.at(at, () => {
        if (this.#open.get(pairOf(from, to)) !== session) return;
        this.#host.feed(to, { kind: "frame", from: bankNumber(from.config.self), bytes });
      });
    }
  }

  /** Links a seat with all others, each after a handshake. */
  linkAll(seat: Seat): void {
    for (const other of this.#host.seats) if (other !== seat) this.dial(seat, other);
  }

  /** Opens a link after a handshake, if both are up and no partition stands between them then. */
  dial(a: Seat, b: Seat, laterUs = 0): void {
    if (a.config.self === b.config.self) return;
    const [there, back] = [this.#direction(a, b), this.#direction(b, a)];
    const lives = [a.life, b.life];
    const at = instant(this.#host.now + laterUs + there.handshakeUs(back));
    this.#host.at(at, () => {
      const isPossible = isUp(a) && isUp(b) && there.blocks === 0 && back.blocks === 0;
      const isSame = a.life === lives[0] && b.life === lives[1];
      if (!isPossible || !isSame || this.isOpen(a, b)) return;
      this.#open.set(pairOf(a, b), ++this.#sessions);
      this.#host.feed(a, { kind: "connected", peer: bankNumber(b.config.self) });
      this.#host.feed(b, { kind: "connected", peer: bankNumber(a.config.self) });
    });
  }

  /** Closes a link; both ends notice at once. */
  hangUp(a: Seat, b: Seat): void {
    if (!this.#open.delete(pairOf(a, b))) return;
    this.#host.feed(a, { kind: "disconnected", peer: bankNumber(b.config.self) });
    this.#host.feed(b, { kind: "disconnected", peer: bankNumber(a.config.self) });
  }

  /** A seat breaks off with a peer that broke the rules; it may come back later. */
  drop(seat: Seat, peer: number): void {
    for (const other of this.#host.seats) {
      if (other.config.self !== peer || !this.isOpen(seat, other)) continue;
      this.hangUp(seat, other);
      this.dial(seat, other, REDIAL_US);
    }
  }

  /** A seat is down: its peers lose their links with it. */
  cutAll(seat: Seat): void {
    for (const other of this.#host.seats) this.hangUp(seat, other);
  }

  /** For a while nothing gets from one group to the other. */
  partition(from: readonly Seat[], to: readonly Seat[], bothWays: boolean, forUs: number): void {
    const held = from.flatMap((a) => to.map((b) => [a, b] as const));
    const directions = held.flatMap(([a, b]) => [
      this.#direction(a, b),
      ...(bothWays ? [this.#direction(b, a)] : []),
    ]);
    for (const direction of directions) direction.blocks++;
    const healings = this.#healings;
    this.#host.at(instant(this.#host.now + forUs), () => {
      if (healings !== this.#healings) return;
      for (const direction of directions) direction.blocks--;
      for (const [a, b] of held) {
        this.hangUp(a, b);
        this.dial(a, b);
      }
    });
  }

  /** For a while everything from and to these seats takes longer. */
  clog(seats: readonly Seat[], delayUs: number, forUs: number): void {
    const directions = this.#host.seats.flatMap((a) =>
      this.#host.seats
        .filter((b) => a !== b && (seats.includes(a) || seats.includes(b)))
        .map((b) => this.#direction(a, b)),
    );
    for (const direction of directions) direction.clogUs += delayUs;
    const healings = this.#healings;
    this.#host.at(instant(this.#host.now + forUs), () => {
      if (healings !== this.#healings) return;
      for (const direction of directions) direction.clogUs -= delayUs;
    });
  }

  /** Ends every partition and clog now, and opens what links are closed between seats that are up. */
  heal(): void {
    this.#healings++;
    for (const direction of this.#directions.values()) direction.blocks = direction.clogUs = 0;
    for (const seat of this.#host.seats) this.linkAll(seat);
  }

  #direction(from: Seat, to: Seat): Direction {
    const name = `${from.index}>${to.index}`;
    let direction = this.#directions.get(name);
    if (direction === undefined) {
      const prng = this.#prng.fork(`${from.id}>${to.id}`);
      direction = new Direction(from.config.self, to.config.self, this.#wire, prng);
      this.#directions.set(name, direction);
    }
    return direction;
  }
}

const pairOf = (a: Seat, b: Seat): string =>
  a.index < b.index ? `${a.index} ${b.index}` : `${b.index} ${a.index}`;
