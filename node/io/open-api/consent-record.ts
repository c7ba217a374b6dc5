import { bytesToHex, parseHex } from "../../../crypto/bytes.ts";
import type { Signature } from "../../../crypto/ed25519.ts";
import type { AuthenticConsent, SignedDocument } from "../../channels/consent.ts";

/** One use of a consent, allowed or not. */
export interface Access {
  /** From 1, in the order in which they came. */
  readonly n: number;
  readonly atMs: number;
  readonly operation: string;
  /** `allowed`, or the code of the refusal. */
  readonly outcome: string;
  /** What the payments under the consent came to after it. */
  readonly spent: bigint;
}

/** A consent as the bank keeps it: the signed document, and what was done under it. */
export interface StoredConsent {
  readonly key: string;
  readonly signed: SignedDocument;
  readonly authentic: AuthenticConsent;
  readonly grantedMs: number;
  readonly revoked: { readonly atMs: number; readonly signed: SignedDocument } | undefined;
  readonly spent: bigint;
  /** The latest, oldest first. */
  readonly accesses: readonly Access[];
}

type SignedHex = readonly [body: string, signature: string];

export interface GrantRecord {
  readonly grant: SignedHex;
  readonly atMs: number;
}

/** What a line of the file says: a consent was given, revoked, or used. */
export type ConsentRecord =
  | GrantRecord
  | { readonly revoke: SignedHex; readonly consent: string; readonly atMs: number }
  | {
      readonly consent: string;
      readonly n: number;
      readonly atMs: number;
      readonly operation: string;
      readonly outcome: string;
      readonly spent: string;
    };

export const grantLine = ({ signed, grantedMs }: StoredConsent): string =>
  line({ grant: hexOf(signed), atMs: grantedMs });

export const revocationLine = (
  { key }: StoredConsent,
  { signed, atMs }: NonNullable<StoredConsent["revoked"]>,
): string => line({ revoke: hexOf(signed), consent: key, atMs });

export const accessLine = ({ key }: StoredConsent, { spent, ...access }: Access): string =>
  line({ consent: key, ...access, spent: `${spent}` });

const line = (record: ConsentRecord): string => JSON.stringify(record);

export function parseRecord(text: string): ConsentRecord | undefined {
  let record: Readonly<Record<string, unknown>>;
  try {
    record = Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
  const isHex = (pair: unknown): boolean =>
    Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === "string");
  const has = (type: "string" | "number", ...names: readonly string[]): boolean =>
    names.every((name) => typeof record[name] === type);
  const isRecord =
    has("number", "atMs") &&
    (isHex(record["grant"]) ||
      (has("string", "consent") && isHex(record["revoke"])) ||
      (has("string", "consent", "operation", "outcome", "spent") &&
        has("number", "n") &&
        /^[0-9]{1,19}$/.test(record["spent"] as string)));
  return isRecord ? (record as unknown as ConsentRecord) : undefined;
}

const hexOf = ({ body, signature }: SignedDocument): SignedHex => [
  bytesToHex(body),
  bytesToHex(signature),
];

export const parseSigned = ([body, signature]: SignedHex): SignedDocument => ({
  body: parseHex(body) ?? new Uint8Array(0),
  signature: (parseHex(signature) ?? new Uint8Array(0)) as Signature,
});
