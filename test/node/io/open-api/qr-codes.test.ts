import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SCOPE, consentId, signConsent } from "../../../../node/channels/consent.ts";
import { signQrCode, type QrCode } from "../../../../node/channels/qr-code.ts";
import { hashKey } from "../../../../crypto/hash.ts";
import type { Fact } from "../../../../node/facts.ts";
import { accountId } from "../../../../node/ids.ts";
import { bytesNamed } from "../../../bytes.ts";
import { amount } from "../../fixtures.ts";
import { signedBody, type ApiAnswer } from "./api-client.ts";
import { LiveBank } from "./live-bank.ts";

const bank = new LiveBank(afterAll);
let nonce = 0;

beforeAll(async () => {
  await bank.start();
  await bank.fund("aigul", 10_000);
});

const codeOf = ({ status, body }: ApiAnswer): unknown => body["code"] ?? status;

/** The shop asks for 5.00, and prints the code that its bank makes of it. */
async function create(change: Partial<QrCode> = {}, signer = "shop"): Promise<ApiAnswer> {
  const code: QrCode = {
    net: bank.net,
    bank: 1,
    payee: accountId("shop"),
    amount: amount(500),
    line: null,
    purpose: null,
    invoice: "INV-7",
    nonce: bytesNamed(`nonce ${++nonce}`).subarray(0, 16),
    expiryMs: Date.now() + 60_000,
    ...change,
  };
  const signed = signedBody(signQrCode(code, bank.signer(signer)));
  return bank.member("shop").post("/qr-codes", signed);
}

interface Shown {
  readonly text: string;
  readonly facts: readonly Fact[];
}

async function printed(change: Partial<QrCode> = {}): Promise<Shown> {
  const made = await create(change);
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body as unknown as Shown;
}

/** Aigul reads the code and pays what it says. */
async function pay({ text, facts }: Shown, minor = 500, number?: number): Promise<ApiAnswer> {
  const order = bank.transfer("shop", minor, facts);
  const instruction = signedBody(bank.sign("aigul", order, number));
  return bank.member("aigul").post("/qr-payments", { text, instruction });
}

describe("a QR code over HTTP", () => {
  it("is made by its payee, read by anybody, and paid once", async () => {
    const shown = await printed();
    const read = await bank.member("aigul").post("/qr-codes/check", { text: shown.text });
    expect(read).toMatchObject({
      status: 200,
      body: { ...shown, payee: "shop", invoice: "INV-7" },
    });
    const number = bank.nextNumber("aigul");
    const paid = await pay(shown, 500, number);
    expect(paid).toMatchObject({ status: 201, body: { transactionStatus: "ACSC" } });
    // The same payment again gets the same answer; another one is one too many.
    expect((await pay(shown, 500, number)).body).toEqual(paid.body);
    expect(codeOf(await pay(shown))).toBe("QR_NONCE_REUSED");
    const reread = await bank.member("aigul").post("/qr-codes/check", { text: shown.text });
    expect(codeOf(reread)).toBe("QR_NONCE_REUSED");
    const { body } = await bank.member("shop").get("/accounts/shop/transactions?limit=1");
    expect(body["entry"]).toMatchObject([{ invoice: "INV-7", counterparty: "aigul" }]);
  });

  it("is paid once when two pay at the same time", async () => {
    const shown = await printed();
    const codes = (await Promise.all([pay(shown), pay(shown), pay(shown)])).map(codeOf);
    expect(codes.filter((code) => code === 201)).toHaveLength(1);
    expect(codes.filter((code) => code === "QR_NONCE_REUSED")).toHaveLength(2);
  });

  it("stays paid when the bank is restarted: its ledger tells", async () => {
    const shown = await printed();
    expect(codeOf(await pay(shown))).toBe(201);
    await bank.restart();
    expect(codeOf(await pay(shown))).toBe("QR_NONCE_REUSED");
  });

  it("can be paid after a payment that the bank turned down", async () => {
    const shown = await printed({ amount: amount(9_999) });
    expect(codeOf(await pay(shown, 9_999))).toBe("FUNDS_INSUFFICIENT");
    await bank.fund("aigul", 9_999);
    expect(codeOf(await pay(shown, 9_999))).toBe(201);
  });

  it("is refused with the codes of QR", async () => {
    expect(codeOf(await create({ expiryMs: Date.now() - 1 }))).toBe("QR_EXPIRED");
    expect(codeOf(await create({}, "aigul"))).toBe("QR_SIGNATURE_INVALID");
    expect(codeOf(await create({ payee: accountId("aigul") }, "aigul"))).toBe("access_denied");
    const shown = await printed();
    expect(codeOf(await pay(shown, 499))).toBe("TERMS_INVALID");
    const last = shown.text.endsWith("0") ? "1" : "0";
    const forged = { ...shown, text: `${shown.text.slice(0, -1)}${last}` };
    expect(codeOf(await pay(forged))).toBe("QR_SIGNATURE_INVALID");
    // Without the code itself its facts are worth nothing.
    const bare = signedBody(bank.sign("aigul", bank.transfer("shop", 500, shown.facts)));
    const posted = await bank.member("aigul").post("/instructions", bare);
    expect(codeOf(posted)).toBe("QR_SIGNATURE_INVALID");
  });

  it("is paid through a third party within a consent", async () => {
    const consent = signConsent(
      {
        net: bank.net,
        bank: 1,
        account: accountId("aigul"),
        grantee: bank.signer("wallet").publicKey,
        scopes: [SCOPE.payments],
        expiryMs: Date.now() + 60_000,
        maxAmount: amount(700),
        nonce: bytesNamed("nonce").subarray(0, 16),
      },
      bank.signer("aigul"),
    );
    await bank.member("aigul").post("/consents", signedBody(consent));
    const wallet = bank.thirdParty("wallet");
    const paid = async (): Promise<unknown> => {
      const { text, facts } = await printed();
      const instruction = signedBody(bank.sign("aigul", bank.transfer("shop", 500, facts)));
      const key = hashKey(consentId(consent));
      return codeOf(await wallet.post("/qr-payments", { text, instruction }, { consent: key }));
    };
    expect([await paid(), await paid()]).toEqual([201, "CONSENT_AMOUNT"]);
  });
});
