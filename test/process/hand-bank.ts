import readline from "node:readline";
import type { BankEvent, BankOrder } from "../../scenarios/commands/bank.ts";
import type { Report } from "../../corridor/report.ts";
import { Command, type AtEnd, type CommandOptions, type Ended } from "./daliz.ts";

/** Node.js of a bank is kept small, as the launcher does, so that tests start quickly. */
export interface HandBankOptions extends CommandOptions {
  readonly genesis: string;
  readonly key: string;
  readonly data: string;
  readonly listen?: string;
  /** `BANK=ADDRESS` of other banks. */
  readonly peers?: readonly string[];
  /** Further flags, such as `--alone`. */
  readonly flags?: readonly string[];
}

export type ReportOf<K extends Report["kind"]> = Extract<Report, { readonly kind: K }>;

/** A bank that somebody starts by hand, as `daliz bank`, and whose output is read line by line. */
export class HandBank {
  readonly command: Command;
  readonly events: BankEvent[] = [];
  readonly #listeners = new Set<() => void>();
  #isOver = false;

  constructor(atEnd: AtEnd, options: HandBankOptions) {
    const { genesis, key, data, listen = "/ip4/127.0.0.1/tcp/0", peers = [], flags = [] } = options;
    const args = ["bank", "--genesis", genesis, "--key", key, "--data", data, "--listen", listen];
    args.push(...peers.flatMap((peer) => ["--peer", peer]), ...flags);
    this.command = new Command(atEnd, args, options);
    const { stdout } = this.command.child;
    if (stdout === null) throw new TypeError("a bank without standard output");
    readline.createInterface({ input: stdout }).on("line", (line) => {
      this.events.push(parseLine(line));
      this.#look();
    });
    this.command.child.once("close", () => {
      this.#isOver = true;
      this.#look();
    });
  }

  get ended(): Promise<Ended> {
    return this.command.ended;
  }

  /** Waits for the address that a started bank prints first. */
  async address(): Promise<string> {
    await this.shown((event) => event.event === "started", "that it started");
    const [first] = this.events;
    if (first?.event !== "started") throw new Error(`the first line is ${JSON.stringify(first)}`);
    return first.address;
  }

  /** Waits for the first event that answers, and says what else there was when the bank ends before. */
  async shown(is: (event: BankEvent) => boolean, what: string): Promise<BankEvent> {
    const found = await new Promise<BankEvent | undefined>((resolve) => {
      const look = (): void => {
        const event = this.events.find(is);
        if (event === undefined && !this.#isOver) return;
        this.#listeners.delete(look);
        resolve(event);
      };
      this.#listeners.add(look);
      look();
    });
    if (found !== undefined) return found;
    const { status, signal, err } = await this.ended;
    throw new Error(`the bank ended before it showed ${what}: ${status ?? signal}: ${err}`);
  }

  /** Waits for a report; see `shown`. */
  async reported<K extends Report["kind"]>(
    kind: K,
    is: (report: ReportOf<K>) => boolean = () => true,
  ): Promise<ReportOf<K>> {
    const holds = (report: Report): report is ReportOf<K> => isReport(report, kind) && is(report);
    const event = await this.shown(
      (shown) => shown.event === "report" && holds(shown.report),
      `a report of ${kind}`,
    );
    if (event.event !== "report" || !holds(event.report)) throw new Error("not the event found");
    return event.report;
  }

  reports<K extends Report["kind"]>(kind: K): readonly ReportOf<K>[] {
    return this.events.flatMap((event) =>
      event.event === "report" && isReport(event.report, kind) ? [event.report] : [],
    );
  }

  order(order: BankOrder): void {
    this.command.child.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  submit(bytes: Uint8Array): void {
    this.order(orderOf(bytes));
  }

  /** Stops the bank as its operator does, and waits until it is gone. */
  async stop(): Promise<Ended> {
    this.command.child.kill("SIGTERM");
    return this.ended;
  }

  /** Ends the bank as a power cut would. */
  async kill(): Promise<Ended> {
    this.command.child.kill("SIGKILL");
    return this.ended;
  }

  #look(): void {
    for (const look of this.#listeners) look();
  }
}

const isReport = <K extends Report["kind"]>(report: Report, kind: K): report is ReportOf<K> =>
  report.kind === kind;

export const orderOf = (bytes: Uint8Array): { readonly submit: string } => ({
  submit: Buffer.from(bytes).toString("base64"),
});

function parseLine(line: string): BankEvent {
  try {
    return JSON.parse(line) as BankEvent;
  } catch {
    // A bank that was killed while it wrote.
    return { event: "log", code: `unreadable: ${line}` };
  }
}
