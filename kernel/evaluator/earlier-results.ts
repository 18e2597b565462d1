/** The values of earlier cells: `_`, `__` and `___` for the last three, `_7` for that of cell 7, as in IPython. */

const latest: unknown[] = [];

/** Makes a cell's value available to later cells. */
export function rememberResult(executionCount: number, value: unknown): void {
  latest.unshift(value);
  latest.length = Math.min(latest.length, 3);
  latest.forEach((result, i) => define("_".repeat(i + 1), result));
  define(`_${executionCount}`, value);
}

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}
