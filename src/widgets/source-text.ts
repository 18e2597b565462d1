import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Code of a widget: its text, the path of a file, or a URL. */
export type Source = string | URL;

const WEB_ADDRESS = /^https?:\/\//;

/**
 * The text that front ends get: of a file what is in it, of an address on the web the address, which they load.
 * A single line that ends like a file's name is one, as with anywidget.
 *
 * @param what Name of the property, for errors.
 * @param folder The notebook's folder, from which paths lead.
 */
export function sourceText(source: Source, what: string, folder: string): string {
  const text = source instanceof URL ? source.href : source;
  if (WEB_ADDRESS.test(text)) return text;
  if (text.startsWith("file:")) return read(fileURLToPath(text), what);
  return /^[^\n\r]*[\w-]\.\w+$/.test(text) ? read(resolve(folder, text), what) : text;
}

function read(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`The file of the widget's ${what} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
