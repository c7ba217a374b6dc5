import fc from "fast-check";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import {
  codebook,
  HELD_COLUMNS,
  PAYMENT_COLUMNS,
  SWAP_COLUMNS,
} from "../../scenarios/report/columns.ts";
import { parseCsv, renderCsv } from "../../scenarios/report/csv.ts";
import { renderParquet } from "../../scenarios/report/parquet.ts";
import type { PaymentRow, SwapRow } from "../../scenarios/run-result.ts";
import { holds } from "../property.ts";
import { inventRun } from "./run-fixture.ts";

const { swaps, payments } = inventRun();
const [swap] = swaps;
if (swap === undefined) throw new Error("the fixture has swaps");

describe("tables as CSV", () => {
  it("come back as they were", () => {
    expect(parseCsv<SwapRow>(renderCsv(swaps, SWAP_COLUMNS), SWAP_COLUMNS)).toEqual({
      ok: true,
      value: swaps,
    });
    expect(parseCsv<PaymentRow>(renderCsv(payments, PAYMENT_COLUMNS), PAYMENT_COLUMNS)).toEqual({
      ok: true,
      value: payments,
    });
  });

  it("keep quotes, commas, line breaks and any other text", () => {
    const nasty = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom('"', '""', ",", "\n", "\r", "\r\n", 'a"b,c\nd', " ", "=1+1", "\ufeff", "'"),
    );
    const property = fc.property(fc.array(nasty, { minLength: 4, maxLength: 4 }), (texts) => {
      const [id = "", payer = "", counterparty = "", reason = ""] = texts;
      const row: SwapRow = { ...swap, id, payer, counterparty, reason };
      const rows = [row, swap, row];
      const read = parseCsv<SwapRow>(renderCsv(rows, SWAP_COLUMNS), SWAP_COLUMNS);
      expect(read).toEqual({ ok: true, value: rows });
    });
    holds(property, 500);
  });

  it("leave empty what did not happen, and keep fractions of milliseconds", () => {
    const row: SwapRow = { ...swap, decidedUs: 0, settleMs: null, processMs: 12.345, heldMs: 1e-7 };
    const [, line = ""] = renderCsv([row], SWAP_COLUMNS).split("\n");
    const cells = line.split(",");
    const names = Object.keys(SWAP_COLUMNS);
    expect(cells[names.indexOf("decidedUs")]).toBe("");
    expect(cells[names.indexOf("settleMs")]).toBe("");
    expect(cells[names.indexOf("processMs")]).toBe("12.345");
    const read = parseCsv<SwapRow>(renderCsv([row], SWAP_COLUMNS), SWAP_COLUMNS);
    expect(read).toEqual({ ok: true, value: [row] });
  });

  it("leave the value empty of a swap for which there is no rate, and of nothing else", async () => {
    const row: SwapRow = { ...swap, usdCents: "" };
    const read = parseCsv<SwapRow>(renderCsv([row, swap], SWAP_COLUMNS), SWAP_COLUMNS);
    expect(read).toEqual({ ok: true, value: [row, swap] });
    const file = new Uint8Array(renderParquet([row, swap], SWAP_COLUMNS)).buffer;
    const [without, withRate] = await parquetReadObjects({ file });
    expect(without).toMatchObject({ usdCents: null });
    expect(withRate).toMatchObject({ usdCents: BigInt(swap.usdCents) });
    const lacking = renderCsv([{ ...swap, sellAmount: "" }], SWAP_COLUMNS);
    expect(parseCsv(lacking, SWAP_COLUMNS)).toMatchObject({ error: { column: "sellAmount" } });
  });

  const csv = renderCsv([swap], SWAP_COLUMNS);
  const withCell = (column: keyof SwapRow, value: string): string =>
    renderCsv([{ ...swap, [column]: value }], SWAP_COLUMNS);

  it.each([
    ["", 1, ""],
    [csv.replace("sellAmount", "sold"), 1, ""],
    [`${csv}one,two\n`, 3, ""],
    [withCell("sellAmount", "-1"), 2, "sellAmount"],
    [withCell("sellAmount", "1.0"), 2, "sellAmount"],
    [withCell("sellAmount", "9223372036854775808"), 2, "sellAmount"],
    [withCell("outcome", "lost"), 2, "outcome"],
    [withCell("view", "2147483648"), 2, "view"],
    [withCell("receivedUs", "0x10"), 2, "receivedUs"],
    [withCell("settleMs", "Infinity"), 2, "settleMs"],
    [withCell("settleMs", "1e999"), 2, "settleMs"],
  ])("that are damaged are refused with their place (%#)", (text, record, column) => {
    const read = parseCsv<SwapRow>(text, SWAP_COLUMNS);
    expect(read).toMatchObject({ ok: false, error: { code: "table_invalid", record, column } });
  });

  it("are total on any text", () => {
    const property = fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      expect(parseCsv<SwapRow>(text, SWAP_COLUMNS).ok).toBe(false);
      expect(parseCsv<SwapRow>(csv + text, SWAP_COLUMNS)).toHaveProperty("ok");
    });
    holds(property, 300);
  });
});

describe("swaps as Parquet", () => {
  it("come back with exact amounts, times in microseconds and nulls", async () => {
    const file = arrayBuffer(renderParquet(swaps, SWAP_COLUMNS));
    const rows = await parquetReadObjects({
      file,
      parsers: { timestampFromMicroseconds: (us) => us },
    });
    expect(rows.length).toBe(swaps.length);
    for (const [i, row] of rows.entries()) expect(row).toEqual(asParquet(swaps[i] ?? swap));
  });

  it("have the type that the column says", () => {
    const { schema } = parquetMetadata(arrayBuffer(renderParquet(swaps, SWAP_COLUMNS)));
    const typeOf = (name: string): unknown => {
      const element = schema.find((one) => one.name === name);
      return [element?.type, element?.converted_type, element?.repetition_type];
    };
    expect(typeOf("id")).toEqual(["BYTE_ARRAY", "UTF8", "REQUIRED"]);
    expect(typeOf("sellAmount")).toEqual(["INT64", undefined, "REQUIRED"]);
    expect(typeOf("receivedUs")).toEqual(["INT64", "TIMESTAMP_MICROS", "OPTIONAL"]);
    expect(typeOf("settleMs")).toEqual(["DOUBLE", undefined, "OPTIONAL"]);
    expect(typeOf("view")).toEqual(["INT32", undefined, "REQUIRED"]);
    expect(schema.length).toBe(1 + Object.keys(SWAP_COLUMNS).length);
  });

  it("can be none, and can be as large as an amount can be", async () => {
    const none = arrayBuffer(renderParquet<SwapRow>([], SWAP_COLUMNS));
    expect(await parquetReadObjects({ file: none })).toEqual([]);
    const most: SwapRow = { ...swap, sellAmount: String(2n ** 63n - 1n), buyAmount: "0" };
    const rows = await parquetReadObjects({
      file: arrayBuffer(renderParquet([most], SWAP_COLUMNS)),
    });
    expect(rows[0]).toMatchObject({ sellAmount: 2n ** 63n - 1n, buyAmount: 0n });
  });

  const arrayBuffer = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

  function asParquet(row: SwapRow): Record<string, unknown> {
    const entries = Object.entries(SWAP_COLUMNS).map(([name, { kind }]) => {
      const value: unknown = row[name as keyof SwapRow];
      if (kind === "amount") return [name, BigInt(value as string)];
      if (kind === "time") return [name, value === 0 ? null : BigInt(value as number)];
      return [name, value];
    });
    return Object.fromEntries(entries) as Record<string, unknown>;
  }
});

it("the codebook explains every column of every table", () => {
  const rows = codebook();
  const count = [SWAP_COLUMNS, PAYMENT_COLUMNS, HELD_COLUMNS].flatMap((columns) =>
    Object.keys(columns),
  );
  expect(rows.map(({ column }) => column)).toEqual(count);
  for (const { meaning, kind, unit } of rows) {
    expect(meaning).toMatch(/^\S.*\.$/);
    expect(unit === "").toBe(kind === "text" || kind === "count");
  }
  expect(Object.keys(SWAP_COLUMNS)).toEqual(Object.keys(swap));
});
