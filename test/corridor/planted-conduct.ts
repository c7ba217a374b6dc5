import { bytesNamed } from "../bytes.ts";
import { ABORT, COMMIT, CORRIDOR, type CorridorEntry } from "../../corridor/entries.ts";
import { announceEntry, only, type BlockDraft, type HandLedgers } from "./hand-ledgers.ts";
import type { PlantedCase } from "./planted-cases.ts";
import { announcementOf } from "../../scenarios/explore/agreed-swaps.ts";

/** A breach of conduct by the bank that is named; nobody else does anything wrong. */
const conduct = (
  rule: string,
  what: string,
  bank: number,
  plant: PlantedCase["plant"],
): PlantedCase => ({ rule, what, code: "conduct", guilty: [`bank-${bank}`], plant });

const closing = (what: string, bank: number, plant: PlantedCase["plant"]): PlantedCase => ({
  ...conduct("C14", what, bank, plant),
  code: "certificate_invalid",
});

const says = (ledgers: HandLedgers, bank: number, ...corridor: readonly CorridorEntry[]) =>
  ledgers.write(bank, { corridor });

/** Banks 1 and 2 open a swap, and do not LOCK it; bank 3 leads view 1. */
function opened(ledgers: HandLedgers) {
  const swap = ledgers.swap(3);
  ledgers.announce(swap);
  return swap;
}

/** Both legs are LOCKed; bank 3 leads view 1. */
function locked(ledgers: HandLedgers) {
  const swap = ledgers.swap(3);
  return { swap, sid: swap.sid, locks: ledgers.locks(swap) };
}

/** Banks 1 to 3 are in view 1, in which ABORT is what the STATUSes allow; bank 3 leads. */
function inView1(ledgers: HandLedgers) {
  const swap = opened(ledgers);
  const { sid } = swap;
  const statuses = ledgers.statuses(swap, 1);
  const accept = { kind: CORRIDOR.ACCEPT, sid, view: 1, decision: ABORT } as const;
  return { swap, sid, statuses, accept, confirm: { ...accept, kind: CORRIDOR.CONFIRM } };
}

const leadOf = ({ sid, statuses }: Pick<ReturnType<typeof inView1>, "sid" | "statuses">) =>
  ({ kind: CORRIDOR.LEAD, sid, view: 1, decision: ABORT, statuses }) as const;

const beforeTheVote: readonly PlantedCase[] = [
  conduct("C0", "a REFUSE of a swap that nobody announced", 3, (ledgers) => {
    says(ledgers, 3, { kind: CORRIDOR.REFUSE, sid: ledgers.swap().sid });
  }),
  conduct("C0", "a REFUSE before the announcement is held", 3, (ledgers) => {
    const swap = ledgers.swap();
    const announced = ledgers.write(1, { corridor: [announceEntry(swap)], to: [2, 4] });
    says(ledgers, 3, { kind: CORRIDOR.REFUSE, sid: swap.sid });
    ledgers.copy(3, announced);
  }),
  conduct("C0", "a REFUSE that stands before its announcement in one block", 1, (ledgers) => {
    const swap = ledgers.swap();
    says(ledgers, 1, { kind: CORRIDOR.REFUSE, sid: swap.sid }, announceEntry(swap));
  }),
  conduct("C1", "a second REFUSE", 3, (ledgers) => {
    const { sid } = opened(ledgers);
    for (let i = 0; i < 2; i++) says(ledgers, 3, { kind: CORRIDOR.REFUSE, sid });
  }),
  conduct("C1", "a second VOTE", 3, (ledgers) => {
    ledgers.votes(locked(ledgers).swap, [3, 3]);
  }),
  conduct("C2", "REFUSE after LOCK", 1, (ledgers) => {
    says(ledgers, 1, { kind: CORRIDOR.REFUSE, sid: locked(ledgers).sid });
  }),
  conduct("C2", "LOCK after REFUSE", 2, (ledgers) => {
    const swap = opened(ledgers);
    says(ledgers, 2, { kind: CORRIDOR.REFUSE, sid: swap.sid });
    ledgers.lock(swap, 1);
  }),
  conduct("C3", "REFUSE after STATUS", 3, (ledgers) => {
    says(ledgers, 3, { kind: CORRIDOR.REFUSE, sid: inView1(ledgers).sid });
  }),
  conduct("C3", "LOCK after STATUS", 2, (ledgers) => {
    ledgers.lock(inView1(ledgers).swap, 1);
  }),
  conduct("C3", "VOTE after STATUS", 3, (ledgers) => {
    const { swap, locks } = locked(ledgers);
    ledgers.statuses(swap, 1, locks);
    ledgers.votes(swap, [3]);
  }),
  conduct("C7", "an announcement for another bank", 3, (ledgers) => {
    says(ledgers, 3, announceEntry(ledgers.swap()));
  }),
  conduct("C7", "an announcement that expires before it is made", 1, (ledgers) => {
    const { deal } = ledgers.swap();
    const changes = { createdMs: deal.expiryMs };
    const { bytes } = announcementOf(ledgers.corridor, deal, changes);
    says(ledgers, 1, { kind: CORRIDOR.ANNOUNCE, announcement: bytes });
  }),
  conduct("C7", "an announcement with a bank that does not exist", 1, (ledgers) => {
    const { deal } = ledgers.swap();
    const { bytes } = announcementOf(ledgers.corridor, deal, { legBanks: [1, 77] });
    says(ledgers, 1, { kind: CORRIDOR.ANNOUNCE, announcement: bytes });
  }),
  conduct("C8", "a VOTE without the second LOCK", 3, (ledgers) => {
    const swap = opened(ledgers);
    ledgers.lock(swap, 0);
    ledgers.votes(swap, [3]);
  }),
  conduct("C8", "a VOTE before the LOCK is held", 3, (ledgers) => {
    const swap = opened(ledgers);
    ledgers.lock(swap, 0);
    ledgers.votes(swap, [3]);
    ledgers.lock(swap, 1);
  }),
];

const slowPath: readonly PlantedCase[] = [
  conduct("C4", "a STATUS of view 0", 3, (ledgers) => {
    const { sid } = opened(ledgers);
    says(ledgers, 3, { kind: CORRIDOR.STATUS, sid, view: 0, locks: null, lock: null });
  }),
  conduct("C4", "a STATUS of a lower view", 3, (ledgers) => {
    const { sid } = opened(ledgers);
    for (const view of [3, 2]) {
      says(ledgers, 3, { kind: CORRIDOR.STATUS, sid, view, locks: null, lock: null });
    }
  }),
  conduct("C5", "an ACCEPT of view 0", 3, (ledgers) => {
    says(ledgers, 3, {
      kind: CORRIDOR.ACCEPT,
      sid: opened(ledgers).sid,
      view: 0,
      decision: ABORT,
    });
  }),
  conduct("C5", "an ACCEPT in a view that was left", 2, (ledgers) => {
    const { sid, accept, ...view1 } = inView1(ledgers);
    says(ledgers, 3, leadOf({ sid, ...view1 }));
    says(ledgers, 2, { kind: CORRIDOR.STATUS, sid, view: 2, locks: null, lock: null });
    says(ledgers, 2, accept);
  }),
  conduct("C9", "a STATUS whose references are not to LOCKs", 3, (ledgers) => {
    const swap = opened(ledgers);
    const lock = ledgers.lock(swap, 0);
    const locks = [lock, lock];
    says(ledgers, 3, { kind: CORRIDOR.STATUS, sid: swap.sid, view: 1, locks, lock: null });
  }),
  conduct("C9", "a STATUS whose LOCK is not held yet", 3, (ledgers) => {
    const swap = opened(ledgers);
    const first = ledgers.lock(swap, 0);
    const before = new Map(ledgers.files).get(3);
    const second = ledgers.lock(swap, 1);
    ledgers.files.set(3, before ?? new Uint8Array(0));
    const locks = [first, second];
    says(ledgers, 3, { kind: CORRIDOR.STATUS, sid: swap.sid, view: 1, locks, lock: null });
  }),
  conduct("C9", "a STATUS with a lock that no bank accepted", 3, (ledgers) => {
    const { sid, statuses } = inView1(ledgers);
    const lock = { view: 1, decision: ABORT, accepts: statuses } as const;
    says(ledgers, 3, { kind: CORRIDOR.STATUS, sid, view: 2, locks: null, lock });
  }),
  conduct("C9", "a STATUS without P after VOTE", 3, (ledgers) => {
    const { swap, sid } = locked(ledgers);
    ledgers.votes(swap, [3]);
    says(ledgers, 3, { kind: CORRIDOR.STATUS, sid, view: 1, locks: null, lock: null });
  }),
  conduct("C10", "a STATUS that leaves out a CONFIRM", 2, (ledgers) => {
    const swap = opened(ledgers);
    ledgers.slowPath(swap, ABORT, null);
    const { sid } = swap;
    says(ledgers, 2, { kind: CORRIDOR.STATUS, sid, view: 2, locks: null, lock: null });
  }),
  conduct("C11", "a LEAD of a bank that does not lead", 2, (ledgers) => {
    says(ledgers, 2, leadOf(inView1(ledgers)));
  }),
  conduct("C11", "a LEAD for another value", 3, (ledgers) => {
    says(ledgers, 3, { ...leadOf(inView1(ledgers)), decision: COMMIT });
  }),
  conduct("C11", "a LEAD on too few STATUSes", 3, (ledgers) => {
    const { sid, statuses } = inView1(ledgers);
    says(ledgers, 3, leadOf({ sid, statuses: statuses.slice(0, 2) }));
  }),
  conduct("C11", "a LEAD that counts one bank twice", 3, (ledgers) => {
    const { sid, statuses } = inView1(ledgers);
    const [first, second] = statuses;
    if (first === undefined || second === undefined) throw new RangeError("three STATUSes");
    says(ledgers, 3, leadOf({ sid, statuses: [first, first, second] }));
  }),
  conduct("C12", "an ACCEPT without a LEAD", 2, (ledgers) => {
    says(ledgers, 2, inView1(ledgers).accept);
  }),
  conduct("C12", "an ACCEPT before the LEAD is held", 2, (ledgers) => {
    const view1 = inView1(ledgers);
    const lead = ledgers.write(3, { corridor: [leadOf(view1)], to: [1, 4] });
    says(ledgers, 2, view1.accept);
    ledgers.copy(2, lead);
  }),
  conduct("C12", "an ACCEPT of another value than the LEAD's", 2, (ledgers) => {
    const view1 = inView1(ledgers);
    says(ledgers, 3, leadOf(view1));
    says(ledgers, 2, { ...view1.accept, decision: COMMIT });
  }),
  {
    ...conduct("C12", "an ACCEPT of a LEAD that does not follow", 2, (ledgers) => {
      const view1 = inView1(ledgers);
      says(ledgers, 3, { ...leadOf(view1), decision: COMMIT });
      says(ledgers, 2, { ...view1.accept, decision: COMMIT });
    }),
    guilty: ["bank-2", "bank-3"],
  },
  conduct("C13", "a CONFIRM on too few ACCEPTs", 2, (ledgers) => {
    const view1 = inView1(ledgers);
    says(ledgers, 3, leadOf(view1));
    ledgers.each([1, 2], view1.accept);
    says(ledgers, 2, view1.confirm);
  }),
  conduct("C13", "a CONFIRM before the ACCEPTs are held", 2, (ledgers) => {
    const view1 = inView1(ledgers);
    says(ledgers, 3, leadOf(view1));
    ledgers.each([1, 2], view1.accept);
    says(ledgers, 2, view1.confirm);
    ledgers.each([3], view1.accept);
  }),
];

const evidenceOf = (ledgers: HandLedgers, drafts: readonly [BlockDraft, BlockDraft]) => {
  const [a, b] = drafts.map((draft) => ledgers.forked(4, draft));
  if (a === undefined || b === undefined) throw new RangeError("two drafts make two blocks");
  return {
    kind: CORRIDOR.EVIDENCE,
    headerA: a.headerBytes,
    signatureA: a.signature,
    headerB: b.headerBytes,
    signatureB: b.signature,
  } as const;
};

const closings: readonly PlantedCase[] = [
  conduct("C6", "a REFUSE after the leg was voided", 2, (ledgers) => {
    const swap = opened(ledgers);
    const { confirms } = ledgers.slowPath(swap, ABORT, null);
    ledgers.void(swap, 1, confirms, { isHeld: false });
    says(ledgers, 2, { kind: CORRIDOR.REFUSE, sid: swap.sid });
  }),
  closing("a SETTLE on too few VOTEs", 1, (ledgers) => {
    const { swap } = locked(ledgers);
    ledgers.settle(swap, 0, ledgers.votes(swap, [1, 2]));
  }),
  closing("a SETTLE that counts one bank's VOTE twice", 1, (ledgers) => {
    const { swap } = locked(ledgers);
    const votes = ledgers.votes(swap, [1, 2]);
    ledgers.settle(swap, 0, [...votes, ...votes]);
  }),
  closing("a SETTLE before the VOTEs are held", 1, (ledgers) => {
    const { swap, sid } = locked(ledgers);
    const votes = ledgers.votes(swap, [1, 2]);
    const third = ledgers.write(3, { corridor: [{ kind: CORRIDOR.VOTE, sid }], to: [2, 4] });
    ledgers.settle(swap, 0, [...votes, only(third)]);
    ledgers.copy(1, third);
  }),
  closing("a VOID whose certificate is of STATUSes", 1, (ledgers) => {
    const { swap, locks } = locked(ledgers);
    ledgers.void(swap, 0, ledgers.statuses(swap, 1, locks));
  }),
  closing("a SETTLE of another bank's leg", 3, (ledgers) => {
    const { swap, sid } = locked(ledgers);
    const certificate = { view: 0, decision: COMMIT, refs: ledgers.votes(swap) } as const;
    says(ledgers, 3, { kind: CORRIDOR.SETTLE, sid, leg: 0, grounds: certificate });
  }),
  conduct("C15", "EVIDENCE of one and the same block", 3, (ledgers) => {
    const draft = {};
    says(ledgers, 3, evidenceOf(ledgers, [draft, draft]));
  }),
  conduct("C15", "EVIDENCE that the bank accused did not sign", 3, (ledgers) => {
    const evidence = evidenceOf(ledgers, [{}, { corridor: [bytesNamed("another entry")] }]);
    says(ledgers, 3, { ...evidence, signatureB: evidence.signatureA });
  }),
  {
    rule: "A11",
    what: "EVIDENCE of a fork names the bank that forked",
    code: "equivocation",
    guilty: ["bank-4"],
    plant: (ledgers) => {
      says(ledgers, 3, evidenceOf(ledgers, [{}, { corridor: [bytesNamed("another entry")] }]));
    },
  },
];

export const CONDUCT_CASES: readonly PlantedCase[] = [...beforeTheVote, ...slowPath, ...closings];
