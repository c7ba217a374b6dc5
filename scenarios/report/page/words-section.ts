import { html, type Markup } from "./markup.ts";

const WORDS = {
  "Payment versus payment": "One currency is paid if and only if the other one is.",
  Swap: "Two members exchange two currencies; each currency is a leg, paid at the central bank that issues it.",
  "LOCK, SETTLE, VOID":
    "A bank promises its leg and puts the money on hold (LOCK), then pays it (SETTLE) or gives it back (VOID). After its LOCK a bank cannot refuse any more.",
  Final: "The SETTLE is signed and durable on the bank's ledger: nothing can undo it.",
  "Bank taking part, witness":
    "The two central banks whose currencies are swapped take part. The others are witnesses. The votes of all banks fix one outcome for both legs.",
  "Fast and slow path":
    "With enough votes in time a swap is decided without a leader. Otherwise banks agree on an outcome under a leader, view after view.",
  "Clearing and settlement":
    "Clearing works out who owes what; settlement pays it. Here every swap settles by itself, in full, in central bank money.",
} as const;

/** The words of the report, for a reader from outside the project. */
export const wordsSection = (): Markup =>
  html`<section id="words">
    <h2>Words</h2>
    <dl>
      ${Object.entries(WORDS).map(
        ([word, meaning]) =>
          html`<dt>${word}</dt>
            <dd>${meaning}</dd> `,
      )}
    </dl>
  </section>`;
