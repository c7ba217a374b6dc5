import { showInvisible } from "../format.ts";

/** Text that is HTML or SVG already. Only `html` and `trusted` make it. */
export interface Markup {
  readonly kind: "markup";
  readonly text: string;
}

export type Content = Markup | string | number | null | readonly Content[];

/**
 * A piece of HTML or SVG: whatever is put into the template is escaped unless it is `Markup`, so
 * that no text of a scenario or run folder can become markup. Attributes are always quoted.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  let text = strings[0] ?? "";
  for (const [i, value] of values.entries()) text += render(value) + (strings[i + 1] ?? "");
  return { kind: "markup", text };
}

/** Markup that a renderer of ours or a library made, which escapes by itself. */
export const trusted = (text: string): Markup => ({ kind: "markup", text });

function render(value: Content): string {
  if (value === null) return "";
  if (typeof value === "string") return escapeText(value);
  if (typeof value === "number") return String(value);
  return "kind" in value ? value.text : value.map(render).join("");
}

const escapeText = (text: string): string =>
  showInvisible(text).replace(/[&<>"'`]/g, (sign) => `&#${sign.charCodeAt(0)};`);
