/** Keys and list positions from the top of a scenario file down to a value. */
export type Path = readonly (string | number)[];

/** Where something stands: line and column count from 1; line 0 means the file as a whole. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The `file` of a value that came from `--set`; its `line` is the number of the `--set`, from 1. */
export const SETS_FILE = "--set";

interface ProblemPlace extends Place {
  /** Such as `members[2].bank`; empty for the file as a whole. */
  readonly path: string;
  /** What stands there, quoted and cut to a readable length. */
  readonly found: string;
  readonly allowed: string;
}

/** One thing wrong with a scenario file or a file it names (hostile-world O1, O2, O4). */
export type ScenarioProblem =
  | (ProblemPlace & { readonly code: "scenario_invalid" })
  | (ProblemPlace & {
      readonly code: "limit_exceeded";
      readonly what: string;
      readonly limit: number;
    });

/** The place and path of a file as a whole. */
export const wholeFile = (file: string): Place & { readonly path: string } => ({
  file,
  line: 0,
  column: 0,
  path: "",
});

/** A file that has more of something than is read. */
export const exceedsInFile = (
  file: string,
  { found, what, limit }: { readonly found: string; readonly what: string; readonly limit: number },
): ScenarioProblem => ({
  code: "limit_exceeded",
  ...wholeFile(file),
  found,
  allowed: `at most ${limit}`,
  what,
  limit,
});

/** One line, such as `my.yaml:12:5 members[2].bank: found "kk", allowed: one of kz, cn`. */
export function renderProblem(problem: ScenarioProblem): string {
  const { file, line, column, path, found, allowed } = problem;
  const where =
    file === SETS_FILE || line === 0 ? printable(file) : `${printable(file)}:${line}:${column}`;
  const what = path === "" ? "" : ` ${path}`;
  return `${where}${what}: found ${found}, allowed: ${allowed}`;
}

/** `members[2].bank`; a key that is not a plain word is quoted in brackets. */
export function renderPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${quote(step)}]`;
  }
  return text;
}

const SHOWN_CHARACTERS = 64;

/** Text in double quotes, cut after 64 characters, with everything but printable ASCII escaped. */
export function quote(text: string): string {
  const cut = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
  return printable(JSON.stringify(cut));
}

/** Escapes everything but printable ASCII: a message never moves the cursor or looks like another. */
export function printable(text: string): string {
  return text.replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
