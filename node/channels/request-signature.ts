import { utf8ToBytes, type Bytes } from "../../crypto/bytes.ts";
import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import { MAX_CLOCK_LEAD_S, MAX_COVERED_COMPONENTS, MAX_SIGNATURE_LIFE_S } from "./limits.ts";

/** One part of a request that its signature covers: a derived component such as `@method`, or a header field. */
export interface Component {
  readonly name: string;
  readonly value: string;
}

/** What a signature says of itself (RFC 9421, section 2.3). Times are in seconds since the Unix epoch. */
export interface SignatureParameters {
  readonly created: number;
  readonly expires: number;
  readonly nonce: string;
  /** A member's name, or a third party's public key in hex. */
  readonly keyid: string;
  /** Binds the request to one bank of one corridor: a member may have one key at several banks. */
  readonly tag: string;
}

export interface SignatureRejection {
  readonly code: "signature_invalid" | "signature_expired";
  readonly found: string;
  readonly allowed: string;
}

/** What every signature covers; a request with a body also needs its digest, one under a consent its id. */
export const REQUIRED_COMPONENTS = ["@method", "@path", "@query"] as const;
export const BODY_COMPONENT = "content-digest";
export const CONSENT_COMPONENT = "consent-id";

export const PARAMETERS = ["created", "expires", "nonce", "keyid", "tag"] as const;

/** The `tag` of requests to one bank. */
export const requestTag = (bank: string, netKey: string): string => `daliz-api/1 ${bank} ${netKey}`;

/**
 * The bytes that a request's signature is over (RFC 9421, section 2.5). `parameters` is the serialised
 * value of `@signature-params`. A value that is not printable ASCII could read as two lines.
 */
export function signatureBase(
  components: readonly Component[],
  parameters: string,
): Outcome<Bytes, SignatureRejection> {
  const unfit = components.find(({ value }) => !/^[\x20-\x7e]*$/.test(value));
  if (unfit !== undefined) {
    return invalid(`${unfit.name} with other than printable ASCII`, "printable ASCII");
  }
  const lines = components.map(({ name, value }) => `"${name}": ${value}`);
  return ok(utf8ToBytes([...lines, `"@signature-params": ${parameters}`].join("\n")));
}

/** Whether a signature covers what it must: each component once, and all that decide what is asked for. */
export function checkCovered(
  covered: readonly string[],
  required: readonly string[],
): Outcome<null, SignatureRejection> {
  if (covered.length > MAX_COVERED_COMPONENTS) {
    return invalid(`${covered.length} components`, `at most ${MAX_COVERED_COMPONENTS}`);
  }
  if (new Set(covered).size !== covered.length) return invalid("a component twice", "each once");
  const missing = required.filter((name) => !covered.includes(name));
  return missing.length === 0
    ? ok(null)
    : invalid(`nothing of ${missing.join(", ")}`, `a signature over ${required.join(", ")}`);
}

/**
 * Whether a signature may be taken now. It must have been made after this process began, whose replay
 * window knows no earlier one; and it lasts a minute at most, which bounds that window.
 */
export function checkTimes(
  { created, expires, tag }: SignatureParameters,
  wanted: { readonly tag: string; readonly nowS: number; readonly begunS: number },
): Outcome<null, SignatureRejection> {
  if (tag !== wanted.tag) return invalid(`the tag ${tag}`, wanted.tag);
  const { nowS, begunS } = wanted;
  const late = (found: string, allowed: string) =>
    reject({ code: "signature_expired", found, allowed } as const);
  if (expires <= created || expires - created > MAX_SIGNATURE_LIFE_S) {
    return invalid(
      `a life of ${expires - created} s`,
      `1 to ${MAX_SIGNATURE_LIFE_S} s from created to expires`,
    );
  }
  if (created > nowS + MAX_CLOCK_LEAD_S) {
    return late(`created at ${created}, at ${nowS}`, `at most ${MAX_CLOCK_LEAD_S} s ahead`);
  }
  if (created < begunS)
    return late(`created at ${created}`, `after ${begunS}, when the bank began`);
  if (expires <= nowS) return late(`expired at ${expires}, at ${nowS}`, "a signature that lasts");
  return ok(null);
}

const invalid = (found: string, allowed: string) =>
  reject({ code: "signature_invalid", found, allowed } as const);
