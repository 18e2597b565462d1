/** Specifications of charts: Vega, Vega-Lite and Plotly. */
import { inspect } from "node:util";
import type { Json, MimeBundle } from "../../../src/protocol.js";

const VEGA_SCHEMA = /\/schema\/(vega|vega-lite)\/v(\d+)(\.\d+)*\.json$/;
const PLOTLY_KEYS = new Set(["data", "layout", "config", "frames"]);

/** A specification of its own, or an object whose `toSpec()` gives one, as the builders of Vega-Lite do. */
export function representChart(value: object): MimeBundle | undefined {
  const { toSpec } = value as { toSpec?: unknown };
  const spec: unknown = typeof toSpec === "function" ? Reflect.apply(toSpec, value, []) : value;
  if (!isRecord(spec)) return undefined;
  const mime = vegaMime(spec) ?? (isPlotly(spec) ? "application/vnd.plotly.v1+json" : undefined);
  if (mime === undefined) return undefined;
  return { [mime]: toJson(spec), "text/plain": inspect(spec, { depth: 1 }) };
}

function vegaMime({ $schema }: Record<string, unknown>): string | undefined {
  const match = typeof $schema === "string" ? VEGA_SCHEMA.exec($schema) : null;
  if (match === null) return undefined;
  const [, grammar = "", version = ""] = match;
  return `application/vnd.${grammar.replace("-", "")}.v${version}+json`;
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
