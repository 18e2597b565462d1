import type { Runtime } from "node:inspector";

/** A short description of a value that the inspector tells of: `{a: 1, b: "x"}`, `Float64Array(3) [1, 2, 3]`. */
export function describeObject({
  type,
  value,
  unserializableValue,
  description,
  preview,
}: Runtime.RemoteObject): string {
  if (type === "string") return JSON.stringify(value);
  if (type !== "object" || preview === undefined) return unserializableValue ?? description ?? String(value);
  const isList = preview.subtype === "array" || preview.subtype === "typedarray";
  const properties = preview.properties.map(({ name, value: text = "" }) =>
    isList && /^\d+$/.test(name) ? text : `${name}: ${text}`,
  );
  const entries = (preview.entries ?? []).map(({ key, value: entry }) =>
    key === undefined ? textOf(entry) : `${textOf(key)} => ${textOf(entry)}`,
  );
  const body = [...entries, ...properties, ...(preview.overflow ? ["…"] : [])].join(", ");
  return isList ? `${description ?? ""} [${body}]` : `${description ?? ""} {${body}}`;
}

function textOf({ type, description = "" }: Runtime.ObjectPreview): string {
  return type === "string" ? JSON.stringify(description) : description;
}
