/** Programs with loops, as functions of f32 tensors. */
import { constant, full, Key, scalar, scan, type Shape, type Tensor, zeros } from "../../src/tensor/index.js";

export interface LoopCase {
  readonly name: string;
  readonly shapes: readonly Shape[];
  /** A scalar, or tensors of any shape. */
  readonly of: (...inputs: Tensor[]) => readonly Tensor[];
}

/** A recurrent network: batch and width are the lengths of h. */
const recurrent =
  (options: Parameters<typeof scan>[3] = {}) =>
  (w: Tensor, u: Tensor, xs: Tensor): Tensor[] => {
    const start = zeros([xs.shape[1]!, w.shape[0]!]);
    const { carry, outputs } = scan(
      (h, x) => {
        const next = h.matmul(w).add(x.matmul(u)).tanh();
        return { carry: next, output: next.square().mean() };
      },
      start,
      xs,
      options,
    );
    return [carry, outputs];
  };

export const LOOPS: readonly LoopCase[] = [
  {
    name: "a sum of numbers",
    shapes: [[7]],
    of: (xs) => {
      const { carry, outputs } = scan((sum, x) => ({ carry: sum.add(x), output: sum.mul(x) }), scalar(0.5), xs);
      return [carry, outputs];
    },
  },
  {
    name: "backwards, with the index",
    shapes: [[5, 3], [3]],
    of: (xs, start) => {
      const { carry, outputs } = scan(
        (state, x, i) => ({ carry: state.mul(0.5).add(x), output: state.mul(i.cast("f32")) }),
        start,
        xs,
        { reverse: true },
      );
      return [carry, outputs];
    },
  },
  {
    name: "a recurrent network",
    shapes: [
      [5, 5],
      [3, 5],
      [6, 4, 3],
    ],
    of: recurrent(),
  },
  {
    name: "a wide recurrent network",
    shapes: [
      [16, 16],
      [3, 16],
      [9, 40, 3],
    ],
    of: recurrent(),
  },
  {
    name: "segments of three",
    shapes: [
      [5, 5],
      [3, 5],
      [7, 4, 3],
    ],
    of: recurrent({ checkpointEvery: 3 }),
  },
  {
    name: "segments backwards",
    shapes: [
      [5, 5],
      [3, 5],
      [7, 4, 3],
    ],
    of: recurrent({ checkpointEvery: 2, reverse: true }),
  },
  {
    name: "a checkpoint in every step",
    shapes: [
      [5, 5],
      [3, 5],
      [4, 4, 3],
    ],
    of: recurrent({ checkpointEvery: 1 }),
  },
  {
    name: "a loop in a loop",
    shapes: [[3, 4], [4], [2, 4]],
    of: (xs, w, start) => {
      const { carry, outputs } = scan(
        (outer, x, i) => {
          const inner = scan(
            (state, _: undefined, k) => ({
              carry: state.mul(w).add(x).sin(),
              output: state.mul(k.add(i).cast("f32")),
            }),
            outer,
            undefined,
            { length: 3 },
          );
          return { carry: inner.carry, output: inner.outputs.sum(0) };
        },
        start,
        xs,
      );
      return [carry, outputs];
    },
  },
  {
    name: "an inner loop over an outer slice",
    shapes: [[3, 5, 4], [4]],
    of: (xs, start) => {
      const { carry } = scan(
        (outer, rows) => ({ carry: scan((inner, x) => ({ carry: inner.mul(x).cos() }), outer, rows).carry }),
        start,
        xs,
      );
      return [carry];
    },
  },
  {
    name: "a carry that is swapped, and truth values",
    shapes: [[6], [6]],
    of: (a, b) => {
      const start = { a, b, flag: a.less(b) };
      const { carry, outputs } = scan(
        ({ a: p, b: q, flag }) => ({
          carry: { a: q, b: flag.select(p, q).mul(0.9), flag: flag.not() },
          output: [flag.cast("f32").add(p), flag],
        }),
        start,
        undefined,
        { length: 4 },
      );
      return [carry.a, carry.b, carry.flag.cast("f32"), outputs[0]!, outputs[1]!.cast("f32").sum(0)];
    },
  },
  {
    name: "truth values as slices",
    shapes: [[4, 6]],
    of: (xs) => [
      scan((sum, flag) => ({ carry: flag.select(sum.add(1), sum.mul(0.5)) }), zeros([6]), xs.less(0.2)).carry,
    ],
  },
  {
    name: "a layout that changes",
    shapes: [
      [20, 33],
      [33, 20],
    ],
    of: (a, w) => {
      const { carry, outputs } = scan(
        (x) => ({ carry: x.matmul(w).transpose().matmul(x).mul(0.02).tanh(), output: x.sum(0) }),
        a.matmul(w).matmul(w.transpose()).mul(0.1).tanh(),
        undefined,
        { length: 2 },
      );
      return [outputs, carry.sum(1)];
    },
  },
  {
    name: "random numbers by the index",
    shapes: [[5]],
    of: (x) => {
      const key = Key.of(3);
      const { carry, outputs } = scan(
        (state, _: undefined, i) => {
          const noise = key.fold(i).normal([5]);
          return { carry: state.mul(0.7).add(noise), output: noise };
        },
        x,
        undefined,
        { length: 6 },
      );
      return [carry, outputs];
    },
  },
  {
    name: "outputs that do not change, and unused parts",
    shapes: [[3, 2], [2]],
    of: (xs, c) => {
      const { carry, outputs } = scan(
        ({ used, unused }, x) => ({
          carry: { used: used.add(x), unused: unused.mul(2) },
          output: { same: c, constant: full([2], 1.5), slice: x },
        }),
        { used: c, unused: constant([1, 2]) },
        xs,
      );
      return [carry.used, outputs.same, outputs.constant, outputs.slice];
    },
  },
];

/** All of a case's results as one number that weighs every element differently. */
export function weighed(results: readonly Tensor[]): Tensor {
  return results
    .map((result, i) => result.mul(Key.of(i).uniform(result.shape, 0.5, 1.5)).sum())
    .reduce((sum, one) => sum.add(one));
}
