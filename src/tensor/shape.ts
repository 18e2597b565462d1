/** Lengths of a tensor's axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** Element types: 32-bit float, unsigned and signed integers, truth values. */
export type DType = "f32" | "u32" | "i32" | "bool";

/** What is known of a tensor while tracing. */
export interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** An operation was given tensors whose shapes do not fit; the stack names the line of the cell. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** An operation was given tensors of element types that it does not take. */
export class DTypeError extends Error {
  override readonly name = "DTypeError";
}

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** `[64,3]` as people write it. */
export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** Row-major strides in elements. */
export function rowMajorStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** The shape that both broadcast to by NumPy's rule (axes aligned at the end, length 1 stretches), or a ShapeError. */
export function broadcastShapes(operation: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const at = (shape: Shape, axis: number) => shape[axis - rank + shape.length] ?? 1;
  return Array.from({ length: rank }, (_, axis) => {
    const [p, q] = [at(a, axis), at(b, axis)];
    if (p !== q && p !== 1 && q !== 1) {
      throw new ShapeError(
        `${operation}: shapes ${showShape(a)} and ${showShape(b)} do not broadcast: ` +
          `axis ${axis} has lengths ${p} and ${q}. Reshape one of them, or make the axis 1 long.`,
      );
    }
    return p === 1 ? q : p;
  });
}

/** An axis counted from the start; negative ones count from the end. */
export function normaliseAxis(operation: string, axis: number, rank: number): number {
  const from = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || from < 0 || from >= rank) {
    throw new ShapeError(`${operation}: axis ${axis} does not exist in a tensor with ${rank} axes.`);
  }
  return from;
}

/** Axes counted from the start, in order; all when none is given. An axis that is named twice is a ShapeError. */
export function normaliseAxes(operation: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  const list = axes === undefined ? Array.from({ length: rank }, (_, axis) => axis) : [axes].flat();
  const from = list.map((axis) => normaliseAxis(operation, axis, rank));
  if (new Set(from).size !== from.length) {
    throw new ShapeError(`${operation}: an axis is named twice in [${list.join(", ")}].`);
  }
  return from.sort((a, b) => a - b);
}

/** A shape with some of its axes 1 long: what a reduced tensor is reshaped to before it broadcasts back. */
export const keptAxes = (shape: Shape, axes: readonly number[]): number[] =>
  shape.map((length, axis) => (axes.includes(axis) ? 1 : length));

/** Most elements of a tensor: their indices are 32-bit integers. */
const MOST_ELEMENTS = 2 ** 31 - 1;

/** Throws unless every length is a positive integer, known while tracing, and the elements can be counted. */
export function checkShape(operation: string, shape: Shape): void {
  const bad = shape.find((length) => !Number.isInteger(length) || length < 1);
  if (bad !== undefined) {
    const why = typeof bad === "number" ? "positive integers" : "numbers that are known while tracing";
    throw new ShapeError(`${operation}: ${showShape(shape)} is not a shape: lengths are ${why}, got ${String(bad)}.`);
  }
  if (sizeOf(shape) > MOST_ELEMENTS) {
    throw new ShapeError(
      `${operation}: a tensor of shape ${showShape(shape)} has ${sizeOf(shape)} elements; at most 2^31 - 1 can be counted. ` +
        "Go through it in parts, with scan or chunkedMap.",
    );
  }
}
