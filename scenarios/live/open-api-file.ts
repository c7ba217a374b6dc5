import fs from "node:fs";
import { bytesToHex, type Bytes } from "../../crypto/bytes.ts";
import { hashKey } from "../../crypto/hash.ts";
import { requestTag } from "../../node/channels/request-signature.ts";
import type { Genesis } from "../../node/genesis.ts";
import { FRESH_SECRETS, type Secrets } from "../play/secrets.ts";
import { KEY_OF } from "../play/wallet.ts";
import type { Scenario } from "../scenario.ts";

/** The part of a run folder that says how the members of a live run reach their banks. */
export const OPEN_API_FILE = "open-api.json";

const NOTICE =
  "SECRET KEYS of the run's members. They were made for this one run; they open nothing else.";

/** Where the Open API of a run's banks is and whose keys open it, in a file for whoever wants to try it. */
export class OpenApiFile {
  readonly #file: string;
  readonly #scenario: Scenario;
  readonly #genesis: Genesis;
  readonly #urls = new Map<string, string>();
  readonly #seeds = new Map<string, Bytes>();

  constructor(file: string, scenario: Scenario, genesis: Genesis) {
    this.#file = file;
    this.#scenario = scenario;
    this.#genesis = genesis;
  }

  /** Fresh secrets, of which the members' keys are remembered for the file. */
  readonly secrets: Secrets = {
    ...FRESH_SECRETS,
    bytes: (name) => {
      const bytes = FRESH_SECRETS.bytes(name);
      if (name.startsWith(KEY_OF)) this.#seeds.set(name.slice(KEY_OF.length), bytes);
      return bytes;
    },
  };

  /** A bank listens; one that came back does on another port. */
  listens(bank: string, url: string): void {
    this.#urls.set(bank, url);
    if (this.#seeds.size > 0) this.write();
  }

  /** Readers see a whole file, old or new. */
  write(): void {
    const net = hashKey(this.#genesis.net);
    const banks = this.#genesis.banks.flatMap(({ id, number }) => {
      const url = this.#urls.get(id);
      return url === undefined ? [] : [{ bank: id, number, url, tag: requestTag(id, net) }];
    });
    const members = this.#scenario.members.flatMap(({ id, bank, nonResidentAt }) => {
      const seed = this.#seeds.get(id);
      const at = [bank, ...nonResidentAt].filter((one) => this.#urls.has(one));
      if (seed === undefined || at.length === 0) return [];
      return [{ member: id, banks: at, seed: bytesToHex(seed) }];
    });
    const text = JSON.stringify({ notice: NOTICE, net, banks, members }, undefined, 2);
    fs.writeFileSync(`${this.#file}.new`, `${text}\n`, { mode: 0o600 });
    fs.renameSync(`${this.#file}.new`, this.#file);
  }
}
