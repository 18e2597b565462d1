import { NOTEBOOK_HOST, type NotebookHost } from "./protocol.js";

/** The notebook that this code runs in, if it runs in one. */
export function notebookHost(): NotebookHost | undefined {
  return (globalThis as { [NOTEBOOK_HOST]?: NotebookHost })[NOTEBOOK_HOST];
}
