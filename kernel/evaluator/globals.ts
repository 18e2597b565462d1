/** What cells find among their globals besides JavaScript's and Node's own. */
import { NOTEBOOK_HOST, type DisplayOptions, type MimeBundle, type NotebookHost } from "../../src/protocol.js";
import { openComm, registerCommTarget } from "./comms.js";
import { toMimeBundle } from "./display.js";
import type { Executor } from "./executor.js";
import type { Imports } from "./imports.js";
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
  define({ require, module, exports: module.exports, __filename: filename, __dirname: notebookFolder, display });
}

/** Not enumerable, as other globals; replaceable, as everything in a notebook. */
function define(values: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
}

/** Shows a value as an output of the cell; returns a promise if the value needs time to represent itself. */
function display(value: unknown, options?: DisplayOptions & { raw?: boolean }): void | Promise<void> {
  const bundle = options?.raw === true ? (value as MimeBundle) : toMimeBundle(value);
  if (bundle instanceof Promise) return bundle.then((resolved) => publishDisplay(resolved, options));
  publishDisplay(bundle, options);
}
