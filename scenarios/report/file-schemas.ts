/** JSON Schemas of the JSON files of a run folder. Keys that they do not name are let through. */

export type Schema = Readonly<Record<string, unknown>>;

export const record = (
  properties: Readonly<Record<string, Schema>>,
  optional: string[] = [],
): Schema => ({
  type: "object",
  properties,
  required: Object.keys(properties).filter((key) => !optional.includes(key)),
});
export const list = (items: Schema): Schema => ({ type: "array", items });

export const text: Schema = { type: "string" };
export const flag: Schema = { type: "boolean" };
export const count: Schema = { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
export const milliseconds: Schema = { type: "number", minimum: 0 };
export const minorUnits: Schema = { type: "string", pattern: "^-?(0|[1-9][0-9]{0,39})$" };
const instant: Schema = {
  type: "string",
  pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?Z$",
};

const number: Schema = { type: "number" };
const spread = record(
  Object.fromEntries(
    ["count", "min", "p25", "p50", "p75", "p95", "max", "mean"].map((name) => [name, number]),
  ),
);
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: "null" }] });

/** What a ledger says of its bank's home. */
const HOME_SCHEMA: Schema = record({
  bank: text,
  currency: text,
  refused: list(record({ code: text, rule: text, count, amount: minorUnits })),
  noted: list(record({ rule: text, count })),
  supply: record({
    issued: minorUnits,
    redeemed: minorUnits,
    outstanding: minorUnits,
    tagged: minorUnits,
    course: list(
      record({ timeMs: count, issued: minorUnits, outstanding: minorUnits, tagged: minorUnits }),
    ),
  }),
  toFinal: list(record({ reference: text, payments: count, times: spread })),
  vat: orNull(
    record({
      due: minorUnits,
      marked: minorUnits,
      paid: minorUnits,
      secured: minorUnits,
      gap: minorUnits,
      refunds: list(
        record({
          where: { type: "string", enum: ["inside", "outside"] },
          claims: count,
          refunded: minorUnits,
          open: count,
          days: orNull(spread),
        }),
      ),
      queue: list(record({ day: count, open: count })),
    }),
  ),
  oversight: record({
    freezes: list(
      record({
        timeMs: count,
        by: text,
        case: text,
        reference: text,
        account: text,
        isLifted: flag,
      }),
    ),
    concentration: list(record({ reference: text, payee: text, basisPoints: count })),
    claims: list(
      record({
        reference: text,
        importer: text,
        amount: minorUnits,
        document: text,
        dueMs: count,
        state: { type: "string", enum: ["open", "met", "overdue"] },
      }),
    ),
  }),
});

export const MANIFEST_SCHEMA: Schema = record(
  {
    format: { type: "string", const: "daliz-run/1" },
    scenario: text,
    title: text,
    question: text,
    mode: { type: "string", enum: ["live", "sim"] },
    arrangement: text,
    seed: { type: "integer" },
    startedAt: instant,
    durationMs: milliseconds,
    versions: { type: "object", additionalProperties: text },
    modelled: list(text),
    signatures: { type: "string", enum: ["real", "modelled"] },
    traceHash: text,
    events: count,
    banks: list(
      record({
        number: count,
        id: text,
        name: text,
        currency: text,
        decimals: { type: "integer", minimum: 0, maximum: 6 },
        members: count,
      }),
    ),
    heads: list(record({ bank: text, file: text, seq: count, hash: text, bytes: count })),
    conservation: list(
      record({
        currency: text,
        issued: minorUnits,
        redeemed: minorUnits,
        posted: minorUnits,
        pending: minorUnits,
        holds: flag,
      }),
    ),
    tags: list(
      record({
        bank: text,
        currency: text,
        id: text,
        reference: text,
        owner: text,
        kind: text,
        issued: minorUnits,
        held: minorUnits,
        released: minorUnits,
        returned: minorUnits,
        flows: list(
          record({
            kind: text,
            from: text,
            to: text,
            line: text,
            amount: minorUnits,
            payments: count,
          }),
        ),
        lines: list(
          record({ line: text, maxAmount: minorUnits, paidIn: minorUnits, released: minorUnits }),
        ),
        refusals: list(record({ code: text, rule: text, count, amount: minorUnits })),
        notes: list(record({ rule: text, payments: count })),
      }),
    ),
    home: list(HOME_SCHEMA),
    audit: record(
      {
        passed: flag,
        blocks: count,
        entries: count,
        signatures: count,
        swaps: count,
        findings: list(text),
        splits: list(text),
      },
      ["splits"],
    ),
    visibility: list(
      record({
        role: text,
        announcements: count,
        amounts: count,
        parties: count,
        outcomes: count,
        note: text,
      }),
    ),
    faults: list(record({ atMs: { type: "number" }, bank: text, what: text })),
    expectations: list(record({ name: text, holds: flag, detail: text })),
    properties: list(
      record({
        name: text,
        meaning: text,
        verdict: {
          type: "string",
          enum: ["holds", "violated", "documented", "beyond budget", "not applicable"],
        },
        detail: text,
      }),
    ),
    netting: list(record({ currency: text, gross: minorUnits, funded: minorUnits })),
    connectedMs: milliseconds,
    document: {},
  },
  ["document", "signatures", "traceHash", "events", "properties", "tags", "home", "netting"],
);

export const DIAGRAM_SCHEMA: Schema = record({
  id: text,
  sid: text,
  pair: text,
  banks: list(record({ id: text, role: { type: "string", enum: ["taking part", "witness"] } })),
  messages: list(
    record({
      from: text,
      to: text,
      sentUs: count,
      receivedUs: count,
      label: text,
      isPrivate: flag,
    }),
  ),
  steps: list(record({ bank: text, atUs: count, label: text })),
});
