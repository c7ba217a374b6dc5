import { expect, it } from "vitest";
import { parseFullBlock } from "../../node/ledger/block.ts";
import { OWN_BLOCK, parseLedgerFile } from "../../node/ledger/record.ts";
import { fromMs, toMs } from "../../node/time.ts";
import { Bench } from "./bench.ts";
import { SHAPES } from "../../scenarios/explore/corridor.ts";

it("3.3: a header's time is never below the one before, though the clock was set back meanwhile (N5)", () => {
  const bench = new Bench(SHAPES[4], 2);
  const first = bench.swap();
  bench.announce(first);
  bench.terms(1, first);
  bench.crash();
  bench.world.now = fromMs(toMs(bench.world.now) - 10_000);
  bench.restart();
  const second = bench.swap(undefined, { number: 11 });
  bench.announce(second);
  bench.terms(1, second);
  const times = parseLedgerFile(bench.seat.file).records.flatMap(({ kind, payload }) => {
    const block = kind === OWN_BLOCK ? parseFullBlock(payload) : undefined;
    return block?.ok === true ? [block.value.header.timeMs] : [];
  });
  expect(times.length).toBeGreaterThan(2);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});
