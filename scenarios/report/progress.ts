import process from "node:process";
import cliProgress from "cli-progress";
import type { RunProgress } from "../play/outcome.ts";

export interface ProgressView {
  show(progress: RunProgress): void;
  end(): void;
}

/** Where nobody watches, one line in this many is printed. */
const LINE_EVERY = 10;

/** A progress bar with a live line of what settles; on a pipe, a line now and then; nothing when not wanted. */
export function showProgress(wanted: boolean, unit = "swaps"): ProgressView {
  if (!wanted) return { show: () => undefined, end: () => undefined };
  return process.stderr.isTTY ? barView(unit) : lineView();
}

function barView(unit: string): ProgressView {
  const bar = new cliProgress.SingleBar({
    format: `{phase} [{bar}] {value}/{total} ${unit}  {line}`,
    barsize: 24,
    hideCursor: true,
    clearOnComplete: false,
    fps: 20,
  });
  let started = false;
  return {
    show: ({ phase, done, total, line }) => {
      const payload = { phase: phase.padEnd(8), line: line.slice(0, 44).padEnd(44) };
      if (!started) bar.start(total, done, payload);
      started = true;
      bar.update(done, payload);
    },
    end: () => {
      if (started) bar.stop();
    },
  };
}

function lineView(): ProgressView {
  let shown = 0;
  return {
    show: ({ phase, done, total, line }) => {
      const often = phase === "running" && !/^[a-z]{2}: /.test(line);
      if (often && shown++ % LINE_EVERY !== 0) return;
      process.stderr.write(`${phase} ${done}/${total} ${line}\n`);
    },
    end: () => undefined,
  };
}
