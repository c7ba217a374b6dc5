import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import type { SwapStep } from "../../corridor/report.ts";
import { FAILPOINTS } from "../../node/io/driver.ts";
import { Prng } from "../../scenarios/sim/prng.ts";
import { KilledCorridor, killFactor, killSeed } from "./kill-load.ts";

/** Every step of a swap at which a bank can end itself. */
const STEPS: readonly SwapStep[] = [
  "announced",
  "locked",
  "refused",
  "voted",
  "status",
  "led",
  "accepted",
  "confirmed",
  "decided",
  "settled",
  "voided",
];
const POINTS = [...FAILPOINTS, ...STEPS.map((step) => `step-${step}`)];

/** Random kills in each corridor. */
const KILLS = 16;
const TIMEOUT_MS = 180_000;

const seed = killSeed();

/** Runs a test on the seed; its failure begins with the one command that repeats it. */
async function onSeed(title: string, act: (random: Prng) => Promise<void>): Promise<void> {
  const command = `KILL_SEED=${seed} KILL_FACTOR=${killFactor()} npm test -- test/process/kill.test.ts -t '${title}'`;
  console.log(command);
  try {
    await act(Prng.fromSeed(seed).fork(title));
  } catch (error) {
    throw new Error(`${command}\n${(error as Error).message}`, { cause: error });
  }
}

/** Lets the corridor come to rest and demands that nothing was lost, doubled or torn apart. */
async function judge(corridor: KilledCorridor): Promise<void> {
  await corridor.calmDown();
  expect(corridor.judge()).toEqual([]);
  const { settled, voided } = corridor.tally();
  expect(settled).toBeGreaterThan(10);
  expect(voided).toBeGreaterThan(0);
  console.log(`${corridor.killed.length} kills, ${settled} swaps settled, ${voided} voided`);
}

describe("a corridor whose banks are killed (D1, D2)", () => {
  it.each([2, 4])(
    "of %i banks loses nothing at random moments",
    async (n) =>
      onSeed(`of ${n} banks loses nothing at random moments`, async (random) => {
        const corridor = new KilledCorridor(onTestFinished, n, random.fork("load"));
        await corridor.start();
        const wanted = KILLS * killFactor();
        while (corridor.killed.length < wanted) {
          await corridor.pass(random.int(1, 80));
          await pause(random.int(0, 20));
          // One bank, several, or all of them: a power cut has no quorum.
          const victims = random.shuffle(corridor.banks).slice(0, random.int(1, n));
          await Promise.all(
            victims.map(async (bank) => {
              const dieAgain = random.int(1, 4) === 1;
              const moment = random.int(50, 900);
              await corridor.kill(bank);
              const restarted = corridor.restart(bank);
              if (dieAgain) {
                // While it starts, reads its ledger, or has just begun to work (D2).
                await pause(moment);
                await corridor.kill(bank);
              }
              await restarted;
              await corridor.restart(bank);
            }),
          );
        }
        await judge(corridor);
      }),
    TIMEOUT_MS * killFactor(),
  );

  it.each([2, 4])(
    "of %i banks loses nothing at any failpoint",
    async (n) =>
      onSeed(`of ${n} banks loses nothing at any failpoint`, async (random) => {
        const corridor = new KilledCorridor(onTestFinished, n, random.fork("load"));
        await corridor.start();
        const atOnce = n === 2 ? 2 : 1;
        for (let round = 0; round < killFactor(); round++) {
          // A quorum that withstands a fault goes on while one bank dies again and again, at every
          // point; of two banks each does, and chance decides who meets whom.
          const victims = random.shuffle(corridor.banks).slice(0, atOnce);
          await Promise.all(
            victims.map(async (bank) => {
              const mine = random.fork(`${round} ${bank}`);
              await corridor.kill(bank);
              for (const point of mine.shuffle(POINTS)) {
                await corridor.dieAt(bank, `${point}:${mine.int(1, 3)}`);
              }
              await corridor.restart(bank);
            }),
          );
        }
        expect(corridor.killed.length).toBe(atOnce * (POINTS.length + 1) * killFactor());
        await judge(corridor);
      }),
    TIMEOUT_MS * killFactor(),
  );
});
