import type { ReferenceArray, StructuralOperation } from "../operation.js";
import {
  DTypeError,
  keptAxes,
  rowMajorStrides,
  type Shape,
  ShapeError,
  showShape,
  sizeOf,
  type TensorSpec,
} from "../shape.js";
import { forEachIndex } from "./structure.js";

/** A shape without some of its axes. */
const withoutAxes = (shape: Shape, axes: readonly number[]): number[] =>
  shape.filter((_, axis) => !axes.includes(axis));

function reductionSpec(name: string, [x]: readonly TensorSpec[], axes: readonly number[]): TensorSpec {
  if (x!.dtype !== "f32") throw new DTypeError(`${name} takes f32, got ${x!.dtype}. Convert with .cast("f32").`);
  return { shape: withoutAxes(x!.shape, axes), dtype: x!.dtype };
}

/** The same axes behind a new first one. */
const afterFirst = (axes: readonly number[]): number[] => axes.map((axis) => axis + 1);

/** Folds over axes; the order is that of the elements in memory. */
function fold(x: ReferenceArray, axes: readonly number[], start: number, step: (sum: number, value: number) => number) {
  const shape = withoutAxes(x.shape, axes);
  const kept = rowMajorStrides(shape);
  let next = 0;
  const strides = x.shape.map((_, axis) => (axes.includes(axis) ? 0 : kept[next++]!));
  const out = new Float64Array(sizeOf(shape)).fill(start);
  forEachIndex(x.shape, (flat, index) => {
    const to = index.reduce((sum, i, axis) => sum + i * strides[axis]!, 0);
    out[to] = step(out[to]!, x.data[flat]!);
  });
  return out;
}

const sum: StructuralOperation<"sum"> = {
  kind: "reduction",
  spec: (inputs, { axes }) => reductionSpec("sum", inputs, axes),
  reference: ([x], { axes }) => fold(x!, axes, 0, (a, b) => a + b),
  pullback: (g, [x], _, { axes }) => [g.reshape(keptAxes(x!.shape, axes)).broadcast(x!.shape)],
  pushforward: ([tangent], _inputs, _output, { axes }) => tangent?.sum(axes),
  batch: ([x], { axes }) => x!.sum(afterFirst(axes)),
};

const maximum: StructuralOperation<"maximum"> = {
  kind: "reduction",
  spec: (inputs, { axes }) => reductionSpec("maximum", inputs, axes),
  reference: ([x], { axes }) => fold(x!, axes, -Infinity, (a, b) => (a < b || Number.isNaN(b) ? b : a)),
  pullback(g, [x], y, { axes }) {
    const kept = keptAxes(x!.shape, axes);
    const chosen = x!.equal(y.reshape(kept)).cast("f32").stopGradient();
    return [chosen.mul(g.div(chosen.sum(axes)).reshape(kept))];
  },
  batch: ([x], { axes }) => x!.maximum(afterFirst(axes)),
  pushforward([tangent], [x], y, { axes }) {
    const chosen = x!
      .equal(y.reshape(keptAxes(x!.shape, axes)))
      .cast("f32")
      .stopGradient();
    return tangent && chosen.mul(tangent).sum(axes).div(chosen.sum(axes));
  },
};

const matmul: StructuralOperation<"matmul"> = {
  kind: "contraction",
  spec([a, b]) {
    const [p, q] = [a!.shape, b!.shape];
    const batch = p.slice(0, -2);
    const fits =
      p.length >= 2 && p.length === q.length && batch.every((n, axis) => n === q[axis]) && p.at(-1) === q.at(-2);
    if (!fits) {
      throw new ShapeError(
        `matmul: shapes ${showShape(p)} and ${showShape(q)} do not multiply: ` +
          `[…, m, k] times […, k, n] needs equal k (${p.at(-1)} and ${q.at(-2)}) and equal leading axes.`,
      );
    }
    if (a!.dtype !== "f32" || b!.dtype !== "f32") {
      throw new DTypeError(`matmul takes f32, got ${a!.dtype} and ${b!.dtype}. Convert with .cast("f32").`);
    }
    return { shape: [...batch, p.at(-2)!, q.at(-1)!], dtype: "f32" };
  },
  reference([a, b], _, { shape }) {
    const [m, n] = [shape.at(-2)!, shape.at(-1)!];
    const k = a!.shape.at(-1)!;
    return Float64Array.from({ length: sizeOf(shape) }, (_, flat) => {
      const batch = Math.floor(flat / (m * n));
      const row = Math.floor(flat / n) % m;
      let total = 0;
      for (let i = 0; i < k; i++)
        total += a!.data[(batch * m + row) * k + i]! * b!.data[(batch * k + i) * n + (flat % n)]!;
      return total;
    });
  },
  batch: ([a, b]) => a!.matmul(b!),
  pullback: (g, [a, b]) => [g.matmul(b!.swapLastAxes()), a!.swapLastAxes().matmul(g)],
  pushforward([da, db], [a, b]) {
    const terms = [da?.matmul(b!), db && a!.matmul(db)].filter((term) => term !== undefined);
    return terms.length === 2 ? terms[0]!.add(terms[1]!) : terms[0];
  },
};

/** Operations that combine elements. */
export const reduction = { sum, maximum, matmul };
