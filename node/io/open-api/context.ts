import type { Verifier } from "../../../crypto/ed25519.ts";
import type { AccountIndex } from "../../channels/account-index.ts";
import type { RateLimit } from "../../channels/rate-limit.ts";
import type { MemberId } from "../../ids.ts";
import type { Member } from "../../members.ts";
import type { BankView } from "./bank-view.ts";
import type { ConsentStore } from "./consent-store.ts";
import type { Desk } from "./desk.ts";
import type { EventStreams } from "./event-streams.ts";
import type { LedgerFollower } from "./ledger-follower.ts";
import type { ApiLimits } from "./limits.ts";

/** What every route works with. */
export interface ApiContext {
  readonly view: BankView;
  readonly verifier: Verifier;
  readonly follower: LedgerFollower;
  readonly accounts: AccountIndex;
  readonly desk: Desk;
  readonly consents: ConsentStore;
  readonly streams: EventStreams;
  readonly callerRate: RateLimit;
  readonly limits: ApiLimits;
  /** Instructions that third parties are handing in, by hash: a second request would count one twice. */
  readonly ordersUnderWay: Set<string>;
  /** Payments of QR codes that were handed in and are not in the ledger yet, by payee and nonce. */
  readonly qrUnderWay: Set<string>;
  /** The bank's clock, by which consents and QR codes end; milliseconds since the Unix epoch. */
  readonly nowMs: () => number;
  /** The machine's clock, by which requests are signed and counted. */
  readonly machineMs: () => number;
}

/** Who signed a request. */
export type Caller =
  | { readonly kind: "member"; readonly id: MemberId; readonly member: Member }
  /** By its public key in hex. */
  | { readonly kind: "third-party"; readonly key: string };

/** The `keyid` under which a caller signs. */
export const callerName = (caller: Caller): string =>
  caller.kind === "member" ? caller.id : caller.key;
