import { acceleratedVerifier } from "../../../../crypto/ed25519.ts";
import type { Signer } from "../../../../crypto/ed25519.ts";
import { hashKey, type Hash } from "../../../../crypto/hash.ts";
import { stepBank } from "../../../../corridor/participant.ts";
import { openBank } from "../../../../corridor/replay.ts";
import type { Report } from "../../../../corridor/report.ts";
import { encodeSubmission, SUBMISSION } from "../../../../corridor/submissions.ts";
import { requestTag } from "../../../../node/channels/request-signature.ts";
import { accountId, memberId } from "../../../../node/ids.ts";
import { ORDER, signInstruction, type Order } from "../../../../node/instruction.ts";
import { REAL_CLOCK, type Clock } from "../../../../node/io/clock.ts";
import { createDriver, type Driver } from "../../../../node/io/driver.ts";
import { openJournal, type Journal } from "../../../../node/io/journal-file.ts";
import type { ApiLimits } from "../../../../node/io/open-api/limits.ts";
import type { OpenApi } from "../../../../node/io/open-api/open-api.ts";
import { opensslSigner, opensslVerifier } from "../../../../node/io/openssl.ts";
import { MEMBER_CLASS, type MemberClassName } from "../../../../node/members.ts";
import type { Fact } from "../../../../node/facts.ts";
import { makeCorridor } from "../../../../scenarios/play/corridor-keys.ts";
import { openBankApi, readAnswer } from "../../../../scenarios/commands/bank-api.ts";
import { bytesNamed } from "../../../bytes.ts";
import { tempFolder, type AtEnd } from "../../../process/daliz.ts";
import { amount } from "../../fixtures.ts";
import { ApiClient, signedBody, type ApiAnswer } from "./api-client.ts";
import { Conformity, type ApiDocument } from "./conformity.ts";

const fast = opensslVerifier();
export const verifier = acceleratedVerifier(fast);

const MEMBERS: Readonly<Record<string, MemberClassName>> = {
  steppe: "commercial-bank",
  treasury: "treasury",
  aigul: "individual",
  shop: "company",
  auditor: "auditor",
  monitor: "monitor",
};

/** One bank with its real machine, journal and HTTP server, in this process; it has no peers. */
export class LiveBank {
  readonly corridor = makeCorridor(
    {
      name: "one-bank",
      banks: [{ id: "kz", name: "National Bank", currency: "KZT", decimals: 2 }],
      byzantine: 0,
      crashed: 0,
      deltaMs: 100,
      ttlMs: 5_000,
    },
    verifier,
  );
  readonly folder: string;
  readonly #numbers = new Map<string, number>();
  readonly #limits: Partial<ApiLimits>;
  readonly #clock: Clock;
  #conformity: Conformity | undefined;
  #disk: Promise<void> = Promise.resolve();
  url = "";
  #journal: Journal | undefined;
  #driver: Driver | undefined;
  #api: OpenApi | undefined;
  readonly reports: Report[] = [];
  readonly failures: Error[] = [];

  constructor(atEnd: AtEnd, limits: Partial<ApiLimits> = {}, clock: Clock = REAL_CLOCK) {
    this.folder = tempFolder(atEnd);
    this.#limits = limits;
    this.#clock = clock;
    atEnd(() => this.stop());
  }

  /** Starts the bank from its data folder, and lets it enrol its members; or stops short of that. */
  async start({ isReady = true } = {}): Promise<this> {
    const journal = openJournal(this.folder);
    if (!journal.ok) throw new Error(journal.error.message);
    this.#journal = journal.value;
    const keys = this.corridor.keys.get("kz");
    const [self] = this.corridor.genesis.banks;
    if (keys === undefined || self === undefined) throw new Error("no keys");
    const opened = openBank(
      {
        genesis: this.corridor.genesis,
        self: self.number,
        signer: opensslSigner(keys.ledgerSeed),
        verifier,
        saltSecret: keys.saltSecret,
        trace: false,
        alone: true,
      },
      journal.value.records,
    );
    if (!opened.ok) throw new Error(opened.error.why);
    const machine = opened.value;
    const api = await openBankApi({
      machine,
      records: journal.value.records,
      folder: this.folder,
      verifier,
      fast,
      clock: this.#clock,
      onFailure: (error) => this.failures.push(error),
      limits: this.#limits,
    });
    this.#api = api;
    const driver = createDriver<Report>({
      step: api.watch((input, now) => stepBank(machine, input, now), readAnswer),
      journal: this.#slowly(journal.value),
      clock: this.#clock,
      transport: { send: () => false, drop: () => undefined },
      onReport: (report) => this.reports.push(report),
      onStop: (code) => this.failures.push(new Error(code)),
    });
    this.#driver = driver;
    this.url = await api.listen({ host: "127.0.0.1", port: 0 }, (bytes) =>
      driver.feed({ kind: "instruction", bytes }),
    );
    const document = await fetch(`${this.url}/openapi.json`);
    this.#conformity ??= new Conformity((await document.json()) as ApiDocument);
    if (!isReady) return this;
    driver.feed({ kind: "start" });
    for (const [member, memberClass] of Object.entries(MEMBERS)) this.enrol(member, memberClass);
    return this;
  }

  /** Lets nothing become durable until what it gives is called: a disk that hangs. */
  hangDisk(): () => void {
    let release: () => void = () => undefined;
    this.#disk = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  #slowly(journal: Journal): Journal {
    const append = journal.append.bind(journal);
    journal.append = async (bytes) => {
      const size = await append(bytes);
      await this.#disk;
      return size;
    };
    return journal;
  }

  /** Stops the bank in order. */
  async stop(): Promise<void> {
    await this.#api?.close();
    await this.#driver?.settled();
    this.#driver?.stop();
    this.#journal?.close();
    this.#api = undefined;
    this.#driver = undefined;
    this.#journal = undefined;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** What the bank says of its own API; every answer to a client of this bank is held against it. */
  get conformity(): Conformity {
    if (this.#conformity === undefined) throw new Error("the bank was not started");
    return this.#conformity;
  }

  get net(): Hash {
    return this.corridor.genesis.net;
  }

  get tag(): string {
    return requestTag("kz", hashKey(this.net));
  }

  signer(name: string): Signer {
    return opensslSigner(bytesNamed(`key of ${name}`));
  }

  /** A member of the bank, as a client of its API. */
  member(name: string): ApiClient {
    return new ApiClient(this, name, this.signer(name));
  }

  /** Somebody with a key and nothing else. */
  thirdParty(name: string): ApiClient {
    const signer = this.signer(name);
    return new ApiClient(this, hashKey(signer.publicKey), signer);
  }

  enrol(member: string, memberClass: MemberClassName): void {
    this.feed(
      encodeSubmission({
        kind: SUBMISSION.enrolment,
        member: memberId(member),
        memberClass: MEMBER_CLASS[memberClass],
        resident: 1,
        key: this.signer(member).publicKey as Uint8Array as Hash,
        reserves: amount(1_000_000_000),
      }),
    );
  }

  feed(bytes: Uint8Array): void {
    this.#driver?.feed({ kind: "instruction", bytes });
  }

  sign(member: string, order: Order, number = this.nextNumber(member)) {
    const { net } = this;
    return signInstruction(
      { net, bank: 1, member: memberId(member), number, order },
      this.signer(member),
    );
  }

  nextNumber(member: string): number {
    const number = (this.#numbers.get(member) ?? 0) + 1;
    this.#numbers.set(member, number);
    return number;
  }

  /** Hands an order in as its member does. */
  order(member: string, order: Order): Promise<ApiAnswer> {
    return this.member(member).post("/instructions", signedBody(this.sign(member, order)));
  }

  /** Money for a member: new CBDC of the commercial bank, paid on. */
  async fund(member: string, minor: number): Promise<void> {
    const issued = await this.order("steppe", { kind: ORDER.issue, amount: amount(minor) });
    const paid =
      member === "steppe" ? issued : await this.order("steppe", this.transfer(member, minor));
    if (paid.status !== 201) throw new Error(JSON.stringify(paid.body));
  }

  transfer(payee: string, minor: number, facts: readonly Fact[] = []): Order {
    const plain = { tag: null, line: null, purpose: null } as const;
    return {
      kind: ORDER.transfer,
      payee: accountId(payee),
      amount: amount(minor),
      ...plain,
      facts,
    };
  }
}
