import type { Verifier } from "../../crypto/ed25519.ts";
import { invariant } from "../../crypto/outcome.ts";
import {
  bindTransport,
  checkGenesis,
  quorumSize,
  type BankRecord,
  type Genesis,
} from "../../node/genesis.ts";
import type { CurrencyCode } from "../../node/money.ts";
import type { BankKeys } from "../../node/io/key-file.ts";
import { transportPublicKey } from "../../node/io/transport-key.ts";
import type { Scenario } from "../scenario.ts";
import { FRESH_SECRETS, type Secrets } from "./secrets.ts";

export interface CorridorPlan {
  readonly name: string;
  readonly banks: readonly {
    readonly id: string;
    readonly name: string;
    readonly currency: string;
    readonly decimals: number;
  }[];
  readonly byzantine: number;
  readonly crashed: number;
  readonly deltaMs: number;
  readonly ttlMs: number;
}

/** The plan of a scenario's corridor. */
export function corridorPlanOf({ name, banks, corridor }: Scenario): CorridorPlan {
  const { byzantine, crashed, deltaMs, ttlMs } = corridor;
  const planned = banks.map(({ id, name: full, currency }) => ({
    id,
    name: full,
    currency: currency.code,
    decimals: currency.decimals,
  }));
  return { name, banks: planned, byzantine, crashed, deltaMs, ttlMs };
}

export interface Corridor {
  readonly genesis: Genesis;
  readonly keys: ReadonlyMap<string, BankKeys>;
}

/** Makes keys for every bank and the genesis that names them; bank numbers count from 1. */
export function makeCorridor(
  plan: CorridorPlan,
  verifier: Verifier,
  secrets: Secrets = FRESH_SECRETS,
): Corridor {
  const keys = new Map<string, BankKeys>();
  const banks = plan.banks.map((bank, i): BankRecord => {
    const own: BankKeys = {
      bank: bank.id,
      ledgerSeed: secrets.bytes(`ledger seed of ${bank.id}`),
      transportSeed: secrets.bytes(`transport seed of ${bank.id}`),
      saltSecret: secrets.bytes(`salt secret of ${bank.id}`),
    };
    keys.set(bank.id, own);
    const signer = secrets.signer(own.ledgerSeed);
    const transportKey = transportPublicKey(own.transportSeed);
    return {
      number: i + 1,
      id: bank.id,
      name: bank.name,
      currency: bank.currency as CurrencyCode,
      decimals: bank.decimals,
      ledgerKey: signer.publicKey,
      transportKey,
      binding: bindTransport(transportKey, signer),
    };
  });
  const { name, byzantine, crashed, deltaMs, ttlMs } = plan;
  const quorum = quorumSize(banks.length, byzantine);
  const record = { version: 1 as const, name, banks, byzantine, crashed, quorum, deltaMs, ttlMs };
  const genesis = checkGenesis(record, verifier);
  invariant(genesis.ok, "Genesis", genesis.ok ? "" : JSON.stringify(genesis.error));
  return { genesis: genesis.value, keys };
}
