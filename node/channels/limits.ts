/** How long a QR code may be paid, in milliseconds: 30 days, since a bank remembers what was paid till then. */
export const MAX_QR_LIFE_MS = 2_592_000_000;

/** Paid QR codes that are not over yet; when there are more, a bank takes no QR payments for a while. */
export const MAX_PAID_QR_CODES = 100_000;

/** How long a consent may last, in milliseconds: 180 days, as the European rules for account access have it. */
export const MAX_CONSENT_LIFE_MS = 15_552_000_000;

/** Consents of one account that are not over, revoked ones among them: a revoked one must be remembered. */
export const MAX_CONSENTS_PER_ACCOUNT = 16;

/** Consents of one bank that are not over. */
export const MAX_CONSENTS = 2_000;

/** The latest accesses under one consent that its member can read. */
export const MAX_ACCESSES_PER_CONSENT = 50;

/** How long the signature of a request may be valid, in seconds: a slow network, and no more. */
export const MAX_SIGNATURE_LIFE_S = 60;

/** How far a member's clock may be ahead of the bank's, in seconds. */
export const MAX_CLOCK_LEAD_S = 5;

/** Components that a request's signature covers: the required ones and a dozen of the client's own. */
export const MAX_COVERED_COMPONENTS = 16;

/** Nonces of one signer that are remembered: what the rate of requests allows within a signature's life, twice. */
export const MAX_NONCES_PER_SIGNER = 4_096;

/** Nonces of all signers: thirty-two at their bound. */
export const MAX_NONCES = 131_072;

/** Ledger lines kept for statements, statuses and traces: about 25 MB. Older ones stay in the ledger file. */
export const MAX_HISTORY_LINES = 100_000;

/** Swaps that ended here and whose end no domestic entry tells. */
export const MAX_SWAPS_ENDED = 10_000;
