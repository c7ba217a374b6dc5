import type { Watcher, World } from "../sim/world.ts";

/** What the banks of a simulated run did, all together. */
export interface WorkDone {
  readonly messages: number;
  readonly bytes: number;
  readonly signatures: number;
  readonly verifications: number;
  readonly flushes: number;
}

/** Counts what banks do from the opening of the workload on: linking up and issuing money are no part of it. */
export class WorkMeter {
  readonly watcher: Watcher = {
    onSend: (_, __, bytes) => {
      this.#messages++;
      this.#bytes += bytes.length;
    },
    // A flush that a crash interrupts never becomes durable, and is not counted.
    onStep: (_, input) => {
      if (input.kind === "durable") this.#flushes++;
    },
  };
  #messages = 0;
  #bytes = 0;
  #flushes = 0;
  #signs = 0;
  #verifies = 0;

  /** Everything so far is forgotten. */
  start({ done }: World): void {
    this.#messages = this.#bytes = this.#flushes = 0;
    this.#signs = done.signs;
    this.#verifies = done.verifies;
  }

  read({ done }: World): WorkDone {
    return {
      messages: this.#messages,
      bytes: this.#bytes,
      signatures: done.signs - this.#signs,
      verifications: done.verifies - this.#verifies,
      flushes: this.#flushes,
    };
  }
}
