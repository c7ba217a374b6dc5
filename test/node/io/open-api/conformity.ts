import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

interface Operation {
  readonly operationId: string;
  readonly description?: string;
  readonly security?: readonly unknown[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<
    Record<
      string,
      { readonly description: string; readonly content: Readonly<Record<string, unknown>> }
    >
  >;
}

export interface ApiDocument {
  readonly openapi: string;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

export interface Shown {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
}

/** Holds answers against the bank's own document: status, type and content. */
export class Conformity {
  readonly document: ApiDocument;
  readonly seen = new Set<string>();
  readonly #ajv = new Ajv2020({ strict: false });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(document: ApiDocument) {
    this.document = document;
    this.#ajv.addFormat("byte", true).addFormat("uri", true);
    this.#ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    this.#ajv.addSchema({ $id: "document", ...document });
  }

  /** Why an answer is not what the document says; `undefined` when it is. */
  wrong({ method, path, status, type, body }: Shown): string | undefined {
    const template = this.#templateOf(path);
    const operation =
      template === undefined ? undefined : this.document.paths[template]?.[method.toLowerCase()];
    if (template === undefined || operation === undefined) {
      return status === 404 ? undefined : `${method} ${path} is not in the document`;
    }
    const key = Object.hasOwn(operation.responses, status)
      ? String(status)
      : `${Math.floor(status / 100)}XX`;
    const content = operation.responses[key]?.content;
    if (content?.[type] === undefined) return `${operation.operationId}: ${status} ${type}`;
    this.seen.add(`${operation.operationId} ${key}`);
    const validate = this.#validator([
      "paths",
      template,
      method.toLowerCase(),
      "responses",
      key,
      "content",
      type,
      "schema",
    ]);
    if (validate(body)) return undefined;
    return `${operation.operationId} ${status}: ${this.#ajv.errorsText(validate.errors)}`;
  }

  #templateOf(path: string): string | undefined {
    const [steps = ""] = path.split("?");
    return Object.keys(this.document.paths).find((template) =>
      new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(steps),
    );
  }

  #validator(steps: readonly string[]): ValidateFunction {
    const pointer = steps
      .map((step) => encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1")))
      .join("/");
    const known = this.#validators.get(pointer);
    if (known !== undefined) return known;
    const made = this.#ajv.compile({ $ref: `document#/${pointer}` });
    this.#validators.set(pointer, made);
    return made;
  }
}
