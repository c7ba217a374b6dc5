import { unreachable } from "../../../crypto/outcome.ts";
import {
  RUN_MEASURES,
  type MeasureKind,
  type RunMeasureName,
} from "../../measures/run-measures.ts";
import type { Estimate } from "../../measures/statistics/paired.ts";
import { renderCount, renderDuration } from "../format.ts";

/** A value of a measure for reading; nothing for one that is not there. */
export function measureText(name: RunMeasureName, value: number | null, space = " "): string {
  if (value === null) return "";
  const sign = value < 0 ? "-" : "";
  return sign + magnitude(RUN_MEASURES[name].kind, Math.abs(value), space);
}

function magnitude(kind: MeasureKind, value: number, space: string): string {
  switch (kind) {
    case "duration":
      return renderDuration(value, space);
    case "share":
      return `${(100 * value).toFixed(1)}${space}%`;
    case "count":
    case "money":
    case "number":
      return renderNumber(value, space);
    default:
      return unreachable(kind);
  }
}

/** Whole where that says enough, otherwise three significant digits. */
function renderNumber(value: number, space: string): string {
  if (value >= 1_000_000) return `${grouped(value / 1_000_000, space)}${space}m`;
  return grouped(value, space);
}

function grouped(value: number, space: string): string {
  if (value >= 1000 || Number.isInteger(value)) return renderCount(Math.round(value), space);
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  return value === 0 || value >= 0.01 ? value.toFixed(2) : value.toPrecision(2);
}

/** Such as `88.7 ms [88.1, 89.4]`: the unit once where all three have the same. */
export function estimateText(name: RunMeasureName, found: Estimate | null, space = " "): string {
  if (found === null) return "";
  const { mean, interval } = found;
  const text = measureText(name, mean, space);
  if (interval === null || interval.low === interval.high) return text;
  const ends = [interval.low, interval.high].map((end) => measureText(name, end, space));
  const unit = unitOf(text, space);
  const isOne = unit !== "" && ends.every((end) => unitOf(end, space) === unit);
  const shown = isOne ? ends.map((end) => end.slice(0, -unit.length)) : ends;
  return `${text} [${shown.join(", ")}]`;
}

/** What stands behind the digits, with the space before it. */
const unitOf = (text: string, space: string): string => {
  const at = text.lastIndexOf(space);
  return at === -1 || /[0-9]/.test(text.slice(at)) ? "" : text.slice(at);
};
