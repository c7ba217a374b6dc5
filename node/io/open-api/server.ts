import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import swagger from "@fastify/swagger";
import { Ajv2020 } from "ajv/dist/2020.js";
import Fastify, { type FastifyError, type FastifyInstance, type FastifyRequest } from "fastify";
import { parseDictionary } from "structured-headers";
import { RateLimit } from "../../channels/rate-limit.ts";
import { memberId } from "../../ids.ts";
import { callerName, type ApiContext, type Caller } from "./context.ts";
import { documentOf } from "./document.ts";
import { refuse, renderProblem, statusOf, type Problem } from "./problem.ts";
import { hasBody, type RequestAuth } from "./request-auth.ts";
import { addRoute, sendProblem } from "./route.ts";
import { SHARED } from "./schemas.ts";
import { accountRoutes } from "./routes/accounts.ts";
import { CONSENT_SCHEMAS, consentRoutes } from "./routes/consents.ts";
import { addEvents, EVENTS_URL } from "./routes/events.ts";
import { paymentRoutes } from "./routes/payments.ts";
import { QR_SCHEMAS, qrRoutes } from "./routes/qr-codes.ts";
import { SWAP_SCHEMAS, swapRoutes } from "./routes/swaps.ts";
import { tagRoutes } from "./routes/tags.ts";

/** What needs no signature. */
const DOCUMENT_URL = "/openapi.json";

/** The HTTP server with every operation on it, not yet listening. */
export async function createServer(
  context: ApiContext,
  auth: RequestAuth,
): Promise<FastifyInstance> {
  const { limits } = context;
  const app: FastifyInstance = Fastify({
    logger: false,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionTimeout: limits.idleTimeoutMs,
    http: {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.checkEveryMs,
    },
    // What has no usable path never reaches a hook or a handler.
    frameworkErrors: (error, _request, reply) => {
      void sendProblem(reply, problemOf(error));
    },
    clientErrorHandler: (error, socket) => answerBadHttp(error, socket),
  });
  app.server.maxConnections = limits.maxConnections;
  addValidation(app);
  addBodies(app);
  addErrors(app);
  addGuards(app, context, auth);
  const shared = { ...SHARED, ...SWAP_SCHEMAS, ...QR_SCHEMAS, ...CONSENT_SCHEMAS };
  for (const [name, schema] of Object.entries(shared)) app.addSchema({ $id: name, ...schema });
  await app.register(swagger, {
    openapi: documentOf(context),
    refResolver: { buildLocalReference: ({ $id }) => $id as string },
  });
  for (const routes of [
    accountRoutes,
    paymentRoutes,
    swapRoutes,
    qrRoutes,
    consentRoutes,
    tagRoutes,
  ]) {
    for (const given of routes) addRoute(app, context, given);
  }
  addEvents(app, context);
  let document = "";
  app.get(DOCUMENT_URL, { schema: { hide: true } }, (_request, reply) =>
    reply.type("application/json; charset=utf-8").send(document),
  );
  await app.ready();
  document = JSON.stringify(app.swagger());
  return app;
}

/** Path and query come as text, so numbers in them are converted; a body is taken as it stands. */
function addValidation(app: FastifyInstance): void {
  const strict = { allErrors: false, strict: false, removeAdditional: false } as const;
  const asIs = new Ajv2020({ ...strict });
  const fromText = new Ajv2020({ ...strict, coerceTypes: true, useDefaults: true });
  for (const ajv of [asIs, fromText]) ajv.addFormat("date-time", true).addFormat("uri", true);
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === "body" ? asIs : fromText).compile(schema as object),
  );
}

/** Bodies are JSON, whole, and the ones that their digest names (RFC 9530). */
function addBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    (request: FastifyRequest, body: Buffer, done) => {
      const digest = createHash("sha256").update(body).digest();
      const { wantedDigest } = request;
      // A body of no bytes says nothing that would have to be signed.
      if (body.length === 0 || isEqual(wantedDigest, digest)) {
        void parseJson(request, body.toString("utf8"), done);
        return;
      }
      done(new ProblemError(refuse("digest_mismatch", { found: "another digest" }).error));
    },
  );
}

const isEqual = (wanted: Uint8Array | undefined, digest: Uint8Array): boolean =>
  wanted?.length === digest.length && timingSafeEqual(wanted, digest);

/** Carries a problem through the parts of the framework that know errors alone. */
class ProblemError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.code);
    this.problem = problem;
  }
}

function addErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | ProblemError, _request, reply) =>
    sendProblem(reply, problemOf(error)),
  );
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      refuse("not_found", {
        found: `${request.method} ${request.url.slice(0, 100)}`,
        allowed: `an operation of ${DOCUMENT_URL}`,
      }).error,
    ),
  );
}

function problemOf(error: FastifyError | ProblemError): Problem {
  if (error instanceof ProblemError) return error.problem;
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return { code: "body_too_large" };
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return { code: "content_type" };
    case "FST_ERR_BAD_URL":
    case "FST_ERR_MAX_PARAM_LENGTH":
      return { code: "not_found" };
    default:
  }
  const { validation, validationContext, statusCode = 500 } = error;
  if (validation !== undefined) {
    const [first] = validation;
    const where = `${validationContext ?? "request"}${first?.instancePath ?? ""}`;
    return { code: "bad_request", found: where, allowed: first?.message ?? "another value" };
  }
  if (statusCode < 500) return { code: "bad_request", found: error.message.slice(0, 200) };
  return { code: "internal" };
}

/** What every request passes before anything of it is read but its header. */
function addGuards(app: FastifyInstance, context: ApiContext, auth: RequestAuth): void {
  const { limits, callerRate, machineMs } = context;
  const addressRate = new RateLimit(limits.addressRate);
  let open = 0;
  app.decorateRequest("caller");
  app.decorateRequest("wantedDigest");
  app.addHook("onRequest", async (request, reply) => {
    const waitMs = addressRate.take(request.ip, machineMs());
    if (waitMs > 0) return sendProblem(reply, limited(waitMs));
    if (open >= limits.maxRequests) {
      return sendProblem(reply, { code: "busy", retryAfterMs: 1000 });
    }
    // A stream has a limit of its own.
    if (request.routeOptions.url !== EVENTS_URL) {
      open++;
      reply.raw.once("close", () => open--);
    }
    if (request.routeOptions.url === DOCUMENT_URL || request.is404) return undefined;
    const refused = recognise(request, { context, auth, callerRate });
    return refused === undefined ? undefined : sendProblem(reply, refused);
  });
}

const limited = (retryAfterMs: number): Problem => ({ code: "rate_limit", retryAfterMs });

/** Puts the caller into the request, or says why nobody was recognised. */
function recognise(
  request: FastifyRequest,
  {
    context,
    auth,
    callerRate,
  }: { readonly context: ApiContext; readonly auth: RequestAuth; readonly callerRate: RateLimit },
): Problem | undefined {
  const keyid = auth.authenticate(request.raw);
  if (!keyid.ok) return keyid.error;
  const id = memberId(keyid.value);
  const member = context.view.books.members.get(id);
  const caller: Caller =
    member === undefined
      ? { kind: "third-party", key: keyid.value }
      : { kind: "member", id, member };
  request.caller = caller;
  const waitMs = callerRate.take(callerName(caller), context.machineMs());
  if (waitMs > 0) return limited(waitMs);
  if (!hasBody(request.raw)) return undefined;
  request.wantedDigest = digestOf(request.raw);
  return request.wantedDigest === undefined
    ? { code: "digest_mismatch", found: "no digest", allowed: "Content-Digest: sha-256=:...:" }
    : undefined;
}

function digestOf({ headers }: IncomingMessage): Uint8Array | undefined {
  try {
    const [digest] = parseDictionary(String(headers["content-digest"])).get("sha-256") ?? [];
    return digest instanceof ArrayBuffer ? new Uint8Array(digest) : undefined;
  } catch {
    return undefined;
  }
}

/** What is no HTTP, or too slow, or too long, gets an answer if it can still be written, and no more. */
function answerBadHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const problem = badHttp(error.code);
  const body = JSON.stringify(renderProblem(problem));
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${statusOf(problem)} ${problem.code}\r\n` +
        "content-type: application/problem+json; charset=utf-8\r\n" +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
}

function badHttp(code: string | undefined): Problem {
  if (code === "HPE_HEADER_OVERFLOW") return { code: "headers_too_large" };
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return { code: "request_timeout" };
  return { code: "bad_request", found: "bytes that are no HTTP/1.1 request" };
}
