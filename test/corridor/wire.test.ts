import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToHex, concatBytes, type Bytes } from "../../crypto/bytes.ts";
import { decode, encode, type Layout } from "../../crypto/canonical-layout.ts";
import type { Signature } from "../../crypto/ed25519.ts";
import { MAX_MESSAGE_BYTES } from "../../crypto/canonical-value.ts";
import { CORRIDOR, corridorEntryLayout } from "../../corridor/entries.ts";
import {
  MAX_BLOCKS_PER_GET,
  MAX_BYTES_PER_GET,
  MAX_INPUTS_WHILE_CHECKING,
  MAX_LEGS,
  MAX_STUBS_PER_BANK,
  MAX_VIEW,
  MAX_VIOLATIONS,
  MAX_WAITING_SUBMISSIONS,
  VIOLATION_FORGIVEN_MS,
} from "../../corridor/limits.ts";
import { encodeGet, encodePush, MESSAGE, parseMessage } from "../../corridor/messages.ts";
import { submissionLayout } from "../../corridor/submissions.ts";
import { parseTerms } from "../../corridor/terms.ts";
import { domesticEntryLayout } from "../../node/ledger/domestic-entries.ts";
import { bytesNamed, flipBit } from "../bytes.ts";
import { holds } from "../property.ts";
import { Bench, say } from "./bench.ts";
import { range, SHAPES } from "../../scenarios/explore/corridor.ts";
import { swapSubmission, agreeSwap, ringLegs } from "../../scenarios/explore/agreed-swaps.ts";
import { settle } from "../../scenarios/explore/drive.ts";
import {
  CORRIDOR_ENTRIES,
  DOMESTIC_SAMPLES,
  MESSAGES,
  SUBMISSION_SAMPLES,
  type Sample,
} from "./wire-samples.ts";

const { lock, vote, refuse } = say;
const witness = (): Bench => new Bench(SHAPES[4], 4);
const warnings = (bench: Bench): readonly string[] =>
  bench.seat.reports.flatMap((report) => (report.kind === "warning" ? [report.code] : []));

describe("the wire format", () => {
  it("messages, entries and submissions have these bytes for ever", async () => {
    const groups: readonly (readonly [string, readonly Sample[]])[] = [
      ["message", MESSAGES],
      ["corridor", CORRIDOR_ENTRIES],
      ["domestic", DOMESTIC_SAMPLES],
      ["submission", SUBMISSION_SAMPLES],
    ];
    const lines = groups.flatMap(([group, samples]) =>
      samples.map(({ name, bytes }) => `${group} ${name}: ${bytesToHex(bytes)}\n`),
    );
    await expect(lines.join("")).toMatchFileSnapshot(
      join(import.meta.dirname, "../staged/wire.txt"),
    );
  });

  it("every kind of entry and message is among the samples", () => {
    const kinds = new Set(CORRIDOR_ENTRIES.map(({ bytes }) => bytes[1]));
    expect(kinds).toEqual(new Set(Object.values(CORRIDOR)));
    expect(new Set(MESSAGES.map(({ bytes }) => bytes[0]))).toEqual(new Set(Object.values(MESSAGE)));
    expect(new Set(DOMESTIC_SAMPLES.map(({ name }) => name.split(" ")[0])).size).toBe(12);
  });

  it.each([
    ["corridor", corridorEntryLayout, CORRIDOR_ENTRIES],
    ["domestic", domesticEntryLayout, DOMESTIC_SAMPLES],
    ["submission", submissionLayout, SUBMISSION_SAMPLES],
  ] as const)(
    "encode(decode(b)) = b for every %s sample, and no bit can change (CanonicalBytes)",
    (_name, any, samples) => {
      const layout = any as Layout<unknown>;
      for (const { name, bytes } of samples) {
        const value = decode(layout, bytes);
        expect(value.ok, name).toBe(true);
        if (value.ok) expect(encode(layout, value.value)).toEqual(bytes);
        for (let bit = 0; bit < bytes.length * 8; bit += 3) {
          const changed = decode(layout, flipBit(bytes, bit));
          if (changed.ok) expect(encode(layout, changed.value)).toEqual(flipBit(bytes, bit));
        }
      }
    },
  );

  it("parseMessage reads every sample, and nothing with a byte more or less", () => {
    for (const { name, bytes } of MESSAGES) {
      expect(parseMessage(bytes).ok, name).toBe(true);
      expect(parseMessage(concatBytes(bytes, Uint8Array.of(0))).ok, name).toBe(false);
      expect(parseMessage(bytes.slice(0, -1)).ok, name).toBe(false);
    }
  });

  it("a bit of a PUSH that is turned over is refused at the latest with the signature", () => {
    const bench = witness();
    const { push } = bench.puppet(2).write(lock(bench.swap(), 1), vote(bench.swap()));
    const verdicts = new Map<string, number>();
    for (let bit = 8; bit < push.length * 8; bit++) {
      const parsed = parseMessage(flipBit(push, bit));
      const code = parsed.ok ? "well-formed" : parsed.error.code;
      verdicts.set(code, (verdicts.get(code) ?? 0) + 1);
    }
    expect([...verdicts.keys()].toSorted()).toEqual([
      "layout_mismatch",
      "noncanonical",
      "root_mismatch",
      "well-formed",
    ]);
    for (const bit of [100, 700, 1_500]) bench.send(2, flipBit(push, bit));
    expect(bench.seat.machine?.state.logs.get(2)?.linked).toBe(0);
  });

  it("parseMessage is total on any bytes, and on any change of a message", () => {
    const sample = fc.constantFrom(...MESSAGES.map(({ bytes }) => bytes));
    const splice = fc.tuple(sample, fc.nat(), fc.nat(8), fc.uint8Array({ maxLength: 9 }));
    const mangled = splice.map(([bytes, at, cut, put]) => {
      const from = at % bytes.length;
      return concatBytes(bytes.slice(0, from), put, bytes.slice(from + cut));
    });
    const prefixed = fc
      .tuple(fc.nat(9), fc.uint8Array({ maxLength: 300 }))
      .map(([kind, bytes]) => concatBytes(Uint8Array.of(kind), bytes));
    const total = fc.property(fc.oneof(fc.uint8Array(), prefixed, mangled), (bytes) => {
      const parsed = parseMessage(bytes);
      return parsed.ok || parsed.error.code.length > 0;
    });
    holds(total, 20_000);
  });

  it("a bank takes any bytes from a peer and from its own side without failing", () => {
    const bench = witness();
    const swap = bench.swap();
    bench.announce(swap);
    const samples = [...MESSAGES, ...SUBMISSION_SAMPLES].map(({ bytes }) => bytes);
    const anything = fc.property(
      fc.constantFrom(...samples),
      fc.nat(),
      fc.uint8Array({ maxLength: 4 }),
      (bytes, at, put) => {
        const from = at % bytes.length;
        const mangled = concatBytes(bytes.slice(0, from), put, bytes.slice(from + put.length));
        bench.send(2, mangled);
        bench.world.do({ kind: "submit", seat: "4", bytes: mangled });
        settle(bench.world);
        return bench.seat.stopped === undefined;
      },
    );
    holds(anything, 2_000);
  });

  it("entries out of their bounds are refused: a leg, a view, a certificate of no view, too many references", () => {
    const swap = witness().swap();
    const wrong: readonly Bytes[] = [
      raw([CORRIDOR.LOCK, swap.sid, MAX_LEGS]),
      raw([CORRIDOR.ACCEPT, swap.sid, MAX_VIEW + 1, 1]),
      raw([CORRIDOR.ACCEPT, swap.sid, 1, 3]),
      raw([CORRIDOR.SETTLE, swap.sid, 0, [0, 1, [[1, 1, 0, swap.sid]]]]),
      raw([CORRIDOR.SETTLE, swap.sid, 0, [0, []]]),
      raw([CORRIDOR.LEAD, swap.sid, 1, 1, []]),
      raw([CORRIDOR.LEAD, swap.sid, 1, 1, Array.from({ length: 65 }, () => [1, 1, 0, swap.sid])]),
      raw([14, swap.sid]),
    ];
    for (const bytes of wrong) expect(decode(corridorEntryLayout, bytes).ok).toBe(false);
    expect(decode(corridorEntryLayout, raw([CORRIDOR.LOCK, swap.sid, MAX_LEGS - 1])).ok).toBe(true);
  });
});

describe("bounds that a peer runs into", () => {
  it("a peer is disconnected after its fifth broken message", () => {
    const bench = witness();
    for (let i = 1; i < MAX_VIOLATIONS; i++) bench.send(3, Uint8Array.of(99));
    expect(bench.dropped).toEqual([]);
    bench.send(2, Uint8Array.of(99));
    expect(bench.dropped).toEqual([]);
    bench.send(3, Uint8Array.of(99));
    expect(bench.dropped).toEqual([3]);
    expect(warnings(bench).filter((code) => code === "message_unknown")).toHaveLength(6);
  });

  it("broken messages are forgiven after a while", () => {
    const bench = witness();
    for (let i = 0; i < 3 * MAX_VIOLATIONS; i++) {
      bench.send(3, Uint8Array.of(99));
      if (i % 4 === 3) bench.wait(VIOLATION_FORGIVEN_MS + 1);
    }
    expect(bench.dropped).toEqual([]);
  });

  it("a block that its author did not sign counts against who sent it; one of no bank too", () => {
    const bench = witness();
    const { block, publicBytes } = bench.puppet(2).write(refuse(bench.swap()));
    const at = publicBytes.length - block.corridor.reduce((n, entry) => n + entry.length + 3, 10);
    for (let i = 0; i < MAX_VIOLATIONS; i++)
      bench.send(3, encodePush(flipBit(publicBytes, 8 * at - 100 + i)));
    expect(bench.dropped).toEqual([3]);
  });

  it("swaps known only by name: a bank is believed so many, and nobody else's are touched", () => {
    const bench = witness();
    const named = (i: number) => vote({ ...bench.swap(), sid: bytesNamed(`swap ${i}`) });
    const names = range(MAX_STUBS_PER_BANK + 50);
    for (let i = 0; i < names.length; i += 1_000) {
      bench.tell(3, ...names.slice(i, i + 1_000).map(named));
    }
    const { state } = bench.seat.machine ?? {};
    expect(state?.swaps.size).toBe(MAX_STUBS_PER_BANK);
    bench.tell(2, vote({ ...bench.swap(), sid: bytesNamed("another swap") }));
    expect(state?.swaps.size).toBe(MAX_STUBS_PER_BANK + 1);
    const swap = bench.swap();
    bench.announce(swap);
    bench.tell(2, lock(swap, 1));
    expect(bench.course).toBe("VOTE");
  });

  it("a VOTE that came when there was no room counts when its block is pushed again", () => {
    const bench = witness();
    const filler = range(MAX_STUBS_PER_BANK).map((i) =>
      vote({ ...bench.swap(), sid: bytesNamed(`swap ${i}`) }),
    );
    const swap = bench.swap();
    for (let i = 0; i < filler.length; i += 1_024) bench.tell(3, ...filler.slice(i, i + 1_024));
    const voted = bench.tell(3, vote(swap));
    bench.announce(swap);
    bench.tell(2, lock(swap, 1), vote(swap));
    const open = bench.seat.machine?.state.swaps;
    expect(open?.has(swap.key)).toBe(true);
    bench.push(voted);
    expect(open?.has(swap.key)).toBe(false);
  });

  it("one GET is answered with so many blocks", () => {
    const bench = witness();
    for (let i = 0; i < MAX_BLOCKS_PER_GET + 9; i++) bench.puppet(2).write();
    const puppet = bench.puppet(2).forkAfter(0);
    for (let i = 0; i < MAX_BLOCKS_PER_GET + 9; i++) bench.push(puppet.write(), 2);
    bench.wait(2_000);
    bench.forgetMail();
    bench.send(1, encodeGet({ bank: 2, from: 0, to: 2 ** 50, tip: null }));
    expect(bench.sent("push", 1)).toHaveLength(MAX_BLOCKS_PER_GET);
  });

  it("and so many bytes", () => {
    const bench = witness();
    const header = new Uint8Array(500);
    const signature = new Uint8Array(64) as Signature;
    const useless = { kind: CORRIDOR.EVIDENCE, headerA: header, headerB: header } as const;
    const long = range(200).map(() => ({
      ...useless,
      signatureA: signature,
      signatureB: signature,
    }));
    const { length } = bench
      .puppet(2)
      .forkAfter(0)
      .write(...long).publicBytes;
    expect(length).toBeLessThan(MAX_MESSAGE_BYTES);
    for (let i = 0; i < 8; i++) bench.tell(2, ...long);
    bench.wait(2_000);
    bench.forgetMail();
    bench.send(1, encodeGet({ bank: 2, from: 1, to: 8, tip: null }));
    expect(bench.sent("push", 1)).toHaveLength(Math.floor(MAX_BYTES_PER_GET / length));
  });

  it("submissions that wait for the other side's announcement", () => {
    const bench = new Bench(SHAPES[4], 2);
    const { offers } = bench.seat.machine?.state ?? {};
    const { terms: bytes, ...signed } = bench.swap().deal;
    const terms = parseTerms(bytes);
    if (!terms.ok) throw new Error(terms.error.why);
    const agreed = { ...signed, bytes, terms: terms.value };
    const filler = { agreed, received: bench.world.now };
    for (let i = 1; i < MAX_WAITING_SUBMISSIONS; i++) offers?.set(`${i}`, filler);
    const [one, two] = [10, 11].map((number) =>
      agreeSwap(bench.world.corridor, { number, legs: ringLegs([1, 2]) }),
    );
    for (const deal of [one, two]) {
      bench.world.do({ kind: "submit", seat: "2", bytes: swapSubmission(deal as never) });
    }
    settle(bench.world);
    expect(offers?.size).toBe(MAX_WAITING_SUBMISSIONS);
    const answers = bench.seat.reports.filter((report) => report.kind === "instruction");
    expect(answers.at(-1)).toMatchObject({ status: "refused", code: "busy", number: 11 });
  });

  it("a submission whose swap is never announced is forgotten when it expires", () => {
    const bench = new Bench(SHAPES[4], 2);
    const { deal } = bench.swap(undefined, { expiresInMs: 5_000 });
    bench.world.do({ kind: "submit", seat: "2", bytes: swapSubmission(deal) });
    bench.wait(4_999);
    expect(bench.seat.machine?.state.offers.size).toBe(1);
    bench.wait(1);
    expect(bench.seat.machine?.state.offers.size).toBe(0);
  });

  it("submissions while the bank asks for its own newest block", () => {
    const bench = witness();
    bench.crash();
    bench.world.do({ kind: "restart", seat: "4" });
    const { queued } = bench.seat.machine?.state ?? {};
    for (let i = 0; i < MAX_INPUTS_WHILE_CHECKING; i++) queued?.push(Uint8Array.of(0));
    bench.world.do({ kind: "submit", seat: "4", bytes: Uint8Array.of(1) });
    expect(queued).toHaveLength(MAX_INPUTS_WHILE_CHECKING);
    expect(warnings(bench)).toContain("busy");
  });
});

type Raw = number | Bytes | readonly Raw[];

/** Canonical bytes of any array, also of one that no layout allows. */
function raw(value: readonly Raw[]): Bytes {
  const parts: Bytes[] = [];
  const put = (item: Raw): void => {
    if (typeof item === "number")
      parts.push(item < 128 ? Uint8Array.of(item) : Uint8Array.of(0xcc, item));
    else if (item instanceof Uint8Array) parts.push(Uint8Array.of(0xc4, item.length), item);
    else {
      const { length } = item;
      parts.push(length < 16 ? Uint8Array.of(0x90 | length) : Uint8Array.of(0xdc, 0, length));
      for (const inner of item) put(inner);
    }
  };
  put(value);
  return concatBytes(...parts);
}
