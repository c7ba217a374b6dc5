import { quote } from "../problem.ts";

/** Names listed in one message. */
const SHOWN_NAMES = 20;

/** Names compared for a suggestion: enough for every bank, tag and key, and bounded for members. */
const COMPARED_NAMES = 2_000;

const COMPARED_CHARACTERS = 40;

/** `one of kz, cn (did you mean "kz"?)`; `none` is said when there is nothing to choose from. */
export function oneOf(names: readonly string[], found?: string, none = "nothing"): string {
  const suggestion = found === undefined ? undefined : nearest(found, names);
  const hint = suggestion === undefined ? "" : ` (did you mean ${quote(suggestion)}?)`;
  if (names.length <= 1) return (names[0] ?? none) + hint;
  if (names.length <= SHOWN_NAMES) return `one of ${names.join(", ")}${hint}`;
  return `one of ${names.slice(0, SHOWN_NAMES - 5).join(", ")}, ... (${names.length} in all)${hint}`;
}

/** The known name that was probably meant: other letter case, a beginning, or a few typing errors away. */
export function nearest(found: string, known: readonly string[]): string | undefined {
  if (found.length > COMPARED_CHARACTERS) return undefined;
  const lower = found.toLowerCase();
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const name of known.slice(0, COMPARED_NAMES)) {
    const candidate = name.toLowerCase();
    if (candidate.length > COMPARED_CHARACTERS) continue;
    const longer = Math.max(lower.length, candidate.length);
    const isBeginning =
      lower.length >= 3 && (candidate.startsWith(lower) || lower.startsWith(candidate));
    const distance = isBeginning ? 1 : typingErrors(lower, candidate);
    if (distance <= Math.max(1, Math.floor(longer / 3)) && distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Letters put in, left out, replaced or swapped with their neighbour (optimal string alignment). */
function typingErrors(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, at(before, j - 2) + 1);
      }
      row.push(least);
    }
    before = previous;
    previous = row;
  }
  return at(previous, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? 0;
