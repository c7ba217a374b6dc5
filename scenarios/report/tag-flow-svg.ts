import { renderMoney } from "./format.ts";
import type { FlowKind, TagFlow, TagTrace } from "../measures/tag-trace.ts";
import { html, type Markup } from "./page/markup.ts";

const COLUMN = 210;
const NODE_WIDTH = 12;
const HEIGHT = 420;
const GAP = 18;

/** One account at one step of the way; an account that is paid for good stands at the end of it. */
interface Box {
  readonly name: string;
  readonly column: number;
  readonly size: bigint;
  y: number;
  height: number;
  in: number;
  out: number;
}

const ENDS: ReadonlySet<FlowKind> = new Set(["released", "retagged", "imported", "returned"]);

const endName = ({ kind, to }: TagFlow): string => (ENDS.has(kind) ? `${to} (${kind})` : to);

/**
 * Where a tag's money went, as a flow graph from left to right: the height of a box and the width of a
 * band are amounts. Circles of payments are drawn to the column in which an account first stands.
 */
export function tagFlowSvg(trace: TagTrace, decimals: number): Markup {
  const flows = trace.flows.filter(({ amount }) => amount > 0n);
  const columns = columnsOf(flows);
  const boxes = boxesOf(flows, columns);
  const largest = Math.max(1, ...Array.from(boxes.values(), ({ column }) => column));
  const perPixel = scaleOf(boxes, largest);
  place(boxes, perPixel, largest);
  const width = largest * COLUMN + NODE_WIDTH + 260;
  const bands = flows.map((flow) => band(flow, boxes, perPixel, decimals));
  const rects = Array.from(boxes.values(), (box) => {
    const x = box.column * COLUMN;
    return html`<rect x="${x}" y="${box.y}" width="${NODE_WIDTH}" height="${box.height}"></rect>
      <text x="${x + NODE_WIDTH + 4}" y="${box.y + Math.min(12, box.height / 2 + 4)}">
        ${box.name} ${renderMoney(box.size, decimals)}
      </text>`;
  });
  return html`<svg viewBox="0 0 ${width} ${HEIGHT + 20}" role="img" class="tag-flow">
    ${bands} ${rects}
  </svg>`;
}

/** How far each account stands from the budget: one step more than the first that pays it. */
function columnsOf(flows: readonly TagFlow[]): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  for (const flow of flows) {
    const from = columns.get(flow.from) ?? 0;
    columns.set(flow.from, from);
    const to = endName(flow);
    if (!columns.has(to)) columns.set(to, from + 1);
  }
  return columns;
}

function boxesOf(
  flows: readonly TagFlow[],
  columns: ReadonlyMap<string, number>,
): Map<string, Box> {
  const received = new Map<string, bigint>();
  const sent = new Map<string, bigint>();
  for (const flow of flows) {
    const to = endName(flow);
    received.set(to, (received.get(to) ?? 0n) + flow.amount);
    sent.set(flow.from, (sent.get(flow.from) ?? 0n) + flow.amount);
  }
  return new Map(
    [...columns].map(([name, column]) => {
      const [a, b] = [received.get(name) ?? 0n, sent.get(name) ?? 0n];
      return [name, { name, column, size: a > b ? a : b, y: 0, height: 0, in: 0, out: 0 }];
    }),
  );
}

const inColumn = (boxes: ReadonlyMap<string, Box>, column: number): readonly Box[] =>
  [...boxes.values()].filter((box) => box.column === column);

/** Minor units for a pixel: the fullest column fits the height. */
function scaleOf(boxes: ReadonlyMap<string, Box>, largest: number): number {
  let scale = 1;
  for (let column = 0; column <= largest; column++) {
    const listed = inColumn(boxes, column);
    const sum = listed.reduce((total, { size }) => total + size, 0n);
    const room = Math.max(40, HEIGHT - GAP * listed.length);
    scale = Math.max(scale, Number(sum) / room);
  }
  return scale;
}

function place(boxes: ReadonlyMap<string, Box>, perPixel: number, largest: number): void {
  for (let column = 0; column <= largest; column++) {
    let y = 0;
    for (const box of inColumn(boxes, column)) {
      box.y = y;
      box.height = Math.max(1, Number(box.size) / perPixel);
      y += box.height + GAP;
    }
  }
}

function band(
  flow: TagFlow,
  boxes: ReadonlyMap<string, Box>,
  perPixel: number,
  decimals: number,
): Markup {
  const [from, to] = [boxes.get(flow.from), boxes.get(endName(flow))];
  if (from === undefined || to === undefined) return html``;
  const width = Math.max(1, Number(flow.amount) / perPixel);
  const [x1, x2] = [from.column * COLUMN + NODE_WIDTH, to.column * COLUMN];
  const [y1, y2] = [from.y + from.out + width / 2, to.y + to.in + width / 2];
  from.out += width;
  to.in += width;
  const bend = (x1 + x2) / 2;
  const said = `${flow.from} to ${flow.to}, ${flow.kind}, line ${flow.line || "none"}: ${renderMoney(flow.amount, decimals)}`;
  return html`<path
    class="${flow.kind}"
    d="M${x1},${y1} C${bend},${y1} ${bend},${y2} ${x2},${y2}"
    stroke-width="${width}"
  >
    <title>${said}</title>
  </path>`;
}
