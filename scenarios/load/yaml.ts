import {
  Composer,
  CST,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  type Document,
  type ParsedNode,
} from "yaml";
import { printable, quote, renderPath, type Path, type Place } from "../problem.ts";
import { MAX_NESTING, MAX_TOKEN_CHARACTERS, MAX_TOKENS } from "../scenario-limits.ts";
import type { Bound, Problems } from "./problems.ts";
import type { MapEntry, Tree } from "./tree.ts";

/** Where offsets of the parsed text lie: in a file, or behind the `=` of a `--set`. */
export type Origin = (line: number, column: number) => Place;

/**
 * YAML 1.2, core schema, of one document without directives, tags, anchors and aliases: these make
 * bombs, and values that are not what they seem. Everything wrong is added to `problems`; the tree
 * is `undefined` when the text is no YAML at all or exceeds a limit.
 */
export function readYaml(text: string, origin: Origin, problems: Problems): Tree | undefined {
  const reader = new YamlReader(text, origin, problems);
  return reader.read();
}

const REFUSED_WORDS = { tag: "tags (!)", anchor: "anchors (&)", alias: "aliases (*)" } as const;

class YamlReader {
  readonly #text: string;
  readonly #origin: Origin;
  readonly #problems: Problems;
  readonly #lines = new LineCounter();

  constructor(text: string, origin: Origin, problems: Problems) {
    this.#text = text;
    this.#origin = origin;
    this.#problems = problems;
  }

  read(): Tree | undefined {
    const tokens = this.#tokens();
    if (tokens === undefined || this.#problems.isFull()) return undefined;
    const document = this.#compose(tokens);
    const { contents } = document;
    const faults = [...document.errors, ...document.warnings].filter(
      ({ code }) => code !== "TAG_RESOLVE_FAILED" && code !== "BAD_ALIAS" && code !== "ALIAS_PROPS",
    );
    for (const { pos, code, message } of faults) {
      this.#refuse(pos[0], code === "NON_STRING_KEY" ? "text as a key" : yamlRule(message));
    }
    if (faults.length > 0) return undefined;
    return contents === null
      ? { kind: "scalar", place: this.#at(0), written: "", value: null }
      : this.#tree(contents, []);
  }

  /** Cuts the text into tokens and measures nesting as they come, before anything recursive runs. */
  #tokens(): readonly CST.Token[] | undefined {
    const parser = new Parser(this.#lines.addNewLine);
    const tokens: CST.Token[] = [];
    this.#lines.addNewLine(0);
    let count = 0;
    let isScalar = false;
    for (const lexeme of new Lexer().lex(this.#text)) {
      const { offset } = parser;
      count += 1;
      if (count > MAX_TOKENS) return this.#exceeds(offset, { what: "tokens", limit: MAX_TOKENS });
      if (lexeme.length > MAX_TOKEN_CHARACTERS) {
        const bound = { what: "characters of one text", limit: MAX_TOKEN_CHARACTERS };
        return this.#exceeds(offset, bound);
      }
      if (!isScalar && !this.#allows(lexeme, offset)) return undefined;
      isScalar = !isScalar && lexeme === CST.SCALAR;
      tokens.push(...parser.next(lexeme));
      if (parser.stack.length > MAX_NESTING && nesting(parser.stack) > MAX_NESTING) {
        return this.#exceeds(offset, { what: "nesting of lists and maps", limit: MAX_NESTING });
      }
    }
    tokens.push(...parser.end());
    const second = tokens.filter(({ type }) => type === "document")[1];
    if (second === undefined) return tokens;
    this.#refuse(second.offset, "one document");
    return undefined;
  }

  /** Notes tags, anchors and aliases and goes on; a directive changes what follows, so it ends the reading. */
  #allows(lexeme: string, offset: number): boolean {
    const type = CST.tokenType(lexeme);
    if (type === "directive-line") {
      this.#refuse(offset, "no directives (lines that begin with %)");
      return false;
    }
    if (type !== "tag" && type !== "anchor" && type !== "alias") return true;
    this.#refuse(offset, `no ${REFUSED_WORDS[type]}; text that begins like one is quoted`, lexeme);
    return !this.#problems.isFull();
  }

  #compose(tokens: readonly CST.Token[]): Document.Parsed {
    // Duplicate keys are found below in linear time; the library compares each key with all others.
    const composer = new Composer({
      schema: "core",
      version: "1.2",
      intAsBigInt: true,
      stringKeys: true,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "silent",
    });
    const [document] = [...composer.compose(tokens, true, this.#text.length)];
    return document as Document.Parsed;
  }

  #tree(node: ParsedNode, path: Path): Tree {
    const place = this.#at(node.range[0]);
    if (isMap(node)) return { kind: "map", place, entries: this.#entries(node, path) };
    if (isSeq(node)) {
      const items = node.items.map((item, i) => this.#tree(item, [...path, i]));
      return { kind: "list", place, items };
    }
    if (isScalar(node)) {
      const written = node.source ?? "";
      return { kind: "scalar", place, written, value: scalarValue(node.value, written) };
    }
    // Its token was noted already, so the tree is never used as a scenario.
    return { kind: "scalar", place, written: isAlias(node) ? `*${node.source}` : "", value: null };
  }

  #entries(node: ParsedNode & { readonly items: readonly unknown[] }, path: Path) {
    const entries = new Map<string, MapEntry>();
    for (const { key, value } of node.items as readonly {
      readonly key: ParsedNode;
      readonly value: ParsedNode | null;
    }[]) {
      const name = isScalar(key) ? String(key.value) : "";
      const keyPlace = this.#at(key.range[0]);
      const first = entries.get(name);
      if (first !== undefined) {
        this.#problems.add({
          code: "scenario_invalid",
          ...keyPlace,
          path: renderPath([...path, name]),
          found: "this key again",
          allowed: `each key once; it stands in line ${first.keyPlace.line} already`,
        });
        continue;
      }
      const tree: Tree =
        value === null
          ? { kind: "scalar", place: keyPlace, written: "", value: null }
          : this.#tree(value, [...path, name]);
      entries.set(name, { keyPlace, value: tree });
    }
    return entries;
  }

  #at(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return this.#origin(line, col);
  }

  #refuse(offset: number, allowed: string, word?: string): void {
    const found = word === undefined ? this.#excerpt(offset) : quote(word);
    const place = this.#at(offset);
    this.#problems.add({ code: "scenario_invalid", ...place, path: "", found, allowed });
  }

  #exceeds(offset: number, bound: Bound): undefined {
    this.#problems.add({
      code: "limit_exceeded",
      ...this.#at(offset),
      path: "",
      found: `more than ${bound.limit} (${bound.what})`,
      allowed: `at most ${bound.limit}`,
      ...bound,
    });
  }

  /** The rest of the line that begins at the offset, or what comes instead of it. */
  #excerpt(offset: number): string {
    if (offset >= this.#text.length) return "the end of the text";
    const rest = /^[^\r\n]{0,24}/.exec(this.#text.slice(offset, offset + 24))?.[0].trimEnd() ?? "";
    return rest === "" ? "the end of the line" : quote(rest);
  }
}

/** The library's own words; they may quote a part of the file. */
const yamlRule = (message: string): string => `YAML: ${printable(message.slice(0, 200))}`;

const nesting = (stack: readonly CST.Token[]): number => stack.filter(CST.isCollection).length;

/** Whole numbers in plain digits; `010`, `1e3`, `1.0` and `0x10` are what nobody can be sure of. */
function scalarValue(value: unknown, written: string): string | number | boolean | null {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  return /^(0|-?[1-9][0-9]*)$/.test(written) ? Number(written) : Number.NaN;
}
