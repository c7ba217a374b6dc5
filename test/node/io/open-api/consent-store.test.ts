import fs from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { hashKey } from "../../../../crypto/hash.ts";
import {
  consentId,
  SCOPE,
  signConsent,
  signRevocation,
  type Consent,
  type ConsentedAct,
} from "../../../../node/channels/consent.ts";
import { ConsentStore } from "../../../../node/io/open-api/consent-store.ts";
import { opensslSigner } from "../../../../node/io/openssl.ts";
import { bytesNamed } from "../../../bytes.ts";
import { tempFolder } from "../../../process/daliz.ts";
import { account, bookkeeper, money, NET, NOW_MS, verifier } from "../../channels/fixtures.ts";

const DAY_MS = 86_400_000;
const signerOf = (member: string) => opensslSigner(bytesNamed(`key of ${member}`));

/** A store with small bounds, whose clock the test sets. */
class Kept {
  nowMs = NOW_MS;
  readonly file = path.join(tempFolder(onTestFinished), "consents.log");
  store: ConsentStore;
  #nonce = 0;

  constructor() {
    this.store = this.#open();
  }

  #open(): ConsentStore {
    const opened = ConsentStore.open({
      file: this.file,
      setting: { net: NET, bank: 1, keyOf: (member) => signerOf(member).publicKey, verifier },
      nowMs: () => this.nowMs,
      onFailure: (error) => {
        throw error;
      },
      limits: { perAccount: 2, inAll: 3 },
    });
    if (!opened.ok) throw new Error(opened.error.message);
    return opened.value;
  }

  async reopen(): Promise<void> {
    await this.store.close();
    this.store = this.#open();
  }

  sign(member: string, change: Partial<Consent> = {}) {
    return signConsent(
      {
        net: NET,
        bank: 1,
        account: account(member),
        grantee: bookkeeper.publicKey,
        scopes: [SCOPE.balances, SCOPE.payments],
        expiryMs: this.nowMs + DAY_MS,
        maxAmount: money(1_000_000),
        nonce: bytesNamed(`nonce ${++this.#nonce}`).subarray(0, 16),
        ...change,
      },
      signerOf(member),
    );
  }

  async grant(member: string, signed = this.sign(member)): Promise<string> {
    const granted = await this.store.grant(signed, account(member));
    return granted.ok ? (granted.value.isNew ? "given" : "known") : granted.error.code;
  }

  ask(key: string, member: string, act: Partial<ConsentedAct> = {}) {
    const use = { key, grantee: hashKey(bookkeeper.publicKey), operation: "test" };
    const asked = {
      scope: "payments",
      account: account(member),
      amount: money(1),
      ...act,
    } as const;
    return this.store.ask(use, asked);
  }
}

describe("the consents of a bank", () => {
  it("are bounded, of one account and in all, until one is over", async () => {
    const kept = new Kept();
    const short = kept.sign("aigul", { expiryMs: kept.nowMs + 1_000 });
    expect(await kept.grant("aigul", short)).toBe("given");
    expect(await kept.grant("aigul")).toBe("given");
    expect(await kept.grant("aigul")).toBe("busy");
    expect(await kept.grant("bolat")).toBe("given");
    expect(await kept.grant("carol")).toBe("busy");
    expect(kept.store.size).toBe(3);
    // What is known already needs no room.
    expect(await kept.grant("aigul", short)).toBe("known");
    kept.nowMs += 999;
    expect(await kept.grant("carol")).toBe("busy");
    kept.nowMs += 1;
    expect(await kept.grant("carol")).toBe("given");
    expect(kept.store.size).toBe(3);
    expect(kept.store.keyOfGrantee(hashKey(bookkeeper.publicKey))).toBeDefined();
    expect(await kept.grant("aigul", short)).toBe("CONSENT_EXPIRED");
  });

  it("that were revoked keep their place, so that the document brings none of them back", async () => {
    const kept = new Kept();
    const [one, two] = [kept.sign("aigul"), kept.sign("aigul")];
    for (const signed of [one, two]) {
      await kept.grant("aigul", signed);
      const revocation = { net: NET, bank: 1, consent: consentId(signed) };
      await kept.store.revoke(
        hashKey(consentId(signed)),
        signRevocation(revocation, signerOf("aigul")),
      );
    }
    expect(await kept.grant("aigul")).toBe("busy");
    await kept.reopen();
    expect(await kept.grant("aigul", one)).toBe("known");
    const asked = await kept.ask(hashKey(consentId(one)), "aigul");
    expect(asked).toMatchObject({ ok: false, error: { code: "CONSENT_EXPIRED" } });
    expect(await kept.grant("aigul")).toBe("busy");
  });

  it("are forgotten a month after their end, at the next start", async () => {
    const kept = new Kept();
    await kept.grant("aigul");
    kept.nowMs += 31 * DAY_MS - 1;
    await kept.reopen();
    expect(kept.store.size).toBe(1);
    kept.nowMs += 1;
    await kept.reopen();
    expect(kept.store.size).toBe(0);
    expect(kept.store.keyOfGrantee(hashKey(bookkeeper.publicKey))).toBeUndefined();
  });

  it("stay the same when the file is made anew under use, and the file stays small", async () => {
    const kept = new Kept();
    const signed = kept.sign("aigul");
    await kept.grant("aigul", signed);
    const key = hashKey(consentId(signed));
    for (let round = 0; round < 30; round++) {
      await Promise.all(Array.from({ length: 1_000 }, () => kept.ask(key, "aigul")));
    }
    const before = kept.store.get(key);
    expect(before?.spent).toBe(30_000n);
    await kept.reopen();
    const after = kept.store.get(key);
    expect(after?.spent).toBe(30_000n);
    expect(after?.accesses).toEqual(before?.accesses);
    const lines = fs.readFileSync(kept.file, "utf8").split("\n").length;
    expect(lines).toBeLessThan(22_000);
  });
});
