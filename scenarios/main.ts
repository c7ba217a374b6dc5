import "./runtime-check.ts";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { Command, CommanderError } from "commander";
import { CommandError, environmentFailed, EXIT } from "./exit.ts";

/** Each command is one file, loaded when it is called, so that a bank process starts quickly. */
const program = new Command("daliz")
  .description(
    "Daliz, a corridor of central banks: settle atomic PvP swaps of digital tenge, live or simulated.",
  )
  .option("--debug", "show stack traces")
  .configureOutput({ outputError: (text, write) => write(usageLine(text)) })
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

program
  .command("run")
  .description("run a scenario of the library, or one's own file")
  .argument("<scenario>", "a name of the library (daliz list), or the path of a YAML file")
  .option("--mode <mode>", "live: every bank a process (default: the scenario's own)")
  .option("--arrangement <name>", "how legs settle: certified")
  .option("--seed <number>", "draws the workload")
  .option("--out <folder>", "the run folder; default runs/<name>, never overwritten")
  .option(
    "--set <path=value...>",
    "put a value over the scenario's, such as workload.swaps.count=50",
    [],
  )
  .option("--json", "print the manifest as JSON and nothing else", false)
  .action(async (scenario: string, options: unknown) => {
    const { runScenario } = await import("./commands/run.ts");
    await runScenario(scenario, options as Parameters<typeof runScenario>[1]);
  });

program
  .command("verify")
  .description("audit a run folder, or ledger files with --genesis, offline")
  .argument("<paths...>", "a run folder, or ledger files")
  .option("--genesis <file>", "the corridor's genesis file; default: the run folder's")
  .action(async (paths: readonly string[], options: { readonly genesis?: string }) => {
    const { runVerify } = await import("./commands/verify.ts");
    runVerify(paths, options);
  });

program
  .command("prove")
  .description("write a self-contained proof of how a swap was decided")
  .argument("<folder>", "a run folder")
  .argument("<swapId>", "the swap's id, or a unique beginning of it")
  .option("--out <file>", "the proof file; default: in the run folder")
  .action(async (folder: string, swapId: string, options: { readonly out?: string }) => {
    const { runProve } = await import("./commands/prove.ts");
    runProve(folder, swapId, options);
  });

program
  .command("check-proof")
  .description("check a proof with the corridor's public keys alone")
  .argument("<file>", "a proof file")
  .requiredOption("--genesis <file>", "the corridor's genesis file")
  .action(async (file: string, options: { readonly genesis: string }) => {
    const { runCheckProof } = await import("./commands/prove.ts");
    runCheckProof(file, options);
  });

program
  .command("report")
  .description("build the HTML report of a run folder again")
  .argument("<folder>", "a run folder")
  .action(async (folder: string) => {
    const { runReport } = await import("./commands/report.ts");
    await runReport(folder);
  });

program
  .command("keygen")
  .description("make keys for every bank of a corridor, and its genesis")
  .requiredOption("--out <folder>", "where the files go")
  .option("--name <name>", "the corridor's name", "my-corridor")
  .option("--bank <id:currency...>", "a bank: ID:CURRENCY[:DECIMALS[:NAME]]", [])
  .option("--byzantine <number>", "lying banks to withstand", "0")
  .option("--crashed <number>", "silent banks to withstand besides", "0")
  .option("--delta-ms <number>", "working figure for one message delay", "250")
  .option("--ttl-ms <number>", "how long a swap waits for its fast path", "10000")
  .action(async (options: unknown) => {
    const { runKeygen } = await import("./commands/keygen.ts");
    runKeygen(options as Parameters<typeof runKeygen>[0]);
  });

program
  .command("explore")
  .description("search for violations: every schedule of a small world, within bounds")
  .argument("[world]", "a world of explore --list; default: all small ones")
  .option("--exhaustive", "try everything that can happen", false)
  .option("--list", "list the worlds and their bounds", false)
  .option("--budget <number>", "stop after so many states, or seconds, such as 60s")
  .option(
    "--replay <schedule>",
    "play one schedule again: the string that was printed, or its file",
  )
  .option("--real-signatures", "sign and verify instead of modelling signatures", false)
  .option("--json", "print one line of JSON for each world", false)
  .action(async (world: string | undefined, options: unknown) => {
    const { runExplore } = await import("./commands/explore.ts");
    await runExplore(world, options as Parameters<typeof runExplore>[1]);
  });

program
  .command("list")
  .description("list the scenarios of the library")
  .action(async () => {
    const { runList } = await import("./commands/library.ts");
    runList();
  });

program
  .command("schema")
  .description("print the JSON Schema of scenario files")
  .action(async () => {
    const { runSchema } = await import("./commands/library.ts");
    runSchema();
  });

program
  .command("bench")
  .description("measure this machine, and live corridors on it")
  .option("--banks <numbers>", "corridor sizes, separated by commas", "2,4,6")
  .option("--seconds <number>", "how long each load lasts", "10")
  .action(async (options: unknown) => {
    const { runBench } = await import("./commands/bench.ts");
    await runBench(options as Parameters<typeof runBench>[0]);
  });

process.on("uncaughtException", (error) => process.exit(report(error)));
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: Error) => onOutputError(stream, error));
}
standWhereTheUserStands();
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** npm runs its scripts in the project's folder and names the user's own: paths are relative to that one. */
function standWhereTheUserStands(): void {
  const project = path.resolve(import.meta.dirname, "..");
  const user = process.env["INIT_CWD"];
  if (user !== undefined && process.cwd() === project && fs.existsSync(user)) process.chdir(user);
}

/** What commander says on one or two lines, as one line. */
function usageLine(text: string): string {
  const said = text
    .replace(/^error: /, "")
    .trim()
    .replaceAll(/\s*\n\s*/g, " ");
  return `daliz: usage: ${said} (daliz --help lists the commands)\n`;
}

/**
 * Nobody reads the output any more, as after `| head -1`. A command that has something to clean up
 * listens too, and ends in its own way; any other has nothing more to do.
 */
function onOutputError(stream: NodeJS.WriteStream, error: Error): void {
  if (!("code" in error) || error.code !== "EPIPE") throw error;
  if (stream.listenerCount("error") > 1) return;
  process.exit(report(environmentFailed("output_closed: nobody reads the output")));
}

/** Writes one line about an error to standard error, and returns the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.badInput;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`daliz: ${isExpected(error) ? message : internalError(message)}\n`);
  if (program.opts()["debug"] === true) process.stderr.write(`${stack}\n`);
  return error instanceof CommandError ? error.exitCode : EXIT.environment;
}

/** A command's own refusal, or what the operating system refused. */
function isExpected(error: unknown): boolean {
  return error instanceof CommandError || (error instanceof Error && "syscall" in error);
}

function internalError(message: string): string {
  return `internal error: ${message.replaceAll(/\s*\n\s*/g, " ")} (--debug shows where)`;
}
