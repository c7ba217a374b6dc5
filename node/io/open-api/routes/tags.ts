import { ok, type Outcome } from "../../../../crypto/outcome.ts";
import { renderPlace } from "../../../channels/ledger-line.ts";
import { MAX_ESTIMATE_LINES } from "../../../limits.ts";
import { TAG_KIND } from "../../../tags/definition.ts";
import type { Tag } from "../../../tags/tag.ts";
import type { ApiContext, Caller } from "../context.ts";
import { isOverseer } from "../leave.ts";
import { refuse, type Problem } from "../problem.ts";
import { renderMoney, renderTime } from "../render.ts";
import { answer, route, type AnyRoute } from "../route.ts";
import { MAX_PAGE } from "../limits.ts";
import {
  amount,
  dateTime,
  hash,
  limitQuery,
  list,
  name,
  nullable,
  object,
  place,
  tagId,
  tagKind,
  text,
} from "../schemas.ts";
import { late, readPlace } from "./accounts.ts";

type InTag = { readonly tag: string };

const inTag = object("Which tag.", { tag: tagId });

const WHO = "Open to auditors and monitors that the bank has enrolled, and to the fund owner.";

export const tagRoutes: readonly AnyRoute[] = [
  route<undefined, InTag, undefined>({
    method: "GET",
    url: "/tags/:tag",
    operationId: "getTag",
    tag: "tags",
    summary: "Where a tag stands, line by line of its estimate",
    description: `${WHO} Issued = held + released + returned.`,
    path: inTag,
    answers: {
      200: object("A tag.", {
        tag: tagId,
        kind: tagKind,
        reference: text("What it is for."),
        fundOwner: name("Whose money it is."),
        validFrom: dateTime("From when on it may be spent."),
        validTo: dateTime("Then what is held goes back."),
        issued: amount(""),
        held: amount(""),
        released: amount(""),
        returned: amount(""),
        line: list(
          "The estimate.",
          object("A line.", {
            line: text("Its code."),
            maxAmount: amount("What may be paid in."),
            paidIn: amount("What was paid in."),
            released: amount("What was spent for good."),
          }),
          MAX_ESTIMATE_LINES,
        ),
        frozen: list(
          "Freezes.",
          object("A freeze.", {
            account: nullable(name("Of which account; null for the whole tag.")),
            by: name("Who placed it."),
            case: text("Under which case."),
          }),
          MAX_PAGE,
        ),
      }),
    },
    handle: async (context, { caller, path }) => {
      const tag = readable(context, caller, path.tag);
      if (!tag.ok) return tag;
      const body = renderTag(context, path.tag, tag.value);
      const isDurable = await context.follower.booksDurable(context.limits.durableWaitMs);
      return isDurable ? answer(body) : late();
    },
  }),
  route<undefined, InTag, { readonly limit: number; readonly before?: string }>({
    method: "GET",
    url: "/tags/:tag/trace",
    operationId: "traceTag",
    tag: "tags",
    summary: "Where tagged money went, newest first",
    description: `${WHO} Every movement of the tag's money, every attempt that was refused, with line and evidence.`,
    path: inTag,
    query: object(
      "Which page.",
      { limit: limitQuery, before: place("Only what is older: `next` of the page before.") },
      ["limit", "before"],
    ),
    answers: {
      200: object("A page of the trace.", {
        tag: tagId,
        movement: list(
          "A movement.",
          object("An edge of the tag's flow graph.", {
            ledgerEntry: place("Where it stands."),
            dateTime: dateTime("When."),
            kind: text("What kind of entry it was."),
            from: nullable(name("From whom.")),
            to: nullable(name("To whom.")),
            amount: amount("How much."),
            line: nullable(text("Under which line.")),
            purpose: nullable(text("For which purpose.")),
            evidence: list(
              "The documents that the tag asked for.",
              object("A document.", { topic: text("Its topic."), document: hash("Its hash.") }),
              4,
            ),
            rejection: nullable(text("The code with which it was refused.")),
          }),
          MAX_PAGE,
        ),
        next: nullable(place("`before` of the next page; null when there is none.")),
        isCut: { type: "boolean", description: "Whether older lines are no longer at hand." },
      }),
    },
    handle: (context, { caller, path, query }) => {
      const tag = readable(context, caller, path.tag);
      if (!tag.ok) return tag;
      const page = context.follower.history.ofTag(path.tag, {
        before: readPlace(query.before),
        limit: query.limit,
      });
      const { currency } = context.view.bank;
      const last = page.lines.at(-1);
      return answer({
        tag: path.tag,
        movement: page.lines.map((line) => ({
          ledgerEntry: renderPlace(line.place),
          dateTime: renderTime(line.timeMs),
          kind: line.kind,
          from: line.from,
          to: line.to,
          amount: renderMoney(line.amount, currency),
          line: line.line,
          purpose: line.purpose,
          evidence: line.evidence,
          rejection: line.rejection?.code ?? null,
        })),
        next: page.hasMore && last !== undefined ? renderPlace(last.place) : null,
        isCut: page.isCut,
      });
    },
  }),
];

function readable(context: ApiContext, caller: Caller, id: string): Outcome<Tag, Problem> {
  const tag = context.view.books.tags.get(id);
  const isOwner = caller.kind === "member" && tag?.definition.fundOwner === caller.id;
  if (!isOwner && !isOverseer(caller)) {
    return refuse("access_denied", { allowed: "an auditor, a monitor, or the fund owner" });
  }
  return tag === undefined ? refuse("not_found", { found: `tag ${id}` }) : ok(tag);
}

function renderTag({ view }: ApiContext, id: string, tag: Tag) {
  const { currency } = view.bank;
  const { definition, issued, held, released, returned, lines, frozen } = tag;
  const [kind] = Object.entries(TAG_KIND).find(([, n]) => n === definition.kind) ?? [];
  return {
    tag: id,
    kind,
    reference: definition.reference,
    fundOwner: definition.fundOwner,
    validFrom: renderTime(definition.validFromMs),
    validTo: renderTime(definition.validToMs),
    issued: renderMoney(issued, currency),
    held: renderMoney(held, currency),
    released: renderMoney(released, currency),
    returned: renderMoney(returned, currency),
    line: [...lines].map(([line, part]) => ({
      line,
      maxAmount: renderMoney(part.maxAmount, currency),
      paidIn: renderMoney(part.paidIn, currency),
      released: renderMoney(part.released, currency),
    })),
    frozen: [...frozen].slice(0, MAX_PAGE).map(([account, { by, case: under }]) => ({
      account: account === "" ? null : account,
      by,
      case: under,
    })),
  };
}
