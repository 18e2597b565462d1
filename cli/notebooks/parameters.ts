/** The cell with the tag "parameters": `const size: "toy" | "full" = "toy";` and `const seed = 0;`, a line each. */
import { CommandError } from "../command-error.js";
import { type Notebook, type Size, textOf } from "./notebook.js";

export interface Parameters {
  readonly size: Size;
  readonly seed: number;
}

const TAG = "parameters";

/** What the notebook has without any changes. */
export function parametersOf(notebook: Notebook): Partial<Parameters> {
  const source = textOf(parameterCell(notebook)?.source);
  const size = declaration("size").exec(source)?.[2];
  const seed = declaration("seed").exec(source)?.[2];
  return {
    ...((size === '"toy"' || size === '"full"') && { size: size === '"full"' ? "full" : "toy" }),
    ...(seed !== undefined && Number.isInteger(Number(seed)) && { seed: Number(seed) }),
  };
}

/**
 * A copy of the notebook in which these parameters have other values: what a reader would do by hand.
 *
 * @throws {CommandError} when a parameter is to change and the notebook does not have it
 */
export function withParameters(notebook: Notebook, parameters: Partial<Parameters>): Notebook {
  const copy = structuredClone(notebook);
  const own = parametersOf(notebook);
  const cell = parameterCell(copy);
  for (const [name, value] of Object.entries(parameters) as [keyof Parameters, Size | number][]) {
    if (own[name] === value) continue;
    if (cell === undefined || own[name] === undefined) {
      throw new CommandError(
        `The notebook has no parameter "${name}": a cell with the tag "${TAG}" and a line \`const ${name} = …;\`.`,
      );
    }
    cell.source = textOf(cell.source).replace(declaration(name), `$1${JSON.stringify(value)}`);
  }
  return copy;
}

const parameterCell = ({ cells }: Notebook) => cells.find(({ metadata }) => metadata?.tags?.includes(TAG));

/** A declaration up to its value, and the value. */
const declaration = (name: string): RegExp => new RegExp(`^((?:const|let) ${name}\\b[^=\\n]*= )([^;\\n]+)`, "m");
