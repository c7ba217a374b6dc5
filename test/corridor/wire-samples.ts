import { concatBytes, type Bytes } from "../../crypto/bytes.ts";
import { encode, type Layout } from "../../crypto/canonical-layout.ts";
import type { Signature } from "../../crypto/ed25519.ts";
import {
  ABORT,
  COMMIT,
  CORRIDOR,
  corridorEntryLayout,
  type CorridorEntry,
} from "../../corridor/entries.ts";
import {
  encodeDecline,
  encodeGet,
  encodeGetAnnouncement,
  encodeGetTerms,
  encodeHeads,
  encodePush,
  encodeTerms,
} from "../../corridor/messages.ts";
import { SUBMISSION, submissionLayout, type Submission } from "../../corridor/submissions.ts";
import { accountId, memberId } from "../../node/ids.ts";
import {
  DOMESTIC,
  domesticEntryLayout,
  type DomesticEntry,
} from "../../node/ledger/domestic-entries.ts";
import { MEMBER_CLASS } from "../../node/members.ts";
import type { Amount } from "../../node/money.ts";
import { bytesNamed } from "../bytes.ts";
import { SHAPES } from "../../scenarios/explore/corridor.ts";
import {
  announcementOf,
  agreeSwap,
  ringLegs,
  signedOrder,
} from "../../scenarios/explore/agreed-swaps.ts";
import { writeBlock } from "../../scenarios/explore/puppet.ts";
import { ORDER } from "../../node/instruction.ts";
import { testCorridor } from "./kit.ts";

export interface Sample {
  readonly name: string;
  readonly bytes: Bytes;
}

const corridor = testCorridor(SHAPES[4]);
const deal = agreeSwap(corridor, { number: 5, legs: ringLegs([1, 2]) });
const { bytes: announcement, sid } = announcementOf(corridor, deal);
const signature = concatBytes(bytesNamed("R"), bytesNamed("S")) as Signature;
const refs = [1, 2, 3].map((bank) => ({
  bank,
  seq: bank * 100,
  index: bank,
  blockHash: bytesNamed(`block of bank ${bank}`),
}));

const ENTRIES: Readonly<Record<string, CorridorEntry>> = {
  ANNOUNCE: { kind: CORRIDOR.ANNOUNCE, announcement },
  LOCK: { kind: CORRIDOR.LOCK, sid, leg: 1 },
  REFUSE: { kind: CORRIDOR.REFUSE, sid },
  VOTE: { kind: CORRIDOR.VOTE, sid },
  "STATUS without P": { kind: CORRIDOR.STATUS, sid, view: 1, locks: null, lock: null },
  "STATUS with P and lock": {
    kind: CORRIDOR.STATUS,
    sid,
    view: 2,
    locks: refs.slice(0, 2),
    lock: { view: 1, decision: COMMIT, accepts: refs },
  },
  LEAD: { kind: CORRIDOR.LEAD, sid, view: 1, decision: ABORT, statuses: refs },
  ACCEPT: { kind: CORRIDOR.ACCEPT, sid, view: 1, decision: ABORT },
  CONFIRM: { kind: CORRIDOR.CONFIRM, sid, view: 1, decision: COMMIT },
  "SETTLE by VOTEs": {
    kind: CORRIDOR.SETTLE,
    sid,
    leg: 0,
    grounds: { view: 0, decision: COMMIT, refs },
  },
  "SETTLE by CONFIRMs": {
    kind: CORRIDOR.SETTLE,
    sid,
    leg: 0,
    grounds: { view: 3, decision: COMMIT, refs },
  },
  VOID: { kind: CORRIDOR.VOID, sid, leg: 1, grounds: { view: 1, decision: ABORT, refs } },
  EVIDENCE: {
    kind: CORRIDOR.EVIDENCE,
    headerA: bytesNamed("one header"),
    signatureA: signature,
    headerB: bytesNamed("another header"),
    signatureB: signature,
  },
};

/** Of other arrangements than `certified`. */
const OTHER_ENTRIES: Readonly<Record<string, CorridorEntry>> = {
  HLOCK: {
    kind: CORRIDOR.HLOCK,
    sid,
    leg: 0,
    hash: bytesNamed("a lock"),
    untilMs: 1_780_000_000_440,
  },
  CLAIM: { kind: CORRIDOR.CLAIM, sid, leg: 1, secret: bytesNamed("a secret") },
  "SETTLE by a secret": {
    kind: CORRIDOR.SETTLE,
    sid,
    leg: 1,
    grounds: { secret: bytesNamed("a secret"), timeMs: 1_780_000_000_319 },
  },
  "VOID by the time": { kind: CORRIDOR.VOID, sid, leg: 0, grounds: { timeMs: 1_780_000_000_440 } },
  PREPARE: { kind: CORRIDOR.PREPARE, sid },
  DECIDE: { kind: CORRIDOR.DECIDE, sid, decision: COMMIT },
  INQUIRE: { kind: CORRIDOR.INQUIRE, sid },
  "SETTLE by a DECIDE": {
    kind: CORRIDOR.SETTLE,
    sid,
    leg: 0,
    grounds: { bank: 3, seq: 7, index: 1, blockHash: bytesNamed("a DECIDE") },
  },
  PAY: { kind: CORRIDOR.PAY, sid, leg: 0 },
};

const instruction = signedOrder(
  corridor,
  { bank: 1, member: 1, number: 9 },
  { kind: ORDER.issue, amount: (2n ** 40n) as Amount },
);
const common = {
  amount: 12_345n as Amount,
  instruction,
  timeMs: 1_780_000_000_000,
  salt: bytesNamed("salt").slice(0, 16),
};
const [payer, payee] = [accountId("m1"), accountId("m2")];
const tag = bytesNamed("a tag");
const { salt, timeMs } = common;

const DOMESTIC_ENTRIES: Readonly<Record<string, DomesticEntry>> = {
  ISSUE: { kind: DOMESTIC.ISSUE, account: payer, ...common },
  REDEEM: { kind: DOMESTIC.REDEEM, account: payer, ...common },
  XFER: { kind: DOMESTIC.XFER, payer, payee, tag: null, line: null, flags: [], ...common },
  "XFER tagged": {
    kind: DOMESTIC.XFER,
    payer,
    payee,
    tag,
    line: "A.1",
    flags: ["TAG-15"],
    ...common,
  },
  HOLD: {
    kind: DOMESTIC.HOLD,
    sid,
    leg: 0,
    payer,
    payee,
    tag: null,
    terms: deal.terms,
    termsSalt: deal.salt,
    flags: [],
    ...common,
  },
  POST: { kind: DOMESTIC.POST, sid, leg: 0, salt },
  UNHOLD: { kind: DOMESTIC.UNHOLD, sid, leg: 0, salt },
  ENROL: {
    kind: DOMESTIC.ENROL,
    member: memberId("m1"),
    memberClass: MEMBER_CLASS["commercial-bank"],
    resident: 1,
    key: bytesNamed("a key"),
    reserves: 7n as Amount,
    timeMs,
    salt,
  },
  REJECTED: {
    kind: DOMESTIC.REJECTED,
    instruction,
    terms: null,
    code: "FUNDS_INSUFFICIENT",
    rule: "FUNDS-2",
    timeMs,
    salt,
  },
  "REJECTED leg": {
    kind: DOMESTIC.REJECTED,
    instruction,
    terms: { terms: deal.terms, termsSalt: deal.salt, leg: 1 },
    code: "PVP_EXPIRED",
    rule: "PVP-1",
    timeMs,
    salt,
  },
  TAG_DEFINE: { kind: DOMESTIC.TAG_DEFINE, instruction, timeMs, salt },
  TAG_ISSUE: { kind: DOMESTIC.TAG_ISSUE, tag, account: payer, ...common },
  TAG_RELEASE: {
    kind: DOMESTIC.TAG_RELEASE,
    payer,
    payee,
    tag,
    line: "A.1",
    flags: ["TAG-15"],
    ...common,
  },
  TAG_RETURN: { kind: DOMESTIC.TAG_RETURN, payer, tag, ...common },
  "TAG_RETURN expired": { kind: DOMESTIC.TAG_RETURN, payer, tag, ...common, instruction: null },
};

const SUBMISSIONS: Readonly<Record<string, Submission>> = {
  instruction: { kind: SUBMISSION.instruction, instruction },
  swap: {
    kind: SUBMISSION.swap,
    terms: deal.terms,
    salt: deal.salt,
    instructions: deal.instructions,
  },
  enrolment: {
    kind: SUBMISSION.enrolment,
    member: memberId("m1"),
    memberClass: MEMBER_CLASS["commercial-bank"],
    resident: 1,
    key: bytesNamed("a key"),
    reserves: 7n as Amount,
  },
};

const place = { bank: 1, seq: 7, prev: bytesNamed("block 6") };
const written = writeBlock(corridor, place, Object.values(ENTRIES));
const { headerBytes: header, signature: signed } = written.block;

/** One of each message between banks. */
export const MESSAGES: readonly Sample[] = [
  { name: "PUSH", bytes: encodePush(written.publicBytes) },
  { name: "PUSH empty", bytes: encodePush(writeBlock(corridor, place, []).publicBytes) },
  {
    name: "HEADS",
    bytes: encodeHeads({
      heads: refs.map(({ bank, seq, blockHash: hash }) => ({ bank, seq, hash })),
      yours: { header, signature: signed },
    }),
  },
  { name: "HEADS of nothing", bytes: encodeHeads({ heads: [], yours: null }) },
  { name: "GET", bytes: encodeGet({ bank: 2, from: 1, to: 64, tip: null }) },
  { name: "GET tip", bytes: encodeGet({ bank: 2, from: 9, to: 9, tip: bytesNamed("a block") }) },
  { name: "GET_ANNOUNCEMENT", bytes: encodeGetAnnouncement({ sid }) },
  {
    name: "TERMS",
    bytes: encodeTerms({
      sid,
      terms: deal.terms,
      salt: deal.salt,
      instructions: deal.instructions,
    }),
  },
  { name: "GET_TERMS", bytes: encodeGetTerms({ sid }) },
  { name: "DECLINE", bytes: encodeDecline({ sid, code: "TAG_EXPIRED", rules: ["TAG-4"] }) },
];

const encoded = <T>(layout: Layout<T>, values: Readonly<Record<string, T>>): readonly Sample[] =>
  Object.entries(values).map(([name, value]) => ({ name, bytes: encode(layout, value) }));

export const CORRIDOR_ENTRIES = encoded(corridorEntryLayout, { ...ENTRIES, ...OTHER_ENTRIES });
export const DOMESTIC_SAMPLES = encoded(domesticEntryLayout, DOMESTIC_ENTRIES);
export const SUBMISSION_SAMPLES = encoded(submissionLayout, SUBMISSIONS);
