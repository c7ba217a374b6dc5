import type { IncomingMessage } from "node:http";
import {
  parseDictionary,
  serializeInnerList,
  type Dictionary,
  type InnerList,
  type Item,
} from "structured-headers";
import type { Bytes } from "../../../crypto/bytes.ts";
import {
  isValidSignature,
  SIGNATURE_BYTES,
  type EnrolledKey,
  type FastVerifier,
  type Signature,
} from "../../../crypto/ed25519.ts";
import { ok, type Outcome } from "../../../crypto/outcome.ts";
import { RateLimit, type RateOptions } from "../../channels/rate-limit.ts";
import { ReplayWindow } from "../../channels/replay-window.ts";
import {
  BODY_COMPONENT,
  checkCovered,
  checkTimes,
  CONSENT_COMPONENT,
  PARAMETERS,
  REQUIRED_COMPONENTS,
  signatureBase,
  type Component,
  type SignatureParameters,
} from "../../channels/request-signature.ts";
import { EVERYBODY } from "./limits.ts";
import { refuse, type Problem } from "./problem.ts";

export interface AuthOptions {
  /** What the `tag` of every signature must be. */
  readonly tag: string;
  /** The key of a member, or of a third party that has a consent; `undefined` for everybody else. */
  readonly keyOf: (keyid: string) => EnrolledKey | undefined;
  readonly fast: FastVerifier;
  readonly slowChecks: RateOptions;
  /** Seconds since the Unix epoch. */
  readonly nowS: () => number;
}

/** Recognises who signed a request (RFC 9421, Ed25519), each signature once. */
export class RequestAuth {
  readonly #options: AuthOptions;
  readonly #window = new ReplayWindow();
  readonly #slowChecks: RateLimit;
  readonly #begunS: number;

  constructor(options: AuthOptions) {
    this.#options = options;
    this.#slowChecks = new RateLimit(options.slowChecks);
    this.#begunS = options.nowS();
  }

  /** The `keyid` of a request whose signature holds and was not used before. */
  authenticate(request: IncomingMessage): Outcome<string, Problem> {
    const read = readSignature(request);
    if (!read.ok) return read;
    const { components, parameters, serialised, signature } = read.value;
    const required: string[] = [...REQUIRED_COMPONENTS];
    if (hasBody(request)) required.push(BODY_COMPONENT);
    if (request.headers[CONSENT_COMPONENT] !== undefined) required.push(CONSENT_COMPONENT);
    const names = components.map(({ name }) => name);
    const covered = checkCovered(names, required);
    if (!covered.ok) return covered;
    const { tag, keyOf } = this.#options;
    const nowS = this.#options.nowS();
    const timely = checkTimes(parameters, { tag, nowS, begunS: this.#begunS });
    if (!timely.ok) return timely;
    const base = signatureBase(components, serialised);
    if (!base.ok) return base;
    const { keyid, nonce, expires } = parameters;
    const key = keyOf(keyid);
    if (key === undefined) {
      return refuse("unknown_signer", {
        found: `keyid ${keyid}`,
        allowed: "a member of this bank, or the key of a third party with a consent, in hex",
      });
    }
    const verdict = this.#verify(key, base.value, signature, nowS * 1000);
    if (verdict === "busy") return refuse("busy", { retryAfterMs: 1000 });
    if (verdict === "invalid") {
      return refuse("signature_invalid", {
        found: "another signature",
        allowed: `that of ${keyid} over the signature base`,
      });
    }
    const taken = this.#window.take(keyid, nonce, expires, nowS);
    if (taken === "replay") return refuse("replay", { found: `nonce ${nonce} again` });
    if (taken === "full") return refuse("busy", { retryAfterMs: 1000 });
    return ok(keyid);
  }

  /**
   * OpenSSL accepts, we accept; it refuses, the definition decides (crypto/ed25519.ts). That costs
   * twenty times more, so there is a budget for it; no honest signature needs it.
   */
  #verify(
    key: EnrolledKey,
    base: Bytes,
    signature: Bytes,
    nowMs: number,
  ): "valid" | "invalid" | "busy" {
    if (signature.length !== SIGNATURE_BYTES) return "invalid";
    if (this.#options.fast(key, base, signature as Signature)) return "valid";
    if (this.#slowChecks.take(EVERYBODY, nowMs) > 0) return "busy";
    return isValidSignature(key, base, signature) ? "valid" : "invalid";
  }
}

/** Whether a request announces a body; one that announces none has none. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";

interface ReadSignature {
  readonly components: readonly Component[];
  readonly parameters: SignatureParameters;
  /** The value of `@signature-params`. */
  readonly serialised: string;
  readonly signature: Bytes;
}

/** One signature and what it covers, from the two header fields that carry them. */
function readSignature(request: IncomingMessage): Outcome<ReadSignature, Problem> {
  const inputField = fieldOnce(request, "signature-input");
  const valueField = fieldOnce(request, "signature");
  if (inputField === undefined || valueField === undefined) {
    return refuse("signature_missing", {
      allowed: "one Signature-Input and one Signature field, as RFC 9421 has them",
    });
  }
  const inputs = parse(inputField);
  const values = parse(valueField);
  if (inputs === undefined || values === undefined) return invalid("fields that do not parse");
  const [input] = inputs;
  const [value] = values;
  if (inputs.size !== 1 || values.size !== 1 || input?.[0] !== value?.[0]) {
    return invalid("more than one signature, or two labels", "one signature under one label");
  }
  const list = input?.[1];
  const bytes: unknown = value?.[1][0];
  if (list === undefined || !isInnerList(list)) return invalid("no list of components");
  if (!(bytes instanceof ArrayBuffer)) return invalid("a signature that is no byte sequence");
  const parameters = readParameters(list[1]);
  if (!parameters.ok) return parameters;
  const components: Component[] = [];
  for (const [name, own] of list[0]) {
    if (typeof name !== "string" || own.size > 0) {
      return invalid("a component with parameters", "names of components alone");
    }
    const found = componentOf(request, name);
    if (found === undefined) return invalid(`no component ${name}`, "what the request has, once");
    components.push({ name, value: found });
  }
  return ok({
    components,
    parameters: parameters.value,
    serialised: serializeInnerList(list),
    signature: new Uint8Array(bytes),
  });
}

function readParameters(
  parameters: ReadonlyMap<string, unknown>,
): Outcome<SignatureParameters, Problem> {
  const known: readonly string[] = [...PARAMETERS, "alg"];
  const other = [...parameters.keys()].find((name) => !known.includes(name));
  const allowed = `the parameters ${PARAMETERS.join(", ")}, and alg="ed25519" if any`;
  if (other !== undefined) return invalid(`the parameter ${other}`, allowed);
  if ((parameters.get("alg") ?? "ed25519") !== "ed25519") return invalid("another alg", allowed);
  const created = parameters.get("created");
  const expires = parameters.get("expires");
  const nonce = parameters.get("nonce");
  const keyid = parameters.get("keyid");
  const tag = parameters.get("tag");
  if (!isSeconds(created) || !isSeconds(expires)) return invalid("no created or expires", allowed);
  if (typeof nonce !== "string" || !/^[\w+/=-]{16,64}$/.test(nonce)) {
    return invalid("no nonce", "a nonce of 16 to 64 letters, digits and + / = _ -");
  }
  if (typeof keyid !== "string" || typeof tag !== "string") {
    return invalid("no keyid or tag", allowed);
  }
  return ok({ created, expires, nonce, keyid, tag });
}

/** The value of a covered component: derived from the request, or of a field that stands there once. */
function componentOf(request: IncomingMessage, name: string): string | undefined {
  const { method = "", url = "" } = request;
  const query = url.indexOf("?");
  switch (name) {
    case "@method":
      return method;
    case "@path":
      return query === -1 ? url : url.slice(0, query);
    case "@query":
      return query === -1 ? "?" : url.slice(query);
    case "@request-target":
      return url;
    case "@authority":
      return fieldOnce(request, "host")?.toLowerCase();
    default:
      return /^[a-z0-9-]+$/.test(name) ? fieldOnce(request, name) : undefined;
  }
}

/** A header field that stands in the request exactly once; joined ones could hide what was signed. */
function fieldOnce({ headersDistinct }: IncomingMessage, name: string): string | undefined {
  const values = Object.hasOwn(headersDistinct, name) ? headersDistinct[name] : undefined;
  return values?.length === 1 ? values[0]?.trim() : undefined;
}

function parse(field: string): Dictionary | undefined {
  try {
    return parseDictionary(field);
  } catch {
    return undefined;
  }
}

const isInnerList = (member: Item | InnerList): member is InnerList =>
  Array.isArray(member) && Array.isArray(member[0]);

const isSeconds = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

const invalid = (found: string, allowed = "a signature as RFC 9421 has it") =>
  refuse("signature_invalid", { found, allowed });
