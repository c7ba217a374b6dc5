import type { SwapDiagram } from "../../run-result.ts";
import { renderDuration } from "../format.ts";
import { html, type Markup } from "../page/markup.ts";
import {
  GUTTER,
  layoutSequence,
  type Arrow,
  type Lane,
  type Mark,
  type SequenceLayout,
} from "./layout.ts";

/** The messages of one swap as a drawing: time runs down, every bank has a line; `null` without messages. */
export function sequenceSvg(diagram: SwapDiagram, arrivedUs: number): Markup | null {
  const layout = layoutSequence(diagram, arrivedUs);
  if (layout === null) return null;
  const [width, height] = [px(layout.width), px(layout.height)];
  return html`<svg
    class="sequence"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="img"
    aria-label="Messages of one swap between the banks, in order of time"
  >
    <defs>${(["terms", "lock", "vote", "settle", "other"] as const).map(arrowHead)}</defs>
    ${timeGrid(layout)} ${layout.lanes.map((lane) => lifeLine(lane, layout))}
    ${layout.arrows.map(arrow)} ${layout.marks.map(mark)}
  </svg>`;
}

const px = (value: number): string => String(Math.round(value * 10) / 10);

const arrowHead = (style: string): Markup =>
  html`<marker
    id="head-${style}"
    viewBox="0 0 8 8"
    refX="7.5"
    refY="4"
    markerWidth="7"
    markerHeight="7"
    orient="auto"
    ><path d="M0 1L8 4L0 7Z" class="head ${style}"
  /></marker>`;

function lifeLine({ id, role, x }: Lane, { top, bottom }: SequenceLayout): Markup {
  const isPart = role === "taking part";
  return html`<g class="lane${isPart ? " part" : ""}">
    <rect x="${px(x - 46)}" y="6" width="92" height="38" rx="6" />
    <text x="${px(x)}" y="23" class="bank">${id.slice(0, 14)}</text>
    <text x="${px(x)}" y="37" class="role">${role}</text>
    <line x1="${px(x)}" x2="${px(x)}" y1="44" y2="${px(Math.max(top, bottom) + 6)}"
  /></g> `;
}

const ROUND_STEPS_MS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
const LEAST_GRID_PIXELS = 48;

/** Lines at round times, left out within pauses, which say how long they are. */
function timeGrid({ scale, zeroUs, top, width }: SequenceLayout): Markup {
  const { pauses, height, lastUs, y } = scale;
  const cutUs = pauses.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);
  const pixelsPerMs = (1000 * height) / Math.max(1, lastUs - zeroUs - cutUs);
  const stepMs = ROUND_STEPS_MS.find((ms) => ms * pixelsPerMs >= LEAST_GRID_PIXELS);
  const lines: Markup[] = [];
  if (stepMs !== undefined) {
    for (let ms = 0; zeroUs + ms * 1000 <= lastUs && lines.length < 200; ms += stepMs) {
      const us = zeroUs + ms * 1000;
      if (pauses.some(({ fromUs, toUs }) => us > fromUs && us < toUs)) {
        ms = skipPause(pauses, us, zeroUs, stepMs);
        continue;
      }
      const at = px(top + y(us));
      lines.push(
        html`<g class="grid"
          ><line x1="${GUTTER - 4}" x2="${px(width)}" y1="${at}" y2="${at}" /><text
            x="${GUTTER - 10}"
            y="${at}"
            dy="4"
            >${gridLabel(ms)} ms</text
          ></g
        > `,
      );
    }
  }
  const cuts = pauses.map(({ fromUs, toUs }) => {
    const [from, to] = [top + y(fromUs), top + y(toUs)];
    return html`<g class="pause"
      ><rect
        x="${GUTTER - 4}"
        width="${px(width - GUTTER + 4)}"
        y="${px(from + 6)}"
        height="${px(to - from - 12)}"
      /><text x="${px(width / 2)}" y="${px((from + to) / 2)}" dy="4"
        >nothing was sent for ${renderDuration((toUs - fromUs) / 1000)}; this stretch is drawn
        short</text
      ></g
    > `;
  });
  return html`${lines}${cuts}`;
}

const gridLabel = (ms: number): string => String(Math.round(ms * 10) / 10);

/** The last round time before the end of the pause that `us` falls into. */
function skipPause(
  pauses: SequenceLayout["scale"]["pauses"],
  us: number,
  zeroUs: number,
  stepMs: number,
): number {
  const end = pauses.find(({ fromUs, toUs }) => us > fromUs && us < toUs)?.toUs ?? us;
  return Math.floor((end - zeroUs) / 1000 / stepMs) * stepMs;
}

function arrow({ from, to, style, message }: Arrow): Markup {
  const ms = ((message.receivedUs - message.sentUs) / 1000).toFixed(2);
  const inset = to.x > from.x ? -2 : 2;
  return html`<line
    class="arrow ${style}${message.isPrivate ? " private" : ""}"
    x1="${px(from.x)}"
    y1="${px(from.y)}"
    x2="${px(to.x + inset)}"
    y2="${px(to.y)}"
    marker-end="url(#head-${style})"
    ><title>
      ${message.label} from ${message.from} to ${message.to}, ${ms} ms on the
      way${message.isPrivate ? ", private" : ""}
    </title></line
  > `;
}

function mark({ kind, x, y, labelY, text, style }: Mark): Markup {
  const dot = html`<circle
    class="dot ${style} ${kind}"
    cx="${px(x)}"
    cy="${px(y)}"
    r="${kind === "step" ? 4 : 2.5}"
  />`;
  const side = kind === "step" ? -9 : 9;
  return html`${dot}<text class="mark ${kind} ${style}" x="${px(x + side)}" y="${px(labelY)}" dy="4"
      >${text.slice(0, 28)}</text
    > `;
}
