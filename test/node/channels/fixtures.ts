import { acceleratedVerifier, type Signature, type Verifier } from "../../../crypto/ed25519.ts";
import { accountId } from "../../../node/ids.ts";
import { opensslSigner, opensslVerifier } from "../../../node/io/openssl.ts";
import type { Amount } from "../../../node/money.ts";
import { bytesNamed } from "../../bytes.ts";

export const verifier = acceleratedVerifier(opensslVerifier());

const openssl = opensslVerifier();

/**
 * For the many flips of one bit: OpenSSL's answer, which is quick, and the definition's, which takes
 * twenty times as long, for every ninth.
 */
export const verifierOfFlip = (bit: number): Verifier =>
  bit % 9 === 0
    ? verifier
    : {
        verify: (...given) => ({
          valid: openssl(given[0], given[1], given[2] as Signature),
          slow: false,
        }),
      };

export const shop = opensslSigner(bytesNamed("key of shop"));
export const aigul = opensslSigner(bytesNamed("key of aigul"));
export const bookkeeper = opensslSigner(bytesNamed("key of a bookkeeper"));

export const NET = bytesNamed("genesis");
export const BANK = 1;
export const NOW_MS = 1_790_000_000_000;

/** The members of the bank, with their keys. */
export const keyOf = (account: string) =>
  ({ shop: shop.publicKey, aigul: aigul.publicKey })[account];

export const account = accountId;
export const money = (n: number | bigint): Amount => BigInt(n) as Amount;
