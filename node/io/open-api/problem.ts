import { reject } from "../../../crypto/outcome.ts";
import { REJECTION_TEXT, type RuleCode } from "../../rules/codes.ts";

/** What a request can meet beside the rules: each with its HTTP status and a title. */
const MACHINERY = {
  bad_request: [400, "the request is not one that this API knows"],
  digest_mismatch: [400, "the body is not the one that its digest names"],
  document_invalid: [422, "not a document of this format"],
  key_not_enrollable: [422, "not a key that signatures can be checked under"],
  signature_missing: [401, "the request is not signed"],
  signature_invalid: [401, "the signature does not hold"],
  signature_expired: [401, "the signature is not of this time"],
  unknown_signer: [401, "nobody known here signs with this key"],
  replay: [409, "used before"],
  access_denied: [403, "not open to this caller"],
  not_found: [404, "no such thing here"],
  request_timeout: [408, "the request took too long to arrive"],
  body_too_large: [413, "the body is longer than the limit"],
  content_type: [415, "the body is of another type than application/json"],
  headers_too_large: [431, "the header is longer than the limit"],
  rate_limit: [429, "more requests than the limit allows"],
  stream_limit: [429, "more event streams than the limit allows"],
  busy: [503, "the bank has as much to do as it can"],
  bank_starting: [503, "the bank does not sign yet"],
  internal: [500, "an error of this bank"],
} as const;

type MachineryCode = keyof typeof MACHINERY;

/** Rules whose refusal has another status than 422, "understood and not carried out". */
const RULE_STATUS: Partial<Record<RuleCode, number>> = {
  MEMBER_NOT_CONNECTED: 403,
  CLASS_FORBIDDEN: 403,
  ROLE_READ_ONLY: 403,
  CONSENT_SCOPE: 403,
  CONSENT_EXPIRED: 403,
  CONSENT_AMOUNT: 403,
  LIMIT_RECORDS: 503,
};

/** Why a request was refused, before it is written as RFC 9457 has it. */
export interface Problem {
  readonly code: MachineryCode | RuleCode;
  readonly found?: string;
  readonly allowed?: string;
  readonly rule?: string;
  readonly retryAfterMs?: number;
  /** Further members of the problem document. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export const refuse = (code: Problem["code"], more: Omit<Problem, "code"> = {}) =>
  reject<Problem>({ ...more, code });

export const PROBLEM_CODES: readonly string[] = [
  ...Object.keys(MACHINERY),
  ...Object.keys(REJECTION_TEXT),
];

export function statusOf({ code }: Problem): number {
  return isMachinery(code) ? MACHINERY[code][0] : (RULE_STATUS[code] ?? 422);
}

/** What was found comes from outside, and may be as long as a header. */
const MAX_ECHO = 300;

/** A problem details document (RFC 9457). */
export function renderProblem(problem: Problem): Readonly<Record<string, unknown>> {
  const { code, rule, more } = problem;
  const found = problem.found?.slice(0, MAX_ECHO);
  const allowed = problem.allowed?.slice(0, MAX_ECHO);
  const detail = [
    ...(found === undefined ? [] : [`found ${found}`]),
    ...(allowed === undefined ? [] : [`allowed: ${allowed}`]),
  ].join("; ");
  return {
    type: `urn:daliz:problem:${code}`,
    title: isMachinery(code) ? MACHINERY[code][1] : REJECTION_TEXT[code],
    status: statusOf(problem),
    ...(detail === "" ? {} : { detail }),
    code,
    ...(found === undefined ? {} : { found }),
    ...(allowed === undefined ? {} : { allowed }),
    ...(rule === undefined ? {} : { rule }),
    ...more,
  };
}

/** A code from the ledger, which knows codes of its own, as one of this API. */
export const isRuleCode = (code: string): code is RuleCode => Object.hasOwn(REJECTION_TEXT, code);

const isMachinery = (code: string): code is MachineryCode => Object.hasOwn(MACHINERY, code);
