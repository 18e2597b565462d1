/** The global `Jupyter`, with the calls of Deno's kernel, and the functions `display`, `updateDisplay` and `progress`. */
import { readFileSync } from "node:fs";
import { DISPLAY_METHOD, type Json, type MimeBundle } from "../../src/protocol.js";
import { toMimeBundle } from "./display.js";
import { encodeContent, publish, publishDisplay } from "./publish.js";
import { report } from "./reports.js";
import { currentScope } from "./scope.js";

export interface JupyterDisplayOptions {
  /** The value is already an object of representations by MIME type. */
  raw?: boolean;
  metadata?: Record<string, Json>;
  display_id?: string;
  displayId?: string;
  update?: boolean;
}

type Displayable = Record<typeof DISPLAY_METHOD, () => MimeBundle>;

/** Shows a value as an output of the cell; returns a promise if the value needs time to represent itself. */
export function display(value: unknown, options: JupyterDisplayOptions = {}): void | Promise<void> {
  const { raw = false, metadata = {}, display_id, displayId = display_id, update = false } = options;
  const send = (bundle: MimeBundle): void => {
    // No representations: the value has displayed itself already.
    if (Object.keys(bundle).length > 0)
      publishDisplay(bundle, { metadata, update, ...(displayId === undefined ? {} : { displayId }) });
  };
  const bundle = raw ? (value as MimeBundle) : toMimeBundle(value);
  if (bundle instanceof Promise) return bundle.then(send);
  send(bundle);
}

export function updateDisplay(value: unknown, options: JupyterDisplayOptions): void | Promise<void> {
  return display(value, { ...options, update: true });
}

/** Sends a message of any type on iopub. */
function broadcast(
  messageType: string,
  content: Record<string, Json>,
  extra: { metadata?: Record<string, Json> } = {},
): Promise<void> {
  report({ type: "publish", execution: currentScope()?.execution ?? 0, messageType, ...extra }, [
    encodeContent(content),
  ]);
  return Promise.resolve();
}

/** Removes the outputs of the cell; with `wait`, when the next output comes. */
function clearOutput({ wait = false }: { wait?: boolean } = {}): void {
  publish("clear_output", { wait });
}

function displayable(bundle: MimeBundle): Displayable {
  return { [DISPLAY_METHOD]: () => bundle };
}

/** A template tag whose result is shown as the MIME type; `read` takes the text from the template's parts. */
function tag(mime: string, read = cooked): (parts: TemplateStringsArray, ...values: unknown[]) => Displayable {
  return (parts, ...values) => {
    const text = String.raw({ raw: read(parts) }, ...values);
    return displayable({ [mime]: text, "text/plain": text });
  };
}

function cooked(parts: TemplateStringsArray): readonly string[] {
  return parts;
}

/** Backslashes stay, or `$\phi$` would have to be written with two; only what a template cannot hold is escaped. */
function rawButForTemplateEscapes({ raw }: TemplateStringsArray): readonly string[] {
  return raw.map((part) => part.replace(/\\(?=`|\$\{)/g, ""));
}

const SIGNATURES: readonly (readonly [mime: string, bytes: readonly number[]])[] = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38]],
];

/** An image from a file's path or its bytes: PNG, JPEG, GIF or SVG. */
function image(source: string | Uint8Array): Displayable {
  const bytes = typeof source === "string" ? readFileSync(source) : Buffer.from(source);
  const mime = SIGNATURES.find(([, signature]) => signature.every((byte, i) => bytes[i] === byte))?.[0];
  if (mime !== undefined) return displayable({ [mime]: bytes.toString("base64") });
  const text = bytes.toString("utf8");
  if (/^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)?<svg[\s>]/.test(text)) return displayable({ "image/svg+xml": text });
  const what = typeof source === "string" ? `file "${source}"` : `array of ${source.length} bytes`;
  throw new TypeError(`the ${what} is no PNG, JPEG, GIF or SVG image`);
}

export const Jupyter = {
  $display: DISPLAY_METHOD,
  display,
  broadcast,
  clearOutput,
  html: tag("text/html"),
  md: tag("text/markdown", rawButForTemplateEscapes),
  svg: tag("image/svg+xml"),
  image,
};
