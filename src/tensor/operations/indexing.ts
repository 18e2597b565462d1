import type { Addressing, ReferenceArray, StructuralOperation } from "../operation.js";
import { DTypeError, rowMajorStrides, type Shape, ShapeError, showShape, sizeOf, type TensorSpec } from "../shape.js";
import { wrap } from "./arithmetic.js";
import { forEachIndex } from "./structure.js";

/** The largest index that leaves what is read or written inside, for each index tensor. */
export function limitsOf({ along, indexed }: Addressing, whole: Shape, part: Shape): number[] {
  return indexed.map((axis) => whole[axis]! - (along[axis] === undefined ? 1 : part[along[axis]]!));
}

function checkIndices(name: string, indices: readonly TensorSpec[], { indexed }: Addressing, part: Shape): void {
  if (indices.length !== indexed.length) {
    throw new TypeError(`${name} takes ${indexed.length} index tensors, got ${indices.length}.`);
  }
  for (const { shape, dtype } of indices) {
    if (dtype !== "i32") {
      throw new DTypeError(`${name} takes i32 indices, got ${dtype}. Convert with .cast("i32").`);
    }
    if (shape.join() !== part.join()) {
      throw new ShapeError(`${name}: indices of shape ${showShape(shape)} do not fit ${showShape(part)}.`);
    }
  }
}

/** Calls back with the flat index in the part and in the whole of every element of the part. */
function forEachPlace(
  whole: Shape,
  part: Shape,
  { along, indexed }: Addressing,
  indices: readonly ReferenceArray[],
  visit: (inPart: number, inWhole: number) => void,
): void {
  const strides = rowMajorStrides(whole);
  const limits = limitsOf({ along, indexed }, whole, part);
  forEachIndex(part, (flat, index) => {
    const fixed = along.reduce<number>(
      (sum, axis, k) => sum + (axis === undefined ? 0 : index[axis]! * strides[k]!),
      0,
    );
    const moved = indexed.reduce((sum, axis, k) => {
      return sum + Math.min(limits[k]!, Math.max(0, indices[k]!.data[flat]!)) * strides[axis]!;
    }, 0);
    visit(flat, fixed + moved);
  });
}

/** The same behind a new first axis of the whole and the part. */
const afterFirst = ({ along, indexed }: Addressing): Addressing => ({
  along: [0, ...along.map((axis) => (axis === undefined ? undefined : axis + 1))],
  indexed: indexed.map((axis) => axis + 1),
});

const gather: StructuralOperation<"gather"> = {
  kind: "indexing",
  spec([x, ...indices], attributes) {
    checkIndices("gather", indices, attributes, attributes.shape);
    return { shape: attributes.shape, dtype: x!.dtype };
  },
  reference([x, ...indices], attributes, { shape }) {
    const out = new Float64Array(sizeOf(shape));
    forEachPlace(x!.shape, shape, attributes, indices, (to, from) => (out[to] = x!.data[from]!));
    return out;
  },
  pullback: (g, [x, ...indices], _, attributes) => [x!.zerosLike().scatter(g, indices, attributes, "add")],
  batch: ([x, ...indices], { shape, ...addressing }, count) =>
    x!.gather([count, ...shape], indices, afterFirst(addressing)),
  pushforward: ([tangent], [, ...indices], y, attributes) => tangent && tangent.gather(y.shape, indices, attributes),
};

const scatter: StructuralOperation<"scatter"> = {
  kind: "indexing",
  spec([x, part, ...indices], attributes) {
    checkIndices("scatter", indices, attributes, part!.shape);
    if (x!.dtype !== part!.dtype) {
      throw new DTypeError(
        `scatter: the tensor is ${x!.dtype}, what is put into it ${part!.dtype}; convert one with .cast().`,
      );
    }
    if (attributes.mode === "add" && x!.dtype === "bool") {
      throw new DTypeError('scatterAdd takes numbers, got bool. Convert with .cast("i32").');
    }
    return x!;
  },
  reference([x, part, ...indices], attributes, { dtype }) {
    const out = Float64Array.from(x!.data);
    const sum = attributes.mode === "add";
    forEachPlace(x!.shape, part!.shape, attributes, indices, (from, to) => {
      out[to] = sum ? wrap(out[to]! + part!.data[from]!, dtype) : part!.data[from]!;
    });
    return out;
  },
  pullback(g, [, part, ...indices], _, attributes) {
    const ofPart = g.gather(part!.shape, indices, attributes);
    return [attributes.mode === "add" ? g : g.scatter(part!.zerosLike(), indices, attributes, "set"), ofPart];
  },
  batch: ([x, part, ...indices], { mode, ...addressing }) => x!.scatter(part!, indices, afterFirst(addressing), mode),
  pushforward([dx, dPart], [x, part, ...indices], _, attributes) {
    if (!dx && !dPart) return undefined;
    return (dx ?? x!.zerosLike()).scatter(dPart ?? part!.zerosLike(), indices, attributes, attributes.mode);
  },
};

/** Operations that find elements by the values of index tensors. */
export const indexing = { gather, scatter };
