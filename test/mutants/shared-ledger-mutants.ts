import type { Mutant } from "./mutant.ts";

const FOLDER = "corridor/shared-ledger";
const VOTING = `${FOLDER}/voting.ts`;
const CERTIFICATES = `${FOLDER}/certificates.ts`;
const SPEC = "corridor/shared-ledger-spec";

export const SHARED_LEDGER_MUTANTS: readonly Mutant[] = [
  {
    name: "shared-second-vote",
    rule: "2.3: v > lastVoted",
    file: VOTING,
    find: "if (view <= safety.lastVoted || view < safety.view) return false;",
    replace: "if (view < safety.lastVoted) return false;",
    detectors: [SPEC],
  },
  {
    name: "shared-vote-after-timeout",
    rule: "2.3: on expiry, lastVoted = max(lastVoted, v)",
    file: `${FOLDER}/timeouts.ts`,
    find: "safety.lastVoted = Math.max(safety.lastVoted, view);",
    replace: "",
    detectors: [SPEC],
  },
  {
    name: "shared-lock-ignored",
    rule: "2.3, chain = 3: the block extends the lock, or its certificate is higher",
    file: VOTING,
    find: "return isExtending(tree, node, safety.lock) || justify.view > safety.lock.view;",
    replace: "return true;",
    detectors: [SPEC],
  },
  {
    name: "shared-timeouts-ignored",
    rule: "2.3, chain = 2: the certificate is not below the highest reported",
    file: VOTING,
    find: "return timeouts !== null && justify.view >= highestReported(timeouts);",
    replace: "return timeouts !== null;",
    detectors: [SPEC],
  },
  {
    name: "shared-small-quorum",
    rule: "2.3: q votes make a certificate",
    file: CERTIFICATES,
    find: "if (votes.length < genesis.quorum || !areAscending(votes)) return false;",
    replace: "if (votes.length < genesis.quorum - 1 || !areAscending(votes)) return false;",
    detectors: [SPEC],
  },
  {
    name: "shared-voter-counted-twice",
    rule: "2.3: votes of distinct validators",
    file: CERTIFICATES,
    find: "if (votes.length < genesis.quorum || !areAscending(votes)) return false;",
    replace: "if (votes.length < genesis.quorum) return false;",
    detectors: [SPEC],
  },
  {
    name: "shared-early-vote",
    rule: "2.3: durable before the vote leaves",
    file: `${FOLDER}/journal.ts`,
    find: "step.state.outbox.sends.push({ to, bytes });",
    replace: 'step.effects.push({ kind: "send", to: to as never, bytes });',
    detectors: [SPEC],
  },
  {
    name: "shared-forgotten-vote",
    rule: "2.3, recovery: never vote in a view up to lastVoted",
    file: `${FOLDER}/open-validator.ts`,
    find: "safety.lastVoted = Math.max(safety.lastVoted, lastVoted);",
    replace: "",
    detectors: [SPEC],
  },
  {
    name: "shared-final-across-gaps",
    rule: "2.3: final in consecutive views",
    file: `${FOLDER}/block-tree.ts`,
    find: "const isDirect = view === parent.view + 1;",
    replace: "const isDirect = true;",
    detectors: [SPEC],
  },
  {
    name: "shared-results-unchecked",
    rule: "2.3: deterministic execution is checked before the vote",
    file: VOTING,
    find: "if (root === undefined || !equalHash(root, finalRoot)) return false;",
    replace: "if (root === undefined) return false;",
    detectors: [SPEC],
  },
  {
    name: "shared-join-too-few",
    rule: "2.3: on b + 1 TIMEOUTs, join",
    file: `${FOLDER}/timeouts.ts`,
    find: "const joined = views[genesis.byzantine];",
    replace: "const joined = views[0];",
    detectors: [SPEC],
  },
];
