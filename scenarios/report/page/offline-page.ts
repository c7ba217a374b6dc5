import { createHash } from "node:crypto";
import { html, trusted, type Markup } from "./markup.ts";
import { STYLE } from "./style.ts";

/**
 * One HTML file that loads nothing and runs nothing. Its policy forbids every request and every style
 * sheet but its own, whatever a text in it says.
 */
export function offlinePage(title: string, body: Markup): string {
  const styleHash = createHash("sha256").update(STYLE).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${trusted(`<style>${STYLE}</style>`)}
      </head>
      <body>
        ${body}
      </body>
    </html> `;
  return page.text;
}
