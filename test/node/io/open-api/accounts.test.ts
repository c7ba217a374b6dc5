import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashKey } from "../../../../crypto/hash.ts";
import { memberId, accountId } from "../../../../node/ids.ts";
import { ORDER } from "../../../../node/instruction.ts";
import { PLAIN_LINE, PLAIN_TAG, type TagDefinition } from "../../../../node/tags/definition.ts";
import { amount, encodeDefinition, tagOf } from "../../fixtures.ts";
import { signedBody } from "./api-client.ts";
import { LiveBank } from "./live-bank.ts";

const bank = new LiveBank(afterAll);
let tag = "";

beforeAll(async () => {
  await bank.start();
  await bank.fund("aigul", 10_000);
  await bank.fund("shop", 500);
  tag = await tagged();
});

/** Money of the treasury under a tag that pays the shop last. */
async function tagged(): Promise<string> {
  const definition: TagDefinition = {
    ...PLAIN_TAG,
    net: bank.net,
    kind: 1,
    colour: "red",
    fundOwner: memberId("treasury"),
    reference: "school 12",
    purposes: ["WORKS"],
    payees: [
      { account: accountId("aigul"), final: 0 },
      { account: accountId("shop"), final: 1 },
    ],
    lines: [{ ...PLAIN_LINE, line: "A-1", maxAmount: amount(900) }],
    validFromMs: 0,
    validToMs: Date.now() + 3_600_000,
    estimateHash: null,
  };
  const id = tagOf(definition);
  const pay = (payee: string, minor: number, line: string) => ({
    ...bank.transfer(payee, minor),
    tag: id,
    line,
    purpose: "WORKS",
  });
  const orders = [
    ["treasury", { kind: ORDER.issue, amount: amount(1_000) }, 201],
    ["treasury", { kind: ORDER.defineTag, definition: encodeDefinition(definition) }, 201],
    ["treasury", { kind: ORDER.issueTag, tag: id, amount: amount(1_000) }, 201],
    ["treasury", pay("aigul", 300, "A-1"), 201],
    ["aigul", pay("shop", 120, "A-1"), 201],
    ["aigul", pay("shop", 1, "CAR"), 422],
    ["auditor", { kind: ORDER.freeze, tag: id, account: null, case: "case 7" }, 201],
  ] as const;
  for (const [member, order, status] of orders) {
    const answer = await bank.order(member, order);
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
  }
  return hashKey(id);
}

describe("accounts", () => {
  it("are each member's own, with money apart for each tag", async () => {
    const { body } = await bank.member("aigul").get("/accounts/aigul/balances");
    expect(body["balance"]).toMatchObject([
      { tag: null, reference: null, posted: { amount: "100.00" }, pending: { amount: "0.00" } },
      { tag, reference: "school 12", posted: { currency: "KZT", amount: "1.80" } },
    ]);
    const own = await bank.member("aigul").get("/accounts");
    expect(own.body).toMatchObject({
      account: [{ identification: "aigul", memberClass: "individual", resident: true }],
      next: null,
    });
  });

  it.each(["shop", "nobody-at-all"])(
    "of others are closed, whether there are such or not: %s",
    async (other) => {
      for (const path of ["", "/balances", "/transactions", "/payments/1"]) {
        const { status, body } = await bank.member("aigul").get(`/accounts/${other}${path}`);
        expect([status, body["code"]], path).toEqual([403, "access_denied"]);
      }
    },
  );

  it("are open to an auditor and to the monitor, page by page, in the order of enrolment", async () => {
    for (const overseer of ["auditor", "monitor"]) {
      const names: unknown[] = [];
      for (let next: number | null = 0; next !== null;) {
        const { body } = await bank.member(overseer).get(`/accounts?limit=4&after=${next}`);
        const page = body["account"] as readonly { readonly identification: string }[];
        expect(page.length).toBeLessThanOrEqual(4);
        names.push(...page.map((one) => one.identification));
        next = body["next"] as number | null;
      }
      expect(names).toEqual(["steppe", "treasury", "aigul", "shop", "auditor", "monitor"]);
      const { status } = await bank.member(overseer).get("/accounts/shop/balances");
      expect(status).toBe(200);
      expect((await bank.member(overseer).get("/accounts/nobody/balances")).status).toBe(404);
    }
  });

  it("have statements whose booked entries add up to the balances, page by page", async () => {
    const aigul = bank.member("aigul");
    const entries: { readonly [key: string]: unknown }[] = [];
    for (let next: string | null = ""; next !== null;) {
      const before = next === "" ? "" : `&before=${next}`;
      const { body } = await aigul.get(`/accounts/aigul/transactions?limit=1${before}`);
      entries.push(...(body["entry"] as typeof entries));
      next = body["next"] as string | null;
    }
    const sum = (of: string | null) =>
      entries
        .filter(({ tag: column, status }) => column === of && status === "BOOK")
        .map(({ amount: money, creditDebitIndicator }) => {
          const minor = Number((money as { amount: string }).amount.replace(".", ""));
          return creditDebitIndicator === "CRDT" ? minor : -minor;
        })
        .reduce((total, minor) => total + minor, 0);
    expect([sum(null), sum(tag)]).toEqual([10_000, 180]);
    expect(entries.map((entry) => entry["counterparty"])).toEqual(["shop", "treasury", "steppe"]);
  });

  it.each([
    "limit=0",
    "limit=101",
    "limit=1e9",
    "limit=x",
    "after=-1",
    "after=0.5",
    "limit=1&limit=2",
  ])("have no page for %s", async (query) => {
    const { status, body } = await bank.member("auditor").get(`/accounts?${query}`);
    expect([status, body["code"]]).toEqual([400, "bad_request"]);
  });
});

describe("payments", () => {
  it("are rejected with the rule's code, in the answer and in the status for ever", async () => {
    const aigul = bank.member("aigul");
    const signed = bank.sign("aigul", bank.transfer("shop", 10_001));
    const turnedDown = await aigul.post("/instructions", signedBody(signed));
    expect(turnedDown).toMatchObject({
      status: 422,
      body: { code: "FUNDS_INSUFFICIENT", rule: "FUNDS-2", transactionStatus: "RJCT" },
    });
    const again = await aigul.post("/instructions", signedBody(signed));
    expect(again.body).toEqual(turnedDown.body);
    const number = 3;
    const { body } = await aigul.get(`/accounts/aigul/payments/${number}`);
    expect(body).toMatchObject({
      transactionStatus: "RJCT",
      statusReasonInformation: {
        reason: { proprietary: "FUNDS_INSUFFICIENT" },
        additionalInformation: [
          "not enough money",
          expect.stringContaining("10001"),
          expect.anything(),
        ],
      },
    });
    expect((await aigul.get("/accounts/aigul/payments/999")).status).toBe(404);
  });

  it("are taken in once, and answered in the same way when they come again", async () => {
    const aigul = bank.member("aigul");
    const number = bank.nextNumber("aigul");
    const first = signedBody(bank.sign("aigul", bank.transfer("shop", 1), number));
    const twice = await Promise.all([
      aigul.post("/instructions", first),
      aigul.post("/instructions", first),
    ]);
    twice.push(await aigul.post("/instructions", first));
    for (const answer of twice) expect(answer.body).toEqual(twice[0]?.body);
    expect(twice.map(({ status }) => status)).toEqual([201, 201, 201]);
    const other = signedBody(bank.sign("aigul", bank.transfer("shop", 2), number));
    const replayed = await aigul.post("/instructions", other);
    expect([replayed.status, replayed.body["code"]]).toEqual([409, "replay"]);
  });

  it("are those of the caller, signed by it for this bank", async () => {
    const aigul = bank.member("aigul");
    const order = bank.transfer("shop", 1);
    const code = async (signed: Parameters<typeof signedBody>[0]) =>
      (await aigul.post("/instructions", signedBody(signed))).body["code"];
    expect(await code(bank.sign("shop", bank.transfer("aigul", 1), 99))).toBe("access_denied");
    const { body } = bank.sign("aigul", order, 99);
    expect(await code({ body, signature: bank.sign("aigul", order, 98).signature })).toBe(
      "document_invalid",
    );
    expect(await code({ body: new Uint8Array(40), signature: new Uint8Array(64) })).toBe(
      "document_invalid",
    );
    const swap = { kind: ORDER.swap, commitment: bank.net, tag: null } as const;
    expect(await code(bank.sign("aigul", swap, 99))).toBe("TERMS_INVALID");
  });
});

describe("tags", () => {
  it("are traced for auditors, monitors and the fund owner, refused attempts too", async () => {
    for (const reader of ["auditor", "monitor", "treasury"]) {
      const { body } = await bank.member(reader).get(`/tags/${tag}/trace?limit=3`);
      expect(body["movement"]).toMatchObject([
        { kind: "statement", from: "auditor" },
        { kind: "rejection", rejection: "TAG_LINE_NOT_IN_ESTIMATE", line: "CAR" },
        { kind: "payment", from: "aigul", to: "shop", line: "A-1", amount: { amount: "1.20" } },
      ]);
      const older = await bank
        .member(reader)
        .get(`/tags/${tag}/trace?before=${String(body["next"])}`);
      expect(older.body).toMatchObject({
        movement: [{ kind: "payment", to: "aigul" }, { kind: "tag-issue" }],
        next: null,
      });
    }
    const { body } = await bank.member("auditor").get(`/tags/${tag}`);
    expect(body).toMatchObject({
      issued: { amount: "10.00" },
      held: { amount: "8.80" },
      released: { amount: "1.20" },
      line: [{ line: "A-1", paidIn: { amount: "3.00" }, released: { amount: "1.20" } }],
      frozen: [{ account: null, by: "auditor", case: "case 7" }],
    });
  });

  it("are closed to everybody else, whether there are such or not", async () => {
    for (const id of [tag, "0".repeat(64)]) {
      for (const path of [`/tags/${id}`, `/tags/${id}/trace`]) {
        expect((await bank.member("aigul").get(path)).status).toBe(403);
      }
    }
    expect((await bank.member("auditor").get(`/tags/${"0".repeat(64)}`)).status).toBe(404);
  });
});
