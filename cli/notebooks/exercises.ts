/** Exercises that can be run: TypeScript in a notebook's prose, whose last line is a check. */
import { type Notebook, textOf } from "./notebook.js";

export interface Exercise {
  /** As its summary says, such as "exercise 1". */
  readonly name: string;
  /** All of it; the value of the last line is true. */
  readonly solution: string;
  /** Without what a reader is to find. */
  readonly stub: string;
}

const DETAILS = /<details><summary>([^<]*)<\/summary>([^]*?)<\/details>/g;
const CODE = /```typescript\n([^]*?)```/;
const CHECK = /\/\/ the check: true\s*$/;

/** The stubs and solutions of a notebook, in order. */
export function exercisesOf({ cells }: Notebook): Exercise[] {
  const prose = cells.filter(({ cell_type }) => cell_type === "markdown").map(({ source }) => textOf(source));
  return [...prose.join("\n").matchAll(DETAILS)].flatMap(([, summary = "", text = ""]) => {
    const solution = CODE.exec(text)?.[1] ?? "";
    const name = /exercise \d+/.exec(summary)?.[0] ?? summary;
    return CHECK.test(solution) ? [{ name, solution, stub: withoutAnswer(solution) }] : [];
  });
}

/** Takes away each statement below a comment `// your line`, and each line that ends with one. */
const withoutAnswer = (code: string): string =>
  code
    .replaceAll(/^([ \t]*\/\/ your line[^\n]*\n)[^]*?;[ \t]*$/gm, "$1")
    .replaceAll(/^[ \t]*[^/\s][^\n]*\/\/ your line[^\n]*$/gm, "");
