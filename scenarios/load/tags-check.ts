import { ZERO, renderAmount } from "../../node/money.ts";
import { MAX_DEPTH } from "../../node/tags/definition.ts";
import { durationMs } from "../../node/time.ts";
import type { Path } from "../problem.ts";
import type { ScenarioBank, ScenarioLine, ScenarioMember, ScenarioTag } from "../scenario.ts";
import { readPositiveAmount } from "./amounts.ts";
import type { BankBook } from "./corridor-check.ts";
import type { Draft, ScenarioDocument, TagDocument } from "./document.ts";
import type { MemberBook } from "./members-check.ts";
import { Names } from "./names.ts";
import type { Findings } from "./problems.ts";

/** The tags by id. */
export type TagBook = Names<ScenarioTag>;

interface Parties {
  readonly banks: BankBook;
  readonly members: MemberBook;
}

export function checkTags(
  draft: Draft<ScenarioDocument>,
  parties: Parties,
  findings: Findings,
): TagBook {
  const tags: TagBook = new Names("tags");
  const references = new Names<number>("references");
  const tagged = new Map<string, bigint>();
  for (const [i, tag] of (draft.tags ?? []).entries()) {
    const path = ["tags", i];
    const checked = tag && checkTag(tag, parties, path, findings);
    tags.put(tag?.id, checked, [...path, "id"], findings);
    references.put(tag?.reference, i, [...path, "reference"], findings);
    if (checked === undefined) continue;
    const total = (tagged.get(checked.owner) ?? 0n) + checked.issue;
    tagged.set(checked.owner, total);
    const owner = parties.members.get(checked.owner);
    if (owner !== undefined && total > owner.issue) {
      const { decimals = 0 } = parties.banks.byId.get(owner.bank)?.currency ?? {};
      const allowed = `at most what ${owner.id} has issued, "${renderAmount(owner.issue, decimals)}", over all its tags`;
      findings.invalid([...path, "issue"], allowed);
    }
  }
  if (draft.tags === undefined && "tags" in draft) tags.isComplete = false;
  return tags;
}

function checkTag(
  draft: Draft<TagDocument>,
  parties: Parties,
  path: Path,
  findings: Findings,
): ScenarioTag | undefined {
  const owner = parties.members.find(draft.owner, [...path, "owner"], findings);
  const bank = parties.banks.byId.get(owner?.bank);
  if (owner && owner.memberClass !== "treasury" && owner.memberClass !== "commercial-bank") {
    const allowed = `a treasury or a commercial bank, not a ${owner.memberClass}`;
    findings.invalid([...path, "owner"], allowed);
  }
  const payees = checkPayees(draft, { members: parties.members, owner }, path, findings);
  const lines = checkLines(draft, bank, path, findings);
  const issue =
    "issue" in draft
      ? readPositiveAmount(draft.issue, bank?.currency, [...path, "issue"], findings)
      : ZERO;
  const attesters = (draft.attesters ?? []).map((id, i) =>
    parties.members.find(id, [...path, "attesters", i], findings),
  );
  const { id, kind, colour, reference, purposes, validForMs, borderMode = "DENY" } = draft;
  if (bank === undefined || owner === undefined || issue === undefined) return undefined;
  if (payees === undefined || lines === undefined || validForMs === undefined) return undefined;
  if (id === undefined || kind === undefined || colour === undefined) return undefined;
  if (reference === undefined || purposes === undefined) return undefined;
  return {
    id,
    bank: bank.id,
    owner: owner.id,
    kind,
    colour,
    reference,
    purposes: purposes.filter((purpose) => purpose !== undefined),
    payees,
    lines,
    issue,
    validForMs: durationMs(validForMs),
    borderMode,
    countries: present(draft.countries),
    maxDepth: draft.maxDepth ?? MAX_DEPTH,
    disclosure: draft.disclosure ?? "none",
    evidence: present(draft.evidence).flatMap(({ topic, final = true }) =>
      topic === undefined ? [] : [{ topic, final }],
    ),
    attesters: present(attesters).map((member) => member.id),
    regions: present(draft.regions),
  };
}

const present = <T>(list: readonly (T | undefined)[] = []): readonly T[] =>
  list.filter((item) => item !== undefined);

function checkPayees(
  draft: Draft<TagDocument>,
  { members, owner }: { readonly members: MemberBook; readonly owner: ScenarioMember | undefined },
  path: Path,
  findings: Findings,
): ScenarioTag["payees"] | undefined {
  if (draft.payees === undefined) return undefined;
  const payees = new Names<ScenarioTag["payees"][number]>("payees");
  for (const [i, payee] of draft.payees.entries()) {
    const at = [...path, "payees", i, "account"];
    const member = members.find(payee?.account, at, findings);
    if (member !== undefined && owner !== undefined && member.bank !== owner.bank) {
      findings.invalid(at, `a resident member of ${owner.bank}, the owner's bank`);
    }
    const { final } = payee ?? {};
    const checked = member && final !== undefined ? { account: member.id, final } : undefined;
    payees.put(payee?.account, checked, at, findings);
  }
  return payees.values();
}

function checkLines(
  draft: Draft<TagDocument>,
  bank: ScenarioBank | undefined,
  path: Path,
  findings: Findings,
): ScenarioTag["lines"] | undefined {
  if (draft.lines === undefined) return undefined;
  const lines = new Names<ScenarioLine>("lines");
  for (const [i, estimated] of draft.lines.entries()) {
    const at = [...path, "lines", i];
    const max = readPositiveAmount(estimated?.max, bank?.currency, [...at, "max"], findings);
    const { line, maxUnitPrice: price, quantity = null, importable = false } = estimated ?? {};
    const maxUnitPrice =
      price === undefined
        ? null
        : readPositiveAmount(price, bank?.currency, [...at, "maxUnitPrice"], findings);
    const checked =
      line === undefined || max === undefined || maxUnitPrice === undefined
        ? undefined
        : { line, max, maxUnitPrice, quantity, importable };
    lines.put(line, checked, [...at, "line"], findings);
  }
  return lines.values();
}
