/** What is differentiated, and where. */
import type { OperationName } from "../../src/tensor/operation.js";
import { constant, grad, scalar, scan, Tensor } from "../../src/tensor/index.js";

/** A function of one tensor whose derivative exercises an operation, and the points to look at. */
export interface DerivativeCase {
  readonly of: (x: Tensor) => Tensor;
  readonly at: readonly number[];
  readonly shape: readonly number[];
}

const X = [0.3, -0.7, 1.1, 0.45, -1.3, 0.9];
const POSITIVE = [0.3, 0.7, 1.1, 0.45, 1.3, 2.9];
const matrix = (of: DerivativeCase["of"], at = X): DerivativeCase => ({ of, at, shape: [2, 3] });
const other = constant([
  [0.5, -0.2, 0.8],
  [1.5, 0.6, -0.4],
]);

const indices = (list: readonly number[], shape = [list.length]) => constant(list, shape, "i32");

/** One entry for each operation of the table that has a derivative; `none` where it has none by definition. */
export const operationDerivatives: Record<OperationName, DerivativeCase | readonly DerivativeCase[] | "none"> = {
  input: matrix((x) => x),
  constant: "none",
  iota: "none",
  add: [matrix((x) => x.add(other)), matrix((x) => other.add(x).add(x))],
  sub: [matrix((x) => x.sub(other)), matrix((x) => other.sub(x))],
  mul: [matrix((x) => x.mul(other)), matrix((x) => x.mul(x))],
  div: [matrix((x) => x.div(other)), matrix((x) => other.div(x))],
  neg: matrix((x) => x.neg()),
  abs: matrix((x) => x.abs()),
  min: [matrix((x) => x.min(other)), matrix((x) => other.min(x))],
  max: [matrix((x) => x.max(other)), matrix((x) => other.max(x))],
  sqrt: matrix((x) => x.sqrt(), POSITIVE),
  floor: "none",
  exp: matrix((x) => x.exp()),
  log: matrix((x) => x.log(), POSITIVE),
  expm1: matrix((x) => x.expm1()),
  log1p: matrix((x) => x.square().log1p()),
  sigmoid: [matrix((x) => x.sigmoid()), { of: (x) => x.sigmoid(), at: [0, 30, -30], shape: [3] }],
  softplus: [matrix((x) => x.softplus()), { of: (x) => x.softplus(), at: [0, 30, -30], shape: [3] }],
  sinh: matrix((x) => x.sinh()),
  cosh: matrix((x) => x.cosh()),
  tanh: matrix((x) => x.tanh()),
  sin: matrix((x) => x.sin()),
  cos: matrix((x) => x.cos()),
  atan2: [matrix((x) => x.atan2(other)), matrix((x) => other.atan2(x)), matrix((x) => x.sin().atan2(x.cos()))],
  erf: matrix((x) => x.erf()),
  less: "none",
  lessOrEqual: "none",
  equal: "none",
  select: matrix((x) => x.less(0.4).select(x.square(), x.mul(3))),
  not: "none",
  and: "none",
  or: "none",
  xor: "none",
  shiftLeft: "none",
  shiftRight: "none",
  cast: matrix((x) => Tensor.apply("cast", { dtype: "f32" }, [x]).mul(x)),
  bitcast: "none",
  threefry: "none",
  identity: matrix((x) => grad((y: Tensor) => y.square().sum())(x)),
  stopGradient: "none",
  customGradient: "none", // By definition what the user says: vmap.test.
  broadcast: { of: (x) => x.broadcast([2, 3]).mul(other), at: [0.4, -0.6, 1.2], shape: [3] },
  reshape: matrix((x) => x.reshape([3, 2]).mul(other.reshape([3, 2]))),
  transpose: [
    matrix((x) => x.transpose().mul(other.transpose())),
    { of: (x) => x.transpose([2, 0, 1]).square(), at: X, shape: [1, 2, 3] },
  ],
  slice: [
    matrix((x) => x.slice([0, 1], [2, 3]).square()),
    { of: (x) => x.slice([1], [6], [2]).square(), at: X, shape: [6] },
    { of: (x) => x.slice([0], [5], [3]).square(), at: X, shape: [6] },
  ],
  pad: [
    matrix((x) => x.pad([1, 0], [0, 2]).add(1).square()),
    matrix((x) => x.pad([1, 0], [0, 2], [2, 1]).add(1).square()),
  ],
  concat: matrix((x) => x.concat([x.square(), other], 1).square()),
  sum: [
    matrix((x) => x.square().sum(0).square()),
    matrix((x) => x.square().sum(1).square()),
    matrix((x) => x.sum().square()),
  ],
  maximum: [matrix((x) => x.maximum(0).square()), matrix((x) => x.maximum().square())],
  gather: [
    matrix((x) => x.take(indices([1, 0, 1, 1])).square()),
    matrix((x) => x.takeAlongAxis(indices([2, 2, 0, 1], [2, 2])).square()),
    matrix((x) => x.dynamicSlice([scalar(1, "i32"), 1], [1, 2]).square()),
    matrix((x) => x.sort().mul(other)),
    matrix((x) => x.flip(0).mul(x)),
  ],
  scatter: [
    matrix((x) => x.scatterAdd(indices([1, 0, 1]), x.square().concat([x.slice([1, 0])])).square()),
    matrix((x) => x.dynamicUpdate([0, scalar(1, "i32")], x.square().slice([0, 0], [1, 2])).square()),
  ],
  parameter: "none",
  scan: matrix((x) => scan((sum, row) => ({ carry: sum.mul(row).add(row) }), constant([1, 2, 3]), x).carry),
  final: matrix((x) => scan((sum, row) => ({ carry: sum.mul(row).sin() }), x.at(0), x, { reverse: true }).carry),
  stacked: matrix((x) => scan((sum, row) => ({ carry: sum.mul(row).sin(), output: sum.mul(sum) }), x.at(1), x).outputs),
  matmul: [
    matrix((x) => x.matmul(other.transpose()).square()),
    matrix((x) => other.transpose().matmul(x).square()),
    { of: (x) => x.reshape([2, 2, 2]).matmul(x.reshape([2, 2, 2])), at: [...X, 0.2, -0.5], shape: [2, 4] },
  ],
};

/** Methods put together from operations, where that might lose a derivative. */
export const compositionDerivatives: Record<string, DerivativeCase | readonly DerivativeCase[]> = {
  logSumExp: [matrix((x) => x.logSumExp(0)), matrix((x) => x.mul(30).logSumExp().div(30))],
  softmax: [matrix((x) => x.softmax()), matrix((x) => x.softmax(0))],
  logSoftmax: matrix((x) => x.logSoftmax()),
  prod: [matrix((x) => x.prod()), matrix((x) => x.prod(1), X.with(1, 0).with(2, 0))],
  cumulativeSum: [matrix((x) => x.cumulativeSum().square()), matrix((x) => x.square().cumulativeSum(0))],
  roll: matrix((x) => x.roll(1).mul(x)),
  convolve: [
    { of: (x) => x.convolve(x.slice([0, 0, 0], [1, 2, 1]).reshape([2, 1, 1])), at: X, shape: [1, 6, 1] },
    {
      of: (x) => x.convolve(other.reshape([3, 2, 1]), { padding: "periodic", strides: 2 }).square(),
      at: X,
      shape: [1, 3, 2],
    },
    {
      of: (x) => other.reshape([1, 2, 3, 1]).convolve(x, { padding: "same" }).square(),
      at: X,
      shape: [2, 3, 1, 1],
    },
  ],
  pow: [matrix((x) => x.pow(3)), matrix((x) => x.pow(-2.5), POSITIVE), matrix((x) => x.pow(x), POSITIVE)],
};
