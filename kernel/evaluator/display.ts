/** Values to MIME bundles. */
import { inspect } from "node:util";
import { DISPLAY_METHOD, type MimeBundle } from "../../src/protocol.js";

/** The representations of a value; a promise where the value takes its time to represent itself. */
export function toMimeBundle(value: unknown): MimeBundle | Promise<MimeBundle> {
  return ownRepresentations(value) ?? { "text/plain": inspect(value) };
}

function ownRepresentations(value: unknown): MimeBundle | Promise<MimeBundle> | undefined {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return undefined;
  const method: unknown = Reflect.get(value, DISPLAY_METHOD);
  if (typeof method !== "function") return undefined;
  const bundle: unknown = Reflect.apply(method, value, []);
  return bundle instanceof Promise ? bundle.then(checkBundle) : checkBundle(bundle);
}

function checkBundle(bundle: unknown): MimeBundle {
  if (bundle !== null && typeof bundle === "object" && !Array.isArray(bundle)) return bundle as MimeBundle;
  throw new TypeError(
    `[Symbol.for("Jupyter.display")]() returned ${inspect(bundle)}; expected an object of representations by MIME type`,
  );
}
