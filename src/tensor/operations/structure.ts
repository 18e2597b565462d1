import type { OperationAttributes, OperationName, ReferenceArray, StructuralOperation } from "../operation.js";
import type { Tensor } from "../tensor.js";
import { checkShape, rowMajorStrides, type Shape, ShapeError, showShape, sizeOf, type TensorSpec } from "../shape.js";

/** Calls `visit(flat, index)` for every element of a shape in row-major order; `index` is reused. */
export function forEachIndex(shape: Shape, visit: (flat: number, index: readonly number[]) => void): void {
  const index = new Array<number>(shape.length).fill(0);
  const size = sizeOf(shape);
  for (let flat = 0; flat < size; flat++) {
    visit(flat, index);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
}

/** Values of an array picked by a function from output index to input index; `undefined` gives 0. */
function pick(input: ReferenceArray, shape: Shape, from: (index: readonly number[]) => readonly number[] | undefined) {
  const strides = rowMajorStrides(input.shape);
  const out = new Float64Array(sizeOf(shape));
  forEachIndex(shape, (flat, index) => {
    const source = from(index);
    out[flat] = source ? input.data[source.reduce((sum, i, axis) => sum + i * strides[axis]!, 0)]! : 0;
  });
  return out;
}

/** An operation that only moves elements: linear, so tangents take the same way as values. */
function view<Name extends OperationName>(
  entry: Pick<StructuralOperation<Name>, "spec" | "reference" | "pullback"> & {
    apply(tensor: Tensor, attributes: OperationAttributes[Name]): Tensor;
    batchOne(tensor: Tensor, attributes: OperationAttributes[Name], count: number): Tensor;
  },
): StructuralOperation<Name> {
  return {
    ...entry,
    kind: "view",
    pushforward: ([tangent], _inputs, _output, attributes) => tangent && entry.apply(tangent, attributes),
    batch: ([x], attributes, count) => entry.batchOne(x!, attributes, count),
  };
}

function checkPermutation(permutation: readonly number[], rank: number): void {
  const sorted = [...permutation].sort((a, b) => a - b);
  if (sorted.length !== rank || sorted.some((axis, i) => axis !== i)) {
    throw new ShapeError(`transpose: [${permutation.join(", ")}] is not a permutation of the ${rank} axes.`);
  }
}

function checkSlice({ shape }: TensorSpec, { start, end, step }: OperationAttributes["slice"]): void {
  const bad = shape.findIndex(
    (length, axis) =>
      ![start[axis], end[axis]].every(Number.isInteger) ||
      !(start[axis]! >= 0 && start[axis]! < end[axis]! && end[axis]! <= length),
  );
  if (step.length !== shape.length || step.some((n) => !Number.isInteger(n) || n < 1)) {
    throw new ShapeError(`slice: steps are positive integers, one for each axis, got [${step.join(", ")}].`);
  }
  if (bad >= 0 || start.length !== shape.length) {
    throw new ShapeError(
      `slice: from [${start.join(", ")}] to [${end.join(", ")}] does not lie in shape ${showShape(shape)}` +
        (bad >= 0 ? ` (axis ${bad}).` : "."),
    );
  }
}

const broadcast = view<"broadcast">({
  spec([x], { shape: target }) {
    const { shape, dtype } = x!;
    checkShape("broadcast", target);
    const offset = target.length - shape.length;
    if (offset < 0 || shape.some((length, axis) => length !== 1 && length !== target[axis + offset])) {
      throw new ShapeError(`broadcast: shape ${showShape(shape)} does not stretch to ${showShape(target)}.`);
    }
    return { shape: target, dtype };
  },
  reference: ([x], { shape }) =>
    pick(x!, shape, (index) =>
      x!.shape.map((length, axis) => (length === 1 ? 0 : index[axis + shape.length - x!.shape.length]!)),
    ),
  pullback: (g, [x]) => [g.sumTo(x!.shape)],
  apply: (x, { shape }) => x.broadcast(shape),
  batchOne(x, { shape }, count) {
    const ones = new Array<number>(shape.length - x.rank + 1).fill(1);
    return x.reshape([count, ...ones, ...x.shape.slice(1)]).broadcast([count, ...shape]);
  },
});

const reshape = view<"reshape">({
  spec([x], { shape }) {
    checkShape("reshape", shape);
    if (sizeOf(shape) !== sizeOf(x!.shape)) {
      throw new ShapeError(
        `reshape: ${showShape(x!.shape)} has ${sizeOf(x!.shape)} elements, ${showShape(shape)} has ${sizeOf(shape)}.`,
      );
    }
    return { shape, dtype: x!.dtype };
  },
  reference: ([x]) => x!.data,
  pullback: (g, [x]) => [g.reshape(x!.shape)],
  apply: (x, { shape }) => x.reshape(shape),
  batchOne: (x, { shape }, count) => x.reshape([count, ...shape]),
});

const transpose = view<"transpose">({
  spec([x], { permutation }) {
    checkPermutation(permutation, x!.shape.length);
    return { shape: permutation.map((axis) => x!.shape[axis]!), dtype: x!.dtype };
  },
  reference: ([x], { permutation }, { shape }) =>
    pick(x!, shape, (index) => {
      const source = new Array<number>(shape.length);
      permutation.forEach((axis, i) => (source[axis] = index[i]!));
      return source;
    }),
  pullback: (g, _, __, { permutation }) => [g.transpose(permutation.map((_, axis) => permutation.indexOf(axis)))],
  apply: (x, { permutation }) => x.transpose(permutation),
  batchOne: (x, { permutation }) => x.transpose([0, ...permutation.map((axis) => axis + 1)]),
});

const slice = view<"slice">({
  spec([x], attributes) {
    checkSlice(x!, attributes);
    const { start, end, step } = attributes;
    return { shape: start.map((from, axis) => Math.ceil((end[axis]! - from) / step[axis]!)), dtype: x!.dtype };
  },
  reference: ([x], { start, step }, { shape }) =>
    pick(x!, shape, (index) => index.map((i, axis) => i * step[axis]! + start[axis]!)),
  pullback: (g, [x], y, { start, step }) => [
    g.pad(
      start,
      x!.shape.map((length, axis) => length - start[axis]! - (y.shape[axis]! - 1) * step[axis]! - 1),
      step.map((n) => n - 1),
    ),
  ],
  apply: (x, { start, end, step }) => x.slice(start, end, step),
  batchOne: (x, { start, end, step }, count) => x.slice([0, ...start], [count, ...end], [1, ...step]),
});

const pad = view<"pad">({
  spec([x], { before, after, between }) {
    const rank = x!.shape.length;
    const counts = [before, after, between];
    const bad = counts.flat().find((count) => !Number.isInteger(count) || count < 0);
    if (counts.some(({ length }) => length !== rank) || bad !== undefined) {
      const [first, last] = [before, after].map((list) => `[${list.join(", ")}]`);
      const gaps = between.some((count) => count !== 0) ? `, [${between.join(", ")}] between` : "";
      throw new ShapeError(
        `pad: ${showShape(x!.shape)} takes ${rank} non-negative counts on each side, got ${first} and ${last}${gaps}.`,
      );
    }
    const inner = x!.shape.map((length, axis) => length + (length - 1) * between[axis]!);
    return { shape: inner.map((length, axis) => before[axis]! + length + after[axis]!), dtype: x!.dtype };
  },
  reference: ([x], { before, between }, { shape }) =>
    pick(x!, shape, (index) => {
      const source = index.map((i, axis) => (i - before[axis]!) / (between[axis]! + 1));
      return source.every((i, axis) => Number.isInteger(i) && i >= 0 && i < x!.shape[axis]!) ? source : undefined;
    }),
  pullback: (g, [x], _, { before, between }) => [
    g.slice(
      before,
      before.map((count, axis) => count + (x!.shape[axis]! - 1) * (between[axis]! + 1) + 1),
      between.map((count) => count + 1),
    ),
  ],
  apply: (x, { before, after, between }) => x.pad(before, after, between),
  batchOne: (x, { before, after, between }) => x.pad([0, ...before], [0, ...after], [0, ...between]),
});

/** Where each input of a concatenation begins along the axis. */
function offsets(inputs: readonly { readonly shape: Shape }[], axis: number): number[] {
  let next = 0;
  return inputs.map(({ shape }) => (next += shape[axis]!) - shape[axis]!);
}

const concat: StructuralOperation<"concat"> = {
  kind: "view",
  spec(inputs, { axis }) {
    const [first] = inputs;
    if (!first) throw new TypeError("concat takes at least one tensor, got none.");
    for (const { shape, dtype } of inputs) {
      const fits = shape.length === first.shape.length && shape.every((n, i) => i === axis || n === first.shape[i]);
      if (!fits || dtype !== first.dtype) {
        throw new ShapeError(
          `concat along axis ${axis}: ${first.dtype}${showShape(first.shape)} and ${dtype}${showShape(shape)} do not fit.`,
        );
      }
    }
    const length = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    return { shape: first.shape.with(axis, length), dtype: first.dtype };
  },
  reference(inputs, { axis }, { shape }) {
    const starts = offsets(inputs, axis);
    const strides = inputs.map((input) => rowMajorStrides(input.shape));
    const out = new Float64Array(sizeOf(shape));
    forEachIndex(shape, (flat, index) => {
      const which = starts.findLastIndex((start) => start <= index[axis]!);
      const at = index.reduce((sum, i, k) => sum + (k === axis ? i - starts[which]! : i) * strides[which]![k]!, 0);
      out[flat] = inputs[which]!.data[at]!;
    });
    return out;
  },
  pullback(g, inputs, _, { axis }) {
    return offsets(inputs, axis).map((start, i) => {
      const { shape } = inputs[i]!;
      return g.slice(
        shape.map((_, k) => (k === axis ? start : 0)),
        shape.map((n, k) => (k === axis ? start + n : n)),
      );
    });
  },
  batch: ([first, ...rest], { axis }) => first!.concat(rest, axis + 1),
  pushforward(tangents, inputs, _, { axis }) {
    if (tangents.every((tangent) => !tangent)) return undefined;
    const [first, ...rest] = inputs.map((input, i) => tangents[i] ?? input.zerosLike());
    return first!.concat(rest, axis);
  },
};

const input: StructuralOperation<"input"> = {
  kind: "source",
  spec: (_, { shape, dtype }) => ({ shape, dtype }),
  reference(_, { name }) {
    throw new Error(`The program's input "${name}" has no value.`);
  },
};

const constant: StructuralOperation<"constant"> = {
  kind: "source",
  spec: (_, { shape, dtype }) => ({ shape, dtype }),
  reference: (_, { data }) => data,
};

const iota: StructuralOperation<"iota"> = {
  kind: "source",
  spec: (_, { shape, dtype }) => ({ shape, dtype }),
  reference(_, { shape, axis }) {
    const out = new Float64Array(sizeOf(shape));
    forEachIndex(shape, (flat, index) => (out[flat] = index[axis]!));
    return out;
  },
};

/** Where values come from, and operations that move elements without computing. */
export const structure = { input, constant, iota, broadcast, reshape, transpose, slice, pad, concat };
