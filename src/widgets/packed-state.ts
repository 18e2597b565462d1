import type { Json } from "../protocol.js";

/** Bytes in a widget's state. */
export type Binary = ArrayBufferLike | ArrayBufferView;

/** Where a value lies in a state: names and places, from the outside in. */
export type Path = (string | number)[];

/** State as it travels: JSON, and beside it what is binary, with the places from which that was taken. */
export interface PackedState {
  state: Record<string, Json>;
  buffer_paths: Path[];
  buffers: Uint8Array[];
}

/** What stands for an object, a widget for example; undefined for objects that stand for themselves. */
export type Reference = (value: object, path: Path) => string | undefined;

/** Deeper values contain themselves, most likely. */
const MAX_DEPTH = 100;

/**
 * Takes state apart for a message of the widget protocol.
 * @throws {TypeError} for what is neither JSON nor binary
 */
export function packState(values: Readonly<Record<string, unknown>>, reference: Reference): PackedState {
  const packer = new Packer(reference);
  const state = packer.object(values, []);
  return { state, buffer_paths: packer.paths, buffers: packer.buffers };
}

class Packer {
  readonly paths: Path[] = [];
  readonly buffers: Uint8Array[] = [];
  readonly #reference: Reference;

  constructor(reference: Reference) {
    this.#reference = reference;
  }

  object(values: Readonly<Record<string, unknown>>, path: Path): Record<string, Json> {
    const packed = Object.entries(values).map(([key, value]) => [key, this.#value(value, [...path, key])]);
    return Object.fromEntries(packed.filter(([, value]) => value !== undefined)) as Record<string, Json>;
  }

  /** Undefined where nothing is left: of bytes, and of the optional properties of objects. */
  #value(value: unknown, path: Path): Json | undefined {
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number") return Number.isFinite(value) ? value : null;
    if (value === undefined && path.length > 1) return undefined;
    if (typeof value !== "object") throw unfit(path, value === undefined ? "undefined" : `a ${typeof value}`);
    if (path.length > MAX_DEPTH) throw unfit(path.slice(0, 3), "a value that contains itself");
    if (isBinary(value)) {
      this.paths.push(path);
      this.buffers.push(bytesOf(value));
      return undefined;
    }
    const referenced = this.#reference(value, path);
    if (referenced !== undefined) return referenced;
    if (Array.isArray(value)) return value.map((item, index) => this.#value(item, [...path, index]) ?? null);
    if ("toJSON" in value && typeof value.toJSON === "function")
      return this.#value(Reflect.apply(value.toJSON, value, []), path);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null)
      return this.object(value as Record<string, unknown>, path);
    throw unfit(path, `a ${value.constructor.name}`);
  }
}

function unfit(path: Path, what: string): TypeError {
  return new TypeError(
    `The widget's state "${path.join(".")}" is ${what}; it may hold JSON values, typed arrays and widgets.`,
  );
}

function isBinary(value: object): value is Binary {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;
}

/** The bytes of an array, little-endian as they lie in memory. */
export function bytesOf(value: Binary): Uint8Array {
  return ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
}

/**
 * Puts a message's buffers back into its state.
 * @param before The state so far: an array stays one of the kind that it was; other bytes become a `DataView`.
 * @throws {TypeError} when the state has no such place
 */
export function unpackState(
  state: Record<string, Json>,
  paths: readonly Path[],
  buffers: readonly Uint8Array[],
  before: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  for (const [index, path] of paths.entries()) {
    const bytes = buffers[index];
    const holder = valueAt(state, path.slice(0, -1));
    const key = path.at(-1);
    if (bytes === undefined || key === undefined || key === "__proto__" || typeof holder !== "object" || !holder)
      throw new TypeError(`A message of a widget has no place "${path.join(".")}" for its buffer ${index}.`);
    Reflect.set(holder, key, alike(valueAt(before, path), bytes));
  }
  return state;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, key)
        ? (Reflect.get(inner, key) as unknown)
        : undefined,
    value,
  );
}

const KINDS = new Map(
  [
    ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
    ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
  ].map((kind) => [kind.name, kind]),
);

/** Bytes as an array of the kind of another one. */
function alike(other: unknown, bytes: Uint8Array): Binary {
  const buffer = bytes.slice().buffer;
  if (other instanceof ArrayBuffer) return buffer;
  const Kind = KINDS.get(ArrayBuffer.isView(other) ? String(Reflect.get(other, Symbol.toStringTag)) : "");
  return Kind && buffer.byteLength % Kind.BYTES_PER_ELEMENT === 0 ? new Kind(buffer) : new DataView(buffer);
}
