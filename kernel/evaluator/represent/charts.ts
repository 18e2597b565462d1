/** Specifications of charts: Vega, Vega-Lite and Plotly. */
import { inspect } from "node:util";
import type { Json, MimeBundle } from "../../../src/protocol.js";
import { chartPicture } from "./chart-picture.js";

const VEGA_SCHEMA = /\/schema\/(vega|vega-lite)\/v(\d+)(\.\d+)*\.json$/;
const PLOTLY_KEYS = new Set(["data", "layout", "config", "frames"]);

/** A specification of its own, or an object whose `toSpec()` gives one, as the builders of Vega-Lite do. */
export function representChart(value: object): MimeBundle | Promise<MimeBundle> | undefined {
  const { toSpec } = value as { toSpec?: unknown };
  const spec: unknown = typeof toSpec === "function" ? Reflect.apply(toSpec, value, []) : value;
  if (!isRecord(spec)) return undefined;
  const text = inspect(spec, { depth: 1 });
  if (isPlotly(spec)) return { "application/vnd.plotly.v1+json": toJson(spec), "text/plain": text };
  const [, grammar, version] = VEGA_SCHEMA.exec(String(spec["$schema"])) ?? [];
  if (grammar !== "vega" && grammar !== "vega-lite") return undefined;
  const mime = `application/vnd.${grammar.replace("-", "")}.v${version ?? ""}+json`;
  return withPicture({ [mime]: toJson(spec), "text/plain": text }, mime, grammar);
}

/** The chart with a picture beside it, which shows where nothing draws charts. */
async function withPicture(bundle: MimeBundle, mime: string, grammar: "vega" | "vega-lite"): Promise<MimeBundle> {
  const picture = await chartPicture(bundle[mime] as object, grammar);
  return picture === undefined ? bundle : { ...bundle, "image/svg+xml": picture };
}

function isPlotly(spec: Record<string, unknown>): boolean {
  const { data, layout } = spec;
  if (!Array.isArray(data) || !Object.keys(spec).every((key) => PLOTLY_KEYS.has(key))) return false;
  return (layout === undefined ? "config" in spec : isRecord(layout)) && data.every((trace) => isRecord(trace));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** A copy in plain JSON: typed arrays, which charts take as numbers, would become objects otherwise. */
function toJson(spec: object): Json {
  const replace = (_key: string, value: unknown): unknown =>
    ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Float64Array) : value;
  return JSON.parse(JSON.stringify(spec, replace)) as Json;
}
