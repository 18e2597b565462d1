/** Checked access to the fields of a request's content. */
import type { Json } from "../../src/protocol.js";
import type { JsonObject } from "../wire/message.js";

/** A request whose content is not what the protocol says; the reply tells the field. */
export class ContentError extends TypeError {
  override readonly name = "ContentError";
}

function fail(field: string, expected: string, value: Json | undefined): never {
  throw new ContentError(`field "${field}" is ${JSON.stringify(value)}; expected ${expected}`);
}

export function textField(content: JsonObject, field: string, otherwise?: string): string {
  const value = content[field] ?? otherwise;
  return typeof value === "string" ? value : fail(field, "a string", value);
}

export function booleanField(content: JsonObject, field: string, otherwise: boolean): boolean {
  const value = content[field] ?? otherwise;
  return typeof value === "boolean" ? value : fail(field, "true or false", value);
}

export function numberField(content: JsonObject, field: string, otherwise: number): number {
  const value = content[field] ?? otherwise;
  return typeof value === "number" ? value : fail(field, "a number", value);
}

export function objectField(content: JsonObject, field: string): JsonObject {
  const value = content[field] ?? {};
  return typeof value === "object" && !Array.isArray(value) ? value : fail(field, "an object", value);
}
