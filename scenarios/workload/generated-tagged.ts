import { ok, reject, type Outcome } from "../../crypto/outcome.ts";
import type { MemberId } from "../../node/ids.ts";
import type { Amount } from "../../node/money.ts";
import type { GeneratedWorkload, Scenario, ScenarioTag } from "../scenario.ts";
import type { Prng } from "../sim/prng.ts";
import type { Refusal } from "./funds.ts";
import { drawAmount, type DraftPayment } from "./generated-payments.ts";

/**
 * How long money rests with a payee before it is planned to be paid on, and how long before its tag
 * ends it is planned to be paid: far above the time that one bank takes for a payment.
 */
const REST_MS = 1_000;

/** The owner pays in at most this part of what a line has left. */
const LARGEST_PART = 8;

/** Of three payments that could be paid on, two are. */
const ONWARD = { of: 3, times: 2 } as const;

/** Money under a tag that a payee has received and not paid on. */
interface Receipt {
  /** The place in the chain. */
  readonly holder: number;
  readonly line: string;
  readonly sinceMs: number;
  left: bigint;
}

/** A tag, and what can still be paid under it. */
interface TagState {
  readonly tag: ScenarioTag;
  /** Payees that pass money on, in the order of the file: each pays the next one. */
  readonly chain: readonly MemberId[];
  /** Payees that the last one of the chain pays. */
  readonly final: readonly MemberId[];
  readonly lines: { readonly line: string; left: bigint }[];
  ownerLeft: bigint;
  /** Received lately, in order of time, and long enough ago to be paid on. */
  readonly resting: Receipt[];
  readonly ripe: Receipt[];
}

/**
 * Plans payments under tags, all as their tags allow: the owner pays the first payee of the chain,
 * within the lines, and each pays on to the next what it has received before, until a final payee
 * is paid and the tag ends there.
 */
export function generateTagged(
  { tags }: Pick<Scenario, "tags">,
  { durationMs, taggedPayments }: GeneratedWorkload,
  prng: Prng,
): Outcome<readonly DraftPayment[], Refusal> {
  const path = "workload.taggedPayments";
  const states = tags.map(stateOf).filter(({ chain, final }) => chain.length + final.length > 0);
  const lastMs = Math.min(durationMs - 1, Math.max(...states.map(({ tag }) => lastMsOf(tag))));
  if (taggedPayments > 0 && (states.length === 0 || lastMs < 0)) {
    const allowed = `a tag with another payee than its owner, valid for more than ${REST_MS} ms`;
    return reject({ path, found: `${taggedPayments}`, allowed });
  }
  const times = Array.from({ length: taggedPayments }, () => prng.int(0, lastMs));
  times.sort((a, b) => a - b);
  const payments: DraftPayment[] = [];
  for (const [i, atMs] of times.entries()) {
    const toCome = taggedPayments - i;
    const able = states.filter((state) => canPay(state, atMs));
    if (able.length === 0) {
      const found = `${taggedPayments}: for ${toCome} of them no tag has money left`;
      return reject({
        path,
        found,
        allowed: "fewer, or a tag with a larger issue and larger lines",
      });
    }
    const state = prng.pick(able);
    const { id: tag, bank, purposes } = state.tag;
    const payment = drawPayment(state, { atMs, toCome }, prng);
    const purpose = prng.pick(purposes);
    payments.push({
      atMs,
      kind: "tagged",
      bank,
      ...payment,
      tag,
      purpose,
      facts: [],
      action: null,
      diversion: null,
      expected: null,
    });
  }
  return ok(payments);
}

function stateOf(tag: ScenarioTag): TagState {
  const payees = tag.payees.filter(({ account }) => account !== tag.owner);
  return {
    tag,
    chain: payees.filter(({ final }) => !final).map(({ account }) => account),
    final: payees.filter(({ final }) => final).map(({ account }) => account),
    lines: tag.lines.map(({ line, max }) => ({ line, left: max })),
    ownerLeft: tag.issue,
    resting: [],
    ripe: [],
  };
}

const lastMsOf = ({ validForMs }: ScenarioTag): number => validForMs - REST_MS - 1;

const openLines = ({ ownerLeft, lines }: TagState): TagState["lines"] =>
  ownerLeft === 0n ? [] : lines.filter(({ left }) => left > 0n);

/** Whether something can be paid under the tag now; it is asked in order of time. */
function canPay(state: TagState, atMs: number): boolean {
  const { resting, ripe } = state;
  for (let next = resting[0]; next && next.sinceMs + REST_MS <= atMs; next = resting[0]) {
    ripe.push(next);
    resting.shift();
  }
  return atMs <= lastMsOf(state.tag) && (openLines(state).length > 0 || ripe.length > 0);
}

interface Moment {
  readonly atMs: number;
  /** Payments still to be planned, this one included: the owner's money is to last for them. */
  readonly toCome: number;
}

interface TaggedPayment {
  readonly payer: MemberId;
  readonly payee: MemberId;
  readonly amount: Amount;
  readonly line: string;
}

function drawPayment(state: TagState, moment: Moment, prng: Prng): TaggedPayment {
  const lines = openLines(state);
  const { ripe } = state;
  if (ripe.length === 0) return payIn(state, lines, moment, prng);
  const isOnward = lines.length === 0 || prng.int(1, ONWARD.of) <= ONWARD.times;
  return isOnward ? payOn(state, moment, prng) : payIn(state, lines, moment, prng);
}

/** The owner pays into the chain under one of the lines that are not used up. */
function payIn(
  state: TagState,
  lines: TagState["lines"],
  { atMs, toCome }: Moment,
  prng: Prng,
): TaggedPayment {
  const open = prng.pick(lines);
  const payee = prng.pick(payeesOf(state, OWNER));
  const left = open.left < state.ownerLeft ? open.left : state.ownerLeft;
  const most = left / BigInt(Math.max(LARGEST_PART, toCome));
  const amount = drawAmount(most / 2n, most, prng);
  open.left -= amount;
  state.ownerLeft -= amount;
  receive(state, { payee, line: open.line, amount, atMs });
  return { payer: state.tag.owner, payee, amount, line: open.line };
}

/** A payee pays on what it received at one time: all of it, or half and more. */
function payOn(state: TagState, { atMs }: Moment, prng: Prng): TaggedPayment {
  const index = prng.int(0, state.ripe.length - 1);
  const receipt = state.ripe[index] as Receipt;
  const { holder, line, left } = receipt;
  const payee = prng.pick(payeesOf(state, holder));
  const isWhole = prng.int(0, 1) === 0;
  const amount = isWhole ? (left as Amount) : drawAmount(left / 2n, left, prng);
  receipt.left -= amount;
  if (receipt.left === 0n) {
    const last = state.ripe.pop() as Receipt;
    if (last !== receipt) state.ripe[index] = last;
  }
  receive(state, { payee, line, amount, atMs });
  return { payer: state.chain[holder] as MemberId, payee, amount, line };
}

/** The owner stands before the first place of the chain. */
const OWNER = -1;

/** Whom the holder at a place of the chain pays: the next place, or the final payees. */
function payeesOf({ chain, final }: TagState, holder: number): readonly MemberId[] {
  const next = chain[holder + 1];
  return next === undefined ? final : [next];
}

function receive(
  state: TagState,
  to: {
    readonly payee: MemberId;
    readonly line: string;
    readonly amount: Amount;
    readonly atMs: number;
  },
): void {
  const holder = state.chain.indexOf(to.payee);
  if (holder === -1 || payeesOf(state, holder).length === 0) return;
  state.resting.push({ holder, line: to.line, sinceMs: to.atMs, left: to.amount });
}
