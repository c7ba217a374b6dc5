import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { unreachable } from "../../crypto/outcome.ts";
import type { Report } from "../../corridor/report.ts";
import type { BankEvent } from "../commands/bank.ts";

/** Bounds of settle times in seconds, from a quick machine to a swap that needed the slow path. */
const SETTLE_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Counts what a bank says of itself, for Prometheus. Labels have values from the program's own lists only. */
export class BankMetrics {
  readonly registry = new Registry();
  readonly #ready = this.#gauge("daliz_ready", "1 once the bank may sign.");
  readonly #links = this.#gauge("daliz_links", "Peers to which a link is open.");
  readonly #head = this.#gauge("daliz_head", "Height of the newest own block at the start.");
  readonly #swaps = this.#counter("daliz_swaps_total", "Swaps of this bank's members.", "outcome");
  readonly #instructions = this.#counter(
    "daliz_instructions_total",
    "Members' instructions, by what became of them.",
    "status",
  );
  readonly #warnings = this.#counter("daliz_warnings_total", "Warnings and log lines.", "code");
  readonly #settle = new Histogram({
    name: "daliz_swap_settle_seconds",
    help: "From a swap's arrival at this bank to its durable SETTLE.",
    buckets: SETTLE_BUCKETS,
    registers: [this.registry],
  });

  constructor(bank: string) {
    this.registry.setDefaultLabels({ bank });
    collectDefaultMetrics({ register: this.registry });
  }

  /** Whether the bank has passed its own check and may sign. */
  isReady = false;

  take(event: BankEvent): void {
    switch (event.event) {
      case "linked":
        return this.#links.inc();
      case "unlinked":
        return this.#links.dec();
      case "log":
        return this.#warnings.inc({ code: event.code });
      case "report":
        return this.#takeReport(event.report);
      case "started":
      case "usage":
      case "stopped":
        return;
      default:
        unreachable(event);
    }
  }

  #takeReport(report: Report): void {
    if (report.kind === "ready") {
      this.isReady = true;
      this.#ready.set(1);
      this.#head.set(report.head);
    }
    if (report.kind === "instruction") this.#instructions.inc({ status: report.status });
    if (report.kind === "warning") this.#warnings.inc({ code: report.code });
    if (report.kind !== "swap") return;
    this.#swaps.inc({ outcome: report.outcome });
    const { received, final } = report.times;
    if (report.outcome === "settled" && received > 0) {
      this.#settle.observe((final - received) / 1e6);
    }
  }

  #gauge(name: string, help: string): Gauge {
    return new Gauge({ name, help, registers: [this.registry] });
  }

  #counter<L extends string>(name: string, help: string, label: L): Counter<L> {
    return new Counter({ name, help, labelNames: [label], registers: [this.registry] });
  }
}
