import { stringify } from "yaml";
import { QUEUE_RULES } from "../../../corridor/liquidity/queue-rules.ts";
import type { DayManifest, MemberRow } from "../../rtgs/day-manifest.ts";
import type { DayResult } from "../../rtgs/day-result.ts";
import { counted, renderCount, renderDuration, renderRoundMoney, renderShare } from "../format.ts";
import { figure } from "../page/figure.ts";
import { htmlTable } from "../page/html-table.ts";
import { html, type Markup } from "../page/markup.ts";
import { offlinePage } from "../page/offline-page.ts";
import { key, labels } from "../page/overview.ts";
import { shellWord } from "../page/verify-section.ts";
import { balancesPlot, dayQueuePlot, waitPlot } from "./day-plots.ts";
import { mostUsing } from "./day-tables.ts";
import { MEASURE_ROWS } from "./measure-rows.ts";

/** Members whose balances are drawn, and that the table shows; `liquidity.csv` has all. */
const MEMBERS_DRAWN = 6;
const MEMBERS_SHOWN = 50;

const SPACE = "\u202f";

type Day = Pick<DayResult, "manifest" | "members" | "settled">;

/** The report of one bank's day. `folder` is how the reader names its folder in commands. */
export async function renderDayReport(day: Day, folder: string): Promise<string> {
  const { manifest } = day;
  const { title, scenario, versions } = manifest;
  return offlinePage(
    title,
    html`${masthead(manifest)}
      <main>
        ${resultSection(manifest)} ${await figuresSection(day)} ${measuresSection(manifest)}
        ${membersSection(day)} ${checksSection(manifest, folder)} ${parametersSection(manifest)}
      </main>
      <footer>
        Daliz ${versions["daliz"] ?? ""}, scenario ${scenario}. A simulation, not money: no central
        bank took part, and no result here is a forecast.
      </footer>`,
  );
}

function masthead(manifest: DayManifest): Markup {
  const { title, question, queue, seed, members, closeMs } = manifest;
  return html`<header>
    <p class="eyebrow">One day of one RTGS system</p>
    <h1 dir="auto">${title}</h1>
    <p class="question" dir="auto">${question}</p>
    <p class="facts">
      simulated, queue rule ${queue}, ${counted(members, "member")}, close after
      ${renderDuration(closeMs)}, seed ${seed}; amounts are minor units
    </p>
    ${labels(manifest)}
  </header>`;
}

function resultSection({ measures, queue, properties, expectations }: DayManifest): Markup {
  const { settled, delayIndicator, queueDelay, maximumQueue, liquidity, turnoverRatio } = measures;
  const failed = [
    ...properties.filter(({ verdict }) => verdict !== "holds"),
    ...expectations.filter(({ holds }) => !holds),
  ].map(({ name }) => name);
  const isFine = failed.length === 0;
  const money = (minor: string): string => renderRoundMoney(BigInt(minor), 0);
  return html`<section id="result" class="summary">
    <h2>The result in brief</h2>
    <p>
      ${
        isFine
          ? html`<span class="verdict good"
              >Money is conserved, and no balance fell below zero</span
            >`
          : html`<span class="verdict bad">Not met: ${failed.join(", ")}</span>`
      }
    </p>
    <p>
      ${counted(settled.payments, "payment")} of ${renderCount(settled.ofPayments)} settled by the
      close. Queue rule ${queue}: ${QUEUE_RULES[queue].meaning}
    </p>
    <ul class="keys">
      ${key("Settled", `${renderCount(settled.payments)} of ${renderCount(settled.ofPayments)}`, renderShare(settled.payments, settled.ofPayments))}
      ${key("Delay indicator rho", delayIndicator?.rounded ?? "none", "0: at once; 1: at the close")}
      ${key("Waited", renderCount(queueDelay.waited), queueDelay.p50Ms === null ? "nothing waited" : `half of these at most ${renderDuration(queueDelay.p50Ms)}`)}
      ${key("Maximum queue value", money(maximumQueue.value), counted(maximumQueue.payments, "payment"))}
      ${key("Maximum used", money(liquidity.maximumUsage), `bounds ${money(liquidity.lowerBound)} to ${money(liquidity.upperBound)}`)}
      ${key("Turnover of the peak", turnoverRatio.peak?.rounded ?? "none", "value settled / maximum used")}
    </ul>
  </section>`;
}

async function figuresSection({ settled, members }: Day): Promise<Markup> {
  const most = mostUsing(members, MEMBERS_DRAWN).map((row) => ({
    number: members.indexOf(row),
    label: row.member,
  }));
  return html`<section id="day">
    <h2>Over the day</h2>
    ${await figure(
      dayQueuePlot(settled),
      "queue-plot",
      "Queue value",
      html`All payments submitted and not settled, of all members. Of each stretch its peak.`,
    )}
    ${await figure(
      balancesPlot(settled, most),
      "balances-plot",
      "Balances",
      html`The members that used most of their own. Of each stretch the lowest balance; each panel
      has its own scale.`,
    )}
    ${await figure(
      waitPlot(settled),
      "wait-plot",
      "How long payments waited",
      html`The share of all payments that waited at most so long (empirical distribution by per
      cents); what did not settle waited to the close.`,
    )}
  </section>`;
}

function measuresSection({ measures }: DayManifest): Markup {
  const definitions = new Set(MEASURE_ROWS.map(({ definition }) => definition));
  return html`<section id="measures">
    <h2>Measures</h2>
    <p class="lead">
      Exact in whole minor units; ratios are rounded half up for display and stand as numerator and
      denominator in <code>manifest.json</code>.
    </p>
    ${htmlTable(
      "What the day came to",
      [{ head: "Measure" }, { head: "Value", numeric: true }],
      MEASURE_ROWS.map(({ name, show }) => [name, show(measures, SPACE)]),
    )}
    ${htmlTable(
      "How these are defined; v is the value of a payment",
      [{ head: "Measure" }, { head: "Unit" }, { head: "Formula" }, { head: "Source" }],
      [...definitions].map(({ title, unit, formula, source }) => [title, unit, formula, source]),
    )}
  </section>`;
}

function membersSection({ members }: Day): Markup {
  const shown = mostUsing(members, MEMBERS_SHOWN);
  const heads = ["Opening", "Closing", "Lower bound", "Upper bound", "Maximum used", "Sent"];
  const of = (row: MemberRow): readonly string[] => [
    row.opening,
    row.closing,
    row.lower_bound,
    row.upper_bound,
    row.maximum_usage,
    row.sent,
    row.received,
    row.maximum_queued,
    row.unsettled_value,
  ];
  return html`<section id="members">
    <h2>Members</h2>
    ${htmlTable(
      shown.length < members.length
        ? `The ${shown.length} of ${members.length} members that used most; liquidity.csv has all`
        : "All members, those that used most first",
      [
        { head: "Member" },
        ...[...heads, "Received", "Maximum queued", "Unsettled"].map((head) => ({
          head,
          numeric: true,
        })),
      ],
      shown.map((row) => [row.member, ...of(row).map((minor) => renderCount(BigInt(minor)))]),
      { nothing: "The day has no members." },
    )}
  </section>`;
}

function checksSection(manifest: DayManifest, folder: string): Markup {
  const { properties, expectations, conservation } = manifest;
  const commands = [
    "# settles the inputs of the folder again, keeps the books once more, and compares",
    `npm run daliz -- verify ${shellWord(folder)}`,
    "# this page again",
    `npm run daliz -- report ${shellWord(folder)}`,
  ];
  return html`<section id="verify">
    <h2>Check it yourself</h2>
    <p>
      Balances add up to ${renderCount(BigInt(conservation.opening))} at the start and to
      ${renderCount(BigInt(conservation.closing))} at the close.
    </p>
    ${htmlTable(
      "What was checked in the run",
      [{ head: "Check" }, { head: "Verdict" }, { head: "In words, or what was found" }],
      [
        ...properties.map(({ name, verdict, meaning, detail }) => [
          name,
          verdict,
          detail === "" ? meaning : detail,
        ]),
        ...expectations.map(({ name, holds, detail }) => [
          name,
          holds ? "met" : "not met",
          detail === "" ? "as the scenario expects" : detail,
        ]),
      ],
    )}
    <pre class="wrap">${commands.join("\n")}</pre>
    <p class="lead">
      <code>payments.csv</code> says when each payment settled, <code>liquidity.csv</code> what each
      member used, <code>inputs</code> holds what the day was run on, and
      <code>codebook.csv</code> explains each column.
    </p>
  </section>`;
}

function parametersSection({ inputs, traceHash, versions, document }: DayManifest): Markup {
  const file = ({ sha256, bytes }: DayManifest["inputs"]["payments"]): string =>
    `${renderCount(bytes)} bytes, SHA-256 ${sha256}`;
  const entries = [
    ["inputs/payments.csv", file(inputs.payments)],
    ["inputs/opening.csv", file(inputs.opening)],
    ["payments.csv", `SHA-256 ${traceHash}`],
    ...Object.entries(versions),
  ] as const;
  return html`<section id="parameters">
    <h2>Parameters</h2>
    <dl>
      ${entries.map(
        ([name = "", value = ""]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd> `,
      )}
    </dl>
    <details>
      <summary>The whole scenario, after every change from the command line</summary>
      <pre>${stringify(document ?? {})}</pre>
    </details>
  </section>`;
}
