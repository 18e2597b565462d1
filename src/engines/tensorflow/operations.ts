import type { OperationAttributes, OperationName } from "../../tensor/operation.js";
import type { Shape } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { onHost } from "./host-operation.js";
import { gather, scatter } from "./indexing.js";
import { commonCount, countOf, expand, fromElements, type Members, typeOf } from "./member-axis.js";
import type { TensorFlow } from "./tensorflow-types.js";

/** Operations that are not computed one by one: what a loop consists of, and what it is asked for. */
export type LoopName = "input" | "parameter" | "scan" | "final" | "stacked";
type ValueName = Exclude<OperationName, LoopName>;

/** Computes an operation's result for all members. */
type Compute<Name extends OperationName> = (
  tf: TensorFlow,
  inputs: readonly Members[],
  tensor: Tensor,
  attributes: OperationAttributes[Name],
) => Members;

type UnaryName = {
  [Name in keyof TensorFlow]: TensorFlow[Name] extends (x: Members) => Members ? Name : never;
}[keyof TensorFlow];
type BinaryName = {
  [Name in keyof TensorFlow]: TensorFlow[Name] extends (a: Members, b: Members) => Members ? Name : never;
}[keyof TensorFlow];

const unary =
  (name: UnaryName) =>
  (tf: TensorFlow, [x]: readonly Members[]): Members =>
    tf[name](x!);

const isFloat = ({ inputs }: Tensor): boolean => inputs.at(-1)!.dtype === "f32";

/** Floats by TensorFlow; integers, which wrap and may be unsigned, by the interpreter. */
const binary =
  (name: BinaryName) =>
  (tf: TensorFlow, [a, b]: readonly Members[], tensor: Tensor): Members =>
    isFloat(tensor) ? tf[name](a!, b!) : onHost(tf, [a!, b!], tensor);

const comparison =
  (name: BinaryName) =>
  (tf: TensorFlow, inputs: readonly Members[], tensor: Tensor): Members =>
    tf.cast(binary(name)(tf, inputs, tensor), "int32");

/** As the table of operations has them: the first operand where neither is less. */
const smaller = (tf: TensorFlow, a: Members, b: Members): Members => tf.where(tf.less(b, a), b, a);

/** Truth values by arithmetic, bits by the interpreter. */
const logical =
  (compute: (tf: TensorFlow, a: Members, b: Members) => Members) =>
  (tf: TensorFlow, inputs: readonly Members[], tensor: Tensor): Members =>
    tensor.dtype === "bool" ? compute(tf, inputs[0]!, inputs[1] ?? inputs[0]!) : onHost(tf, inputs, tensor);

const interpreted = (tf: TensorFlow, inputs: readonly Members[], tensor: Tensor): Members => onHost(tf, inputs, tensor);

const first = (_: TensorFlow, [x]: readonly Members[]): Members => x!.clone();

const afterMembers = (axes: readonly number[]): number[] => axes.map((axis) => axis + 1);

const one = (tf: TensorFlow): Members => tf.tensor(Int32Array.of(1), [1], "int32");

function broadcast(tf: TensorFlow, [x]: readonly Members[], { shape }: Tensor): Members {
  const [count, ...own] = x!.shape as [number, ...number[]];
  const aligned = [...new Array<number>(shape.length - own.length).fill(1), ...own];
  return tf.broadcastTo(tf.reshape(x!, [count, ...aligned]), [count, ...shape]);
}

function slice(
  tf: TensorFlow,
  [x]: readonly Members[],
  _: Tensor,
  { start, end, step }: OperationAttributes["slice"],
): Members {
  return tf.stridedSlice(x!, [0, ...start], [countOf(x!), ...end], [1, ...step]);
}

function pad(tf: TensorFlow, [x]: readonly Members[], _: Tensor, attributes: OperationAttributes["pad"]): Members {
  const { before, after, between } = attributes;
  const apart = between.reduce((value, count, axis) => spread(tf, value, axis + 1, count), x!);
  return tf.pad(apart, [[0, 0], ...before.map((count, axis) => [count, after[axis]!] as const)]);
}

/** Zeros between neighbours along an axis. */
function spread(tf: TensorFlow, x: Members, axis: number, zeros: number): Members {
  if (zeros === 0) return x;
  const { shape } = x;
  const [length, ahead, behind] = [shape[axis]!, shape.slice(0, axis), shape.slice(axis + 1)];
  const rows = tf.reshape(x, [sizeOf(ahead) * length, 1, sizeOf(behind)]);
  const wide = tf.reshape(
    tf.pad(rows, [
      [0, 0],
      [0, zeros],
      [0, 0],
    ]),
    [...ahead, length * (zeros + 1), ...behind],
  );
  const end = shape.with(axis, length * (zeros + 1) - zeros);
  return tf.slice(
    wide,
    shape.map(() => 0),
    end,
  );
}

const sizeOf = (shape: Shape): number => shape.reduce((size, length) => size * length, 1);

function cast(tf: TensorFlow, [x]: readonly Members[], tensor: Tensor): Members {
  const from = tensor.inputs[0]!.dtype;
  if (from === tensor.dtype) return x!.clone();
  const isPlain = from === "bool" || (from === "i32" && tensor.dtype === "f32");
  return isPlain ? tf.cast(x!, typeOf(tensor.dtype)) : interpreted(tf, [x!], tensor);
}

function concat(tf: TensorFlow, inputs: readonly Members[], _: Tensor, { axis }: { axis: number }): Members {
  const count = commonCount(inputs);
  return tf.concat(
    inputs.map((input) => expand(tf, input, count)),
    axis + 1,
  );
}

/** How each operation is computed; what TensorFlow.js lacks (unsigned integers, bits), the interpreter does. */
export const OPERATIONS: { readonly [Name in ValueName]: Compute<Name> } = {
  constant: (tf, _, { shape, dtype }, { data }) => fromElements(tf, data, dtype, shape),
  iota: (tf, _, { shape, dtype }, { axis }) => {
    const below = sizeOf(shape.slice(axis + 1));
    const counts = Array.from({ length: sizeOf(shape) }, (_, flat) => Math.floor(flat / below) % shape[axis]!);
    return fromElements(tf, counts, dtype, shape);
  },
  add: binary("add"),
  sub: binary("sub"),
  mul: binary("mul"),
  div: binary("div"),
  atan2: binary("atan2"),
  min: (tf, [a, b]) => smaller(tf, a!, b!),
  max: (tf, [a, b]) => tf.where(tf.less(a!, b!), b!, a!),
  neg: unary("neg"),
  abs: unary("abs"),
  sqrt: unary("sqrt"),
  floor: unary("floor"),
  exp: unary("exp"),
  log: unary("log"),
  expm1: unary("expm1"),
  log1p: unary("log1p"),
  sigmoid: unary("sigmoid"),
  // TensorFlow.js's own loses digits of small values.
  softplus: (tf, [x]) => tf.add(tf.relu(x!), tf.log1p(tf.exp(tf.neg(tf.abs(x!))))),
  sinh: unary("sinh"),
  cosh: unary("cosh"),
  tanh: unary("tanh"),
  sin: unary("sin"),
  cos: unary("cos"),
  erf: unary("erf"),
  less: comparison("less"),
  lessOrEqual: comparison("lessEqual"),
  equal: comparison("equal"),
  select: (tf, [condition, a, b]) => tf.where(tf.cast(condition!, "bool"), a!, b!),
  not: logical((tf, a) => tf.sub(one(tf), a)),
  and: logical((tf, a, b) => tf.mul(a, b)),
  or: logical((tf, a, b) => tf.sub(tf.add(a, b), tf.mul(a, b))),
  xor: interpreted,
  shiftLeft: interpreted,
  shiftRight: interpreted,
  bitcast: interpreted,
  threefry: interpreted,
  cast,
  identity: first,
  stopGradient: first,
  customGradient: first,
  broadcast,
  reshape: (tf, [x], { shape }) => tf.reshape(x!, [countOf(x!), ...shape]),
  transpose: (tf, [x], _, { permutation }) => tf.transpose(x!, [0, ...afterMembers(permutation)]),
  slice,
  pad,
  concat,
  gather: (tf, [x, ...indices], tensor, { shape, ...addressing }) =>
    gather(tf, x!, indices, { whole: tensor.inputs[0]!.shape, part: shape, addressing }),
  scatter: (tf, inputs, tensor, { mode, ...addressing }) =>
    scatter(tf, inputs, { whole: tensor.shape, part: tensor.inputs[1]!.shape, addressing }, mode),
  sum: (tf, [x], _, { axes }) => tf.sum(x!, afterMembers(axes)),
  maximum: (tf, [x], _, { axes }) => tf.max(x!, afterMembers(axes)),
  matmul: (tf, [a, b]) => tf.matMul(a!, b!),
};
