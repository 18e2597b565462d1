/** The object through which compiled cells reach the evaluator: see cell/cell-object.ts for its name. */
import { CELL_OBJECT } from "../cell/cell-object.js";
import type { MimeBundle } from "../../src/protocol.js";

export interface CellObject {
  /** Value of the cell's last statement, if that is an expression. */
  value: unknown;
  /** What the cell waits for, or waited for last. */
  awaited: unknown;
  /** What `import.meta` is in a cell. */
  readonly meta: Record<string, unknown>;
  import(specifier: string, options?: ImportCallOptions): Promise<object>;
  /** The module, checked to export the names. */
  bindings(specifier: string, options: ImportCallOptions | undefined, names: string[]): Promise<object>;
  /** Sends printed text that waits; called by the control thread, in the middle of whatever runs. */
  flush(): void;
  /** Ends the JavaScript that is running, for an interrupt that it keeps from being heard; called as `flush` is. */
  terminate(interrupt: number, execution: number): void;
  /** The representations of a value, for the debugger. */
  represent(value: unknown): MimeBundle | Promise<MimeBundle>;
  /** The same for a program that is paused, which no promise can end: as text where the value takes its time. */
  representNow(value: unknown): MimeBundle;
}

/** Defines the object so that user code neither sees it among its globals nor replaces it. */
export function installCellObject(cellObject: CellObject): void {
  Object.defineProperty(globalThis, CELL_OBJECT, {
    value: Object.seal(cellObject),
    enumerable: false,
    writable: false,
    configurable: false,
  });
}
