import { bytesToHex } from "../../crypto/bytes.ts";
import { hashKey } from "../../crypto/hash.ts";
import { unreachable } from "../../crypto/outcome.ts";
import type { BankMachine } from "../../corridor/bank-state.ts";
import type { EntryRef } from "../../corridor/entries.ts";
import { headHash } from "../../corridor/logs.ts";
import type { Swap } from "../../corridor/swap/swap.ts";

/**
 * What a bank has derived from blocks, as text in an order of its own: equal texts, equal states. Of a
 * decided swap it has the outcome alone: which q of more signatures certify it is a matter of order.
 */
export function derivedState({ state }: BankMachine): string {
  const logs = [...state.logs.values()].map(
    (log) => `log ${log.bank} ${log.linked} ${hashKey(headHash(log))} ${log.branches.length}`,
  );
  const balances = [...state.books.balances].map(
    ([name, { posted, pending }]) => `balance ${name} ${posted} ${pending}`,
  );
  const swaps = [...state.swaps.values()].map(renderSwap);
  const convicted = [...state.convicted].map((bank) => `convicted ${bank}`);
  const rest = [`decided ${state.decided.count}`, `holds ${state.books.holds.size}`];
  return [...logs, ...balances, ...swaps, ...convicted, ...rest].sort(byText).join("\n");
}

function renderSwap(swap: Swap): string {
  const { key, announcement, certificate, locks, votes, view } = swap;
  const own = `${view} ${swap.voted} ${swap.locked} ${swap.closed} ${swap.refused}`;
  const head = `swap ${key} ${announcement === undefined ? "unknown" : "announced"} ${own}`;
  if (certificate !== undefined) return `${head} decided ${certificate.decision}`;
  const cast = (ballots: Swap["accepts"]): string =>
    sorted([...ballots].map(([name, box]) => `${name}: ${sorted([...box.keys()].map(String))}`));
  const seen = (entries: readonly { readonly ref: EntryRef }[]): string =>
    sorted(entries.map(({ ref }) => renderRef(ref)));
  return [
    head,
    `locks ${locks.map((places) => sorted(places.map(renderRef))).join(" | ")}`,
    `votes ${sorted([...votes.keys()].map(String))}`,
    `statuses ${seen(swap.statuses)} leads ${seen(swap.leads)} early ${seen(swap.early)}`,
    `accepts ${cast(swap.accepts)} confirms ${cast(swap.confirms)}`,
    renderCourse(swap.course),
  ].join(" ");
}

function renderCourse(course: Swap["course"]): string {
  switch (course?.kind) {
    case undefined:
      return "";
    case "htlc": {
      const locks = course.locks.map((lock) => lock && `${hashKey(lock.hash)} ${lock.untilMs}`);
      const claims = course.claims.map((shown) => sorted(shown.map(bytesToHex)));
      return `htlc ${locks.join("|")} claims ${claims.join("|")} own ${course.claimed}`;
    }
    case "two-phase": {
      const { hasPrepared, hasDecided, isAsked, decide, refusal } = course;
      const said = `${hasPrepared} ${hasDecided} ${isAsked} ${refusal === undefined}`;
      return `two-phase ${said} ${decide?.decision ?? 0}`;
    }
    case "gross":
      return `gross ${course.paid}`;
    default:
      return unreachable(course);
  }
}

const renderRef = ({ bank, seq, index, blockHash }: EntryRef): string =>
  `${bank}/${seq}/${index}/${hashKey(blockHash)}`;

const sorted = (texts: readonly string[]): string => [...texts].sort(byText).join(",");

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
