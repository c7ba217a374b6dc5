import type { Books } from "./accounts/books.ts";
import type { MemberId } from "./ids.ts";

/** What a member of class attester has stated of a subject. */
export interface Attestation {
  readonly value: number;
  readonly validToMs: number;
}

export interface AttestationName {
  readonly topic: string;
  /** An account, or a document's hash in hex. */
  readonly subject: string;
  readonly by: MemberId;
}

export const attestationKey = ({ topic, subject, by }: AttestationName): string =>
  `${topic} ${subject} ${by}`;

/** The latest statement, while it is valid. */
export function attestationOf(
  { attestations }: Pick<Books, "attestations">,
  name: AttestationName,
  timeMs: number,
): Attestation | undefined {
  const attestation = attestations.get(attestationKey(name));
  return attestation !== undefined && timeMs < attestation.validToMs ? attestation : undefined;
}
