import type { Bytes } from "../../crypto/bytes.ts";
import { bin, encode, list, tuple, uint, type LayoutValue } from "../../crypto/canonical-layout.ts";
import { signedBytes, type Signature, type Signer, type Verifier } from "../../crypto/ed25519.ts";
import { digestParts, DOMAIN, equalHash, type Hash } from "../../crypto/hash.ts";
import { MAX_BANKS, type Bank, type Genesis } from "../../node/genesis.ts";
import { bankLayout, hashLayout } from "../../node/ids.ts";

const signature = bin<Signature>(64);

/** What a validator signs when it votes: protocols.md 2.3, step 3. */
const voteBodyLayout = tuple({ net: hashLayout, view: uint(), block: hashLayout });

/** What it signs when a view's timer runs out, with the view of the highest certificate that it holds. */
const timeoutBodyLayout = tuple({ net: hashLayout, view: uint(), highView: uint() });

/** q votes for one block of one view, in the order of the banks' numbers; of view 0, none. */
export const quorumCertificateLayout = tuple({
  view: uint(),
  block: hashLayout,
  votes: list(tuple({ bank: bankLayout, signature }), MAX_BANKS),
});

/** q timeouts of one view, in the order of the banks' numbers. */
export const timeoutCertificateLayout = tuple({
  view: uint(),
  timeouts: list(tuple({ bank: bankLayout, highView: uint(), signature }), MAX_BANKS, 1),
});

export type QuorumCertificate = LayoutValue<typeof quorumCertificateLayout>;
export type TimeoutCertificate = LayoutValue<typeof timeoutCertificateLayout>;

/** The block before the first: nobody proposed it, and everybody counts it as certified and final. */
export const genesisBlockHash = ({ net }: Genesis): Hash => digestParts(DOMAIN.chainBlock, net);

export const genesisCertificate = (genesis: Genesis): QuorumCertificate => ({
  view: 0,
  block: genesisBlockHash(genesis),
  votes: [],
});

export interface VoteBody {
  readonly view: number;
  readonly block: Hash;
}

export interface TimeoutBody {
  readonly view: number;
  readonly highView: number;
}

const voteBytes = ({ net }: Genesis, { view, block }: VoteBody): Bytes =>
  signedBytes(DOMAIN.chainVote, encode(voteBodyLayout, { net, view, block }));

const timeoutBytes = ({ net }: Genesis, { view, highView }: TimeoutBody): Bytes =>
  signedBytes(DOMAIN.chainTimeout, encode(timeoutBodyLayout, { net, view, highView }));

export const signVote = (genesis: Genesis, body: VoteBody, signer: Signer): Signature =>
  signer.sign(voteBytes(genesis, body));

export const signTimeout = (genesis: Genesis, body: TimeoutBody, signer: Signer): Signature =>
  signer.sign(timeoutBytes(genesis, body));

/** What checking certificates takes: the corridor's keys and quorum. */
export interface Electorate {
  readonly genesis: Genesis;
  readonly banks: ReadonlyMap<number, Bank>;
  readonly verifier: Verifier;
}

export function isVoteOf(
  { genesis, banks, verifier }: Electorate,
  bank: number,
  body: VoteBody,
  signed: Signature,
): boolean {
  const key = banks.get(bank)?.ledgerKey;
  return key !== undefined && verifier.verify(key, voteBytes(genesis, body), signed).valid;
}

export function isTimeoutOf(
  { genesis, banks, verifier }: Electorate,
  bank: number,
  body: TimeoutBody,
  signed: Signature,
): boolean {
  const key = banks.get(bank)?.ledgerKey;
  return key !== undefined && verifier.verify(key, timeoutBytes(genesis, body), signed).valid;
}

/** Whether q distinct banks voted for the block in the view; view 0 certifies the genesis block alone. */
export function isQuorumCertificate(electorate: Electorate, qc: QuorumCertificate): boolean {
  const { genesis } = electorate;
  const { view, block, votes } = qc;
  if (view === 0) return votes.length === 0 && equalHash(block, genesisBlockHash(genesis));
  if (votes.length < genesis.quorum || !areAscending(votes)) return false;
  return votes.every(({ bank, signature }) =>
    isVoteOf(electorate, bank, { view, block }, signature),
  );
}

/** Whether q distinct banks let the view time out. */
export function isTimeoutCertificate(electorate: Electorate, tc: TimeoutCertificate): boolean {
  const { view, timeouts } = tc;
  if (timeouts.length < electorate.genesis.quorum || !areAscending(timeouts)) return false;
  return timeouts.every(
    ({ bank, highView, signature }) =>
      highView < view && isTimeoutOf(electorate, bank, { view, highView }, signature),
  );
}

const areAscending = (signed: readonly { readonly bank: number }[]): boolean =>
  signed.every(({ bank }, i) => i === 0 || bank > (signed[i - 1]?.bank ?? 0));

/** The highest certificate's view that those who timed out reported. */
export const highestReported = ({ timeouts }: TimeoutCertificate): number =>
  Math.max(...timeouts.map(({ highView }) => highView));
