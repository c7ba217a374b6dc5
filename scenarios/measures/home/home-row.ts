import type { Bytes } from "../../../crypto/bytes.ts";
import type { Books } from "../../../node/accounts/books.ts";
import type { Bank } from "../../../node/genesis.ts";
import { ledgerItems } from "./ledger-items.ts";
import { Oversight, type OversightRow } from "./oversight.ts";
import { Refusals, type RefusalsRow } from "./refusals.ts";
import { Supply, type SupplyRow } from "./supply.ts";
import { ToFinal, type ToFinalRow } from "./to-final.ts";
import { Vat, type VatRow } from "./vat.ts";

/** What one bank's ledger says of its home: reports R3, R5, R7, R8 and what overseers look at. */
export interface HomeRow extends RefusalsRow {
  readonly bank: string;
  readonly currency: string;
  readonly supply: SupplyRow;
  readonly toFinal: readonly ToFinalRow[];
  readonly vat: VatRow | null;
  readonly oversight: OversightRow;
}

/** Reads a bank's domestic entries once, for all reports of its home. */
export function homeRow(
  { bank, books: { tags } }: { readonly bank: Bank; readonly books: Books },
  entries: Iterable<Bytes>,
): HomeRow {
  const supply = new Supply(tags);
  const [refusals, toFinal, vat, oversight] = [
    new Refusals(),
    new ToFinal(tags),
    new Vat(tags),
    new Oversight(tags),
  ];
  for (const item of ledgerItems(entries)) {
    for (const follower of [supply, refusals, toFinal, vat, oversight]) follower.take(item);
  }
  return {
    bank: bank.id,
    currency: bank.currency.code,
    supply: supply.result(),
    ...refusals.result(),
    toFinal: toFinal.result(),
    vat: vat.result(),
    oversight: oversight.result(),
  };
}
