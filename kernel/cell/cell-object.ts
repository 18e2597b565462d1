/** Name of the global object through which compiled cells reach the evaluator: imports, `import.meta`, the last value. */
export const CELL_OBJECT = "$$cell";
