import { bytesToHex, utf8ToBytes, type Bytes } from "../../crypto/bytes.ts";
import {
  definitionVerifier,
  nobleSigner,
  type Signer,
  type Verifier,
} from "../../crypto/ed25519.ts";
import { digest, type Hash } from "../../crypto/hash.ts";
import { invariant } from "../../crypto/outcome.ts";
import type { ArrangementChoice } from "../../corridor/choice.ts";
import type { BankConfig } from "../../corridor/bank-state.ts";
import { bindTransport, checkGenesis, quorumSize, type Genesis } from "../../node/genesis.ts";
import { bankNumber } from "../../node/ids.ts";
import type { CurrencyCode } from "../../node/money.ts";
import { MODELLED_VERIFIER, modelledSigner } from "../sim/modelled-signatures.ts";
import { rememberingVerifier } from "../sim/remembering-verifier.ts";

/** How the banks and members of a small corridor sign. */
export interface Signatures {
  readonly kind: "real" | "modelled";
  /** From a seed of 32 bytes. */
  readonly signer: (seed: Bytes) => Signer;
  readonly verifier: Verifier;
}

/** A corridor with fixed keys: banks 1 to n, and at each bank k one resident member, `m<k>`. */
export interface FixedCorridor {
  readonly genesis: Genesis;
  readonly signatures: Signatures;
  readonly signers: ReadonlyMap<number, Signer>;
  /** How swaps settle; `certified` when nothing is said. */
  readonly arrangement?: ArrangementChoice;
}

export interface CorridorShape {
  readonly n: number;
  readonly b: number;
  readonly c: number;
}

/** The shapes of protocols.md 3.2. */
export const SHAPES = {
  2: { n: 2, b: 0, c: 0 },
  3: { n: 3, b: 0, c: 1 },
  4: { n: 4, b: 1, c: 0 },
  6: { n: 6, b: 1, c: 1 },
  7: { n: 7, b: 2, c: 0 },
} as const satisfies Record<number, CorridorShape>;

export const DELTA_MS = 50;
export const TTL_MS = 2_000;
/** A Tuesday in 2026, in milliseconds. */
export const EPOCH_START_MS = 1_780_000_000_000;

export function fixedCorridor(shape: CorridorShape, signatures: Signatures): FixedCorridor {
  const { n, b: byzantine, c: crashed } = shape;
  const signers = new Map<number, Signer>();
  const banks = range(n).map((number) => {
    const signer = signatures.signer(namedSeed(`ledger key of bank ${number}`));
    const transportKey = signatures.signer(namedSeed(`transport key of bank ${number}`)).publicKey;
    signers.set(number, signer);
    return {
      number,
      id: `bank-${number}`,
      name: `Bank ${number}`,
      currency: currencyOf(number),
      decimals: 2,
      ledgerKey: signer.publicKey,
      transportKey,
      binding: bindTransport(transportKey, signer),
    };
  });
  const record = {
    version: 1 as const,
    name: "test-corridor",
    banks,
    byzantine,
    crashed,
    quorum: quorumSize(n, byzantine),
    deltaMs: DELTA_MS,
    ttlMs: TTL_MS,
  };
  const genesis = checkGenesis(record, signatures.verifier);
  invariant(genesis.ok, "Genesis", genesis.ok ? "" : JSON.stringify(genesis.error));
  return { genesis: genesis.value, signatures, signers };
}

export const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i + 1);

export const currencyOf = (bank: number): CurrencyCode =>
  String.fromCharCode(64 + bank).repeat(3) as CurrencyCode;

export function configOf(corridor: FixedCorridor, bank: number): BankConfig {
  return {
    genesis: corridor.genesis,
    self: bankNumber(bank),
    signer: signerOf(corridor, bank),
    verifier: corridor.signatures.verifier,
    saltSecret: namedSeed(`salt secret of bank ${bank}`),
    trace: false,
    alone: false,
    ...(corridor.arrangement === undefined ? {} : { arrangement: corridor.arrangement }),
  };
}

export function signerOf(corridor: FixedCorridor, bank: number): Signer {
  const signer = corridor.signers.get(bank);
  invariant(signer !== undefined, "KnownBank", `bank ${bank}`);
  return signer;
}

/** 32 bytes that look random and are the same in every run. */
export const namedSeed = (name: string): Hash => digest(utf8ToBytes(name));

/** Ed25519 as it is defined; each question is answered once, because it is slow. */
export const realSignatures = (): Signatures => ({
  kind: "real",
  signer: rememberingSigner(nobleSigner),
  verifier: rememberingVerifier(definitionVerifier),
});

export const modelledSignatures = (): Signatures => ({
  kind: "modelled",
  signer: rememberingSigner((seed) => modelledSigner(nobleSigner(seed).publicKey)),
  verifier: MODELLED_VERIFIER,
});

function rememberingSigner(inner: (seed: Bytes) => Signer): (seed: Bytes) => Signer {
  const known = new Map<string, Signer>();
  return (seed) => {
    const name = bytesToHex(seed);
    const signer = known.get(name) ?? inner(seed);
    known.set(name, signer);
    return signer;
  };
}
