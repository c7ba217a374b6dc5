import http from "node:http";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { hashKey } from "../../../../crypto/hash.ts";
import { PacedClock } from "../../../../node/io/clock.ts";
import { requestTag } from "../../../../node/channels/request-signature.ts";
import { bitsOf, bytesNamed, flipBit } from "../../../bytes.ts";
import { answerOf, ApiClient, base64, digestOf, signedBody, type ApiCall } from "./api-client.ts";
import { LiveBank } from "./live-bank.ts";

const PATH = "/accounts/aigul";
const bank = new LiveBank(afterAll, {
  addressRate: { burst: 10_000, perSecond: 1_000, maxCallers: 10 },
  callerRate: { burst: 10_000, perSecond: 1_000, maxCallers: 10 },
});
let aigul: ApiClient;

beforeAll(async () => {
  await bank.start();
  aigul = bank.member("aigul");
});

const verdict = async (call: ApiCall, path = PATH) => {
  const { status, body } = await aigul.get(path, call);
  return status === 200 ? "taken" : body["code"];
};

/** Sends headers as they are given, which `fetch` would join or refuse. */
function raw(path: string, headers: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const all = ["Host", new URL(bank.url).host, ...headers];
    const request = http.request(new URL(path, bank.url), { headers: all }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
      response.on("end", () => {
        const { code } = JSON.parse(text) as { readonly code?: string };
        resolve(response.statusCode === 200 ? "taken" : code);
      });
    });
    request.on("error", reject);
    request.end();
  });
}

const flat = (headers: Readonly<Record<string, string>>): string[] =>
  Object.entries(headers).flat();

describe("a signed request", () => {
  it("is taken once: the same again is a replay, also under another path", async () => {
    const request = await aigul.sign("GET", PATH);
    expect((await answerOf(await fetch(request.url, request))).status).toBe(200);
    const again = await answerOf(await fetch(request.url, request));
    expect([again.status, again.body["code"]]).toEqual([409, "replay"]);
    const elsewhere = await fetch(new URL("/accounts", bank.url), request);
    expect((await answerOf(elsewhere)).body["code"]).toBe("signature_invalid");
    const nonce = "a-nonce-of-her-own";
    expect(await verdict({ nonce })).toBe("taken");
    expect(await verdict({ nonce }, "/accounts")).toBe("replay");
    // Another member may choose the same one.
    expect((await bank.member("shop").get("/accounts", { nonce })).status).toBe(200);
  });

  it.each([
    ["as it should be", {}, "taken"],
    ["for another bank", { tag: requestTag("cn", "0") }, "signature_invalid"],
    ["with a short nonce", { nonce: "short" }, "signature_invalid"],
    ["that lasts too long", { lifeS: 61 }, "signature_invalid"],
    ["of before the bank began", { skewS: -3_600 }, "signature_expired"],
    ["of the future", { skewS: 60 }, "signature_expired"],
    ["without its path", { fields: ["@method", "@query"] }, "signature_invalid"],
    ["without its query", { fields: ["@method", "@path"] }, "signature_invalid"],
    ["without its method", { fields: ["@path", "@query"] }, "signature_invalid"],
    [
      "over a part twice",
      { fields: ["@method", "@method", "@path", "@query"] },
      "signature_invalid",
    ],
    [
      "over more",
      {
        fields: ["@method", "@path", "@query", "@authority", "accept"],
        headers: { accept: "*/*" },
      },
      "taken",
    ],
  ])("%s is judged", async (_how, call: ApiCall, expected) => {
    expect(await verdict(call)).toBe(expected);
  });

  it("of somebody unknown is refused before its signature is looked at", async () => {
    for (const name of [
      "nobody",
      "__proto__",
      "constructor",
      "../aigul",
      hashKey(bytesNamed("?")),
    ]) {
      const stranger = new ApiClient(bank, name, bank.signer("aigul"));
      const { status, body } = await stranger.get("/accounts");
      expect([status, body["code"]], name).toEqual([401, "unknown_signer"]);
    }
    const unsigned = await answerOf(await fetch(new URL(PATH, bank.url)));
    expect([unsigned.status, unsigned.body["code"]]).toEqual([401, "signature_missing"]);
    expect(unsigned.headers.get("www-authenticate")).toBe("Signature");
  });

  it("under another member's key is refused", async () => {
    const impostor = new ApiClient(bank, "aigul", bank.signer("shop"));
    const { status, body } = await impostor.get(PATH);
    expect([status, body["code"]]).toEqual([401, "signature_invalid"]);
  });

  it("is refused with any bit of its signature turned over", async () => {
    const { headers, url } = await aigul.sign("GET", PATH);
    const { Signature: signature = "", ...rest } = headers;
    const bytes = Uint8Array.from(Buffer.from(signature.slice("sig=:".length, -1), "base64"));
    expect(bytes).toHaveLength(64);
    // Each byte once; the definition decides every one of them, within its budget.
    for (const bit of bitsOf(bytes).filter((n) => n % 41 === 0)) {
      const flipped = { ...rest, Signature: `sig=:${base64(flipBit(bytes, bit))}:` };
      const { body } = await answerOf(await fetch(url, { headers: flipped }));
      expect(["signature_invalid", "busy"], `bit ${bit}`).toContain(body["code"]);
    }
    expect((await fetch(url, { headers })).status).toBe(200);
  });

  it("is refused when its header fields are not what they should be, and nothing throws", async () => {
    const { headers } = await aigul.sign("GET", PATH);
    const { Signature: signature = "", "Signature-Input": input = "", ...rest } = headers;
    const send = (fields: Readonly<Record<string, string>>) =>
      raw(PATH, flat({ ...rest, ...fields }));
    const bad: readonly Readonly<Record<string, string>>[] = [
      { Signature: signature },
      { "Signature-Input": input },
      { Signature: "sig", "Signature-Input": input },
      { Signature: "sig=:AAAA:", "Signature-Input": input },
      { Signature: "sig=:::", "Signature-Input": input },
      { Signature: `${signature}, other=:AAAA:`, "Signature-Input": input },
      { Signature: signature.replace("sig", "other"), "Signature-Input": input },
      { Signature: signature, "Signature-Input": "sig=5" },
      { Signature: signature, "Signature-Input": "sig=(" },
      { Signature: signature, "Signature-Input": 'sig=("@method";req "@path" "@query")' },
      { Signature: signature, "Signature-Input": input.replace('"@path"', '"@path" "x-none"') },
      { Signature: signature, "Signature-Input": input.replace('"@path"', '"@status"') },
      { Signature: signature, "Signature-Input": input.replace("created=", "made=") },
      { Signature: signature, "Signature-Input": input.replace(/created=\d+/, "created=1.5") },
      { Signature: signature, "Signature-Input": input.replace(/created=\d+/, "created=-1") },
      { Signature: signature, "Signature-Input": `${input};alg="rsa-v1_5-sha256"` },
      { Signature: signature, "Signature-Input": `${input};more=1` },
      { Signature: signature, "Signature-Input": "(".repeat(3_000) },
    ];
    for (const fields of bad) {
      const code = await send(fields);
      expect(["signature_invalid", "signature_missing"], JSON.stringify(fields)).toContain(code);
    }
    const both = flat({ ...rest, Signature: signature, "Signature-Input": input });
    expect(await raw(PATH, [...both, "Signature", signature])).toBe("signature_missing");
    expect(await raw(PATH, both)).toBe("taken");
  });

  it("is of the machine's time, also when the bank's clock stands and runs elsewhere", async () => {
    const startMs = Date.parse("2024-09-02T04:00:00Z");
    const clock = new PacedClock({ machineMs: Date.now(), startMs, pace: 1_000 });
    const school = await new LiveBank(onTestFinished, {}, clock).start();
    await school.fund("aigul", 100);
    const { body } = await school.member("aigul").get("/accounts/aigul/transactions");
    expect(body["entry"]).toMatchObject([
      { bookingDate: expect.stringMatching(/^2024-09-/) as string },
    ]);
  });

  it("binds its body by a digest that the signature covers", async () => {
    const body = signedBody(bank.sign("aigul", bank.transfer("shop", 1), 1));
    const post = async (call: ApiCall, change: (sent: string) => string = (sent) => sent) => {
      const request = await aigul.sign("POST", "/instructions", { body, ...call });
      const sent = { ...request, body: change(request.body ?? "") };
      return (await answerOf(await fetch(request.url, sent))).body["code"];
    };
    const fields = ["@method", "@path", "@query"];
    expect(await post({ fields })).toBe("signature_invalid");
    expect(await post({}, (sent) => sent.replace('"body"', '"Body"'))).toBe("digest_mismatch");
    expect(await post({}, (sent) => `${sent} `)).toBe("digest_mismatch");
    const other = { "content-digest": digestOf("other") };
    expect(await post({ headers: other })).toBe("digest_mismatch");
    expect(await post({ headers: { "content-digest": "md5=:AAAA:" } })).toBe("digest_mismatch");
    expect(await post({ headers: { "content-digest": "(((" } })).toBe("digest_mismatch");
    // What was refused left no trace: the number is free. Aigul has no money.
    expect(await post({})).toBe("FUNDS_INSUFFICIENT");
  });
});
