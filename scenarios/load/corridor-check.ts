import { quorumSize } from "../../node/genesis.ts";
import { bankNumber } from "../../node/ids.ts";
import type { CurrencyCode } from "../../node/money.ts";
import { durationMs } from "../../node/time.ts";
import { quote } from "../problem.ts";
import type { ScenarioBank, ScenarioCorridor } from "../scenario.ts";
import type { CorridorDocument, Draft, ScenarioDocument } from "./document.ts";
import { Names } from "./names.ts";
import type { Findings } from "./problems.ts";

const DEFAULT_DECIMALS = 2;

/** The banks by number (`list[number - 1]`), id and currency. */
export interface BankBook {
  readonly list: readonly ScenarioBank[];
  readonly byId: Names<ScenarioBank>;
  readonly byCurrency: Names<ScenarioBank>;
}

export function checkBanks(draft: Draft<ScenarioDocument>, findings: Findings): BankBook {
  const list: ScenarioBank[] = [];
  const byId = new Names<ScenarioBank>("banks");
  const byCurrency = new Names<ScenarioBank>("currencies of the corridor");
  if (draft.banks === undefined) {
    byId.isComplete = false;
    byCurrency.isComplete = false;
  }
  for (const [i, bank] of (draft.banks ?? []).entries()) {
    const { id, name, currency, decimals = DEFAULT_DECIMALS } = bank ?? {};
    const checked = {
      number: bankNumber(i + 1),
      id: id ?? `bank-${i + 1}`,
      name: name ?? "",
      currency: { code: (currency ?? "") as CurrencyCode, decimals },
    };
    list.push(checked);
    byId.put(id, checked, ["banks", i, "id"], findings);
    byCurrency.put(currency, checked, ["banks", i, "currency"], findings);
  }
  return { list, byId, byCurrency };
}

export function checkCorridor(
  draft: Draft<ScenarioDocument>,
  findings: Findings,
): ScenarioCorridor | undefined {
  const { byzantine: b, crashed: c, deltaMs, ttlMs, chain } = draft.corridor ?? noCorridor;
  const n = draft.banks?.length;
  if (b === undefined || c === undefined) return undefined;
  const least = 3 * b + 2 * c + 1;
  if (n !== undefined && n < least) {
    findings.invalid(
      ["corridor"],
      `at least 3 x ${b} + 2 x ${c} + 1 = ${least} banks, or a smaller byzantine or crashed`,
      `an impossible quorum: ${n} banks with byzantine ${b} and crashed ${c} (q = ${quorumSize(n, b)})`,
    );
  }
  if (deltaMs === undefined || ttlMs === undefined) return undefined;
  const times = { deltaMs: durationMs(deltaMs), ttlMs: durationMs(ttlMs) };
  return { byzantine: b, crashed: c, ...times, ...(chain === undefined ? {} : { chain }) };
}

const noCorridor: Draft<CorridorDocument> = {};

/** Texts for display are in Unicode's composed form: two that look the same are the same. */
export function checkComposed(draft: Draft<ScenarioDocument>, findings: Findings): void {
  const texts: (readonly [path: readonly (string | number)[], text: string | undefined])[] = [
    [["title"], draft.title],
    [["question"], draft.question],
    ...(draft.labels ?? []).map((label, i) => [["labels", i], label] as const),
    ...(draft.members ?? []).map((member, i) => [["members", i, "name"], member?.name] as const),
  ];
  for (const [path, text] of texts) {
    if (text !== undefined && text !== text.normalize("NFC")) {
      findings.invalid(path, `${quote(text.normalize("NFC"))}, in composed form (NFC)`);
    }
  }
}
