import type { OperationName } from "../../src/tensor/operation.js";
import { customGradient } from "../../src/tensor/custom-gradient.js";
import { scan } from "../../src/tensor/scan.js";
import { constant, input, iota, Tensor } from "../../src/tensor/tensor.js";
import type { DType, Shape } from "../../src/tensor/shape.js";
import type { Case } from "./case.js";
import type { Draw } from "./generator.js";

const SHAPES: readonly Shape[] = [[], [1], [3], [4], [7], [5, 6], [16, 3], [1, 9], [2, 3, 4], [33, 1]];

const a = (shape: Shape, dtype: DType = "f32") => input("a", shape, dtype);
const b = (shape: Shape, dtype: DType = "f32") => input("b", shape, dtype);
const unary = (name: OperationName, tolerance: number, draw?: Draw): Case[] =>
  SHAPES.map((shape) => ({
    name: `${name} of [${shape.join()}]`,
    tensor: Tensor.apply(name, {}, [a(shape)]),
    tolerance,
    ...(draw && { draw }),
  }));

/** Relative accuracy over ten orders of magnitude on both sides of 0, and over a range. */
function precise(name: OperationName, tolerance: number, [low, high]: readonly [number, number]): Case[] {
  const small = Array.from({ length: 60 }, (_, i) => (i % 2 ? -1 : 1) * 10 ** (-10 + i / 6.01));
  const wide = Array.from({ length: 500 }, (_, i) => low + ((high - low) * i) / 499);
  const points = [...small, ...wide].filter((x) => x >= low).map(Math.fround);
  const tensor = Tensor.apply(name, {}, [constant(points).add(a([1]))]);
  return [{ name: `${name}, digits`, tensor, tolerance, relative: true, draw: { low: 0, high: 0 } }];
}

/** Ends of the range of floats, and what is no number. */
function special(name: OperationName): Case[] {
  const points = constant([0, -1, Infinity, -Infinity, NaN, 200, -200]);
  const finite = Math.fround(3.4e38);
  const tensor = Tensor.apply(name, {}, [points.add(a([1]))]);
  // What float32 does not hold is ±∞ in every engine, and in the expectation.
  const expected = tensor.greater(finite).select(Infinity, tensor.less(-finite).select(-Infinity, tensor));
  return [{ name: `${name}, special values`, tensor: expected, tolerance: 4e-7, draw: { low: 0, high: 0 } }];
}

/** Coordinates of points in every direction. */
const EDGES = constant([1, -1, 0, -0, 0.5, -2, 0.41421354, 1e-20, -1e20, Infinity, -Infinity, NaN]);

type BinaryName =
  "add" | "sub" | "mul" | "div" | "min" | "max" | "atan2" | "less" | "lessOrEqual" | "equal" | "and" | "or" | "xor";
const binary = (name: BinaryName, dtype: DType, tolerance = 0): Case[] => [
  ...SHAPES.map((shape) => ({
    name: `${name} of ${dtype}[${shape.join()}]`,
    tensor: a(shape, dtype)[name](b(shape, dtype)),
    tolerance,
  })),
  { name: `${name}, broadcast row`, tensor: a([5, 6], dtype)[name](b([6], dtype)), tolerance },
  { name: `${name}, broadcast column`, tensor: a([5, 6], dtype)[name](b([5, 1], dtype)), tolerance },
  { name: `${name}, outer`, tensor: a([9, 1], dtype)[name](b([1, 5], dtype)), tolerance },
  { name: `${name}, broadcast scalar`, tensor: a([5, 6], dtype)[name](b([], dtype)), tolerance },
  { name: `${name}, transposed`, tensor: a([5, 6], dtype)[name](b([6, 5], dtype).transpose()), tolerance },
];

/** Rows of which some hold a NaN: first, in the middle, last, alone. */
const withNaN = [5, 8, 1].map((length) => {
  const indices = iota([5, length], 1, "f32");
  const at = constant([0, 2, length - 1, -1, 1], [5, 1]);
  return indices.equal(at).select(NaN, a([5, length]));
});
const NUMBERS = ["f32", "u32", "i32"] as const;
const DTYPES = ["f32", "u32", "i32", "bool"] as const;
/** What every engine is tested with: cases for each entry of the table of operations. */
export const operationCases: { readonly [Name in OperationName]: readonly Case[] } = {
  input: SHAPES.map((shape) => ({ name: `input [${shape.join()}]`, tensor: a(shape) })),
  constant: [
    { name: "constant scalar", tensor: constant(2.5) },
    {
      name: "constants that differ in what is no finite number",
      tensor: constant([Infinity, 1]).concat([constant([-Infinity, 1]), constant([NaN, 1])]),
    },
    ...DTYPES.map((dtype) => ({
      name: `constant ${dtype}`,
      tensor: constant(dtype === "bool" ? [1, 0, 1, 0, 1, 1] : [1, 2, 3, 4, 5, 16777215], [2, 3], dtype),
    })),
  ],
  iota: SHAPES.slice(1).flatMap((shape) =>
    shape.flatMap((_, axis) =>
      NUMBERS.map((dtype) => ({
        name: `iota ${dtype}[${shape.join()}] along ${axis}`,
        tensor: iota(shape, axis, dtype).add(a(shape, dtype)),
        tolerance: 1e-6,
      })),
    ),
  ),
  add: NUMBERS.flatMap((dtype) => binary("add", dtype, 1e-6)),
  sub: NUMBERS.flatMap((dtype) => binary("sub", dtype, 1e-6)),
  mul: NUMBERS.flatMap((dtype) => binary("mul", dtype, 1e-6)),
  div: binary("div", "f32", 1e-6),
  min: binary("min", "f32"),
  max: binary("max", "f32"),
  neg: unary("neg", 0),
  abs: unary("abs", 0),
  sqrt: unary("sqrt", 1e-6, { low: 0, high: 4 }),
  floor: unary("floor", 0),
  exp: unary("exp", 3e-7, { low: -20, high: 1 }),
  log: unary("log", 3e-7, { low: 1e-6, high: 30 }),
  expm1: [...unary("expm1", 3e-7, { low: -20, high: 1 }), ...precise("expm1", 4e-7, [-80, 80]), ...special("expm1")],
  log1p: [
    ...unary("log1p", 3e-7, { low: -0.999, high: 30 }),
    ...precise("log1p", 4e-7, [-0.9, 30]),
    ...special("log1p"),
  ],
  sigmoid: [
    ...unary("sigmoid", 3e-7, { low: -9, high: 9 }),
    ...precise("sigmoid", 4e-7, [-80, 80]),
    ...special("sigmoid"),
  ],
  softplus: [
    ...unary("softplus", 3e-7, { low: -9, high: 9 }),
    ...precise("softplus", 4e-7, [-80, 80]),
    ...special("softplus"),
  ],
  sinh: [...unary("sinh", 4e-7, { low: -9, high: 9 }), ...precise("sinh", 4e-7, [-80, 80]), ...special("sinh")],
  cosh: [...unary("cosh", 4e-7, { low: -9, high: 9 }), ...precise("cosh", 4e-7, [-80, 80]), ...special("cosh")],
  tanh: unary("tanh", 5e-7, { low: -9, high: 9 }),
  sin: unary("sin", 3e-7, { low: -100, high: 100 }),
  cos: unary("cos", 3e-7, { low: -100, high: 100 }),
  atan2: [
    ...binary("atan2", "f32", 2e-7),
    {
      name: "atan2, every octant and its edges",
      tensor: EDGES.reshape([EDGES.size, 1])
        .mul(a([1]))
        .atan2(EDGES),
      tolerance: 3e-7,
      relative: true,
      draw: { low: 1, high: 1 },
    },
  ],
  erf: unary("erf", 5e-7, { low: -5, high: 5 }),
  less: NUMBERS.flatMap((dtype) => binary("less", dtype)),
  lessOrEqual: NUMBERS.flatMap((dtype) => binary("lessOrEqual", dtype)),
  equal: NUMBERS.flatMap((dtype) => binary("equal", dtype)),
  select: DTYPES.flatMap((dtype) =>
    SHAPES.map((shape) => ({
      name: `select ${dtype}[${shape.join()}]`,
      tensor: input("c", shape, "bool").select(a(shape, dtype), b(shape, dtype)),
    })),
  ),
  not: (["bool", "u32", "i32"] as const).map((dtype) => ({ name: `not ${dtype}`, tensor: a([5, 3], dtype).not() })),
  and: (["bool", "u32", "i32"] as const).flatMap((dtype) => binary("and", dtype)),
  or: (["bool", "u32", "i32"] as const).flatMap((dtype) => binary("or", dtype)),
  xor: (["u32", "i32"] as const).flatMap((dtype) => binary("xor", dtype)),
  shiftLeft: [0, 1, 13, 31].map((bits) => ({ name: `shiftLeft by ${bits}`, tensor: a([7], "u32").shiftLeft(bits) })),
  shiftRight: (["u32", "i32"] as const).flatMap((dtype) =>
    [0, 5, 31].map((bits) => ({ name: `shiftRight ${dtype} by ${bits}`, tensor: a([7], dtype).shiftRight(bits) })),
  ),
  cast: DTYPES.flatMap((from) =>
    DTYPES.map((to) => ({ name: `cast ${from} to ${to}`, tensor: a([3, 5], from).cast(to), tolerance: 1e-7 })),
  ),
  bitcast: NUMBERS.flatMap((from) =>
    NUMBERS.map((to) => ({
      name: `bitcast ${from} to ${to}`,
      tensor: (from !== "f32" && to === "f32" ? a([9], from).shiftRight(3).and(0x0fffffff) : a([9], from)).bitcast(to),
    })),
  ),
  threefry: (["first", "second", "xor"] as const).map((word) => ({
    name: `threefry ${word}`,
    tensor: Tensor.apply(
      "threefry",
      { word },
      ["a", "b", "c", "d"].map((name) => input(name, [6], "u32")),
    ),
  })),
  identity: unary("identity", 0),
  stopGradient: unary("stopGradient", 0),
  customGradient: [
    {
      name: "customGradient",
      tensor: customGradient(
        (x: Tensor) => x.neg(),
        (g) => g,
      )(a([5])),
    },
  ],
  broadcast: [
    { name: "broadcast scalar", tensor: a([]).broadcast([3, 7]) },
    { name: "broadcast row", tensor: a([7]).broadcast([3, 7]) },
    { name: "broadcast column", tensor: a([3, 1]).broadcast([3, 7]) },
    { name: "broadcast middle", tensor: a([2, 1, 5]).broadcast([4, 2, 3, 5]) },
  ],
  reshape: [
    { name: "reshape split", tensor: a([24]).reshape([2, 3, 4]) },
    { name: "reshape merge", tensor: a([2, 3, 4]).reshape([24]) },
    { name: "reshape regroup", tensor: a([4, 6]).reshape([3, 8]) },
    { name: "reshape of a transpose", tensor: a([4, 6]).transpose().reshape([2, 12]) },
    { name: "reshape with ones", tensor: a([5, 1, 3]).reshape([1, 5, 3, 1]) },
    { name: "reshape to a scalar", tensor: a([1, 1]).reshape([]) },
    { name: "reshape part", tensor: a([3, 4, 5]).reshape([12, 5]).mul(2) },
  ],
  transpose: [
    { name: "transpose 2", tensor: a([5, 3]).transpose() },
    {
      name: "transpose 3",
      tensor: a([2, 3, 5])
        .transpose([2, 0, 1])
        .mul(b([5, 2, 3])),
      tolerance: 1e-6,
    },
  ],
  slice: [
    { name: "slice 1", tensor: a([9]).slice([2], [7]) },
    {
      name: "slice 2",
      tensor: a([9, 6])
        .slice([2, 1], [7, 5])
        .add(b([5, 4])),
      tolerance: 1e-6,
    },
    { name: "slice with steps", tensor: a([9, 7]).slice([1, 0], [9, 7], [3, 2]).mul(2) },
    {
      name: "slice with steps of what is computed",
      tensor: a([40]).abs().slice([3], [40], [2]).add(1),
      tolerance: 1e-6,
    },
    { name: "slice of a transpose", tensor: a([9, 6]).transpose().slice([2, 1], [5, 8]) },
  ],
  pad: [
    { name: "pad 1", tensor: a([5]).pad([2], [3]) },
    { name: "pad 2", tensor: a([5, 3]).pad([0, 2], [3, 1]).mul(2) },
    { name: "pad between", tensor: a([5, 3]).pad([0, 2], [3, 1], [1, 2]).mul(2) },
    { name: "pad bool", tensor: a([5], "bool").pad([2], [0]).not() },
  ],
  concat: [
    { name: "concat 1", tensor: a([5]).concat([b([2]), a([5])]) },
    { name: "concat outer", tensor: a([5, 3]).concat([b([2, 3])], 0) },
    {
      name: "concat inner",
      tensor: a([5, 3])
        .concat([b([5, 6])], 1)
        .mul(2),
    },
  ],
  sum: foldCases("sum", 3e-5),
  maximum: [...foldCases("maximum", 0), ...withNaN.map((x) => ({ name: "maximum with NaN", tensor: x.maximum(1) }))],
  gather: gatherCases(),
  scatter: scatterCases(),
  ...loopCases(),
  matmul: [
    ...[
      [1, 1, 1],
      [3, 5, 7],
      [64, 64, 64],
      [16, 3, 8],
      [17, 64, 3],
      [33, 2, 64],
      [1, 20, 40],
      [40, 20, 1],
      [5, 1, 6],
      [100, 33, 21],
    ].flatMap(([m, k, n]) => [
      matmulCase("", a([m!, k!]).matmul(b([k!, n!]))),
      matmulCase(
        ", left transposed",
        a([k!, m!])
          .transpose()
          .matmul(b([k!, n!])),
      ),
      matmulCase(", right transposed", a([m!, k!]).matmul(b([n!, k!]).transpose())),
    ]),
    matmulCase(" in a batch", a([4, 3, 5]).matmul(b([4, 5, 6]))),
    matmulCase(" in a long batch", a([40, 3, 3]).matmul(b([40, 3, 3]))),
    matmulCase(" with broadcast", a([4, 3, 5]).matmul(b([5, 6]).broadcast([4, 5, 6]))),
    matmulCase(" with ones", a([4, 5]).matmul(constant(1).broadcast([5, 7]))),
    matmulCase(" with counts", iota([4, 5], 1, "f32").matmul(a([5, 7]))),
    matmulCase(" with itself", a([6, 9]).matmul(a([6, 9]).transpose())),
    matmulCase(
      " of slices",
      a([9, 9])
        .slice([1, 2], [6, 9])
        .matmul(b([9, 8]).slice([1, 1], [8, 6])),
    ),
    matmulCase(
      " of reshapes",
      a([4, 5, 3])
        .reshape([20, 3])
        .matmul(b([3, 4]).reshape([3, 2, 2]).reshape([3, 4])),
    ),
    matmulCase(
      " of a split axis",
      a([6, 20])
        .reshape([6, 4, 5])
        .matmul(b([6, 5, 7])),
    ),
  ],
};

/** Indices from −1 to 6: some lie outside. */
function few(shape: Shape): Tensor {
  return input("i", shape, "u32").shiftRight(29).cast("i32").sub(1);
}

function gatherCases(): Case[] {
  return [
    { name: "take rows", tensor: a([5, 9]).take(few([7])) },
    { name: "take rows by a matrix of numbers", tensor: a([5, 9]).take(few([2, 3])) },
    { name: "take columns", tensor: a([3, 5]).take(few([7]), 1) },
    { name: "take in the middle", tensor: a([3, 5, 6]).take(few([4]), 1) },
    { name: "take one", tensor: a([5, 9]).take(few([])) },
    {
      name: "take of a transpose",
      tensor: a([9, 5])
        .transpose()
        .take(few([7])),
    },
    { name: "take of a constant", tensor: constant([1, 2, 3, 4]).take(few([7])) },
    { name: "take of counts", tensor: iota([6, 3], 0, "f32").take(few([7])) },
    { name: "take by constants", tensor: a([5]).take(constant([4, 0, 0, 9], [4], "i32")) },
    ...(["bool", "u32", "i32"] as const).map((dtype) => ({
      name: `take ${dtype}`,
      tensor: a([5, 4], dtype).take(few([3])),
    })),
    { name: "takeAlongAxis, last", tensor: a([6, 5]).takeAlongAxis(few([6, 8])) },
    { name: "takeAlongAxis, first", tensor: a([6, 5]).takeAlongAxis(few([3, 5]), 0) },
    { name: "dynamicSlice", tensor: a([9, 40]).dynamicSlice([few([]), 3], [4, 33]) },
    { name: "dynamicSlice along both", tensor: a([9, 8]).dynamicSlice([few([]), few([])], [4, 5]) },
    {
      name: "flip",
      tensor: a([5, 6])
        .flip(0)
        .add(b([5, 6]).flip()),
      tolerance: 1e-6,
    },
    { name: "sort", tensor: a([3, 20]).sort() },
    { name: "sort along the first axis", tensor: a([20, 3]).sort(0) },
    { name: "sort long rows", tensor: a([2, 700]).sort() },
    { name: "argsort with equals", tensor: a([4, 30]).mul(2).floor().argsort() },
  ];
}

function scatterCases(): Case[] {
  return [
    { name: "scatterAdd rows", tensor: a([5, 9]).scatterAdd(few([7]), b([7, 9])), tolerance: 1e-6 },
    { name: "scatterAdd columns", tensor: a([3, 5]).scatterAdd(few([7]), b([3, 7]), 1), tolerance: 1e-6 },
    {
      name: "scatterAdd to zeros",
      tensor: a([5, 9])
        .zerosLike()
        .scatterAdd(few([7]), b([7, 9])),
      tolerance: 1e-6,
    },
    { name: "scatterAdd of integers", tensor: a([5], "i32").scatterAdd(few([7]), b([7], "i32")) },
    { name: "scatterAdd of ones", tensor: a([6]).scatterAdd(few([30]), constant(1).broadcast([30])), tolerance: 1e-6 },
    { name: "dynamicUpdate", tensor: a([9, 40]).dynamicUpdate([few([]), 3], b([4, 33])) },
    { name: "dynamicUpdate of bool", tensor: a([9], "bool").dynamicUpdate([few([])], b([4], "bool")) },
    {
      name: "dynamicUpdate by another part of itself",
      tensor: a([9]).dynamicUpdate([few([])], a([9]).slice([2], [5])),
    },
  ];
}

/** More of loops: scan.test. */
function loopCases(): Record<"parameter" | "scan" | "final" | "stacked", readonly Case[]> {
  const { carry, outputs } = scan((sum, x) => ({ carry: sum.add(x), output: sum }), a([3]), b([7, 3]));
  const [final, stacked] = [
    { name: "final", tensor: carry, tolerance: 1e-6 },
    { name: "stacked", tensor: outputs, tolerance: 1e-6 },
  ];
  return { parameter: [final], scan: [final, stacked], final: [final], stacked: [stacked] };
}

function matmulCase(name: string, tensor: Tensor): Case {
  const shapes = tensor.inputs.map(({ shape }) => `[${shape.join()}]`).join(" by ");
  return { name: `matmul${name} ${shapes}`, tensor, tolerance: 1e-5 };
}

function foldCases(name: "sum" | "maximum", tolerance: number): Case[] {
  const shapes: Shape[] = [[7], [1], [5, 6], [16, 3], [3, 20], [2, 3, 4], [6, 1, 9], [40, 40]];
  return shapes.flatMap((shape) =>
    axesOf(shape.length).map((axes) => ({
      name: `${name} of [${shape.join()}] over [${axes.join()}]`,
      tensor: a(shape)[name](axes),
      tolerance,
    })),
  );
}

/** All non-empty sets of axes. */
function axesOf(rank: number): number[][] {
  return Array.from({ length: 2 ** rank - 1 }, (_, i) =>
    Array.from({ length: rank }, (_, axis) => axis).filter((axis) => ((i + 1) >> axis) & 1),
  );
}
