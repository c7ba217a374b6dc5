/** Exit codes of every command (0 is fine). */
export const EXIT = {
  /** A property was violated, or a check failed. */
  violated: 1,
  badInput: 2,
  /** The environment failed: ports, disks, runtime. */
  environment: 3,
} as const;

/** Ends a command with one line on standard error and an exit code; no stack trace. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number;
  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const badInput = (message: string): CommandError => new CommandError(EXIT.badInput, message);

export const environmentFailed = (message: string): CommandError =>
  new CommandError(EXIT.environment, message);
