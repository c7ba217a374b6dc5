import type { Bytes } from "../../crypto/bytes.ts";
import { decode, encode } from "../../crypto/canonical-layout.ts";
import { acceleratedVerifier, type Signer, type Verifier } from "../../crypto/ed25519.ts";
import { hashKey, ZERO_HASH, type Hash } from "../../crypto/hash.ts";
import { invariant } from "../../crypto/outcome.ts";
import { encodeAnnouncement, swapIdOf, type Announcement } from "../../corridor/announcement.ts";
import { EPOCH, type BankConfig } from "../../corridor/bank-state.ts";
import { corridorEntryLayout, type CorridorEntry, type EntryRef } from "../../corridor/entries.ts";
import { encodePush } from "../../corridor/messages.ts";
import { encodeSubmission, SUBMISSION } from "../../corridor/submissions.ts";
import { commitmentOf } from "../../corridor/terms.ts";
import { termsLayout, type Terms } from "../../node/terms.ts";
import { bindTransport, checkGenesis, quorumSize, type Genesis } from "../../node/genesis.ts";
import { accountId, bankNumber, memberId } from "../../node/ids.ts";
import {
  ORDER,
  signInstruction,
  type Order,
  type SignedInstruction,
} from "../../node/instruction.ts";
import { opensslSigner, opensslVerifier } from "../../node/io/openssl.ts";
import { encodePublicBlock, sealBlock, type Block } from "../../node/ledger/block.ts";
import { MEMBER_CLASS } from "../../node/members.ts";
import type { Amount, CurrencyCode } from "../../node/money.ts";
import { bytesNamed } from "../bytes.ts";

/** A corridor with fixed keys: banks 1 to n, and at each bank k one resident member, `m<k>`. */
export interface TestCorridor {
  readonly genesis: Genesis;
  readonly signers: ReadonlyMap<number, Signer>;
  readonly verifier: Verifier;
}

export interface CorridorShape {
  readonly n: number;
  readonly b: number;
  readonly c: number;
}

/** The shapes of protocols.md 3.2 that the tests run on. */
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

const VERIFIER = rememberingVerifier(acceleratedVerifier(opensslVerifier()));

export function testCorridor(shape: CorridorShape): TestCorridor {
  const { n, b: byzantine, c: crashed } = shape;
  const signers = new Map<number, Signer>();
  const banks = range(n).map((number) => {
    const signer = opensslSigner(bytesNamed(`ledger key of bank ${number}`));
    const transportKey = opensslSigner(bytesNamed(`transport key of bank ${number}`)).publicKey;
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
  const genesis = checkGenesis(record, VERIFIER);
  invariant(genesis.ok, "Genesis", genesis.ok ? "" : JSON.stringify(genesis.error));
  return { genesis: genesis.value, signers, verifier: VERIFIER };
}

export const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i + 1);

export const currencyOf = (bank: number): CurrencyCode =>
  String.fromCharCode(64 + bank).repeat(3) as CurrencyCode;

export function configOf(corridor: TestCorridor, bank: number): BankConfig {
  return {
    genesis: corridor.genesis,
    self: bankNumber(bank),
    signer: signerOf(corridor, bank),
    verifier: corridor.verifier,
    saltSecret: bytesNamed(`salt secret of bank ${bank}`),
    trace: false,
    alone: false,
  };
}

export function signerOf(corridor: TestCorridor, bank: number): Signer {
  const signer = corridor.signers.get(bank);
  invariant(signer !== undefined, "KnownBank", `bank ${bank}`);
  return signer;
}

// --- Members and what they submit.

const memberSigners = new Map<number, Signer>();

function memberSigner(member: number): Signer {
  let signer = memberSigners.get(member);
  if (signer === undefined) {
    signer = opensslSigner(bytesNamed(`key of member ${member}`));
    memberSigners.set(member, signer);
  }
  return signer;
}

export const memberName = (member: number) => memberId(`m${member}`);
export const accountName = (member: number) => accountId(`m${member}`);

/** Enrols member `member` at bank `bank`, where it is resident if the numbers are the same. */
export function enrolment(bank: number, member: number): Bytes {
  return encodeSubmission({
    kind: SUBMISSION.enrolment,
    member: memberName(member),
    memberClass: MEMBER_CLASS["commercial-bank"],
    resident: bank === member ? 1 : 0,
    key: memberSigner(member).publicKey as Bytes as Hash,
    reserves: 1_000_000n as Amount,
  });
}

export function signedOrder(
  corridor: TestCorridor,
  place: { readonly bank: number; readonly member: number; readonly number: number },
  order: Order,
): SignedInstruction {
  const { bank, member, number } = place;
  const { net } = corridor.genesis;
  const instruction = { net, bank, member: memberName(member), number, order };
  return signInstruction(instruction, memberSigner(member));
}

export function orderSubmission(
  corridor: TestCorridor,
  place: { readonly bank: number; readonly member: number; readonly number: number },
  order: Order,
): Bytes {
  const instruction = signedOrder(corridor, place, order);
  return encodeSubmission({ kind: SUBMISSION.instruction, instruction });
}

/** What every bank needs before a swap: its members, and money of its own resident. */
export function foundingSubmissions(
  corridor: TestCorridor,
  bank: number,
  money = 1_000n,
): readonly Bytes[] {
  const members = corridor.genesis.banks.map((other) => enrolment(bank, other.number));
  const order = { kind: ORDER.issue, amount: money as Amount };
  return [...members, orderSubmission(corridor, { bank, member: bank, number: 1 }, order)];
}

// --- Swaps.

/** Leg i: on the ledger of `bank`, member `payer` pays member `payee`. */
export interface DealLeg {
  readonly bank: number;
  readonly payer: number;
  readonly payee: number;
  readonly amount: bigint;
}

/** A swap that its payers have agreed on and signed; it has no sid before a bank announces it. */
export interface Deal {
  readonly legs: readonly DealLeg[];
  readonly terms: Bytes;
  readonly salt: Bytes;
  readonly commitment: Hash;
  readonly expiryMs: number;
  /** The payer's instruction for each leg. */
  readonly instructions: readonly SignedInstruction[];
}

export interface DealRequest {
  /** Distinguishes deals; also the number of every payer's instruction. */
  readonly number: number;
  readonly legs: readonly DealLeg[];
  readonly expiryMs?: number;
}

/** Each bank's resident pays the next bank's, in a ring; two banks swap. */
export function ringLegs(banks: readonly number[], amount = 10n): readonly DealLeg[] {
  return banks.map((bank, i) => {
    const payee = banks[(i + 1) % banks.length] as number;
    return { bank, payer: bank, payee, amount };
  });
}

export function makeDeal(corridor: TestCorridor, request: DealRequest): Deal {
  const { number, legs, expiryMs = EPOCH_START_MS + 60_000 } = request;
  const stated: Terms = {
    legs: legs.map(({ bank, payer, payee, amount }) => ({
      payer: accountName(payer),
      payee: accountName(payee),
      currency: currencyOf(bank),
      amount: amount as Amount,
    })),
    expiryMs,
    border: [],
  };
  const terms = encode(termsLayout, stated);
  const salt = bytesNamed(`salt of deal ${number}`);
  const commitment = commitmentOf(terms, salt);
  const instructions = legs.map(({ bank, payer }) =>
    signedOrder(
      corridor,
      { bank, member: payer, number },
      { kind: ORDER.swap, commitment, tag: null },
    ),
  );
  return { legs, terms, salt, commitment, expiryMs, instructions };
}

/** The deal as submitted to a bank, with the payers' instructions of all legs or of these alone. */
export function dealSubmission(deal: Deal, legs: readonly number[] = [...deal.legs.keys()]): Bytes {
  return encodeSubmission({
    kind: SUBMISSION.swap,
    terms: deal.terms,
    salt: deal.salt,
    instructions: legs.map((leg) => deal.instructions[leg] as SignedInstruction),
  });
}

/** The announcement that the bank of leg 0 makes of a deal; tests that lie change its fields. */
export function announcementOf(
  corridor: TestCorridor,
  deal: Deal,
  changes: Partial<Announcement> = {},
): { readonly bytes: Bytes; readonly sid: Hash; readonly key: string } {
  const bytes = encodeAnnouncement({
    version: 1,
    net: corridor.genesis.net,
    epoch: EPOCH,
    legBanks: deal.legs.map((leg) => leg.bank),
    createdMs: EPOCH_START_MS,
    expiryMs: deal.expiryMs,
    arrangement: "certified",
    params: { ttlMs: TTL_MS },
    commitment: deal.commitment,
    ...changes,
  });
  const sid = swapIdOf(bytes);
  return { bytes, sid, key: hashKey(sid) };
}

// --- Blocks by hand, as a bank that lies could make them.

export interface WrittenBlock {
  readonly block: Block;
  readonly publicBytes: Bytes;
  readonly push: Bytes;
  readonly refs: readonly EntryRef[];
}

export interface BlockPlace {
  readonly bank: number;
  readonly seq: number;
  readonly prev: Hash;
}

export function writeBlock(
  corridor: TestCorridor,
  place: BlockPlace,
  entries: readonly (CorridorEntry | Bytes)[],
): WrittenBlock {
  const block = sealBlock(
    {
      ...place,
      net: corridor.genesis.net,
      epoch: EPOCH,
      timeMs: EPOCH_START_MS,
      corridor: entries.map((e) => (e instanceof Uint8Array ? e : encode(corridorEntryLayout, e))),
      domestic: [],
    },
    signerOf(corridor, place.bank),
  );
  const publicBytes = encodePublicBlock(block);
  const refs = entries.map((_, index) => ({
    bank: place.bank,
    seq: place.seq,
    index,
    blockHash: block.hash,
  }));
  return { block, publicBytes, push: encodePush(publicBytes), refs };
}

/** A bank that is played by the test: it writes whatever it is told, on one branch or several. */
export class Puppet {
  readonly corridor: TestCorridor;
  readonly bank: number;
  readonly #hashes: Hash[] = [ZERO_HASH];

  constructor(corridor: TestCorridor, bank: number, hashes: readonly Hash[] = [ZERO_HASH]) {
    this.corridor = corridor;
    this.bank = bank;
    this.#hashes = [...hashes];
  }

  get seq(): number {
    return this.#hashes.length - 1;
  }

  write(...entries: readonly (CorridorEntry | Bytes)[]): WrittenBlock {
    const place = { bank: this.bank, seq: this.seq + 1, prev: this.#hashes.at(-1) as Hash };
    const written = writeBlock(this.corridor, place, entries);
    this.#hashes.push(written.block.hash);
    return written;
  }

  /** The same bank on another branch, which goes on after block `seq`. */
  forkAfter(seq: number): Puppet {
    return new Puppet(this.corridor, this.bank, this.#hashes.slice(0, seq + 1));
  }
}

/** The corridor entries of a block, those that do not decode left out. */
export function entriesOf(block: Block): readonly CorridorEntry[] {
  return block.corridor.flatMap((bytes) => {
    const entry = decode(corridorEntryLayout, bytes);
    return entry.ok ? [entry.value] : [];
  });
}

/** Verification is a function of its arguments, so every bank of a test shares one memory of it. */
function rememberingVerifier(inner: Verifier): Verifier {
  const known = new Map<string, { readonly valid: boolean; readonly slow: boolean }>();
  return {
    verify: (key, message, signature) => {
      const name = [key, message, signature].map((part) => Buffer.from(part).toString("latin1"));
      const question = name.join("|");
      const answer = known.get(question) ?? inner.verify(key, message, signature);
      if (known.size > 50_000) known.clear();
      known.set(question, answer);
      return answer;
    },
  };
}
