import fs from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { utf8ToBytes } from "../../crypto/bytes.ts";
import { encode } from "../../crypto/canonical-layout.ts";
import type { Signer } from "../../crypto/ed25519.ts";
import { hashKey, type Hash } from "../../crypto/hash.ts";
import { encodeSubmission, SUBMISSION } from "../../corridor/submissions.ts";
import { commitmentOf } from "../../corridor/terms.ts";
import { consentId, SCOPE, signConsent } from "../../node/channels/consent.ts";
import { requestTag } from "../../node/channels/request-signature.ts";
import { accountId, memberId } from "../../node/ids.ts";
import { ORDER, signInstruction, type Order } from "../../node/instruction.ts";
import { opensslSigner } from "../../node/io/openssl.ts";
import { crc32c } from "../../node/ledger/crc32c.ts";
import { MEMBER_CLASS } from "../../node/members.ts";
import type { CurrencyCode } from "../../node/money.ts";
import { termsLayout } from "../../node/terms.ts";
import { bytesNamed } from "../bytes.ts";
import { ApiClient, base64, signedBody } from "../node/io/open-api/api-client.ts";
import { Conformity, type ApiDocument } from "../node/io/open-api/conformity.ts";
import { Command, daliz, tempFolder, until } from "./daliz.ts";
import type { HandBank } from "./hand-bank.ts";
import { HandCorridor } from "./hand-corridor.ts";
import { amountOf } from "./members.ts";

const API = ["--api", "127.0.0.1:0"];
const MEMBERS = ["steppe", "river"] as const;

const signerOf = (member: string): Signer => opensslSigner(bytesNamed(`key of ${member}`));

/** A bank of a corridor whose members reach it over HTTP. */
class ApiBank {
  readonly #corridor: HandCorridor;
  readonly #conformity: Conformity;
  readonly id: string;
  readonly number: number;
  readonly url: string;

  private constructor(corridor: HandCorridor, id: string, url: string, conformity: Conformity) {
    this.#corridor = corridor;
    this.id = id;
    this.url = url;
    this.#conformity = conformity;
    this.number = corridor.genesis.banks.find((bank) => bank.id === id)?.number ?? 0;
  }

  static async of(corridor: HandCorridor, id: string, bank: HandBank): Promise<ApiBank> {
    const url = apiOf(bank) ?? "";
    const document = await fetch(`${url}/openapi.json`);
    return new ApiBank(corridor, id, url, new Conformity((await document.json()) as ApiDocument));
  }

  /** Both members have an account at each bank, and one at home has money. */
  async open(bank: HandBank, home: string): Promise<void> {
    for (const member of MEMBERS) {
      bank.submit(
        encodeSubmission({
          kind: SUBMISSION.enrolment,
          member: memberId(member),
          memberClass: MEMBER_CLASS["commercial-bank"],
          resident: member === home ? 1 : 0,
          key: signerOf(member).publicKey as Uint8Array as Hash,
          reserves: amountOf(1_000_000),
        }),
      );
    }
    const issue = this.sign(home, 1, { kind: ORDER.issue, amount: amountOf(100_000) });
    bank.submit(encodeSubmission({ kind: SUBMISSION.instruction, instruction: issue }));
    await bank.reported("instruction", ({ number }) => number === 1);
  }

  client(member: string, keyid = member): ApiClient {
    const tag = requestTag(this.id, hashKey(this.#corridor.genesis.net));
    const server = { url: this.url, tag, conformity: this.#conformity };
    return new ApiClient(server, keyid, signerOf(member));
  }

  sign(member: string, number: number, order: Order) {
    const { net } = this.#corridor.genesis;
    const instruction = { net, bank: this.number, member: memberId(member), number, order };
    return signInstruction(instruction, signerOf(member));
  }

  async balance(member: string): Promise<unknown> {
    const { body } = await this.client(member).get(`/accounts/${member}/balances`);
    const [untagged] = body["balance"] as readonly { posted: { amount: string } }[];
    return untagged?.posted.amount;
  }

  /** How a swap ended here. */
  async ended(member: string, commitment: string): Promise<unknown> {
    for (;;) {
      const { status, body } = await this.client(member).get(`/swaps/${commitment}`);
      const state = body["transactionStatus"];
      if (status === 200 && (state === "ACSC" || state === "RJCT")) return body;
      await pause(30);
    }
  }
}

function apiOf(bank: HandBank): string | undefined {
  const [started] = bank.events;
  return started?.event === "started" ? started.api : undefined;
}

/** Steppe sells tenge to River for yuan; both have signed. */
function swapOf(kz: ApiBank, cn: ApiBank, number: number, sold: number) {
  const leg = (payer: string, payee: string, currency: string, minor: number) => ({
    payer: accountId(payer),
    payee: accountId(payee),
    currency: currency as CurrencyCode,
    amount: amountOf(minor),
  });
  const terms = encode(termsLayout, {
    legs: [leg("steppe", "river", "KZT", sold), leg("river", "steppe", "CNY", 7)],
    expiryMs: Date.now() + 60_000,
    border: [{ name: "purpose", value: "GOODS" }],
  });
  const salt = bytesNamed(`salt ${number}`);
  const commitment = commitmentOf(terms, salt);
  const order: Order = { kind: ORDER.swap, commitment, tag: null };
  const instructions = [kz.sign("steppe", number, order), cn.sign("river", number, order)];
  return {
    commitment: hashKey(commitment),
    body: {
      terms: base64(terms),
      salt: base64(salt),
      instructions: instructions.map(signedBody),
    },
  };
}

describe("two banks with an Open API", () => {
  it("settle swaps that come over HTTP, keep consents through a kill, and are replayed byte by byte", async () => {
    const folder = tempFolder(onTestFinished);
    const corridor = HandCorridor.ofBanks(onTestFinished, folder, 2);
    const record = path.join(folder, "run", "record");
    fs.mkdirSync(record, { recursive: true });
    const recorded = (n: number) => [...API, "--record", path.join(record, `kz.${n}.inputs`)];
    const kzBank = await corridor.start("kz", {}, { flags: recorded(1) });
    const cnBank = await corridor.start("cn", { kz: kzBank }, { flags: API });
    await Promise.all([kzBank.reported("ready"), cnBank.reported("ready")]);
    const [kz, cn] = [
      await ApiBank.of(corridor, "kz", kzBank),
      await ApiBank.of(corridor, "cn", cnBank),
    ];
    expect(kz.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await Promise.all([kz.open(kzBank, "steppe"), cn.open(cnBank, "river")]);

    // Each side hands in the same terms, and the bank of the second leg waits for the first.
    const first = swapOf(kz, cn, 2, 500);
    const waiting = await cn.client("river").post("/swaps", first.body);
    expect(waiting).toMatchObject({ status: 202, body: { transactionStatus: "ACCP", leg: [] } });
    const announced = await kz.client("steppe").post("/swaps", first.body);
    expect(announced).toMatchObject({ status: 202, body: { commitment: first.commitment } });
    expect(["ACSP", "ACSC"]).toContain(announced.body["transactionStatus"]);
    expect(await kz.ended("steppe", first.commitment)).toMatchObject({
      transactionStatus: "ACSC",
      leg: [{ payer: "steppe", payee: "river", state: "posted", amount: { amount: "5.00" } }],
    });
    expect(await cn.ended("steppe", first.commitment)).toMatchObject({ transactionStatus: "ACSC" });
    expect(await kz.balance("river")).toBe("5.00");
    expect(await cn.balance("steppe")).toBe("0.07");
    const status = await kz.client("steppe").get("/accounts/steppe/payments/2");
    expect(status.body["transactionStatus"]).toBe("ACSC");

    const tooMuch = swapOf(kz, cn, 3, 1_000_000);
    const refused = await kz.client("steppe").post("/swaps", tooMuch.body);
    expect(refused).toMatchObject({ status: 422, body: { code: "FUNDS_INSUFFICIENT" } });
    expect(await kz.ended("steppe", tooMuch.commitment)).toMatchObject({
      transactionStatus: "RJCT",
      statusReasonInformation: { reason: { proprietary: "FUNDS_INSUFFICIENT" } },
    });
    const strange = { ...first.body, instructions: [first.body.instructions[1]] };
    const foreign = await kz.client("steppe").post("/swaps", strange);
    expect(foreign).toMatchObject({ status: 422, body: { code: "TERMS_INVALID" } });

    const consent = signConsent(
      {
        net: corridor.genesis.net,
        bank: kz.number,
        account: accountId("steppe"),
        grantee: signerOf("books").publicKey,
        scopes: [SCOPE.balances],
        expiryMs: Date.now() + 60_000,
        maxAmount: amountOf(0),
        nonce: bytesNamed("nonce").subarray(0, 16),
      },
      signerOf("steppe"),
    );
    const granted = await kz.client("steppe").post("/consents", signedBody(consent));
    expect(granted.status).toBe(201);
    await kzBank.kill();

    const again = await corridor.start("kz", { cn: cnBank }, { flags: recorded(2) });
    await again.reported("ready");
    const back = await ApiBank.of(corridor, "kz", again);
    const books = back.client("books", hashKey(signerOf("books").publicKey));
    const key = hashKey(consentId(consent));
    const read = await books.get("/accounts/steppe/balances", { consent: key });
    expect(read).toMatchObject({ status: 200, body: { account: "steppe" } });
    expect(await back.balance("river")).toBe("5.00");
    expect(await back.ended("river", first.commitment)).toMatchObject({
      transactionStatus: "ACSC",
    });
    expect((await again.stop()).status).toBe(0);
    expect((await cnBank.stop()).status).toBe(0);
    expect(corridor.audit(["kz", "cn"]).findings).toEqual([]);

    const run = path.join(folder, "run");
    fs.mkdirSync(path.join(run, "ledgers"));
    fs.copyFileSync(corridor.genesisFile, path.join(run, "genesis.json"));
    fs.copyFileSync(corridor.keyFile("kz"), path.join(record, "kz.key"));
    fs.copyFileSync(corridor.ledgerFile("kz"), path.join(run, "ledgers", "kz.ledger"));
    const replayed = await daliz(["replay-inputs", run]);
    expect(replayed).toMatchObject({ status: 0, err: "" });
    expect(replayed.out).toMatch(/^kz: 2 starts, \d+ inputs, \d+ bytes of ledger: identical$/m);
  });
});

describe("a live run with openApi", () => {
  it("says where its banks are, and whose keys open them, while it lasts", async () => {
    const folder = tempFolder(onTestFinished);
    const run = path.join(folder, "run");
    const set = ["--set", "openApi={ keepOpenMs: 500 }", "--out", run];
    const command = new Command(onTestFinished, ["run", "everyday-tenge", ...set]);
    command.child.stdin?.end();
    await command.shown((out) => /^Open API of kz: http:\S+$/m.test(out), "its address");
    const file = path.join(run, "open-api.json");
    await until(() => fs.existsSync(file), "open-api.json");
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    const access = JSON.parse(fs.readFileSync(file, "utf8")) as {
      readonly banks: readonly { readonly url: string; readonly tag: string }[];
      readonly members: readonly { readonly member: string; readonly seed: string }[];
    };
    const [kz] = access.banks;
    const aigul = access.members.find(({ member }) => member === "aigul");
    if (kz === undefined || aigul === undefined) throw new Error(JSON.stringify(access));
    const signer = opensslSigner(Buffer.from(aigul.seed, "hex"));
    const client = new ApiClient(kz, "aigul", signer);
    let status = 0;
    // She can sign before her bank has enrolled her.
    while (status !== 200) {
      ({ status } = await client.get("/accounts/aigul/balances"));
      await pause(30);
    }
    const { status: ended, out } = await command.ended;
    expect(ended).toBe(0);
    expect(out).toContain(`Open API:   ${file}`);
    await expect(fetch(kz.url)).rejects.toThrow();
  });
});

describe("--api", () => {
  it("is off by default", async () => {
    const corridor = HandCorridor.ofBanks(onTestFinished, tempFolder(onTestFinished), 1);
    const bank = await corridor.start("kz", {}, { flags: ["--alone"] });
    expect(apiOf(bank)).toBeUndefined();
    expect(fs.existsSync(path.join(corridor.dataFolder("kz"), "consents.log"))).toBe(false);
  });

  it("refuses an address that is none, one in use, and consents that are damaged", async () => {
    const corridor = HandCorridor.ofBanks(onTestFinished, tempFolder(onTestFinished), 2);
    const none = await corridor.end("kz", {}, ["--api", "http://127.0.0.1:80"]);
    expect(none.status).toBe(2);
    expect(none.err).toContain("--api http://");
    const bank = await corridor.start("kz", {}, { flags: API });
    const taken = (apiOf(bank) ?? "").replace("http://", "");
    const flags = ["--api", taken, "--metrics", "127.0.0.1:0"];
    const { status, err } = await corridor.end("cn", {}, flags);
    expect(status).toBe(3);
    expect(err).toMatch(/^daliz: port_in_use: cannot listen on --api 127\.0\.0\.1:\d+: [^\n]+\n$/);
    await bank.stop();
    const file = path.join(corridor.dataFolder("kz"), "consents.log");
    const whole = `${crc32c(utf8ToBytes("{}"), 0).toString(16).padStart(8, "0")} {}\n`;
    fs.writeFileSync(file, `00000000 {}\n${whole}`);
    const damaged = await corridor.end("kz", {}, API);
    expect(damaged.err).toMatch(/^daliz: file_corrupt: [^\n]*consents\.log, line 1: [^\n]+\n$/);
    expect(damaged.status).toBe(3);
    expect(fs.readFileSync(file, "utf8")).toBe(`00000000 {}\n${whole}`);
  });
});
