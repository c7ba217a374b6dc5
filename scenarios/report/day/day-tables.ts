import { styleText } from "node:util";
import type { MemberRow } from "../../rtgs/day-manifest.ts";
import type { DayResult } from "../../rtgs/day-result.ts";
import { oneLine, renderCount } from "../format.ts";
import type { TerminalStyle } from "../tables.ts";
import { grid, WIDTH, wrap } from "../terminal-grid.ts";
import { MEASURE_ROWS } from "./measure-rows.ts";

const SPACE = " ";

/** Members that a terminal shows; `liquidity.csv` has all. */
const MEMBERS_SHOWN = 10;

/** What a day came to, as text of at most 100 columns for a terminal. */
export function renderDayTables(
  { manifest, members }: Pick<DayResult, "manifest" | "members">,
  { colour }: TerminalStyle,
): string {
  const { title, scenario, queue, seed, modelled, measures, properties, expectations } = manifest;
  const paint = (format: "bold" | "green" | "red" | "yellow", text: string): string =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  const verdict = (isFine: boolean, text: string): { readonly painted: string } => ({
    painted: paint(isFine ? "green" : "red", text),
  });
  const sections = [
    [
      ...wrap(oneLine(title), WIDTH).map((line) => paint("bold", line)),
      oneLine(`${scenario}, sim, queue rule ${queue}, seed ${seed}; amounts in minor units`),
      paint("yellow", "A simulation, not money. Modelled or counterfactual:"),
      ...modelled.flatMap((label) => {
        const [first = "", ...rest] = wrap(oneLine(label), WIDTH - 4);
        return [`  - ${first}`, ...rest.map((line) => `    ${line}`)];
      }),
    ].join("\n"),
    `${paint("bold", "Measures")}\n${grid(
      [
        ["Measure", "left"],
        ["Value", "left", 66],
      ],
      MEASURE_ROWS.map(({ name, show }) => [name, show(measures, SPACE)]),
    )}`,
    `${paint("bold", membersTitle(members.length))}\n${memberTable(members)}`,
    `${paint("bold", "Checks")}\n${grid(
      [
        ["Verdict", "left", 10],
        ["", "left", 24],
        ["In words, or what was found", "left", 60],
      ],
      [
        ...properties.map(({ name, meaning, verdict: of, detail }) => [
          verdict(of === "holds", of),
          name,
          detail === "" ? meaning : detail,
        ]),
        ...expectations.map(({ name, holds, detail }) => [
          verdict(holds, holds ? "met" : "NOT MET"),
          name,
          detail === "" ? "as the scenario expects" : detail,
        ]),
      ],
    )}`,
  ];
  return `${sections.join("\n\n")}\n`;
}

const membersTitle = (members: number): string =>
  members > MEMBERS_SHOWN
    ? `Members, the ${MEMBERS_SHOWN} that used most of ${renderCount(members, SPACE)}`
    : "Members";

const memberTable = (members: readonly MemberRow[]): string =>
  grid(
    [
      ["Member", "left", 20],
      ["Opening", "right"],
      ["Lower bound", "right"],
      ["Upper bound", "right"],
      ["Maximum used", "right"],
      ["Maximum queued", "right"],
    ],
    mostUsing(members, MEMBERS_SHOWN).map((row) => [
      row.member.length > 20 ? `${row.member.slice(0, 17)}...` : row.member,
      ...[row.opening, row.lower_bound, row.upper_bound, row.maximum_usage, row.maximum_queued].map(
        (minor) => renderCount(BigInt(minor), SPACE),
      ),
    ]),
  );

/** The members that used most of their own at one time, the first of them first. */
export const mostUsing = (members: readonly MemberRow[], count: number): readonly MemberRow[] =>
  members
    .toSorted((a, b) => compare(BigInt(b.maximum_usage), BigInt(a.maximum_usage)))
    .slice(0, count);

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : Number(a > b));
