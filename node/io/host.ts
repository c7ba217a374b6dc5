import type { Registry } from "prom-client";
import type { HostLog } from "./throttled-log.ts";

export interface HostOptions {
  /** This bank's number. */
  readonly self: number;
  /** 32-byte Ed25519 seed of the transport key; never the ledger key. */
  readonly transportSeed: Uint8Array;
  /** Multiaddr to listen on, such as `/ip4/127.0.0.1/tcp/0`. */
  readonly listen: string;
  /** The other banks, from the genesis; nobody else is admitted. `address` is a hint. */
  readonly peers: readonly {
    readonly bank: number;
    readonly peerId: string;
    readonly address?: string;
  }[];
  /** A frame's body, from the bank that has proven the transport key of the genesis. */
  readonly onFrame: (from: number, body: Uint8Array) => void;
  /** Frames can be sent to `peer` and will come from it. */
  readonly onConnected: (peer: number) => void;
  /** The link is gone, perhaps with the last frames of either direction. */
  readonly onDisconnected: (peer: number) => void;
  readonly onLog: HostLog;
  /** The library's own figures go there too. */
  readonly metrics?: Registry;
}

/** No callback is called from within a method of the host. */
export interface Host {
  /** Where this bank listens, with the real port. */
  readonly addresses: readonly string[];
  /**
   * Queues one frame of 1 to `MAX_FRAME_BYTES`, as a copy. False if there is no link, or the peer
   * takes too little and is given up; then, and when a link breaks later, the caller repairs by
   * anti-entropy.
   */
  send(to: number, body: Uint8Array): boolean;
  /** Where a moved or restarted bank is now: unless there is a link, it is dialled there at once. */
  setAddress(peer: number, address: string): void;
  /** Ends the link to a bank that misbehaves and refuses it for some seconds. */
  drop(peer: number, reason: string): void;
  /** Closes everything within about a second. No callback is called any more. */
  stop(): Promise<void>;
}
