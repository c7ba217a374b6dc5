import { describe, expect, it } from "vitest";
import { modelledSignatures, realSignatures } from "../../../scenarios/explore/corridor.ts";
import {
  encodeSchedule,
  parseSchedule,
  replay,
  shrink,
} from "../../../scenarios/explore/counterexample.ts";
import { Memory } from "../../../scenarios/explore/memory.ts";
import { explore, NO_FAULTS, take, type Choice } from "../../../scenarios/explore/search.ts";
import { prepare, WORLDS, type ExploreWorld } from "../../../scenarios/explore/worlds.ts";

const worldOf = (name: string): ExploreWorld => {
  const found = WORLDS.find((world) => world.name === name);
  if (found === undefined) throw new RangeError(`no world ${name}`);
  return found;
};

const TWO_BANKS = worldOf("two-banks");
const BEYOND = worldOf("three-banks-one-liar");

describe("exploring small worlds", () => {
  it("a world without faults has the same states with real and with modelled signatures", () => {
    const count = (signatures: ReturnType<typeof realSignatures>) => {
      const { start } = prepare(TWO_BANKS, signatures);
      const { states, ends, outcomes } = explore(start, { orders: "all", ...NO_FAULTS });
      return [states, ends, [...outcomes]];
    };
    expect(count(realSignatures())).toEqual(count(modelledSignatures()));
    expect(count(modelledSignatures())).toEqual([17, 1, [["COMMIT", 1]]]);
  });

  it("says that it was not all when its budget is used up", () => {
    const { start, scope } = prepare(TWO_BANKS, modelledSignatures());
    const cut = explore(start, scope, (states) => states < 100);
    expect(cut.complete).toBe(false);
    expect(cut.violation).toBeUndefined();
  });

  it("what is remembered of a bank never changes afterwards, and equals what happens without memory", () => {
    const { start, scope } = prepare(TWO_BANKS, modelledSignatures());
    const remembering = start.clone();
    const memory = new Memory(start.corridor, new Set());
    memory.adopt(remembering);
    const plain = start.clone();
    const choices = parse("f1,d1:2,d1:2,f2,t1,f1,d2:1,f1,d1:2,c2:0,r2,d1:2,d2:1,f1,f2,d1:2");
    for (const choice of choices) {
      for (const world of [remembering, plain]) {
        if (isPossible(world, choice)) take(world, choice, scope);
      }
    }
    memory.demandUnchanged();
    expect(remembering.log).toEqual(plain.log);
    for (const [id, seat] of plain.seats) expect(remembering.seat(id).file).toEqual(seat.file);

    function isPossible(world: typeof plain, choice: Choice): boolean {
      return !("queue" in choice) || (world.queues.get(choice.queue)?.length ?? 0) > 0;
    }
    function parse(text: string): readonly Choice[] {
      const parsed = parseSchedule(text, start);
      if (!parsed.ok) throw new RangeError(`part ${parsed.at}`);
      return parsed.choices;
    }
  });
});

describe("a violation becomes a minimal counterexample", () => {
  it("beyond the fault bound two certificates are found, shrunk, printed and replayed", () => {
    const { start, scope } = prepare(BEYOND, modelledSignatures());
    const { violation } = explore(start, scope);
    if (violation === undefined) throw new Error("three banks withstand no liar");
    expect(violation.message).toMatch(/^(CertificateUniqueness|Atomicity)/);
    const least = shrink(start, scope, violation);
    expect(least.choices.length).toBeLessThan(25);
    const text = encodeSchedule(least.choices);
    const parsed = parseSchedule(text, start);
    if (!parsed.ok) throw new Error(`part ${parsed.at} of ${text}`);
    expect(encodeSchedule(parsed.choices)).toBe(text);
    const again = replay(start, scope, parsed.choices);
    expect(again.violation).toBe(least.message);
    expect(again.lines.length).toBe(least.choices.length);
    expect(again.diagram).toMatch(/^sequenceDiagram\n {2}participant B1/);
    for (const at of least.choices.keys()) {
      const { violation: without } = replay(start, scope, least.choices.toSpliced(at, 1));
      expect(without === undefined || !without.startsWith(least.message.split(":")[0] ?? "")).toBe(
        true,
      );
    }
  });

  it.each(["x1", "d1", "d1:9", "c1:y", "d1:2,,zz", "d1:2 d2:1"])(
    "refuses the schedule %j",
    (text) => {
      const { start } = prepare(TWO_BANKS, modelledSignatures());
      expect(parseSchedule(text, start).ok).toBe(false);
    },
  );
});
