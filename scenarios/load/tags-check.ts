import { encode } from "../../crypto/canonical-layout.ts";
import type { Hash } from "../../crypto/hash.ts";
import { accountOf } from "../../node/ids.ts";
import { renderAmount, type Amount } from "../../node/money.ts";
import { BORDER_MODE, TAG_KIND, tagDefinitionLayout } from "../../node/tags/definition.ts";
import { durationMs } from "../../node/time.ts";
import type { Path } from "../problem.ts";
import type { ScenarioBank, ScenarioMember, ScenarioTag } from "../scenario.ts";
import { readPositiveAmount } from "./amounts.ts";
import type { BankBook } from "./corridor-check.ts";
import type { Draft, ScenarioDocument, TagDocument } from "./document.ts";
import type { MemberBook } from "./members-check.ts";
import { Names } from "./names.ts";
import type { Findings } from "./problems.ts";

/** The tags by id. */
export type TagBook = Names<ScenarioTag>;

/** Bytes of a definition that an instruction carries. */
const MAX_DEFINITION_BYTES = 60_000;

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
  const issue = readPositiveAmount(draft.issue, bank?.currency, [...path, "issue"], findings);
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
  };
}

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
  const lines = new Names<{ readonly line: string; readonly max: Amount }>("lines");
  for (const [i, estimated] of draft.lines.entries()) {
    const at = [...path, "lines", i];
    const max = readPositiveAmount(estimated?.max, bank?.currency, [...at, "max"], findings);
    const line = estimated?.line;
    const checked = line === undefined || max === undefined ? undefined : { line, max };
    lines.put(line, checked, [...at, "line"], findings);
  }
  return lines.values();
}

/**
 * A definition travels in one instruction, so its encoding is bounded. For tags without any other
 * problem: only these can be encoded.
 */
export function checkTagSizes(tags: readonly ScenarioTag[], findings: Findings): void {
  for (const [i, tag] of tags.entries()) checkSize(tag, ["tags", i], findings);
}

function checkSize(tag: ScenarioTag, path: Path, findings: Findings): void {
  const { length } = encode(tagDefinitionLayout, {
    net: new Uint8Array(32) as Hash,
    kind: TAG_KIND[tag.kind],
    colour: tag.colour,
    fundOwner: tag.owner,
    reference: tag.reference,
    purposes: [...tag.purposes],
    payees: tag.payees.map((payee) => ({
      account: accountOf(payee.account),
      final: payee.final ? (1 as const) : (0 as const),
    })),
    lines: tag.lines.map(({ line, max }) => ({ line, maxAmount: max })),
    validFromMs: Number.MAX_SAFE_INTEGER,
    validToMs: Number.MAX_SAFE_INTEGER,
    borderMode: BORDER_MODE[tag.borderMode],
    estimateHash: null,
  });
  if (length <= MAX_DEFINITION_BYTES) return;
  const bound = { what: "bytes of a tag's definition", limit: MAX_DEFINITION_BYTES };
  const allowed = `fewer payees or lines: a definition has at most ${MAX_DEFINITION_BYTES} bytes`;
  findings.exceeds(path, bound, allowed, `a definition of ${length} bytes`);
}
