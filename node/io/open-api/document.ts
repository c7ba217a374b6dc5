import { hashKey } from "../../../crypto/hash.ts";
import { requestTag, REQUIRED_COMPONENTS } from "../../channels/request-signature.ts";
import { MAX_SIGNATURE_LIFE_S } from "../../channels/limits.ts";
import type { ApiContext } from "./context.ts";

/** What the document says beside its operations. */
export function documentOf({ view: { bank, net }, limits }: ApiContext) {
  const { callerRate, maxBodyBytes } = limits;
  return {
    openapi: "3.1.0" as const,
    info: {
      title: `Open API of ${bank.name}`,
      version: "1.0.0",
      license: { name: "MIT", identifier: "MIT" },
      description: [
        `For members of the bank \`${bank.id}\` (${bank.currency.code}), and for third parties that have a member's consent. Simulated money.`,
        "Names follow ISO 20022 where it has the thing: camt.052 for balances and statements, pain.001 for initiation, pain.002 and pacs.002 for statuses. They are the standard's element names in camelCase, in JSON; the messages themselves are not ISO 20022 messages.",
        "What moves money is an instruction that the member signs, in the canonical encoding of corridor/FORMAT.md; so are consents and QR codes. A status or balance is shown only when it is durable.",
        `Limits: ${callerRate.perSecond} requests a second of one caller after a burst of ${callerRate.burst}; bodies of ${maxBodyBytes} bytes.`,
      ].join("\n\n"),
    },
    tags: [
      { name: "accounts", description: "Accounts, balances with tags, statements." },
      { name: "payments", description: "Instructions, their status, and events." },
      { name: "swaps", description: "Swaps of this currency against another." },
      { name: "qr", description: "QR codes: made by the payee, paid once." },
      { name: "consents", description: "What third parties may do." },
      { name: "tags", description: "Where tagged money went; for auditors." },
    ],
    components: {
      securitySchemes: {
        signature: {
          type: "http" as const,
          scheme: "Signature",
          description: [
            "HTTP Message Signatures (RFC 9421) with `ed25519`, one in each request.",
            `Covered, without parameters: ${REQUIRED_COMPONENTS.map((name) => `\`${name}\``).join(", ")}; with a body \`content-digest\` (RFC 9530, sha-256); with a consent \`consent-id\`.`,
            `Parameters: \`created\`, \`expires\` at most ${MAX_SIGNATURE_LIFE_S} s later, \`nonce\` (16 to 64 characters, each once), \`keyid\` (a member's name, or a third party's public key in hex), \`tag\` = \`${requestTag(bank.id, hashKey(net))}\`.`,
            "Signatures made before the bank was started are refused.",
          ].join(" "),
        },
      },
    },
  };
}
