import { expect, it } from "vitest";
import { nobleSigner, type EnrolledKey } from "../../../crypto/ed25519.ts";
import { MODELLED_VERIFIER, modelledSigner } from "../../../scenarios/sim/modelled-signatures.ts";
import { bytesNamed, flipBit } from "../../bytes.ts";

const keyOf = (name: string): EnrolledKey => nobleSigner(bytesNamed(name)).publicKey;

it("a modelled signature holds for its key and message, and for nothing else", () => {
  const signer = modelledSigner(keyOf("kz"));
  const message = bytesNamed("a message");
  const signature = signer.sign(message);
  const holds = (key: EnrolledKey, text: Uint8Array, signed: Uint8Array): boolean =>
    MODELLED_VERIFIER.verify(key, text, signed).valid;
  expect(signature).toHaveLength(64);
  expect(holds(signer.publicKey, message, signature)).toBe(true);
  expect(holds(keyOf("cn"), message, signature)).toBe(false);
  expect(holds(signer.publicKey, flipBit(message, 3), signature)).toBe(false);
  for (let bit = 0; bit < 512; bit++) {
    expect(holds(signer.publicKey, message, flipBit(signature, bit))).toBe(false);
  }
  expect(holds(signer.publicKey, message, signature.subarray(0, 63))).toBe(false);
});
