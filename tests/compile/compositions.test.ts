/** Methods put together from operations, compiled, against the float64 reference. */
import { test } from "node:test";
import { type DType, type Shape } from "../../src/tensor/shape.js";
import { input, type Tensor } from "../../src/tensor/tensor.js";
import { type Case, check, MODES } from "./case.js";

const a = (shape: Shape, dtype: DType = "f32") => input("a", shape, dtype);
const SHAPES: readonly Shape[] = [[1], [7], [5, 6], [16, 3], [2, 3, 4], [3, 33]];

/** A method along each axis of each shape. */
const along = (of: (x: Tensor, axis: number) => Tensor, tolerance = 0, dtype: DType = "f32"): Case[] =>
  SHAPES.flatMap((shape) =>
    shape.map((_, axis) => ({ name: `[${shape.join()}] along ${axis}`, tensor: of(a(shape, dtype), axis), tolerance })),
  );

/** A method over all axes together. */
const overAll = (of: (x: Tensor) => Tensor, tolerance = 0, dtype: DType = "f32"): Case[] =>
  SHAPES.map((shape) => ({ name: `[${shape.join()}]`, tensor: of(a(shape, dtype)), tolerance }));

const CASES: Readonly<Record<string, readonly Case[]>> = {
  logSumExp: [...along((x, axis) => x.logSumExp(axis), 2e-6), ...overAll((x) => x.mul(100).logSumExp(), 2e-6)],
  softmax: along((x, axis) => x.softmax(axis), 1e-6),
  logSoftmax: along((x, axis) => x.logSoftmax(axis), 2e-6),
  prod: [
    ...along((x, axis) => x.prod(axis), 2e-6),
    ...overAll((x) => x.prod(), 2e-6),
    ...along((x, axis) => x.prod(axis), 0, "u32"),
  ],
  any: [...along((x, axis) => x.any(axis), 0, "bool"), ...overAll((x) => x.any(), 0, "bool")],
  all: [...along((x, axis) => x.all(axis), 0, "bool"), ...overAll((x) => x.all(), 0, "bool")],
  argmax: [
    ...along((x, axis) => x.argmax(axis)),
    ...along((x, axis) => x.floor().argmax(axis)),
    ...along((x, axis) => x.less(-1).select(NaN, x).argmax(axis)),
  ],
  argmin: [...along((x, axis) => x.argmin(axis)), ...along((x, axis) => x.floor().argmin(axis))],
  cumulativeSum: [
    ...along((x, axis) => x.cumulativeSum(axis), 1e-5),
    ...along((x, axis) => x.cumulativeSum(axis), 0, "u32"),
  ],
  roll: [...along((x, axis) => x.roll(1, axis)), ...along((x, axis) => x.roll(-2, axis), 0, "bool")],
  pow: [-3, -0.5, 0, 1, 2, 5, 2.5, 64].flatMap((exponent) =>
    overAll((x) => x.abs().mul(0.5).add(0.1).pow(exponent), 4e-6),
  ),
  convolve: (["valid", "same", "periodic"] as const).flatMap((padding) => [
    ...[1, 2].map((strides) => ({
      name: `[3, 9, 2] by [4, 2, 5], ${padding} in steps of ${strides}`,
      tensor: a([3, 9, 2]).convolve(input("b", [4, 2, 5]), { padding, strides }),
      tolerance: 1e-5,
    })),
    {
      name: `[2, 8, 7, 3] by [3, 2, 3, 16], ${padding}`,
      tensor: a([2, 8, 7, 3]).convolve(input("b", [3, 2, 3, 16]), { padding, strides: [1, 2] }),
      tolerance: 1e-5,
    },
  ]),
  oneHot: overAll((x) => x.and(7).oneHot(5), 0, "u32"),
};

for (const [name, cases] of Object.entries(CASES)) {
  for (const [mode, options] of MODES) {
    test(`${name} compiled agrees with the reference${mode}`, () => {
      for (const one of cases) check({ ...one, name: `${name} of ${one.name}` }, options);
    });
  }
}
