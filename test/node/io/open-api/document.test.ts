import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REJECTION_TEXT } from "../../../../node/rules/codes.ts";
import { LiveBank } from "./live-bank.ts";

const bank = new LiveBank(afterAll);

beforeAll(async () => {
  await bank.start();
});

const operations = () =>
  Object.values(bank.conformity.document.paths).flatMap((path) => Object.values(path));

describe("the document of the Open API", () => {
  it("is valid OpenAPI 3.1, and open to everybody", async () => {
    const { document } = bank.conformity;
    expect(document.openapi).toBe("3.1.0");
    const validated = await new Validator().validate(structuredClone({ ...document }));
    expect(validated).toEqual({ valid: true });
  });

  it("describes every operation, whose requests are signed and whose refusals are problems", () => {
    for (const { operationId, security, responses } of operations()) {
      expect(security, operationId).toEqual([{ signature: [] }]);
      for (const status of ["4XX", "5XX"]) {
        expect(Object.keys(responses[status]?.content ?? {}), operationId).toEqual([
          "application/problem+json",
        ]);
      }
    }
    const ids = operations().map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("bounds every list and closes every object, in requests and answers", () => {
    const open: string[] = [];
    const look = (value: unknown, at: string): void => {
      if (typeof value !== "object" || value === null) return;
      const schema = value as Readonly<Record<string, unknown>>;
      if (schema["type"] === "array" && schema["maxItems"] === undefined) open.push(at);
      if (schema["type"] === "object" && schema["additionalProperties"] !== false) open.push(at);
      for (const [key, inner] of Object.entries(schema)) look(inner, `${at}/${key}`);
    };
    look(bank.conformity.document.paths, "");
    look(bank.conformity.document.components.schemas, "");
    expect(open).toEqual([]);
  });

  it("names every code of the rules", () => {
    const problem = JSON.stringify(bank.conformity.document.components.schemas["Problem"]);
    const missing = Object.keys(REJECTION_TEXT).filter((code) => !problem.includes(`"${code}"`));
    expect(missing).toEqual([]);
  });
});
