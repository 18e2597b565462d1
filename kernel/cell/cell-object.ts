/** Name of the global object through which compiled cells reach the evaluator: imports, `import.meta`, the last value. */
export const CELL_OBJECT = "$$cell";

/** The name under which cells know their own binding of a name that is also a global of JavaScript or Node. */
export function renamed(name: string): string {
  return `${name}$cell`;
}
