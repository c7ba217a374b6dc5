import process from "node:process";
import { environmentFailed } from "../exit.ts";

export interface Interruption {
  /** Aborted when the user wants the command to stop: by a signal, or because nobody reads the output. */
  readonly signal: AbortSignal;
  /** From here on a closed pipe no longer stops the command: what it has made is worth keeping. */
  pipeMayClose(): void;
  /** Rejects when a signal came; one that came during long work is heard of only now. */
  check(): Promise<void>;
  /** Leaves signals and pipes to what they do by themselves. */
  end(): void;
}

/** For a command that has something to clean up: it is not ended by a signal or a closed pipe, but told. */
export function listenForInterruption(): Interruption {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  let onPipe = onSignal;
  const onClosedPipe = (): void => onPipe();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  const streams = [process.stdout, process.stderr];
  for (const stream of streams) stream.on("error", onClosedPipe);
  return {
    signal: stop.signal,
    pipeMayClose: (): void => {
      onPipe = () => undefined;
    },
    check: async (): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      if (stop.signal.aborted) throw environmentFailed("stopped");
    },
    end: (): void => {
      for (const signal of signals) process.off(signal, onSignal);
      for (const stream of streams) stream.off("error", onClosedPipe);
    },
  };
}
