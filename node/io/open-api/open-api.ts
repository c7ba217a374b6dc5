import path from "node:path";
import type { Bytes } from "../../../crypto/bytes.ts";
import type { FastVerifier, Verifier } from "../../../crypto/ed25519.ts";
import { hashKey } from "../../../crypto/hash.ts";
import { ok, reject, type Outcome } from "../../../crypto/outcome.ts";
import { AccountIndex } from "../../channels/account-index.ts";
import { RateLimit } from "../../channels/rate-limit.ts";
import { requestTag } from "../../channels/request-signature.ts";
import { memberId, memberOf } from "../../ids.ts";
import type { LedgerRecord } from "../../ledger/record.ts";
import type { LineFileDamage } from "../line-file.ts";
import type { BankAnswer, BankView, SubmissionForms } from "./bank-view.ts";
import { ConsentStore } from "./consent-store.ts";
import type { ApiContext } from "./context.ts";
import { Desk } from "./desk.ts";
import { EventStreams } from "./event-streams.ts";
import { LedgerFollower, type Step } from "./ledger-follower.ts";
import { API_LIMITS, type ApiLimits } from "./limits.ts";
import { RequestAuth } from "./request-auth.ts";
import { createServer } from "./server.ts";

export const CONSENT_FILE = "consents.log";

export interface OpenApiOptions {
  readonly view: BankView;
  readonly forms: SubmissionForms;
  /** The bank's journal as it was opened. */
  readonly records: readonly LedgerRecord[];
  /** The bank's data folder, where consents are kept. */
  readonly folder: string;
  readonly verifier: Verifier;
  readonly fast: FastVerifier;
  /** The disk failed under the consents: going on would be unsafe. */
  readonly onFailure: (error: Error) => void;
  readonly limits?: Partial<ApiLimits>;
  /** The bank's clock, in milliseconds since the Unix epoch; never decreases. */
  readonly nowMs: () => number;
  /** The machine's clock, which the members' machines share: a run's clock may stand and run elsewhere. */
  readonly machineMs: () => number;
}

/** A bank's HTTP interface for its members. It reads what the bank says, and writes inputs for it. */
export interface OpenApi {
  /** The bank's machine, watched; to be driven in place of the machine itself. */
  watch<Report>(step: Step<Report>, read: (report: Report) => BankAnswer | undefined): Step<Report>;
  /** Listens; gives the address, such as `http://127.0.0.1:41703`. Rejects when it cannot. */
  listen(at: ListenAt, feed: (submission: Bytes) => void): Promise<string>;
  close(): Promise<void>;
}

export interface ListenAt {
  readonly host: string;
  /** 0: the operating system chooses one that is free. */
  readonly port: number;
}

export function openOpenApi(options: OpenApiOptions): Outcome<OpenApi, LineFileDamage> {
  const { view, forms, records, folder, verifier, fast, onFailure, nowMs, machineMs } = options;
  const limits: ApiLimits = { ...API_LIMITS, ...options.limits };
  const { net, bank, books } = view;
  const consents = ConsentStore.open({
    file: path.join(folder, CONSENT_FILE),
    setting: {
      net,
      bank: bank.number,
      keyOf: (account) => books.members.get(memberOf(account))?.key,
      verifier,
    },
    nowMs,
    onFailure,
  });
  if (!consents.ok) return reject(consents.error);
  const follower = new LedgerFollower(view, records);
  const streams = new EventStreams(limits, follower.history, bank.currency);
  follower.onLines((lines) => streams.publish(lines));
  let feed: (submission: Bytes) => void = () => undefined;
  const desk = new Desk({
    view,
    forms,
    follower,
    feed: (submission) => feed(submission),
    answerWaitMs: limits.answerWaitMs,
  });
  const context: ApiContext = {
    view,
    verifier,
    follower,
    accounts: new AccountIndex(books),
    desk,
    consents: consents.value,
    streams,
    callerRate: new RateLimit(limits.callerRate),
    limits,
    ordersUnderWay: new Set(),
    qrUnderWay: new Set(),
    nowMs,
    machineMs,
  };
  const auth = new RequestAuth({
    tag: requestTag(bank.id, hashKey(net)),
    keyOf: (keyid) => books.members.get(memberId(keyid))?.key ?? consents.value.keyOfGrantee(keyid),
    fast,
    slowChecks: limits.slowChecks,
    nowS: () => Math.floor(machineMs() / 1000),
  });
  let server: Awaited<ReturnType<typeof createServer>> | undefined;
  return ok({
    watch: (step, read) => follower.watch(step, read),
    listen: async ({ host, port }, feedBank) => {
      feed = feedBank;
      server = await createServer(context, auth);
      return server.listen({ host, port });
    },
    close: async () => {
      streams.closeAll();
      await server?.close();
      await consents.value.close();
    },
  });
}
