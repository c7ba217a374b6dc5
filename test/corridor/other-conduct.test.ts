import { describe, expect, it } from "vitest";
import type { Announcement } from "../../corridor/announcement.ts";
import { ABORT, COMMIT, CORRIDOR, type CorridorEntry } from "../../corridor/entries.ts";
import { hashOfSecret } from "../../corridor/htlc/secret.ts";
import { announcementOf } from "../../scenarios/explore/agreed-swaps.ts";
import { EPOCH_START_MS } from "../../scenarios/explore/corridor.ts";
import {
  announceEntry,
  auditPlanted,
  HandLedgers,
  holdEntry,
  only,
  type HandSwap,
} from "./hand-ledgers.ts";

// Every rule of FORMAT.md 9.6 broken by one bank, which alone is named.

const D = 20_000;
const CHOICES = {
  htlc: { arrangement: "htlc", params: { deltaMaxMs: D, epsilonMs: 0 } },
  "two-phase": { arrangement: "two-phase", params: { hub: 3, prepareMs: 1000 } },
  gross: { arrangement: "gross", params: { lagMs: 0 } },
  certified: {},
} as const satisfies Record<string, Partial<Announcement>>;
const UNTIL = [EPOCH_START_MS + 4 * D, EPOCH_START_MS + 3 * D] as const;
const SECRET = new Uint8Array(32).fill(1);
const hash = hashOfSecret(SECRET);

interface Stage {
  readonly ledgers: HandLedgers;
  readonly swap: HandSwap;
  readonly says: (bank: number, ...corridor: readonly CorridorEntry[]) => ReturnType<typeof only>;
  readonly hlock: (leg: 0 | 1, changes?: object) => CorridorEntry;
  readonly claim: (leg: number, secret?: Uint8Array) => CorridorEntry;
  readonly about: <K extends object>(entry: K) => CorridorEntry;
}

/** A swap between banks 1 and 2 under an arrangement, announced by bank 1. */
function stage(name: keyof typeof CHOICES): Stage {
  const ledgers = new HandLedgers();
  const { deal } = ledgers.swap();
  const { bytes, sid } = announcementOf(ledgers.corridor, deal, CHOICES[name]);
  const swap = { sid, announcement: bytes, deal };
  ledgers.write(1, { corridor: [announceEntry(swap)] });
  const about = (entry: object): CorridorEntry => ({ sid, ...entry }) as unknown as CorridorEntry;
  return {
    ledgers,
    swap,
    about,
    says: (bank, ...corridor) => {
      const halves = corridor.flatMap((entry) =>
        entry.kind === CORRIDOR.HLOCK || entry.kind === CORRIDOR.LOCK
          ? [holdEntry(swap, entry.leg as 0 | 1)]
          : [],
      );
      return only(ledgers.write(bank, { corridor, domestic: halves }));
    },
    hlock: (leg, changes = {}) =>
      about({ kind: CORRIDOR.HLOCK, leg, hash, untilMs: UNTIL[leg], ...changes }),
    claim: (leg, secret = SECRET) => about({ kind: CORRIDOR.CLAIM, leg, secret }),
  };
}

type Case = readonly [
  rule: string,
  what: string,
  arrangement: keyof typeof CHOICES,
  guilty: number,
  plant: (stage: Stage) => void,
];

const settle = { kind: CORRIDOR.SETTLE, leg: 1 } as const;
const inTime = { secret: SECRET, timeMs: EPOCH_START_MS + 1 };

const CASES: readonly Case[] = [
  [
    "C16",
    "a VOTE in a swap under htlc",
    "htlc",
    4,
    ({ says, about }) => says(4, about({ kind: CORRIDOR.VOTE })),
  ],
  ["C16", "an HLOCK in a certified swap", "certified", 1, ({ says, hlock }) => says(1, hlock(0))],
  [
    "C2",
    "HLOCK after REFUSE",
    "htlc",
    1,
    ({ says, about, hlock }) => {
      says(1, about({ kind: CORRIDOR.REFUSE }));
      says(1, hlock(0));
    },
  ],
  [
    "H1",
    "another time than the announcement gives",
    "htlc",
    1,
    ({ says, hlock }) => says(1, hlock(0, { untilMs: UNTIL[0] + 1 })),
  ],
  ["H2", "leg 1 locked before leg 0", "htlc", 2, ({ says, hlock }) => says(2, hlock(1))],
  [
    "H2",
    "leg 1 locked behind another hash",
    "htlc",
    2,
    ({ says, hlock }) => {
      says(1, hlock(0));
      says(2, hlock(1, { hash: hashOfSecret(SECRET.slice().fill(2)) }));
    },
  ],
  [
    "H3",
    "a CLAIM of a leg that is another's to claim",
    "htlc",
    3,
    ({ says, hlock, claim }) => {
      says(1, hlock(0));
      says(3, claim(0));
    },
  ],
  [
    "H3",
    "a CLAIM with what opens nothing",
    "htlc",
    2,
    ({ says, hlock, claim }) => {
      says(1, hlock(0));
      says(2, claim(0, SECRET.slice().fill(2)));
    },
  ],
  [
    "H4",
    "a SETTLE that nobody claimed",
    "htlc",
    2,
    ({ says, hlock, about }) => {
      says(1, hlock(0));
      says(2, hlock(1));
      says(2, about({ ...settle, grounds: inTime }));
    },
  ],
  [
    "H4",
    "a SETTLE after the time",
    "htlc",
    2,
    ({ says, hlock, claim, about }) => {
      says(1, hlock(0));
      says(2, hlock(1));
      says(1, claim(1));
      says(2, about({ ...settle, grounds: { secret: SECRET, timeMs: UNTIL[1] } }));
    },
  ],
  [
    "H5",
    "a VOID before the time",
    "htlc",
    2,
    ({ says, hlock, about }) => {
      says(1, hlock(0));
      says(2, hlock(1));
      says(2, about({ kind: CORRIDOR.VOID, leg: 1, grounds: { timeMs: UNTIL[1] - 1 } }));
    },
  ],
  [
    "T1",
    "a LOCK that the hub did not ask for",
    "two-phase",
    2,
    ({ says, about }) => says(2, about({ kind: CORRIDOR.LOCK, leg: 1 })),
  ],
  [
    "T2",
    "PREPARE by another bank",
    "two-phase",
    4,
    ({ says, about }) => says(4, about({ kind: CORRIDOR.PREPARE })),
  ],
  [
    "T2",
    "DECIDE by another bank",
    "two-phase",
    1,
    ({ says, about }) => says(1, about({ kind: CORRIDOR.DECIDE, decision: ABORT })),
  ],
  [
    "T3",
    "COMMIT without all LOCKs",
    "two-phase",
    3,
    ({ says, about }) => {
      says(1, about({ kind: CORRIDOR.LOCK, leg: 0 }));
      says(3, about({ kind: CORRIDOR.DECIDE, decision: COMMIT }));
    },
  ],
  [
    "T4",
    "INQUIRE by a bank that has not voted",
    "two-phase",
    2,
    ({ says, about }) => says(2, about({ kind: CORRIDOR.INQUIRE })),
  ],
  [
    "T5",
    "VOID by a prepared bank alone",
    "two-phase",
    1,
    ({ says, about }) => {
      const ref = says(1, about({ kind: CORRIDOR.LOCK, leg: 0 }));
      says(1, about({ kind: CORRIDOR.VOID, leg: 0, grounds: ref }));
    },
  ],
  [
    "T5",
    "SETTLE on an ABORT",
    "two-phase",
    1,
    ({ says, about }) => {
      says(1, about({ kind: CORRIDOR.LOCK, leg: 0 }));
      const ref = says(3, about({ kind: CORRIDOR.DECIDE, decision: ABORT }));
      says(1, about({ kind: CORRIDOR.SETTLE, leg: 0, grounds: ref }));
    },
  ],
  [
    "C1",
    "a second DECIDE",
    "two-phase",
    3,
    ({ says, about }) => {
      says(3, about({ kind: CORRIDOR.DECIDE, decision: ABORT }));
      says(3, about({ kind: CORRIDOR.DECIDE, decision: ABORT }));
    },
  ],
  [
    "G1",
    "PAY of another bank's leg",
    "gross",
    3,
    ({ says, about }) => says(3, about({ kind: CORRIDOR.PAY, leg: 0 })),
  ],
  [
    "G2",
    "PAY before the leg before",
    "gross",
    2,
    ({ says, about }) => says(2, about({ kind: CORRIDOR.PAY, leg: 1 })),
  ],
  [
    "G3",
    "VOID without a REFUSE",
    "gross",
    2,
    ({ says, about }) => says(2, about({ kind: CORRIDOR.VOID, leg: 1, grounds: { timeMs: 1 } })),
  ],
];

describe("the audit of swaps that are not certified", () => {
  it.each(CASES)("%s: %s (%s)", (rule, _what, arrangement, guilty, plant) => {
    const staged = stage(arrangement);
    plant(staged);
    const { ledgers } = staged;
    const findings = auditPlanted(ledgers.corridor, {
      files: ledgers.files,
      heads: ledgers.heads(),
    });
    const broken = findings.filter(({ code }) => code === "conduct").map(({ detail }) => detail);
    expect(broken).toContainEqual(expect.stringMatching(new RegExp(`^${rule}: `)));
    expect(new Set(findings.map(({ bank }) => bank))).toEqual(new Set([`bank-${guilty}`]));
  });

  it("A19: a hub that has signed both decisions is named, and nobody else (R6)", () => {
    const { ledgers, says, about } = stage("two-phase");
    says(3, about({ kind: CORRIDOR.DECIDE, decision: ABORT }));
    says(3, about({ kind: CORRIDOR.DECIDE, decision: COMMIT }));
    const findings = auditPlanted(ledgers.corridor, {
      files: ledgers.files,
      heads: ledgers.heads(),
    });
    expect(findings.map(({ code, bank }) => `${code} ${bank}`)).toContain("equivocation bank-3");
    expect(new Set(findings.map(({ bank }) => bank))).toEqual(new Set(["bank-3"]));
  });

  it("2.2 (c): a hub that sends COMMIT to A and ABORT to B is convicted by its two signed DECIDEs", () => {
    const { ledgers, about } = stage("two-phase");
    const shown = ledgers.write(3, {
      corridor: [about({ kind: CORRIDOR.DECIDE, decision: ABORT })],
      to: [1],
    });
    const other = about({ kind: CORRIDOR.DECIDE, decision: COMMIT });
    const before = { seq: shown.seq, prev: ledgers.tip(3).hash };
    ledgers.copy(2, ledgers.forked(3, { corridor: [other], ...before }));
    const { files } = ledgers;
    const findings = auditPlanted(ledgers.corridor, { files, heads: ledgers.heads() });
    const details = findings.map(({ detail }) => detail);
    expect(details).toContain("as its hub, it signed a DECIDE of COMMIT and one of ABORT");
    expect(new Set(findings.map(({ bank }) => bank))).toEqual(new Set(["bank-3"]));
  });
});
