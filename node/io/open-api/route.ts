import type { FastifyInstance, FastifyReply } from "fastify";
import { ok, type Outcome } from "../../../crypto/outcome.ts";
import type { ApiContext, Caller } from "./context.ts";
import { renderProblem, statusOf, type Problem } from "./problem.ts";
import { ref, type Schema } from "./schemas.ts";

/** One request that was recognised and fits its schema. */
export interface Call<Body = unknown, Path = unknown, Query = unknown> {
  readonly caller: Caller;
  /** The consent that it was signed with, if it names one. */
  readonly consent: string | undefined;
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handled = Outcome<Answer, Problem>;

/** One operation: its place in the document, what it takes, and what it answers. */
export interface Route<Body, Path, Query> {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly path?: Schema;
  readonly query?: Schema;
  readonly body?: Schema;
  readonly answers: Readonly<Record<number, Schema>>;
  handle(context: ApiContext, call: Call<Body, Path, Query>): Handled | Promise<Handled>;
}

/** The type of a route's own calls is known to it alone; the schemas make sure that they are so. */
export type AnyRoute = Route<never, never, never>;

export const route = <Body, Path, Query>(given: Route<Body, Path, Query>): AnyRoute => given;

export const answer = (body: Answer["body"], status = 200, headers: Answer["headers"] = {}) =>
  ok<Answer>({ status, body, headers });

/** Puts an operation on the server. The one schema validates its requests and stands in the document. */
export function addRoute(app: FastifyInstance, context: ApiContext, given: AnyRoute): void {
  const { method, url, operationId, tag, summary, description, path, query, body, answers } = given;
  app.route({
    method,
    url,
    schema: {
      operationId,
      tags: [tag],
      summary,
      ...(description === undefined ? {} : { description }),
      ...(path === undefined ? {} : { params: path }),
      ...(query === undefined ? {} : { querystring: query }),
      ...(body === undefined ? {} : { body }),
      headers: HEADERS,
      security: [{ signature: [] }],
      response: {
        ...Object.fromEntries(
          Object.entries(answers).map(([status, schema]) => [
            status,
            {
              description: schema.description ?? "Done.",
              content: { "application/json": { schema } },
            },
          ]),
        ),
        ...PROBLEM_ANSWERS,
      },
    },
    handler: async (request, reply) => {
      const call = {
        caller: request.caller,
        consent: request.headers["consent-id"] as string | undefined,
        path: request.params,
        query: request.query,
        body: request.body,
      };
      const handled = await given.handle(context, call as never);
      return handled.ok ? send(reply, handled.value) : sendProblem(reply, handled.error);
    },
  });
}

const send = (reply: FastifyReply, { status, body, headers = {} }: Answer): FastifyReply =>
  reply.code(status).headers(headers).type("application/json; charset=utf-8").send(body);

export function sendProblem(reply: FastifyReply, refused: Problem): FastifyReply {
  const { retryAfterMs } = refused;
  const status = statusOf(refused);
  if (retryAfterMs !== undefined) {
    reply.header("retry-after", String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
  }
  // RFC 9110 wants a challenge with a 401, and has no scheme for RFC 9421.
  if (status === 401) reply.header("www-authenticate", "Signature");
  return reply
    .code(status)
    .type("application/problem+json; charset=utf-8")
    .serializer((document: unknown) => JSON.stringify(document))
    .send(renderProblem(refused));
}

const PROBLEM_ANSWER = {
  description: "Why the request was refused.",
  content: { "application/problem+json": { schema: ref("Problem") } },
};

export const PROBLEM_ANSWERS = { "4XX": PROBLEM_ANSWER, "5XX": PROBLEM_ANSWER };

const HEADERS: Schema = {
  type: "object",
  properties: {
    "consent-id": {
      type: "string",
      description: "The consent under which a third party acts; covered by the signature.",
      pattern: "^[0-9a-f]{64}$",
    },
  },
};

declare module "fastify" {
  interface FastifyRequest {
    /** Who signed the request; there before any handler of a signed operation runs. */
    caller: Caller;
    /** The digest that the body has to have (RFC 9530). */
    wantedDigest: Uint8Array | undefined;
  }
}
