import type { Verifier } from "../../crypto/ed25519.ts";
import { hashKey } from "../../crypto/hash.ts";
import { auditRun, type AuditReport } from "../../corridor/audit/audit.ts";
import { participantsOf } from "../../corridor/announcement.ts";
import { auditChain, type ChainAudit } from "../../corridor/shared-ledger/audit.ts";
import { usualParameters, type ChainParameters } from "../../corridor/shared-ledger/state.ts";
import { parseFullBlock } from "../../node/ledger/block.ts";
import { OWN_BLOCK, parseLedgerFile, RECORD_HEAD_BYTES } from "../../node/ledger/record.ts";
import { homeRow, type HomeRow } from "../measures/home/home-row.ts";
import { tagRows, type TagRow } from "../measures/tag-row.ts";
import { measureVisibility } from "../measures/visibility.ts";
import type { LedgerHead, VisibilityRow } from "../run-result.ts";
import type { Arrangement, Scenario } from "../scenario.ts";
import type { RunOutcome } from "./outcome.ts";

/** What the ledgers of a run say, once they are audited. */
export interface JudgedLedgers {
  readonly audit: AuditReport;
  readonly heads: readonly LedgerHead[];
  readonly visibility: readonly VisibilityRow[];
  readonly tags: readonly TagRow[];
  readonly home: readonly HomeRow[];
}

/** How the chain of a scenario's shared ledger runs; nothing for an arrangement without one. */
export const chainParametersOf = ({
  arrangement,
  corridor,
}: {
  readonly arrangement: Arrangement;
  readonly corridor: Pick<Scenario["corridor"], "chain">;
}): ChainParameters | undefined =>
  arrangement === "shared-ledger" ? usualParameters(corridor.chain ?? 3) : undefined;

export function judgeLedgers(
  scenario: Scenario,
  outcome: RunOutcome,
  verifier: Verifier,
): JudgedLedgers {
  const parameters = chainParametersOf(scenario);
  return parameters === undefined
    ? judgeOwnLedgers(scenario, outcome, verifier)
    : judgeSharedLedger(scenario, outcome, verifier, parameters);
}

/** Each bank has a ledger of its own. */
function judgeOwnLedgers(
  scenario: Scenario,
  outcome: RunOutcome,
  verifier: Verifier,
): JudgedLedgers {
  const { genesis } = outcome.corridor;
  const heads = scenario.banks.map(({ id }) => ledgerHead(id, outcome.ledgers.get(id)));
  const audit = auditRun(
    scenario.banks.flatMap(({ id, number }) => {
      const bytes = outcome.ledgers.get(id);
      const head = heads.find((h) => h.bank === id);
      return bytes === undefined ? [] : [{ bank: number, bytes, head }];
    }),
    genesis,
    verifier,
  );
  return {
    audit,
    heads,
    visibility: measureVisibility(audit.ledgers),
    ...atHome(audit, (ledger) => ledger.own.flatMap(({ domestic }) => domestic)),
  };
}

/** All banks keep copies of one ledger. */
function judgeSharedLedger(
  { banks }: Scenario,
  { corridor, ledgers }: RunOutcome,
  verifier: Verifier,
  parameters: ChainParameters,
): JudgedLedgers {
  const files = banks.flatMap(({ id, number }) => {
    const bytes = ledgers.get(id);
    return bytes === undefined ? [] : [{ bank: number, bytes, head: undefined }];
  });
  const chain = auditChain(files, corridor.genesis, verifier, parameters);
  const heads = banks.map(({ id, number }): LedgerHead => {
    const { seq, hash, bytes } = chain.heads.get(number) ?? { seq: 0, hash: "", bytes: 0 };
    return { bank: id, file: `ledgers/${id}.ledger`, seq, hash, bytes };
  });
  return {
    audit: chain.report,
    heads,
    visibility: visibilityOf(chain),
    ...atHome(chain.report, ({ bank }) => chain.entries.get(bank.number) ?? []),
  };
}

type AuditedLedger = AuditReport["ledgers"][number];

/** What the domestic entries of each bank say of its tags and its members. */
function atHome(
  { ledgers }: AuditReport,
  entriesOf: (ledger: AuditedLedger) => Parameters<typeof tagRows>[1],
): Pick<JudgedLedgers, "tags" | "home"> {
  return {
    tags: ledgers.flatMap((ledger) => tagRows(ledger, entriesOf(ledger))),
    home: ledgers.map((ledger) => homeRow(ledger, entriesOf(ledger))),
  };
}

/** A validator executes every transaction, so it sees every swap that is final in its journal, whole. */
function visibilityOf({ seen, report }: ChainAudit): readonly VisibilityRow[] {
  const count = {
    "bank taking part": { pairs: 0, seen: 0 },
    "witness bank": { pairs: 0, seen: 0 },
  };
  for (const [bank, swaps] of seen) {
    for (const [sid, announcement] of report.swaps) {
      const takesPart = participantsOf(announcement).includes(bank);
      const row = count[takesPart ? "bank taking part" : "witness bank"];
      row.pairs++;
      if (swaps.has(sid)) row.seen++;
    }
  }
  return Object.entries(count).map(([role, { pairs, seen: swaps }]) => ({
    role,
    announcements: swaps,
    amounts: swaps,
    parties: swaps,
    outcomes: swaps,
    note: `${pairs} pairs of bank and swap; every validator of a shared ledger executes every swap`,
  }));
}

/** The last own block of a ledger file, and where its record ends. */
export function ledgerHead(bank: string, bytes: Uint8Array | undefined): LedgerHead {
  const file = `ledgers/${bank}.ledger`;
  if (bytes === undefined) return { bank, file, seq: 0, hash: "", bytes: 0 };
  const own = parseLedgerFile(bytes).records.filter((record) => record.kind === OWN_BLOCK);
  const last = own.at(-1);
  if (last === undefined) return { bank, file, seq: 0, hash: "", bytes: 0 };
  const end = last.offset + RECORD_HEAD_BYTES + last.payload.length;
  const block = parseFullBlock(last.payload);
  const hash = block.ok ? hashKey(block.value.hash) : "";
  return { bank, file, seq: own.length, hash, bytes: end };
}
