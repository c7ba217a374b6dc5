import { createHash, randomBytes } from "node:crypto";
import { httpbis } from "http-message-signatures";
import type { Signer } from "../../../../crypto/ed25519.ts";
import type { Conformity } from "./conformity.ts";

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ApiCall {
  readonly body?: unknown;
  readonly consent?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds to add to the client's clock. */
  readonly skewS?: number;
  readonly lifeS?: number;
  readonly nonce?: string;
  readonly tag?: string;
  /** What the signature covers, in place of what it should. */
  readonly fields?: readonly string[];
}

/** A client that signs with a library of others, so that both sides do not share one mistake. */
export class ApiClient {
  readonly #url: string;
  readonly #tag: string;
  readonly #signer: Signer;
  readonly #conformity: Conformity | undefined;
  readonly keyid: string;

  constructor(
    server: { readonly url: string; readonly tag: string; readonly conformity?: Conformity },
    keyid: string,
    signer: Signer,
  ) {
    this.#url = server.url;
    this.#tag = server.tag;
    this.#conformity = server.conformity;
    this.keyid = keyid;
    this.#signer = signer;
  }

  get(path: string, call: ApiCall = {}): Promise<ApiAnswer> {
    return this.send("GET", path, call);
  }

  post(path: string, body: unknown, call: ApiCall = {}): Promise<ApiAnswer> {
    return this.send("POST", path, { ...call, body });
  }

  async send(method: string, path: string, call: ApiCall = {}): Promise<ApiAnswer> {
    const request = await this.sign(method, path, call);
    const answer = await answerOf(await fetch(request.url, request));
    const { status, body } = answer;
    const [type = ""] = (answer.headers.get("content-type") ?? "").split(";");
    const wrong = this.#conformity?.wrong({ method, path, status, type, body });
    if (wrong !== undefined) throw new Error(wrong);
    return answer;
  }

  /** A signed request, as `fetch` takes it; sent twice, it is a replay. */
  async sign(method: string, path: string, call: ApiCall = {}) {
    const { skewS = 0, lifeS = 30, nonce = randomBytes(12).toString("hex"), consent } = call;
    const content = call.body === undefined ? undefined : textOf(call.body);
    const created = new Date(Date.now() + skewS * 1000);
    const headers = {
      ...(content === undefined
        ? {}
        : { "content-type": "application/json", "content-digest": digestOf(content) }),
      ...(consent === undefined ? {} : { "consent-id": consent }),
      ...call.headers,
    };
    const covered = ["content-digest", "consent-id"].filter((name) => Object.hasOwn(headers, name));
    const signed = await httpbis.signMessage(
      {
        name: "sig",
        key: {
          id: this.keyid,
          alg: "ed25519",
          sign: (data: Buffer) => Promise.resolve(Buffer.from(this.#signer.sign(data))),
        },
        fields: [...(call.fields ?? ["@method", "@path", "@query", ...covered])],
        params: ["created", "expires", "nonce", "keyid", "tag"],
        paramValues: {
          created,
          expires: new Date(created.getTime() + lifeS * 1000),
          nonce,
          tag: call.tag ?? this.#tag,
        },
      },
      { method, url: new URL(path, this.#url).href, headers },
    );
    return {
      method,
      url: signed.url,
      headers: signed.headers as Record<string, string>,
      ...(content === undefined ? {} : { body: content }),
    };
  }
}

export async function answerOf(response: Response): Promise<ApiAnswer> {
  const text = await response.text();
  const body = (text === "" ? {} : JSON.parse(text)) as ApiAnswer["body"];
  return { status: response.status, headers: response.headers, body };
}

export const digestOf = (content: string): string =>
  `sha-256=:${createHash("sha256").update(content).digest("base64")}:`;

/** A text is sent as it stands: it need not be JSON. */
const textOf = (body: unknown): string => (typeof body === "string" ? body : JSON.stringify(body));

export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

export const signedBody = (signed: {
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}) => ({
  body: base64(signed.body),
  signature: base64(signed.signature),
});
