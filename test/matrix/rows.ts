/** One fault or abuse, and what has to happen. Tests name it in brackets at the end of a title: `(D3)`. */
export interface MatrixRow {
  readonly id: string;
  readonly fault: string;
  readonly expected: string;
  /** Why no test in this repository's run shows it, when none does. */
  readonly untested?: string;
}

const GROUPS = {
  D: "Crash and storage",
  N: "Network and time",
  B: "A bank with a valid key and bad intentions",
  A: "Strangers on the network",
  O: "Operator input",
  R: "Per arrangement",
} as const;

export const groupOf = (id: string): string => GROUPS[id.charAt(0) as keyof typeof GROUPS];

const row = (id: string, fault: string, expected: string, untested?: string): MatrixRow => ({
  id,
  fault,
  expected,
  ...(untested === undefined ? {} : { untested }),
});

/** Every row of the fault and abuse matrix. */
export const MATRIX: readonly MatrixRow[] = [
  row("D1", "SIGKILL around every durable step", "state from the journal; nothing signed twice"),
  row("D2", "a crash during recovery", "recovery can be repeated"),
  row("D3", "a torn tail after a power loss", "set aside and cut; it was never sent"),
  row("D4", "damage at or below the durable mark", "ledger_corrupt, with the place; never cut"),
  row("D5", "write or sync fails, disk full", "stops; no second try; swaps end after the restart"),
  row("D6", "an old copy of the folder; two processes on one", "stale_state; already_running"),
  row("D7", "the disk is lost", "an old key never starts on an empty disk"),
  row("D8", "a write that is lost or lands elsewhere", "found by the chain: ledger_corrupt"),
  row(
    "D9",
    "a disk that takes a second for each write",
    "back-pressure; what was promised is kept",
  ),
  row("D10", "a key file that is missing, open to others, linked or changed", "refused by name"),
  row("D11", "SIGTERM in the middle of a swap", "ends with 0; the swap ends after the restart"),
  row("N1", "a partition at any step, healed later", "never one-sided; ends in bounded time"),
  row("N2", "a partition one way", "as N1"),
  row("N3", "loss, repetition, reordering, long delays", "every swap ends; a repeat has no effect"),
  row("N4", "slow and clogged links", "back-pressure, bounded memory"),
  row(
    "N5",
    "wrong clocks: offset, drift, a step back",
    "only refusals or delay, never a wrong outcome",
  ),
  row("N6", "expiry races settlement", "exactly one of posted and voided"),
  row("N7", "reconnect storms, crossing dials, moved peers", "one link per pair, by a fixed rule"),
  row("N8", "timers that fire late or all at once", "no wake-up is lost"),
  row("B1", "equivocation: two blocks at one height", "EVIDENCE; honest swaps go on"),
  row("B2", "forged or foreign signatures", "refused and counted"),
  row("B3", "malleable signatures, odd keys", "one verdict, on every build"),
  row("B4", "bytes that are not canonical", "refused before any state is read"),
  row(
    "B5",
    "a signature or tag carried elsewhere",
    "refused: the domain is signed; tags are conserved",
  ),
  row("B6", "replay of messages and instructions", "refused, or answered as before"),
  row("B7", "the same money in two swaps", "the second is refused"),
  row("B8", "posted twice, voided after posting, posted after voiding", "impossible, by rule"),
  row("B9", "odd amounts: signs, exponents, 2^63, sums", "refused at every door"),
  row("B10", "conversions split to gain by rounding", "no split beats the whole"),
  row("B11", "holds placed and left", "a budget of holds; each one ends"),
  row("B12", "terms that make no sense, another bank's money", "TERMS_INVALID, MINT_FORBIDDEN"),
  row("B13", "forged history offered to a bank that catches up", "hashes and proofs refuse it"),
  row("B14", "false evidence", "needs two valid signatures; nobody honest is blamed"),
  row("B15", "one bank speaks for another", "refused by the link's proven key"),
  row("B16", "names that confuse people or programs", "refused; display names are escaped"),
  row("A1", "an unknown peer dials", "no link; logged now and then"),
  row("A2", "floods of connections, silent sockets", "bounded; honest banks get in"),
  row("A3", "slow or half-open peers", "a deadline for each frame; dropped"),
  row("A4", "huge, empty or cut frames", "refused at the header"),
  row("A5", "many streams", "one; a second ends the connection"),
  row("A6", "bytes made to blow up a decoder", "refused by the scanner, within limits"),
  row("A7", "floods of heads, requests and future blocks", "windows and budgets for each peer"),
  row("A8", "other protocols on the port, a handshake cut anywhere", "nothing happens"),
  row(
    "A9",
    "thousands of swaps, then an hour of load",
    "memory and handles stay flat",
    "an hour does not fit this run: `npm run daliz -- soak` is a command of its own",
  ),
  row("O1", "YAML bombs, binary files, other encodings", "refused before parsing, with the place"),
  row("O2", "unknown fields, wrong types, odd numbers", "all problems at once, with places"),
  row("O3", "paths out of the folder, links, odd names", "refused; nothing is made outside"),
  row("O4", "far too much of anything", "refused; the message has the limit"),
  row(
    "O5",
    "wrong flags, a port in use, Ctrl-C, a closed pipe",
    "one line and the right exit code",
  ),
  row("O6", "a runtime that is too old", "runtime_unsupported, exit code 3"),
  row(
    "R1",
    "certified: liars and crashes within the bound",
    "one outcome; ends while a quorum is up",
  ),
  row("R2", "certified: a bank forks its log around its hold", "nobody else's money is stuck"),
  row(
    "R3",
    "htlc: the redeemer is cut off past its timeout",
    "it loses its leg, and the run says so",
  ),
  row("R4", "htlc: claims near the deadline, skew, odd secrets", "no reveal unless there is time"),
  row("R5", "two-phase: the hub dies between promise and decision", "blocked until it returns"),
  row("R6", "two-phase: a hub that tells two stories", "its signatures convict it"),
  row("R7", "shared-ledger: banks crash, the leader lies", "halts rather than forks"),
  row("R8", "gross: the second payer fails", "exposed; nothing is rolled back"),
  row("R9", "netting: no pay-in, wrong nets", "trades are returned; everybody can check the nets"),
];
