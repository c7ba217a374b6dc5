import type { SwapDiagram } from "../../run-result.ts";
import { timeScale, type TimeScale } from "./time-scale.ts";

/** More life lines than this do not fit beside each other; the two banks taking part come first. */
export const MAX_LANES = 8;

/** More messages than this would blacken the drawing; the first ones are drawn. */
export const MAX_MESSAGES = 600;

export interface Lane {
  readonly id: string;
  readonly role: SwapDiagram["banks"][number]["role"];
  readonly x: number;
}

export type MessageStyle = "terms" | "lock" | "vote" | "settle" | "other";

export interface Arrow {
  readonly from: { readonly x: number; readonly y: number };
  readonly to: { readonly x: number; readonly y: number };
  readonly style: MessageStyle;
  readonly message: SwapDiagram["messages"][number];
}

/** A text beside a life line; `y` is where it happened, `labelY` where there is room for the text. */
export interface Mark {
  readonly kind: "sent" | "step";
  readonly x: number;
  readonly y: number;
  readonly labelY: number;
  readonly text: string;
  readonly style: MessageStyle;
}

export interface SequenceLayout {
  readonly width: number;
  readonly height: number;
  readonly top: number;
  readonly bottom: number;
  readonly lanes: readonly Lane[];
  readonly arrows: readonly Arrow[];
  readonly marks: readonly Mark[];
  readonly scale: TimeScale;
  /** The time that counts as 0 ms. */
  readonly zeroUs: number;
}

export const GUTTER = 62;

/** Left of the first life line there is room for what its bank did, right of the last for what it sent. */
const FIRST_LANE = GUTTER + 112;
const LAST_LANE_ROOM = 96;
const HEAD = 64;
const FOOT = 24;
const WIDTH = 1_040;
const LABEL_HEIGHT = 13;
const LEAST_HEIGHT = 420;
const MOST_HEIGHT = 1_400;

/** Messages of one bank within this time and with one label are one broadcast. */
const BROADCAST_US = 1_000;

/** Where everything of the drawing stands; `null` when there is nothing to draw. */
export function layoutSequence(diagram: SwapDiagram, arrivedUs: number): SequenceLayout | null {
  const banks = diagram.banks.slice(0, MAX_LANES);
  const room = WIDTH - FIRST_LANE - LAST_LANE_ROOM;
  const spacing = Math.min(220, room / Math.max(1, banks.length - 1));
  const lanes = banks.map(({ id, role }, i) => ({ id, role, x: FIRST_LANE + spacing * i }));
  const laneOf = new Map(lanes.map((lane) => [lane.id, lane]));
  const messages = diagram.messages
    .filter(({ from, to }) => laneOf.has(from) && laneOf.has(to))
    .slice(0, MAX_MESSAGES);
  const steps = diagram.steps.filter(({ bank }) => laneOf.has(bank)).slice(0, MAX_MESSAGES);
  const times = messages.flatMap(({ sentUs, receivedUs }) => [sentUs, receivedUs]);
  times.push(...steps.map(({ atUs }) => atUs));
  if (times.length === 0) return null;
  const earliest = times.reduce((a, b) => Math.min(a, b));
  const hasArrival = arrivedUs > 0 && arrivedUs <= earliest;
  if (hasArrival) times.push(arrivedUs);
  const zeroUs = hasArrival ? arrivedUs : earliest;

  const sent = broadcasts(messages);
  const scale = timeScale(times, messages, busyHeight(sent, steps));
  const y = (us: number): number => HEAD + scale.y(us);
  const x = (bank: string): number => laneOf.get(bank)?.x ?? 0;
  const marks = [
    ...sent.map(({ from, sentUs, label }) => ({
      kind: "sent" as const,
      x: x(from),
      y: y(sentUs),
      text: label,
      style: messageStyle(label),
    })),
    ...steps.map(({ bank, atUs, label }) => ({
      kind: "step" as const,
      x: x(bank),
      y: y(atUs),
      text: `${label} ${((atUs - zeroUs) / 1000).toFixed(1)} ms`,
      style: messageStyle(label),
    })),
  ];
  const bottom = HEAD + scale.height;
  const placed = placeLabels(marks);
  const lowest = placed.reduce((low, mark) => Math.max(low, mark.labelY), bottom);
  return {
    width: FIRST_LANE + spacing * (lanes.length - 1) + LAST_LANE_ROOM,
    height: lowest + FOOT,
    top: HEAD,
    bottom: lowest,
    lanes,
    arrows: messages.map((message) => ({
      from: { x: x(message.from), y: y(message.sentUs) },
      to: { x: x(message.to), y: y(message.receivedUs) },
      style: messageStyle(message.label),
      message,
    })),
    marks: placed,
    scale,
    zeroUs,
  };
}

type Message = SwapDiagram["messages"][number];

/** The first message of every broadcast. */
function broadcasts(messages: readonly Message[]): readonly Message[] {
  const firsts: Message[] = [];
  for (const message of messages.toSorted((a, b) => a.sentUs - b.sentUs)) {
    const { from, label, sentUs } = message;
    const known = firsts.findLast((first) => first.from === from && first.label === label);
    if (known === undefined || sentUs - known.sentUs > BROADCAST_US) firsts.push(message);
  }
  return firsts;
}

/** High enough that the labels of the busiest life line find room. */
function busyHeight(sent: readonly Message[], steps: SwapDiagram["steps"]): number {
  const counts = new Map<string, number>();
  for (const key of [...sent.map((m) => `sent ${m.from}`), ...steps.map((s) => `step ${s.bank}`)]) {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const most = [...counts.values()].reduce((a, b) => Math.max(a, b), 1);
  return Math.min(MOST_HEIGHT, Math.max(LEAST_HEIGHT, most * LABEL_HEIGHT * 3));
}

function placeLabels(marks: readonly Omit<Mark, "labelY">[]): readonly Mark[] {
  const lowest = new Map<string, number>();
  return marks
    .toSorted((a, b) => a.y - b.y)
    .map((mark) => {
      const column = `${mark.kind} ${mark.x}`;
      const labelY = Math.max(mark.y, (lowest.get(column) ?? -Infinity) + LABEL_HEIGHT);
      lowest.set(column, labelY);
      return { ...mark, labelY };
    });
}

function messageStyle(label: string): MessageStyle {
  const words = label.toUpperCase();
  if (words.includes("SETTLE") || words.includes("VOID")) return "settle";
  if (words.includes("LOCK") || words.includes("ANNOUNCE")) return "lock";
  if (/VOTE|STATUS|LEAD|ACCEPT|CONFIRM|DECIDE/.test(words)) return "vote";
  return words.includes("TERMS") || words.includes("DECLINE") ? "terms" : "other";
}
