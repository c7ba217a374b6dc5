import "./runtime-check.ts";
import { Command, CommanderError } from "commander";
import { CommandError, EXIT } from "./exit.ts";

/** Each command is one file, loaded when it is called, so that a bank process starts quickly. */
const program = new Command("daliz")
  .description(
    "Daliz, a corridor of central banks: settle atomic PvP swaps of digital tenge, live or simulated.",
  )
  .option("--debug", "show stack traces")
  .showHelpAfterError("(daliz --help lists the commands)")
  .exitOverride();

program
  .command("bank")
  .description("run one central bank as a process")
  .requiredOption("--genesis <file>", "the corridor's genesis file")
  .requiredOption("--key <file>", "the bank's key file")
  .requiredOption("--data <folder>", "the bank's data folder")
  .requiredOption("--listen <address>", "multiaddr to listen on, such as /ip4/127.0.0.1/tcp/0")
  .option("--peer <bank=address...>", "where another bank listens", [])
  .option("--instructions <file>", "members' signed submissions, one JSON line each")
  .option("--alone", "sign without asking the peers for the own newest block", false)
  .option("--trace", "report every step and block of every swap", false)
  .option("--tethered", "stop when standard input ends", false)
  .action(async (options: unknown) => {
    const { runBank } = await import("./commands/bank.ts");
    await runBank(options as Parameters<typeof runBank>[0]);
  });

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error, program.opts()["debug"] === true);
}

function report(error: unknown, debug: boolean): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? 0 : EXIT.badInput;
  }
  if (error instanceof CommandError) {
    process.stderr.write(`daliz: ${error.message}\n`);
    if (debug && error.stack !== undefined) process.stderr.write(`${error.stack}\n`);
    return error.exitCode;
  }
  throw error;
}
