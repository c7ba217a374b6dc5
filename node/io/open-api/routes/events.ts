import type { FastifyInstance } from "fastify";
import { parsePlace } from "../../../channels/ledger-line.ts";
import type { ApiContext } from "../context.ts";
import { onlyMember } from "../leave.ts";
import { refuse } from "../problem.ts";
import { PROBLEM_ANSWERS, sendProblem } from "../route.ts";

export const EVENTS_URL = "/events";

/** A member's own payments as server-sent events. It answers for as long as the client reads. */
export function addEvents(app: FastifyInstance, { streams }: ApiContext): void {
  app.route({
    method: "GET",
    url: EVENTS_URL,
    schema: {
      operationId: "streamEvents",
      tags: ["payments"],
      summary: "The member's own payments, as they become durable",
      description:
        "Server-sent events. `payment` brings entries of the statement, `rejection` a status report; the id is the place in the ledger. A client that comes back with Last-Event-ID gets what it missed; when that is too much, the event `gap` tells it to read the statement. Streams end after an hour.",
      security: [{ signature: [] }],
      headers: {
        type: "object",
        properties: {
          "last-event-id": { type: "string", description: "The last event that the client had." },
        },
      },
      response: {
        200: {
          description: "A stream of events.",
          content: { "text/event-stream": { schema: { type: "string" } } },
        },
        ...PROBLEM_ANSWERS,
      },
    },
    handler: (request, reply) => {
      const member = onlyMember(request.caller);
      if (!member.ok) return sendProblem(reply, member.error);
      const named = request.headers["last-event-id"];
      const last = typeof named === "string" ? parsePlace(named) : undefined;
      if (named !== undefined && last === undefined) {
        const allowed = "the id of an event";
        return sendProblem(reply, refuse("bad_request", { found: "Last-Event-ID", allowed }).error);
      }
      const room = streams.checkRoom(member.value.id);
      if (!room.ok) return sendProblem(reply, room.error);
      reply.hijack();
      streams.start(member.value.id, reply.raw, last);
      return reply;
    },
  });
}
