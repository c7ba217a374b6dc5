import "./runtime-check.ts";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { Command, CommanderError, Option } from "commander";
import { CommandError, environmentFailed, EXIT } from "./exit.ts";
import { ARRANGEMENTS } from "./scenario.ts";

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
  .option("--passphrase-file <file>", "opens an encrypted key file (or DALIZ_PASSPHRASE)")
  .requiredOption("--data <folder>", "the bank's data folder")
  .requiredOption("--listen <address>", "multiaddr to listen on, such as /ip4/127.0.0.1/tcp/0")
  .option("--peer <bank=address...>", "where another bank listens", [])
  .option("--instructions <file>", "members' signed submissions, one JSON line each")
  .option("--api <host:port>", "serve HTTP for the bank's members there (off by default)")
  .option("--alone", "sign without asking the peers for the own newest block", false)
  .option("--trace", "report every step and block of every swap", false)
  .option("--metrics <host:port>", "serve /metrics to Prometheus, and /health")
  .option("--tethered", "stop when standard input ends", false)
  .option("--chain <2|3>", "be a validator of one shared ledger, final with so many certificates")
  .addOption(new Option("--shape <file>", "slow down the links to the peers").hideHelp())
  .addOption(new Option("--clock <start>", "another clock than the machine's").hideHelp())
  .option("--arrangement <choice>", "how swaps settle that it announces (default: certified)")
  .addOption(new Option("--record <file>", "keep everything that the bank is fed").hideHelp())
  .action(async (options: unknown) => {
    const { runBank } = await import("./commands/bank.ts");
    await runBank(options as Parameters<typeof runBank>[0]);
  });

program
  .command("run")
  .description("run a scenario of the library, or one's own file")
  .argument("<scenario>", "a name of the library (daliz list), or the path of a YAML file")
  .option(
    "--mode <mode>",
    "live: every bank a process; sim: virtual time (default: the scenario's own)",
  )
  .option("--arrangement <name>", `how legs settle: ${ARRANGEMENTS.join(", ")}`)
  .option("--seed <number>", "draws the workload")
  .option("--out <folder>", "the run folder; default runs/<name>, never overwritten")
  .option(
    "--set <path=value...>",
    "put a value over the scenario's, such as workload.swaps.count=50",
    [],
  )
  .option("--json", "print the manifest as JSON and nothing else", false)
  .option(
    "--record",
    "keep what every bank was fed, and its throw-away keys, for replay-inputs",
    false,
  )
  .action(async (scenario: string, options: unknown) => {
    const { runAny } = await import("./commands/run-any.ts");
    await runAny(scenario, options as Parameters<typeof runAny>[1]);
  });

program
  .command("vary")
  .description("a scenario in virtual time, once for each value of one parameter, side by side")
  .argument("<scenario>", "a name of the library, or the path of a YAML file")
  .requiredOption("--over <path=values>", "such as connected=5,10,108 or tagging=full,none")
  .option("--set <path=value...>", "put a value over the scenario's", [])
  .option("--seed <number>", "draws the workload")
  .option("--out <folder>", "where the comparison goes; default runs/vary-<name>")
  .action(async (scenario: string, options: unknown) => {
    const { runVary } = await import("./commands/vary.ts");
    await runVary(scenario, options as Parameters<typeof runVary>[1]);
  });

program
  .command("replay")
  .description("a simulated run again, as a readable trace or a sequence diagram")
  .argument("<scenario>", "a name of the library, or the path of a YAML file")
  .option("--seed <number>", "the run's seed; default: the scenario's own")
  .option("--arrangement <name>", `how legs settle: ${ARRANGEMENTS.join(", ")}`)
  .option("--set <path=value...>", "put a value over the scenario's", [])
  .option("--until <ms>", "stop after this much time of the run")
  .option("--swap <id>", "only what is about this swap: the first digits of its id")
  .option("--mermaid", "as a Mermaid sequence diagram", false)
  .action(async (scenario: string, options: unknown) => {
    const { runReplay } = await import("./commands/replay.ts");
    await runReplay(scenario, options as Parameters<typeof runReplay>[1]);
  });

program
  .command("verify")
  .description("audit a run folder, or ledger files with --genesis, offline")
  .argument("<paths...>", "a run folder, or ledger files")
  .option("--genesis <file>", "the corridor's genesis file; default: the run folder's")
  .action(async (paths: readonly string[], options: { readonly genesis?: string }) => {
    const { runVerify } = await import("./commands/verify.ts");
    await runVerify(paths, options);
  });

program
  .command("replay-inputs")
  .description(
    "feed a run's recorded inputs to the banks again: the ledgers must be the same bytes",
  )
  .argument("<folder>", "the folder of a run that was made with --record")
  .action(async (folder: string) => {
    const { runReplayInputs } = await import("./commands/replay-inputs.ts");
    await runReplayInputs(folder);
  });

program
  .command("prove")
  .description("write a self-contained proof of how a swap was decided")
  .argument("<folder>", "a run folder")
  .argument("<swapId>", "the swap's id, or a unique beginning of it")
  .option("--out <file>", "the proof file; default: in the run folder")
  .action(async (folder: string, swapId: string, options: { readonly out?: string }) => {
    const { runProve } = await import("./commands/prove.ts");
    await runProve(folder, swapId, options);
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
  .command("trace-tag")
  .description("show where tagged money went, from allocation to full expenditure")
  .argument("<folder>", "a run folder")
  .argument("<tag>", "the beginning of its id, or its reference")
  .option("--out <file>", "where the drawing goes")
  .action(async (folder: string, tag: string, options: unknown) => {
    const { runTraceTag } = await import("./commands/trace-tag.ts");
    await runTraceTag(folder, tag, options as Parameters<typeof runTraceTag>[2]);
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
  .option("--passphrase-file <file>", "encrypts the key files (or DALIZ_PASSPHRASE)")
  .action(async (options: unknown) => {
    const { runKeygen } = await import("./commands/keygen.ts");
    runKeygen(options as Parameters<typeof runKeygen>[0]);
  });

program
  .command("explore")
  .description(
    "look for a broken promise: faults drawn from seeds, or all that can happen in a small world",
  )
  .argument(
    "[name]",
    "a scenario for --seeds; a world of --list for --exhaustive, default: all small ones",
  )
  .option("--seeds <range>", "draw faults for each seed, such as 1..1000")
  .option("--arrangement <name>", `with --seeds: how legs settle: ${ARRANGEMENTS.join(", ")}`)
  .option("--set <path=value...>", "with --seeds: put a value over the scenario's", [])
  .option("--exhaustive", "try everything that can happen", false)
  .option("--list", "list the worlds and their bounds", false)
  .option("--budget <number>", "stop after so many states, or seconds, such as 60s")
  .option(
    "--replay <schedule>",
    "play one schedule again: the string that was printed, or its file",
  )
  .option("--real-signatures", "sign and verify instead of modelling signatures", false)
  .option("--json", "print one line of JSON for each world", false)
  .action(async (name: string | undefined, options: unknown) => {
    const { runExplore } = await import("./commands/explore.ts");
    await runExplore(name, options as Parameters<typeof runExplore>[1]);
  });

program
  .command("compare")
  .description("the same workload and seeds under several arrangements, or values of a parameter")
  .argument("<scenario>", "a name of the library, or the path of a YAML file")
  .option("--arrangements <names>", "separated by commas; default: the scenario's own")
  .option("--vary <path=v1,v2,...>", "a parameter with its values; may be given again", collect, [])
  .option("--runs <number>", "seeds that each case is run with", "10")
  .option("--seed <number>", "the first of them; default: the scenario's own")
  .option("--set <path=value...>", "put a value over the scenario's, in every case", [])
  .option("--volatility <fraction>", "of the rates a year, for the free option", "0.1")
  .option("--out <folder>", "the folder of the result; never overwritten")
  .option("--workers <number>", "threads; default: one for each processor")
  .option("--resume", "go on in the folder of --out where the same command was stopped", false)
  .option(
    "--index [number]",
    "only this run, from 0, for merge; without a number that of the Slurm array task",
  )
  .option("--json", "print the manifest as JSON and nothing else", false)
  .action(async (scenario: string, options: unknown) => {
    const { runCompare } = await import("./commands/compare.ts");
    await runCompare(scenario, options as Parameters<typeof runCompare>[1]);
  });

program
  .command("merge")
  .description("join the runs of a comparison that were made one by one with compare --index")
  .argument("<folder>", "the folder that they share")
  .option("--json", "print the manifest as JSON and nothing else", false)
  .action(async (folder: string, options: { readonly json: boolean }) => {
    const { runMerge } = await import("./commands/merge.ts");
    await runMerge(folder, options);
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
  .command("calibrate")
  .description("fit the costs of simulated work to this machine, and say how well they predict it")
  .option("--banks <numbers>", "corridor sizes, separated by commas", "4,6")
  .option("--seconds <number>", "how long each load lasts", "10")
  .option(
    "--topology <name>",
    "how links are shaped: none, single-site or six-capitals",
    "six-capitals",
  )
  .option("--out <file>", "also write the costs into this new file")
  .action(async (options: unknown) => {
    const { runCalibrate } = await import("./commands/calibrate.ts");
    await runCalibrate(options as Parameters<typeof runCalibrate>[0]);
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

program
  .command("soak")
  .description("keep a live corridor under load for a long time: memory, descriptors, latency")
  .option("--banks <number>", "corridor size", "6")
  .option("--minutes <number>", "for how long", "60")
  .option("--load <per cent>", "of what the corridor can do", "30")
  .option("--out <folder>", "where the samples and the report go, instead of runs/soak")
  .action(async (options: unknown) => {
    const { runSoak } = await import("./commands/soak.ts");
    await runSoak(options as Parameters<typeof runSoak>[0]);
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

/** An option that may be given again. */
function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
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
