import { durationMs } from "../../node/time.ts";
import type { ScenarioOpenApi } from "../scenario.ts";
import type { BankBook } from "./corridor-check.ts";
import type { Draft, ScenarioDocument } from "./document.ts";
import type { Findings } from "./problems.ts";

/** Which banks serve HTTP; `null` when none does. A simulated bank has no socket to serve it on. */
export function checkOpenApi(
  draft: Draft<ScenarioDocument>,
  banks: BankBook,
  findings: Findings,
): ScenarioOpenApi | null {
  if (!("openApi" in draft)) return null;
  if (draft.mode === "sim") {
    findings.invalid(["openApi"], "nothing in a simulated run: only live banks serve HTTP");
  }
  if (draft.arrangement === "shared-ledger") {
    const allowed = "nothing under shared-ledger, whose validators serve no members of their own";
    findings.invalid(["openApi"], allowed);
  }
  const { banks: named = "all", keepOpenMs = 0 } = draft.openApi ?? {};
  const all = banks.list.map(({ id }) => id);
  const chosen =
    named === "all"
      ? all
      : named.flatMap((id, i) => banks.byId.find(id, ["openApi", "banks", i], findings)?.id ?? []);
  return { banks: chosen, keepOpenMs: durationMs(keepOpenMs) };
}
