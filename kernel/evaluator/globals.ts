/** What cells find among their globals besides JavaScript's and Node's own. */
import { NOTEBOOK_HOST, type NotebookHost } from "../../src/protocol.js";
import { openComm, registerCommTarget } from "./comms.js";
import type { Executor } from "./executor.js";
import type { Imports } from "./imports.js";
import { confirm, prompt } from "./input.js";
import { display, Jupyter, updateDisplay } from "./jupyter.js";
import { progress } from "./progress.js";
import { publishDisplay } from "./publish.js";

interface GlobalsOptions {
  imports: Imports;
  executor: Executor;
  notebookFolder: string;
}

export function installGlobals({ imports, executor, notebookFolder }: GlobalsOptions): void {
  const host: NotebookHost = {
    display: publishDisplay,
    registerCommTarget,
    openComm,
    get interruptSignal() {
      return executor.interruptSignal;
    },
    notebookFolder,
  };
  Object.defineProperty(globalThis, NOTEBOOK_HOST, { value: host });
  const module = { exports: {} };
  const { require, filename } = imports;
  define({ require, module, exports: module.exports, __filename: filename, __dirname: notebookFolder });
  define({ Jupyter, display, updateDisplay, progress, prompt, confirm });
}

/** Not enumerable, as other globals; replaceable, as everything in a notebook. */
function define(values: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
}
