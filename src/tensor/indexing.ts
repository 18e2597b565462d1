/** Methods of tensors that find elements by the values of others. */
import type { Addressing } from "./operation.js";
import { DTypeError, normaliseAxis, type Shape, ShapeError, showShape } from "./shape.js";
import type { Tensor } from "./tensor.js";

function checkedIndices(name: string, indices: Tensor): Tensor {
  if (indices.dtype === "i32" || indices.dtype === "u32") return indices.cast("i32");
  throw new DTypeError(`${name} takes u32 or i32 indices, got ${indices.dtype}. Convert with .cast("i32").`);
}

/** How a part with the axes of `indices` in place of an axis lies in a tensor, and the indices as large as the part. */
function addressOf(x: Tensor, indices: Tensor, axis: number): { shape: Shape; large: Tensor; addressing: Addressing } {
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const shape = [...before, ...indices.shape, ...after];
  const along = x.shape.map((_, k) => (k < axis ? k : k === axis ? undefined : k - 1 + indices.rank));
  const large = indices.reshape([...indices.shape, ...after.map(() => 1)]).broadcast(shape);
  return { shape, large, addressing: { along, indexed: [axis] } };
}

export function take(x: Tensor, indices: Tensor, axis: number): Tensor {
  const at = normaliseAxis("take", axis, x.rank);
  const { shape, large, addressing } = addressOf(x, checkedIndices("take", indices), at);
  return x.gather(shape, [large], addressing);
}

export function scatterAdd(x: Tensor, indices: Tensor, parts: Tensor, axis: number): Tensor {
  const at = normaliseAxis("scatterAdd", axis, x.rank);
  const { shape, large, addressing } = addressOf(x, checkedIndices("scatterAdd", indices), at);
  if (parts.shape.join() !== shape.join()) {
    throw new ShapeError(
      `scatterAdd along axis ${axis} of ${showShape(x.shape)} with indices ${showShape(indices.shape)} takes parts of ` +
        `shape ${showShape(shape)}, got ${showShape(parts.shape)}.`,
    );
  }
  return x.scatter(parts, [large], addressing, "add");
}

export function takeAlongAxis(x: Tensor, indices: Tensor, axis: number): Tensor {
  const at = normaliseAxis("takeAlongAxis", axis, x.rank);
  const fits = indices.rank === x.rank && x.shape.every((length, k) => k === at || length === indices.shape[k]);
  if (!fits) {
    throw new ShapeError(
      `takeAlongAxis: ${showShape(x.shape)} takes indices of the same lengths but along axis ${at}, ` +
        `got ${showShape(indices.shape)}.`,
    );
  }
  const along = x.shape.map((_, k) => (k === at ? undefined : k));
  return x.gather(indices.shape, [checkedIndices("takeAlongAxis", indices)], { along, indexed: [at] });
}

/** Where a part begins: integer scalars for the axes that are not fixed at 0, as large as the part. */
function placeOf(name: string, x: Tensor, start: readonly Tensor[], part: Shape): [Tensor[], Addressing] {
  const fits = part.length === x.rank && part.every((length, axis) => length <= x.shape[axis]!);
  if (!fits || start.length !== x.rank) {
    throw new ShapeError(
      `${name}: a part of shape ${showShape(part)} at ${start.length} coordinates does not lie in ${showShape(x.shape)}.`,
    );
  }
  const indexed: number[] = [];
  const indices = start.flatMap((from, axis) => {
    if (from.rank > 0) {
      throw new ShapeError(
        `${name}: a start is a scalar for each axis, got ${showShape(from.shape)} for axis ${axis}.`,
      );
    }
    if (from.call.name === "constant" && from.call.attributes.data[0] === 0) return [];
    indexed.push(axis);
    return checkedIndices(name, from).broadcast(part);
  });
  return [indices, { along: part.map((_, axis) => axis), indexed }];
}

export function dynamicSlice(x: Tensor, start: readonly Tensor[], shape: Shape): Tensor {
  return x.gather(shape, ...placeOf("dynamicSlice", x, start, shape));
}

export function dynamicUpdate(x: Tensor, start: readonly Tensor[], part: Tensor): Tensor {
  return x.scatter(part, ...placeOf("dynamicUpdate", x, start, part.shape), "set");
}

export function flip(x: Tensor, axis: number): Tensor {
  const at = normaliseAxis("flip", axis, x.rank);
  const numbers = x.indices(at, "i32");
  const last = numbers.zerosLike().add(x.shape[at]! - 1);
  return takeAlongAxis(x, last.sub(numbers), at);
}
