import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LOG_PAUSE_MS, throttledLog, type HostLogEntry } from "../../../node/io/throttled-log.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

function recorder() {
  const entries: HostLogEntry[] = [];
  return { entries, log: throttledLog((entry) => void entries.push(entry)) };
}

it("passes on the first of a code and bank, and after a pause one with the number left out", () => {
  const { entries, log } = recorder();
  const entry = { code: "dial_failed", peer: 2 };
  for (let i = 0; i < 5; i += 1) log(entry);
  vi.advanceTimersByTime(LOG_PAUSE_MS - 1);
  log(entry);
  expect(entries).toEqual([entry]);
  vi.advanceTimersByTime(1);
  log(entry);
  log(entry);
  expect(entries).toEqual([entry, { ...entry, leftOut: 5 }]);
});

it("keeps codes and banks apart, but not strangers: they choose their names", () => {
  const { entries, log } = recorder();
  log({ code: "dial_failed", peer: 2 });
  log({ code: "dial_failed", peer: 3 });
  log({ code: "frame_timeout", peer: 2 });
  for (let i = 0; i < 1000; i += 1) log({ code: "peer_unknown", peer: `stranger ${i}` });
  expect(entries.map(({ code, peer }) => `${code} ${String(peer)}`)).toEqual([
    "dial_failed 2",
    "dial_failed 3",
    "frame_timeout 2",
    "peer_unknown stranger 0",
  ]);
});
