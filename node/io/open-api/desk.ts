import type { Bytes } from "../../../crypto/bytes.ts";
import { hashKey } from "../../../crypto/hash.ts";
import { ok, type Outcome } from "../../../crypto/outcome.ts";
import type { LedgerLine } from "../../channels/ledger-line.ts";
import { instructionHash, type Instruction, type SignedInstruction } from "../../instruction.ts";
import { judgeNumber } from "../../members.ts";
import type { BankView, SubmissionForms } from "./bank-view.ts";
import type { LedgerFollower } from "./ledger-follower.ts";
import { isRuleCode, refuse, type Problem } from "./problem.ts";

export interface DeskOptions {
  readonly view: BankView;
  readonly forms: SubmissionForms;
  readonly follower: LedgerFollower;
  /** Gives the machine a submission: the very input that a file or standard input gives. */
  readonly feed: (submission: Bytes) => void;
  readonly answerWaitMs: number;
}

/** An instruction that was parsed, and whose signature was checked. */
export interface Order {
  readonly instruction: Instruction;
  readonly signed: SignedInstruction;
}

/** The line that took an instruction in; `undefined` when its block is not durable yet. */
export type Taken = LedgerLine | undefined;

/** Hands submissions to the bank and waits for the block that takes them in. */
export class Desk {
  readonly #options: DeskOptions;
  /** Who waits for the line of an instruction, by its hash; at most one for each open request. */
  readonly #waiting = new Map<string, Set<(line: Taken) => void>>();

  constructor(options: DeskOptions) {
    this.#options = options;
    options.follower.onLines((lines) => {
      for (const line of lines) {
        if (line.order === null) continue;
        for (const resolve of this.#waiting.get(line.order.hash) ?? []) resolve(line);
      }
    });
  }

  /** What is in the ledger for an instruction's number: its own line, nothing, or another's. */
  lookUp({ instruction, signed }: Order): Outcome<Taken, Problem> {
    const { member, number } = instruction;
    const line = this.#options.follower.history.ofOrder(member, number);
    if (line === undefined || line.order?.hash === hashKey(instructionHash(signed)))
      return ok(line);
    return refuse("replay", { found: `number ${number}`, allowed: "each number once" });
  }

  submit(order: Order): Promise<Outcome<Taken, Problem>> {
    return this.#give(this.#options.forms.instruction(order.signed), order, true);
  }

  /** The terms of a swap: this bank announces it when its leg is the first, else waits for the other's. */
  submitSwap(
    swap: Parameters<SubmissionForms["swap"]>[0],
    own: Order,
    isFirst: boolean,
  ): Promise<Outcome<Taken, Problem>> {
    return this.#give(this.#options.forms.swap(swap), own, isFirst);
  }

  async #give(
    submission: Bytes,
    { instruction, signed }: Order,
    isAwaited: boolean,
  ): Promise<Outcome<Taken, Problem>> {
    const { view, follower, feed, answerWaitMs } = this.#options;
    if (!view.isRunning()) return refuse("bank_starting", { retryAfterMs: 1000 });
    const { member, number } = instruction;
    const hash = hashKey(instructionHash(signed));
    const numbers = view.books.members.get(member)?.numbers;
    if (
      numbers !== undefined &&
      judgeNumber(numbers, number, instructionHash(signed)) === "exists"
    ) {
      return this.#takenBefore({ instruction, signed });
    }
    const taken = this.#await(hash, isAwaited ? answerWaitMs : 0);
    const said = follower
      .saidWhile(() => feed(submission))
      .find((answer) => answer.member === member && answer.number === number);
    if (said?.status === "refused") {
      taken.giveUp();
      const { code = "TERMS_INVALID", found, allowed } = said;
      return refuse(problemCode(code), {
        ...(found === undefined ? {} : { found }),
        ...(allowed === undefined ? {} : { allowed }),
      });
    }
    return ok(await taken.line);
  }

  /** The instruction counts in the books: its line comes with the next block, or is older than those kept. */
  async #takenBefore(order: Order): Promise<Outcome<Taken, Problem>> {
    const { follower, answerWaitMs } = this.#options;
    const isDurable = await follower.booksDurable(answerWaitMs);
    const line = this.lookUp(order);
    if (!isDurable || !line.ok || line.value !== undefined) return line;
    return refuse("replay", {
      found: `number ${order.instruction.number}, taken in long ago`,
      allowed: "each number once",
    });
  }

  #await(hash: string, waitMs: number): { readonly line: Promise<Taken>; giveUp(): void } {
    let end: (line: Taken) => void = () => undefined;
    const line = new Promise<Taken>((resolve) => {
      const timer = setTimeout(() => end(undefined), waitMs).unref();
      end = (found) => {
        clearTimeout(timer);
        const others = this.#waiting.get(hash);
        others?.delete(end);
        if (others?.size === 0) this.#waiting.delete(hash);
        resolve(found);
      };
    });
    const others = this.#waiting.get(hash);
    if (others === undefined) this.#waiting.set(hash, new Set([end]));
    else others.add(end);
    return { line, giveUp: () => end(undefined) };
  }
}

const MACHINERY_CODES: ReadonlySet<string> = new Set([
  "replay",
  "busy",
] satisfies Problem["code"][]);

/** The bank's own code, where this API has it too. */
function problemCode(code: string): Problem["code"] {
  if (isRuleCode(code)) return code;
  return MACHINERY_CODES.has(code) ? (code as Problem["code"]) : "TERMS_INVALID";
}
