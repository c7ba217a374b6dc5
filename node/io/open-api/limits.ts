import type { RateOptions } from "../../channels/rate-limit.ts";

/** Every bound of a bank's HTTP server. A test gives smaller ones, to reach them quickly. */
export interface ApiLimits {
  /** Open sockets; one more is closed at once. */
  readonly maxConnections: number;
  /** Requests that are being answered, event streams apart. */
  readonly maxRequests: number;
  /** The request line and all header fields together. */
  readonly maxHeaderBytes: number;
  /** The longest instruction, a tag's definition of 60,000 bytes, is 81,000 bytes in base64. */
  readonly maxBodyBytes: number;
  /** From the first byte of a request, or the opening of the socket, to the end of its header. */
  readonly headersTimeoutMs: number;
  /** From the first byte of a request to the last of its body. */
  readonly requestTimeoutMs: number;
  /** How long a socket may stay open between two requests. */
  readonly keepAliveTimeoutMs: number;
  /** How long a socket may carry nothing at all. */
  readonly idleTimeoutMs: number;
  /** How often the two timeouts of requests are looked at. */
  readonly checkEveryMs: number;
  /** Requests of one address, before anybody is recognised. */
  readonly addressRate: RateOptions;
  /** Requests of one member or third party. */
  readonly callerRate: RateOptions;
  /** Signature checks that only the slow definition can decide: 40 ms of a second at most. */
  readonly slowChecks: RateOptions;
  /** How long a submission waits for the block that takes it in, before it is answered as pending. */
  readonly answerWaitMs: number;
  /** How long a reading waits for what it shows to be durable. */
  readonly durableWaitMs: number;
  readonly maxStreams: number;
  readonly maxStreamsPerMember: number;
  /** Then the client connects again, and goes on after the last event that it had. */
  readonly streamLifeMs: number;
  readonly heartbeatMs: number;
  /** What a stream that nobody reads may hold back before it is closed. */
  readonly maxStreamBacklogBytes: number;
  /** Events that are sent again to a client that comes back. */
  readonly maxReplayedEvents: number;
}

export const API_LIMITS: ApiLimits = {
  maxConnections: 256,
  maxRequests: 256,
  maxHeaderBytes: 8_192,
  maxBodyBytes: 131_072,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  keepAliveTimeoutMs: 5_000,
  idleTimeoutMs: 30_000,
  checkEveryMs: 1_000,
  addressRate: { burst: 400, perSecond: 200, maxCallers: 4_096 },
  callerRate: { burst: 100, perSecond: 50, maxCallers: 16_384 },
  slowChecks: { burst: 20, perSecond: 20, maxCallers: 1 },
  answerWaitMs: 10_000,
  durableWaitMs: 5_000,
  maxStreams: 64,
  maxStreamsPerMember: 4,
  streamLifeMs: 3_600_000,
  heartbeatMs: 10_000,
  maxStreamBacklogBytes: 65_536,
  maxReplayedEvents: 1_000,
};

/** The caller of a rate that all share. */
export const EVERYBODY = "all";

/** Elements of one page. */
export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 50;
