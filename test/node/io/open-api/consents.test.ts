import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { utf8ToBytes } from "../../../../crypto/bytes.ts";
import { hashKey } from "../../../../crypto/hash.ts";
import {
  consentId,
  SCOPE,
  signConsent,
  signRevocation,
  type Consent,
} from "../../../../node/channels/consent.ts";
import { MAX_ACCESSES_PER_CONSENT, MAX_CONSENT_LIFE_MS } from "../../../../node/channels/limits.ts";
import { accountId } from "../../../../node/ids.ts";
import { ORDER, type Order } from "../../../../node/instruction.ts";
import { CONSENT_FILE } from "../../../../node/io/open-api/open-api.ts";
import { crc32c } from "../../../../node/ledger/crc32c.ts";
import { bytesNamed } from "../../../bytes.ts";
import { amount } from "../../fixtures.ts";
import { signedBody, type ApiAnswer } from "./api-client.ts";
import { LiveBank } from "./live-bank.ts";

const FREE = { burst: 10_000, perSecond: 1_000, maxCallers: 10 };
const LIMITS = { addressRate: FREE, callerRate: FREE };
const bank = new LiveBank(afterAll, LIMITS);
const MINUTE_MS = 60_000;

let nonce = 0;

beforeAll(async () => {
  await bank.start();
  await bank.fund("aigul", 1_000);
  await bank.fund("shop", 10_000);
});

const documentOf = (of: LiveBank, change: Partial<Consent> = {}, signer = "aigul") =>
  signConsent(
    {
      net: of.net,
      bank: 1,
      account: accountId("aigul"),
      grantee: of.signer("books").publicKey,
      scopes: [SCOPE.accounts, SCOPE.balances, SCOPE.transactions, SCOPE.payments],
      expiryMs: Date.now() + MINUTE_MS,
      maxAmount: amount(100),
      nonce: bytesNamed(`nonce ${++nonce}`).subarray(0, 16),
      ...change,
    },
    of.signer(signer),
  );

async function grant(change: Partial<Consent> = {}, of = bank): Promise<string> {
  const document = documentOf(of, change);
  const answer = await of.member("aigul").post("/consents", signedBody(document));
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return hashKey(consentId(document));
}

const codeOf = ({ status, body }: ApiAnswer): unknown => body["code"] ?? status;

/** The third party reads a balance of Aigul's. */
const read = async (consent: string, account = "aigul", of = bank): Promise<unknown> =>
  codeOf(await of.thirdParty("books").get(`/accounts/${account}/balances`, { consent }));

/** The third party hands in what Aigul has signed. */
async function pay(consent: string, minor: number, order?: Order): Promise<unknown> {
  const signed = bank.sign("aigul", order ?? bank.transfer("shop", minor));
  const books = bank.thirdParty("books");
  return codeOf(await books.post("/instructions", signedBody(signed), { consent }));
}

const spentOf = async (consent: string, of = bank): Promise<unknown> => {
  const { body } = await of.member("aigul").get(`/consents/${consent}`);
  return (body["spent"] as { readonly amount: string }).amount;
};

async function revoke(consent: string, of = bank, signer = "aigul"): Promise<ApiAnswer> {
  const revocation = { net: of.net, bank: 1, consent: Buffer.from(consent, "hex") as never };
  const document = signRevocation(revocation, of.signer(signer));
  return of.member("aigul").post(`/consents/${consent}/revocation`, signedBody(document));
}

describe("a consent", () => {
  it("lets a third party in, for what it says and nothing else", async () => {
    const stranger = new LiveBank(onTestFinished, LIMITS);
    await stranger.start();
    expect(await read("0".repeat(64), "aigul", stranger)).toBe("unknown_signer");
    const consent = await grant({ scopes: [SCOPE.balances] });
    const books = bank.thirdParty("books");
    expect(await read(consent)).toBe(200);
    expect(await read(consent, "shop")).toBe("CONSENT_SCOPE");
    expect(await read("0".repeat(64))).toBe("CONSENT_SCOPE");
    expect(codeOf(await books.get("/accounts/aigul/balances"))).toBe("CONSENT_SCOPE");
    expect(codeOf(await books.get("/accounts/aigul", { consent }))).toBe("CONSENT_SCOPE");
    expect(codeOf(await books.get("/accounts/aigul/transactions", { consent }))).toBe(
      "CONSENT_SCOPE",
    );
    expect(await pay(consent, 1)).toBe("CONSENT_SCOPE");
    for (const path of ["/events", `/tags/${"0".repeat(64)}`, `/swaps/${"0".repeat(64)}`]) {
      expect(codeOf(await books.get(path, { consent })), path).toBe("access_denied");
    }
    // Another third party has a consent of its own, and cannot use this one.
    const theirs = await grant({ grantee: bank.signer("spy").publicKey });
    const spy = bank.thirdParty("spy");
    const spying = (id: string) => spy.get("/accounts/aigul/balances", { consent: id });
    expect(codeOf(await spying(consent))).toBe("CONSENT_SCOPE");
    expect(codeOf(await spying(theirs))).toBe(200);
    // The signature has to cover the id.
    const fields = ["@method", "@path", "@query"];
    const uncovered = await books.get("/accounts/aigul/balances", { consent, fields });
    expect(codeOf(uncovered)).toBe("signature_invalid");
  });

  it("is given by the account's member alone, and once", async () => {
    const aigul = bank.member("aigul");
    const code = async (document: ReturnType<typeof documentOf>, by = aigul) =>
      codeOf(await by.post("/consents", signedBody(document)));
    expect(await code(documentOf(bank, {}, "shop"))).toBe("document_invalid");
    expect(await code(documentOf(bank, {}, "books"))).toBe("document_invalid");
    expect(await code(documentOf(bank), bank.member("shop"))).toBe("access_denied");
    expect(await code(documentOf(bank), bank.member("auditor"))).toBe("access_denied");
    expect(await code(documentOf(bank, { bank: 2 }))).toBe("document_invalid");
    expect(await code(documentOf(bank, { grantee: new Uint8Array(32) }))).toBe(
      "key_not_enrollable",
    );
    const past = { expiryMs: Date.now() - 1 };
    expect(await code(documentOf(bank, past))).toBe("CONSENT_EXPIRED");
    const long = { expiryMs: Date.now() + MAX_CONSENT_LIFE_MS + MINUTE_MS };
    expect(await code(documentOf(bank, long))).toBe("CONSENT_EXPIRED");
    const document = documentOf(bank);
    expect(await code(document)).toBe(201);
    expect(await code(document)).toBe(200);
    expect(await code(document, bank.member("shop"))).toBe("access_denied");
  });

  it("never lets more be paid than it says, whatever comes at once", async () => {
    const consent = await grant();
    expect(await pay(consent, 60)).toBe(201);
    expect(await pay(consent, 41)).toBe("CONSENT_AMOUNT");
    expect(await pay(consent, 40)).toBe(201);
    expect(await pay(consent, 1)).toBe("CONSENT_AMOUNT");
    expect(await spentOf(consent)).toBe("1.00");
    const another = await grant();
    const codes = await Promise.all(Array.from({ length: 10 }, () => pay(another, 20)));
    expect(codes.filter((code) => code === 201)).toHaveLength(5);
    expect(codes.filter((code) => code === "CONSENT_AMOUNT")).toHaveLength(5);
  });

  it("is not used up by what the bank turned down, nor by the same payment again", async () => {
    const consent = await grant({ maxAmount: amount(100_000) });
    expect(await pay(consent, 99_999)).toBe("FUNDS_INSUFFICIENT");
    expect(await spentOf(consent)).toBe("0.00");
    const signed = signedBody(bank.sign("aigul", bank.transfer("shop", 5)));
    const books = bank.thirdParty("books");
    const twice = await Promise.all([
      books.post("/instructions", signed, { consent }),
      books.post("/instructions", signed, { consent }),
    ]);
    expect(
      twice
        .map(codeOf)
        .map(String)
        .sort((a, b) => (a < b ? -1 : 1)),
    ).toEqual(["201", "busy"]);
    expect(codeOf(await books.post("/instructions", signed, { consent }))).toBe(201);
    expect(await spentOf(consent)).toBe("0.05");
  });

  it("never stands for the member's own signature, and covers transfers alone", async () => {
    const consent = await grant({ maxAmount: amount(1_000) });
    const books = bank.thirdParty("books");
    const signed = bank.sign("aigul", bank.transfer("books", 5));
    const forged = { body: signed.body, signature: bank.signer("books").sign(signed.body) };
    expect(codeOf(await books.post("/instructions", signedBody(forged), { consent }))).toBe(
      "document_invalid",
    );
    const issue: Order = { kind: ORDER.issue, amount: amount(1) };
    expect(await pay(consent, 1, issue)).toBe("CONSENT_SCOPE");
    const ofShop = signedBody(bank.sign("shop", bank.transfer("aigul", 1)));
    expect(codeOf(await books.post("/instructions", ofShop, { consent }))).toBe("CONSENT_SCOPE");
  });

  it("has an access log that its member can read, and nobody else", async () => {
    const consent = await grant();
    await read(consent);
    await pay(consent, 101);
    const { body } = await bank.member("aigul").get(`/consents/${consent}/accesses`);
    expect(body["access"]).toMatchObject([
      { number: 2, operation: "submitInstruction", outcome: "CONSENT_AMOUNT" },
      { number: 1, operation: "getBalances", outcome: "allowed" },
    ]);
    const path = `/consents/${consent}/accesses`;
    expect(codeOf(await bank.thirdParty("books").get(path))).toBe("access_denied");
    expect(codeOf(await bank.member("shop").get(path))).toBe("not_found");
    expect(codeOf(await bank.member("auditor").get(`/consents/${consent}`))).toBe("not_found");
    for (let i = 0; i < MAX_ACCESSES_PER_CONSENT; i++) await read(consent);
    const latest = await bank.member("aigul").get(path);
    const log = latest.body["access"] as readonly { readonly number: number }[];
    expect(log).toHaveLength(MAX_ACCESSES_PER_CONSENT);
    expect([log[0]?.number, log.at(-1)?.number]).toEqual([MAX_ACCESSES_PER_CONSENT + 2, 3]);
  });

  it("is listed for who gave it and for who has it", async () => {
    const given = await bank.member("aigul").get("/consents?limit=2");
    expect(given.body).toMatchObject({ next: 2 });
    expect(given.body["consent"]).toHaveLength(2);
    const received = await bank.thirdParty("books").get("/consents?limit=1&after=1");
    expect(received.body).toMatchObject({ consent: [{ account: "aigul" }], next: 2 });
    expect((await bank.member("shop").get("/consents")).body).toEqual({ consent: [], next: null });
    const accounts = await bank.thirdParty("books").get("/accounts");
    expect(accounts.body).toMatchObject({ account: [{ identification: "aigul" }], next: null });
  });
});

describe("consents on disk", () => {
  it("survive a restart, and so do revocations, accesses and what was paid", async () => {
    const other = await new LiveBank(onTestFinished, LIMITS).start();
    await other.fund("aigul", 100);
    const [kept, gone] = [documentOf(other), documentOf(other)];
    const ids = [kept, gone].map((document) => hashKey(consentId(document)));
    const [keptId = "", goneId = ""] = ids;
    for (const document of [kept, gone]) {
      await other.member("aigul").post("/consents", signedBody(document));
    }
    expect((await revoke(goneId, other, "shop")).body["code"]).toBe("document_invalid");
    expect((await revoke(goneId, other)).body).toMatchObject({ status: "revoked" });
    const books = other.thirdParty("books");
    const paid = signedBody(other.sign("aigul", other.transfer("shop", 30)));
    expect(codeOf(await books.post("/instructions", paid, { consent: keptId }))).toBe(201);
    await other.restart();
    expect(await read(keptId, "aigul", other)).toBe(200);
    expect(await read(goneId, "aigul", other)).toBe("CONSENT_EXPIRED");
    expect(await spentOf(keptId, other)).toBe("0.30");
    const again = await other.member("aigul").post("/consents", signedBody(gone));
    expect(again).toMatchObject({ status: 200, body: { status: "revoked" } });
    const { body } = await other.member("aigul").get(`/consents/${keptId}/accesses`);
    expect((body["access"] as readonly unknown[]).length).toBe(2);
  });

  it("cannot be forged by whoever can write the file", async () => {
    const other = await new LiveBank(onTestFinished, LIMITS).start();
    await other.fund("steppe", 1);
    const own = await grant({}, other);
    await revoke(own, other);
    await other.stop();
    const file = path.join(other.folder, CONSENT_FILE);
    const before = fs.readFileSync(file, "utf8");
    const hexOf = ({ body, signature }: ReturnType<typeof documentOf>) =>
      [body, signature].map((bytes) => Buffer.from(bytes).toString("hex"));
    const forged: readonly object[] = [
      { grant: hexOf(documentOf(other, {}, "books")), atMs: 1 },
      { grant: hexOf(documentOf(other, { bank: 2 })), atMs: 1 },
      { grant: ["", ""], atMs: 1 },
      { revoke: hexOf(documentOf(other)), consent: own, atMs: 1 },
      { consent: "0".repeat(64), n: 1, atMs: 1, operation: "x", outcome: "x", spent: "0" },
      { consent: own, n: 9, atMs: 1, operation: "x", outcome: "x", spent: "-1" },
      { consent: own },
      [],
    ];
    for (const record of forged) {
      const text = JSON.stringify(record);
      const sum = crc32c(utf8ToBytes(text), 0).toString(16).padStart(8, "0");
      fs.writeFileSync(file, `${before}${sum} ${text}\n`);
      await expect(other.start(), text).rejects.toThrow("file_corrupt");
      await other.stop();
    }
    fs.writeFileSync(file, before);
    await other.start();
    expect(await read(own, "aigul", other)).toBe("CONSENT_EXPIRED");
  });
});
