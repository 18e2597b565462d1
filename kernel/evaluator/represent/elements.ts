/** Elements of a document without a browser (jsdom, linkedom), as chart libraries return them. */
import type { MimeBundle } from "../../../src/protocol.js";

const ELEMENT_NODE = 1;

export function representElement(value: object): MimeBundle | undefined {
  const { nodeType, outerHTML, localName } = value as { nodeType?: unknown; outerHTML?: unknown; localName?: unknown };
  if (nodeType !== ELEMENT_NODE || typeof outerHTML !== "string") return undefined;
  return { [localName === "svg" ? "image/svg+xml" : "text/html"]: outerHTML, "text/plain": `<${String(localName)}>` };
}
