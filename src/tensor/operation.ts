import type { Loop } from "./loop.js";
import type { ScalarBuilder } from "./scalar.js";
import type { DType, Shape, TensorSpec } from "./shape.js";
import type { Tensor } from "./tensor.js";

/** Operations and their attributes: everything about a node that is not a tensor. */
export interface OperationAttributes {
  // sources
  input: { readonly name: string; readonly shape: Shape; readonly dtype: DType };
  constant: { readonly shape: Shape; readonly dtype: DType; readonly data: readonly number[] };
  /** Element = index along `axis`. */
  iota: { readonly shape: Shape; readonly dtype: "u32" | "i32" | "f32"; readonly axis: number };

  // elementwise: floats
  add: Empty;
  sub: Empty;
  mul: Empty;
  div: Empty;
  neg: Empty;
  abs: Empty;
  min: Empty;
  max: Empty;
  sqrt: Empty;
  floor: Empty;
  exp: Empty;
  log: Empty;
  expm1: Empty;
  log1p: Empty;
  sigmoid: Empty;
  softplus: Empty;
  sinh: Empty;
  cosh: Empty;
  tanh: Empty;
  sin: Empty;
  cos: Empty;
  /** Of y and x. */
  atan2: Empty;
  erf: Empty;

  // elementwise: comparison and choice
  less: Empty;
  lessOrEqual: Empty;
  equal: Empty;
  select: Empty;
  not: Empty;
  and: Empty;
  or: Empty;

  // elementwise: integers and conversion (and, or, not above work on bits, too)
  xor: Empty;
  shiftLeft: { readonly bits: number };
  shiftRight: { readonly bits: number };
  cast: { readonly dtype: DType };
  bitcast: { readonly dtype: DType };
  /** Threefry-2x32 with 20 rounds of (counter0, counter1) under (key0, key1); which of the two words, or their xor. */
  threefry: { readonly word: "first" | "second" | "xor" };

  // identity with a meaning for differentiation only
  identity: Empty;
  stopGradient: Empty;
  /** The first input's values; `backward` gives the cotangents of the others. */
  customGradient: {
    backward(cotangent: Tensor, inputs: readonly Tensor[], value: Tensor): readonly Tensor[];
  };

  // structure
  broadcast: { readonly shape: Shape };
  reshape: { readonly shape: Shape };
  transpose: { readonly permutation: readonly number[] };
  /** Every `step`th element. */
  slice: { readonly start: readonly number[]; readonly end: readonly number[]; readonly step: readonly number[] };
  /** Zeros around, and between neighbours. */
  pad: { readonly before: readonly number[]; readonly after: readonly number[]; readonly between: readonly number[] };
  concat: { readonly axis: number };

  // indexing: inputs are the tensor, (for scatter) what is put into it, and indices, as large as the part
  gather: Addressing & { readonly shape: Shape };
  /** `set`: an element that is named more than once has any of the values. */
  scatter: Addressing & { readonly mode: "add" | "set" };

  // reduction over axes, which disappear
  sum: { readonly axes: readonly number[] };
  maximum: { readonly axes: readonly number[] };

  /** [..., m, k] times [..., k, n]; leading axes equal. */
  matmul: Empty;

  // loops
  /** Stands for an argument of a loop's body. */
  parameter: { readonly shape: Shape; readonly dtype: DType };
  /** A loop as a whole; only `final` and `stacked` read it. Inputs: what is captured, the carry's start, stacked slices. */
  scan: { readonly loop: Loop };
  /** Of a scan: part `index` of the carry after the last iteration. */
  final: { readonly index: number; readonly shape: Shape; readonly dtype: DType };
  /** Of a scan: a tensor of its body in all iterations, one after the other along a new first axis. */
  stacked: { readonly value: Tensor; readonly length: number };
}

/** Which element of a tensor belongs to one of a part of it. */
export interface Addressing {
  /** For each axis of the tensor, the axis of the part that moves along it. */
  readonly along: readonly (number | undefined)[];
  /** For each index tensor the axis of the tensor along which its values move; they are clamped to what there is. */
  readonly indexed: readonly number[];
}

/** For operations without attributes. */
export type Empty = Readonly<Record<string, never>>;

export type OperationName = keyof OperationAttributes;

/** An operation with its attributes: a tagged union over all operations. */
export type OperationCall = {
  [Name in OperationName]: { readonly name: Name; readonly attributes: OperationAttributes[Name] };
}[OperationName];

interface Common<Name extends OperationName> {
  /** Shape and element type of the result, or an error that names operation, shapes and remedy. */
  spec(inputs: readonly TensorSpec[], attributes: OperationAttributes[Name]): TensorSpec;
}

/** Lowers one lane; inputs and result are floats, ints or masks as the element types of the tensors say. */
export type Lowering<Name extends OperationName> = <V>(
  s: ScalarBuilder<V>,
  inputs: readonly V[],
  attributes: OperationAttributes[Name],
  types: { readonly inputs: readonly DType[]; readonly output: DType },
) => V;

/** The same scalar function on every element; inputs have equal shapes. */
export interface ElementwiseOperation<Name extends OperationName> extends Common<Name> {
  readonly kind: "elementwise";
  /** In float64 (floats), exact integers (u32, i32) and 0 or 1 (bool): the oracle of every engine. */
  reference(
    inputs: readonly number[],
    attributes: OperationAttributes[Name],
    types: { readonly inputs: readonly DType[] },
  ): number;
  readonly lower: Lowering<Name>;
  /** ∂output/∂input for each input, `undefined` where it is zero or not defined. Absent: no input has a derivative. */
  partials?(
    inputs: readonly Tensor[],
    output: Tensor,
    attributes: OperationAttributes[Name],
  ): readonly (Tensor | number | undefined)[];
}

/** Everything that moves or combines elements. */
export interface StructuralOperation<Name extends OperationName> extends Common<Name> {
  readonly kind: "source" | "view" | "indexing" | "reduction" | "contraction";
  reference(
    inputs: readonly ReferenceArray[],
    attributes: OperationAttributes[Name],
    output: TensorSpec,
  ): ArrayLike<number>;
  /** Cotangents of the inputs from the output's (reverse mode). */
  pullback?(
    cotangent: Tensor,
    inputs: readonly Tensor[],
    output: Tensor,
    attributes: OperationAttributes[Name],
  ): readonly (Tensor | undefined)[];
  /** For many examples: all inputs, and the result, have them along a first axis of their own. */
  batch?(inputs: readonly Tensor[], attributes: OperationAttributes[Name], count: number): Tensor;
  /** Tangent of the output from the inputs' (forward mode); `undefined` stands for zero. */
  pushforward?(
    tangents: readonly (Tensor | undefined)[],
    inputs: readonly Tensor[],
    output: Tensor,
    attributes: OperationAttributes[Name],
  ): Tensor | undefined;
}

/** What loops are made of: whoever walks through a program looks into their bodies. */
export interface LoopOperation<Name extends OperationName> extends Common<Name> {
  readonly kind: "loop";
}

export type Operation<Name extends OperationName> =
  ElementwiseOperation<Name> | StructuralOperation<Name> | LoopOperation<Name>;

/** A tensor's values in row-major order. */
export interface ReferenceArray {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}
