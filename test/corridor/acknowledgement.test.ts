import { expect, it } from "vitest";
import { ORDER } from "../../node/instruction.ts";
import type { Amount } from "../../node/money.ts";
import { Bench } from "./bench.ts";
import { SHAPES } from "../../scenarios/explore/corridor.ts";
import { orderSubmission } from "../../scenarios/explore/agreed-swaps.ts";

const NUMBER = 50;

it("an instruction that is given again is acknowledged no earlier than the first time: once it is durable", () => {
  const bench = new Bench(SHAPES[4], 2);
  const { world, seat } = bench;
  const answers = (): readonly string[] =>
    seat.reports.flatMap((report) =>
      report.kind === "instruction" && report.number === NUMBER ? [report.status] : [],
    );
  const bytes = orderSubmission(
    world.corridor,
    { bank: 2, member: 2, number: NUMBER },
    { kind: ORDER.redeem, amount: 1n as Amount },
  );
  const submit = (): void => world.do({ kind: "submit", seat: seat.id, bytes });
  submit();
  submit();
  expect(answers(), "the block is not even made").toEqual([]);
  world.do({ kind: "idle", seat: seat.id });
  submit();
  expect(answers(), "the block is not durable").toEqual([]);
  world.do({ kind: "durable", seat: seat.id });
  world.do({ kind: "idle", seat: seat.id });
  world.do({ kind: "durable", seat: seat.id });
  expect(answers()).toEqual(["executed", "exists", "exists"]);
});
