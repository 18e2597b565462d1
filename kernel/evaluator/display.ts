/** Values to MIME bundles: by the value's own method, else by what it is, else as text. */
import { inspect } from "node:util";
import { DISPLAY_METHOD, type MimeBundle } from "../../src/protocol.js";
import { representChart } from "./represent/charts.js";
import { representElement } from "./represent/elements.js";
import { representTable } from "./represent/tables.js";
import { representTypedArray } from "./represent/typed-arrays.js";

/** Representations of values of one kind; undefined for others. The first that knows a value shows it. */
type Representer = (value: object) => MimeBundle | Promise<MimeBundle> | undefined;

const REPRESENTERS: readonly Representer[] = [representChart, representTable, representElement, representTypedArray];

/** The representations of a value; a promise where the value takes its time to represent itself. */
export function toMimeBundle(value: unknown): MimeBundle | Promise<MimeBundle> {
  return ownRepresentations(value) ?? knownRepresentations(value) ?? { "text/plain": inspect(value) };
}

/** The representations of a value; as text where it would take its time. */
export function toMimeBundleNow(value: unknown): MimeBundle {
  const bundle = toMimeBundle(value);
  return bundle instanceof Promise ? { "text/plain": inspect(value) } : bundle;
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
  const method = '[Symbol.for("Jupyter.display")]()';
  throw new TypeError(`${method} returned ${inspect(bundle)}; expected an object of representations by MIME type`);
}

function knownRepresentations(value: unknown): MimeBundle | Promise<MimeBundle> | undefined {
  if (value === null || typeof value !== "object") return undefined;
  for (const represent of REPRESENTERS) {
    const bundle = guarded(represent, value);
    if (bundle !== undefined) return bundle;
  }
  return undefined;
}

/** A value that only looks like a kind, and throws when it is looked at closely, is shown as text. */
function guarded(represent: Representer, value: object): ReturnType<Representer> {
  try {
    return represent(value);
  } catch {
    return undefined;
  }
}
