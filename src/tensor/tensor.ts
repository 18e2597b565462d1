import { argmax, cumulativeSum, logSoftmax, logSumExp, oneHot, power, product, roll, softmax } from "./compositions.js";
import { convolution, type ConvolutionOptions } from "./convolution.js";
import { dynamicSlice, dynamicUpdate, flip, scatterAdd, take, takeAlongAxis } from "./indexing.js";
import type { Addressing, OperationAttributes, OperationCall, OperationName } from "./operation.js";
import { operationOf } from "./operations/index.js";
import { argsort, sort } from "./sorting.js";
import {
  broadcastShapes,
  checkShape,
  type DType,
  normaliseAxes,
  normaliseAxis,
  sameShape,
  type Shape,
  ShapeError,
  showShape,
  sizeOf,
} from "./shape.js";

/** A tensor or a number that stands for a scalar of the other operand's element type. */
export type TensorLike = Tensor | number;

/**
 * A symbolic tensor: an operation, its attributes and its inputs. Immutable; building one computes nothing but its
 * shape. Binary methods broadcast by NumPy's rule. Shape and type errors are thrown here, so that the stack names the
 * line that asked for the impossible.
 */
export class Tensor {
  private constructor(
    readonly call: OperationCall,
    readonly inputs: readonly Tensor[],
    readonly shape: Shape,
    readonly dtype: DType,
  ) {}

  /** Applies an operation of the table; inputs must already have fitting shapes. */
  static apply<Name extends OperationName>(
    name: Name,
    attributes: OperationAttributes[Name],
    inputs: readonly Tensor[] = [],
  ): Tensor {
    const { shape, dtype } = operationOf(name).spec(inputs, attributes);
    checkShape(name, shape);
    return new Tensor({ name, attributes } as OperationCall, inputs, shape, dtype);
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /**
   * this + other.
   *
   * @example
   * constant([1, 2]).add(constant([[10], [20]])); // [[11, 12], [21, 22]]
   */
  add(other: TensorLike): Tensor {
    return this.binary("add", other);
  }
  /**
   * this − other.
   *
   * @example
   * constant([1, 2]).sub(1); // [0, 1]
   */
  sub(other: TensorLike): Tensor {
    return this.binary("sub", other);
  }
  /**
   * this · other, element by element.
   *
   * @example
   * constant([1, 2]).mul(constant([3, 4])); // [3, 8]
   */
  mul(other: TensorLike): Tensor {
    return this.binary("mul", other);
  }
  /**
   * this / other; floats only.
   *
   * @example
   * constant([1, 2]).div(4); // [0.25, 0.5]
   */
  div(other: TensorLike): Tensor {
    return this.binary("div", other);
  }
  /**
   * The smaller of both; where `other` is not smaller (or NaN), this.
   *
   * @example
   * constant([1, 5]).min(3); // [1, 3]
   */
  min(other: TensorLike): Tensor {
    return this.binary("min", other);
  }
  /**
   * The larger of both; where `other` is not larger (or NaN), this.
   *
   * @example
   * constant([1, 5]).max(3); // [3, 5]
   */
  max(other: TensorLike): Tensor {
    return this.binary("max", other);
  }

  /**
   * −this; floats only.
   *
   * @example
   * constant([1, -2]).neg(); // [-1, 2]
   */
  neg(): Tensor {
    return Tensor.apply("neg", {}, [this]);
  }
  /**
   * The size without the sign; its derivative at 0 is 0.
   *
   * @example
   * constant([1, -2]).abs(); // [1, 2]
   */
  abs(): Tensor {
    return Tensor.apply("abs", {}, [this]);
  }
  /**
   * −1, 0 or 1.
   *
   * @example
   * constant([-3, 0, 5]).sign(); // [-1, 0, 1]
   */
  sign(): Tensor {
    return this.greater(0).cast("f32").sub(this.less(0).cast("f32"));
  }
  /**
   * this · this.
   *
   * @example
   * constant([1, -3]).square(); // [1, 9]
   */
  square(): Tensor {
    return this.mul(this);
  }
  /**
   * this^exponent. A whole number up to 64 in size is repeated multiplication, for any base; another exponent needs a
   * positive base (0 gives 0 or ∞ without a derivative, less gives NaN) and is good to 1e-7 · (1 + |exponent · log x|).
   *
   * @example
   * constant([-2, 3]).pow(3); // [-8, 27]
   */
  pow(exponent: TensorLike): Tensor {
    return typeof exponent === "number" ? power(this, exponent) : this.log().mul(exponent).exp();
  }
  /**
   * Square root; NaN below 0, and a derivative of ∞ at 0.
   *
   * @example
   * constant([4, 9]).sqrt(); // [2, 3]
   */
  sqrt(): Tensor {
    return Tensor.apply("sqrt", {}, [this]);
  }
  /**
   * 1 / this.
   *
   * @example
   * constant([2, 4]).reciprocal(); // [0.5, 0.25]
   */
  reciprocal(): Tensor {
    return scalar(1).broadcast(this.shape).div(this);
  }
  /**
   * Largest integer not above, without derivative.
   *
   * @example
   * constant([1.5, -1.5]).floor(); // [1, -2]
   */
  floor(): Tensor {
    return Tensor.apply("floor", {}, [this]);
  }
  /**
   * e^x; ∞ from 88.37 on in float32 engines.
   *
   * @example
   * constant([0, -Infinity]).exp(); // [1, 0]
   */
  exp(): Tensor {
    return Tensor.apply("exp", {}, [this]);
  }
  /**
   * Natural logarithm; −∞ at 0, NaN below.
   *
   * @example
   * constant([1, 0]).log(); // [0, -Infinity]
   */
  log(): Tensor {
    return Tensor.apply("log", {}, [this]);
  }
  /**
   * e^x − 1, with all its digits near 0.
   *
   * @example
   * constant([0, 1e-20]).expm1(); // [0, 1e-20]
   */
  expm1(): Tensor {
    return Tensor.apply("expm1", {}, [this]);
  }
  /**
   * log(1 + x), with all its digits near 0; −∞ at −1, NaN below.
   *
   * @example
   * constant([0, 1e-20]).log1p(); // [0, 1e-20]
   */
  log1p(): Tensor {
    return Tensor.apply("log1p", {}, [this]);
  }
  /**
   * 1 / (1 + e^−x).
   *
   * @example
   * constant([0, Infinity]).sigmoid(); // [0.5, 1]
   */
  sigmoid(): Tensor {
    return Tensor.apply("sigmoid", {}, [this]);
  }
  /**
   * log(1 + e^x), which neither overflows nor loses digits; its derivative is the sigmoid.
   *
   * @example
   * constant([1000, -Infinity]).softplus(); // [1000, 0]
   */
  softplus(): Tensor {
    return Tensor.apply("softplus", {}, [this]);
  }
  /**
   * Hyperbolic sine; float32 engines give ±∞ from |x| = 88.37 on.
   *
   * @example
   * scalar(0).sinh(); // 0
   */
  sinh(): Tensor {
    return Tensor.apply("sinh", {}, [this]);
  }
  /**
   * Hyperbolic cosine; float32 engines give ∞ from |x| = 88.37 on.
   *
   * @example
   * scalar(0).cosh(); // 1
   */
  cosh(): Tensor {
    return Tensor.apply("cosh", {}, [this]);
  }
  /**
   * Hyperbolic tangent.
   *
   * @example
   * constant([0, Infinity]).tanh(); // [0, 1]
   */
  tanh(): Tensor {
    return Tensor.apply("tanh", {}, [this]);
  }
  /**
   * Sine of radians; float32 engines are good to 1e-7 for |x| ≤ 8192.
   *
   * @example
   * scalar(0).sin(); // 0
   */
  sin(): Tensor {
    return Tensor.apply("sin", {}, [this]);
  }
  /**
   * Cosine of radians; as precise as {@link sin}.
   *
   * @example
   * scalar(0).cos(); // 1
   */
  cos(): Tensor {
    return Tensor.apply("cos", {}, [this]);
  }
  /**
   * The angle in [−π, π] of the point (x, this) of the plane, in every quadrant; 0 or ±π by the signs of zeros at the
   * origin, where it has no derivative (NaN).
   *
   * @example
   * scalar(0).atan2(1); // 0
   */
  atan2(x: TensorLike): Tensor {
    return this.binary("atan2", x);
  }
  /**
   * The error function 2/√π ∫₀ˣ e^−t² dt.
   *
   * @example
   * constant([0, Infinity]).erf(); // [0, 1]
   */
  erf(): Tensor {
    return Tensor.apply("erf", {}, [this]);
  }
  /**
   * max(this, 0).
   *
   * @example
   * constant([-1, 2]).relu(); // [0, 2]
   */
  relu(): Tensor {
    return this.max(0);
  }

  /**
   * this < other, of element type bool; false beside a NaN.
   *
   * @example
   * constant([1, 3]).less(2); // [1, 0]
   */
  less(other: TensorLike): Tensor {
    return this.binary("less", other);
  }
  /**
   * this ≤ other, of element type bool; false beside a NaN.
   *
   * @example
   * constant([1, 2]).lessOrEqual(1); // [1, 0]
   */
  lessOrEqual(other: TensorLike): Tensor {
    return this.binary("lessOrEqual", other);
  }
  /**
   * this > other, of element type bool; false beside a NaN.
   *
   * @example
   * constant([1, 3]).greater(2); // [0, 1]
   */
  greater(other: TensorLike): Tensor {
    return this.lift(other).less(this);
  }
  /**
   * this ≥ other, of element type bool; false beside a NaN.
   *
   * @example
   * constant([1, 2]).greaterOrEqual(2); // [0, 1]
   */
  greaterOrEqual(other: TensorLike): Tensor {
    return this.lift(other).lessOrEqual(this);
  }
  /**
   * this = other, of element type bool; a NaN equals nothing.
   *
   * @example
   * constant([1, 2]).equal(2); // [0, 1]
   */
  equal(other: TensorLike): Tensor {
    return this.binary("equal", other);
  }
  /**
   * Where this bool is true the first, elsewhere the second; all three broadcast.
   *
   * @example
   * constant([1, 5]).less(3).select(constant([10, 20]), 0); // [10, 0]
   */
  select(whenTrue: TensorLike, whenFalse: TensorLike): Tensor {
    const [like] = [whenTrue, whenFalse].filter((choice) => choice instanceof Tensor);
    const dtype = like?.dtype ?? "f32";
    const choices = [whenTrue, whenFalse].map((choice) =>
      typeof choice === "number" ? scalar(choice, dtype) : choice,
    );
    const shape = choices.reduce((s, choice) => broadcastShapes("select", s, choice.shape), this.shape);
    return Tensor.apply(
      "select",
      {},
      [this, ...choices].map((input) => input.broadcast(shape)),
    );
  }
  /**
   * Negation of truth values; all bits flipped for integers.
   *
   * @example
   * constant([1, 5]).less(3).not(); // [0, 1]
   */
  not(): Tensor {
    return Tensor.apply("not", {}, [this]);
  }
  /**
   * Both true; for integers the bits that both have.
   *
   * @example
   * constant([6], [1], "u32").and(3); // [2]
   */
  and(other: TensorLike): Tensor {
    return this.binary("and", other);
  }
  /**
   * One or both true; for integers the bits that one has.
   *
   * @example
   * constant([6], [1], "u32").or(3); // [7]
   */
  or(other: TensorLike): Tensor {
    return this.binary("or", other);
  }
  /**
   * The bits that just one has; integers only.
   *
   * @example
   * constant([6], [1], "u32").xor(3); // [5]
   */
  xor(other: TensorLike): Tensor {
    return this.binary("xor", other);
  }
  /**
   * Integers only; `bits` from 0 to 31.
   *
   * @example
   * constant([3], [1], "u32").shiftLeft(2); // [12]
   */
  shiftLeft(bits: number): Tensor {
    return Tensor.apply("shiftLeft", { bits: checkBits(bits) }, [this]);
  }
  /**
   * Integers only; the sign is kept for i32, zeros come in for u32.
   *
   * @example
   * constant([-8], [1], "i32").shiftRight(2); // [-2]
   */
  shiftRight(bits: number): Tensor {
    return Tensor.apply("shiftRight", { bits: checkBits(bits) }, [this]);
  }
  /**
   * Converted values: floats are truncated towards 0 to integers, and kept in their range; bool is 0 or 1.
   *
   * @example
   * constant([1.7, -1.7]).cast("i32"); // [1, -1]
   */
  cast(dtype: DType): Tensor {
    return dtype === this.dtype ? this : Tensor.apply("cast", { dtype }, [this]);
  }
  /**
   * The same 32 bits read as another type.
   *
   * @example
   * scalar(1).bitcast("u32"); // 1065353216
   */
  bitcast(dtype: DType): Tensor {
    return dtype === this.dtype ? this : Tensor.apply("bitcast", { dtype }, [this]);
  }
  /**
   * The same values, constant for differentiation.
   *
   * @example
   * grad((x: Tensor) => x.mul(x.stopGradient()))(scalar(3)); // 3
   */
  stopGradient(): Tensor {
    return Tensor.apply("stopGradient", {}, [this]);
  }

  /**
   * Stretched to `shape` (axes aligned at the end, axes of length 1 repeat).
   *
   * @example
   * constant([1, 2]).broadcast([2, 2]); // [[1, 2], [1, 2]]
   */
  broadcast(shape: Shape): Tensor {
    return sameShape(shape, this.shape) ? this : Tensor.apply("broadcast", { shape }, [this]);
  }
  /**
   * The same elements in row-major order under another shape of the same size.
   *
   * @example
   * constant([1, 2, 3, 4]).reshape([2, 2]); // [[1, 2], [3, 4]]
   */
  reshape(shape: Shape): Tensor {
    return sameShape(shape, this.shape) ? this : Tensor.apply("reshape", { shape }, [this]);
  }
  /**
   * Axes in the order `permutation`; without one, reversed.
   *
   * @example
   * constant([[1, 2], [3, 4]]).transpose(); // [[1, 3], [2, 4]]
   */
  transpose(permutation: readonly number[] = this.shape.map((_, axis) => this.rank - 1 - axis)): Tensor {
    return Tensor.apply("transpose", { permutation }, [this]);
  }
  /**
   * The last two axes exchanged.
   *
   * @example
   * constant([[1, 2], [3, 4]]).swapLastAxes(); // [[1, 3], [2, 4]]
   */
  swapLastAxes(): Tensor {
    const axes = this.shape.map((_, axis) => axis);
    return this.transpose([...axes.slice(0, -2), this.rank - 1, this.rank - 2]);
  }
  /**
   * Elements from `start` (included) to `end` (not included) along every axis, every `step`th of them.
   *
   * @example
   * constant([0, 1, 2, 3, 4]).slice([1], [5], [2]); // [1, 3]
   */
  slice(
    start: readonly number[],
    end: readonly number[] = this.shape,
    step: readonly number[] = start.map(() => 1),
  ): Tensor {
    return Tensor.apply("slice", { start, end, step }, [this]);
  }
  /**
   * The part at `index` of an axis, which disappears; negative counts from the end.
   *
   * @example
   * constant([[1, 2], [3, 4]]).at(-1); // [3, 4]
   */
  at(index: number, axis = 0): Tensor {
    const along = normaliseAxis("at", axis, this.rank);
    const from = index < 0 ? index + this.shape[along]! : index;
    const start = this.shape.map((_, k) => (k === along ? from : 0));
    const end = this.shape.map((length, k) => (k === along ? from + 1 : length));
    return this.slice(start, end).reshape(this.shape.toSpliced(along, 1));
  }
  /**
   * Zeros added before and after along every axis, and between neighbours.
   *
   * @example
   * constant([1, 2]).pad([1], [0], [2]); // [0, 1, 0, 0, 2]
   */
  pad(before: readonly number[], after: readonly number[], between: readonly number[] = before.map(() => 0)): Tensor {
    return Tensor.apply("pad", { before, after, between }, [this]);
  }
  /**
   * This and others, one after the other along an axis; all other axes are equally long.
   *
   * @example
   * constant([1, 2]).concat([constant([3])]); // [1, 2, 3]
   */
  concat(others: readonly Tensor[], axis = 0): Tensor {
    return Tensor.apply("concat", { axis: normaliseAxis("concat", axis, this.rank) }, [this, ...others]);
  }

  /**
   * Sum over axes (all when none is given). Shape: the remaining axes.
   *
   * @example
   * constant([[1, 2], [3, 4]]).sum(0); // [4, 6]
   */
  sum(axes?: number | readonly number[]): Tensor {
    return this.reduce("sum", axes);
  }
  /**
   * Mean over axes (all when none is given). Shape: the remaining axes.
   *
   * @example
   * constant([[1, 2], [3, 4]]).mean(); // 2.5
   */
  mean(axes?: number | readonly number[]): Tensor {
    const total = this.sum(axes);
    return total.mul(total.size / this.size);
  }
  /**
   * Largest element over axes (all when none is given); NaN if any is. Ties share the derivative.
   *
   * @example
   * constant([[1, 5], [3, 4]]).maximum(1); // [5, 4]
   */
  maximum(axes?: number | readonly number[]): Tensor {
    return this.reduce("maximum", axes);
  }
  /**
   * Smallest element over axes (all when none is given); NaN if any is. Ties share the derivative.
   *
   * @example
   * constant([[1, 5], [3, 4]]).minimum(1); // [1, 3]
   */
  minimum(axes?: number | readonly number[]): Tensor {
    return this.neg().maximum(axes).neg();
  }
  /**
   * Product over axes (all when none is given), in pairs; its derivative is right where factors are 0, too.
   *
   * @example
   * constant([[1, 2], [3, 4]]).prod(); // 24
   */
  prod(axes?: number | readonly number[]): Tensor {
    return product(this, axes);
  }
  /**
   * log Σ e^x over axes (all when none is given) without overflow; −∞ where all are.
   *
   * @example
   * constant([Math.log(1), Math.log(3)]).logSumExp(); // 1.3862943611198906
   */
  logSumExp(axes?: number | readonly number[]): Tensor {
    return logSumExp(this, axes);
  }
  /**
   * e^x / Σ e^x along an axis, without overflow; NaN where all are −∞. Shape: this one's.
   *
   * @example
   * constant([0, Math.log(3)]).softmax(); // [0.25, 0.75]
   */
  softmax(axis = -1): Tensor {
    return softmax(this, axis);
  }
  /**
   * x − log Σ e^x along an axis: the logarithm of {@link softmax}, with all its digits.
   *
   * @example
   * constant([1000, 0]).logSoftmax(); // [0, -1000]
   */
  logSoftmax(axis = -1): Tensor {
    return logSoftmax(this, axis);
  }
  /**
   * Of a bool: true where any is, over axes (all when none is given).
   *
   * @example
   * constant([1, 5]).less(3).any(); // 1
   */
  any(axes?: number | readonly number[]): Tensor {
    return this.cast("f32").maximum(axes).cast("bool");
  }
  /**
   * Of a bool: true where all are, over axes (all when none is given).
   *
   * @example
   * constant([1, 5]).less(3).all(); // 0
   */
  all(axes?: number | readonly number[]): Tensor {
    return this.cast("f32").minimum(axes).cast("bool");
  }
  /**
   * Index (i32) of the largest element along an axis, which disappears: the first of several, the first NaN if any is.
   *
   * @example
   * constant([1, 5, 5]).argmax(); // 1
   */
  argmax(axis = -1): Tensor {
    return argmax(this, axis);
  }
  /**
   * Index (i32) of the smallest element along an axis, which disappears: the first of several, the first NaN if any is.
   *
   * @example
   * constant([1, 5, 0]).argmin(); // 2
   */
  argmin(axis = -1): Tensor {
    return argmax(this.neg(), axis);
  }
  /**
   * Element i is the sum of those up to i along an axis, added in pairs: log₂ n passes, and errors as small.
   *
   * @example
   * constant([1, 2, 3]).cumulativeSum(); // [1, 3, 6]
   */
  cumulativeSum(axis = -1): Tensor {
    return cumulativeSum(this, axis);
  }
  /**
   * Elements moved by `shift` places along an axis (negative: towards the start); what leaves at one end comes in at
   * the other: the neighbours on a periodic lattice.
   *
   * @example
   * constant([1, 2, 3, 4]).roll(1); // [4, 1, 2, 3]
   */
  roll(shift: number, axis = -1): Tensor {
    return roll(this, shift, axis);
  }
  /**
   * Elements in the opposite order along an axis.
   *
   * @example
   * constant([1, 2, 3]).flip(); // [3, 2, 1]
   */
  flip(axis = -1): Tensor {
    return flip(this, axis);
  }
  /**
   * Parts along an axis by number: the axis gives place to the axes of `indices` (u32 or i32). An index outside is taken as
   * the nearest inside. Numbers that appear more than once add up in the derivative.
   *
   * @example
   * constant([[1, 2], [3, 4], [5, 6]]).take(constant([2, 0], [2], "i32")); // [[5, 6], [1, 2]]
   */
  take(indices: Tensor, axis = 0): Tensor {
    return take(this, indices, axis);
  }
  /**
   * An element of each row along an axis, by numbers of their own: `indices` (u32 or i32) has this shape but for the axis,
   * and so has the result. An index outside is taken as the nearest inside.
   *
   * @example
   * constant([[1, 2], [3, 4]]).takeAlongAxis(constant([[1], [0]], [2, 1], "i32"), 1); // [[2], [3]]
   */
  takeAlongAxis(indices: Tensor, axis = -1): Tensor {
    return takeAlongAxis(this, indices, axis);
  }
  /**
   * A part of a fixed shape from a place that is computed: `start` holds for every axis a number or an integer scalar. The
   * part is moved inside where it would reach out.
   *
   * @example
   * constant([1, 2, 3, 4]).dynamicSlice([scalar(2, "i32")], [2]); // [3, 4]
   */
  dynamicSlice(start: readonly TensorLike[], shape: Shape): Tensor {
    return dynamicSlice(this, start.map(asIndex), shape);
  }
  /**
   * This with a part replaced from a place on that is computed, as for {@link dynamicSlice}.
   *
   * @example
   * constant([1, 2, 3, 4]).dynamicUpdate([scalar(1, "i32")], constant([9, 8])); // [1, 9, 8, 4]
   */
  dynamicUpdate(start: readonly TensorLike[], part: Tensor): Tensor {
    return dynamicUpdate(this, start.map(asIndex), part);
  }
  /**
   * This with parts added along an axis by number: the opposite of {@link take}, and its derivative. `parts` has this
   * shape, with the axes of `indices` (u32 or i32) in place of the axis. Numbers may appear more than once; one outside
   * is taken as the nearest inside.
   *
   * @example
   * constant([0, 0, 0]).scatterAdd(constant([2, 0, 2], [3], "i32"), constant([1, 2, 3])); // [2, 0, 4]
   */
  scatterAdd(indices: Tensor, parts: Tensor, axis = 0): Tensor {
    return scatterAdd(this, indices, parts, axis);
  }
  /**
   * Elements found by index tensors (i32), as large as the result: what {@link take}, {@link takeAlongAxis} and
   * {@link dynamicSlice} are made of.
   *
   * @example
   * const index = constant([2, 0], [2], "i32");
   * constant([5, 6, 7]).gather([2], [index], { along: [undefined], indexed: [0] }); // [7, 5]
   */
  gather(shape: Shape, indices: readonly Tensor[], { along, indexed }: Addressing): Tensor {
    return Tensor.apply("gather", { shape, along, indexed }, [this, ...indices]);
  }
  /**
   * This with a part put into it, or added, where index tensors (i32) as large as the part say: the opposite of {@link gather}.
   *
   * @example
   * const place = constant([2, 0], [2], "i32");
   * zeros([3]).scatter(constant([8, 9]), [place], { along: [undefined], indexed: [0] }, "set"); // [9, 0, 8]
   */
  scatter(part: Tensor, indices: readonly Tensor[], { along, indexed }: Addressing, mode: "add" | "set"): Tensor {
    return Tensor.apply("scatter", { along, indexed, mode }, [this, part, ...indices]);
  }
  /**
   * Numbers (i32) of the elements along an axis from the smallest to the largest; equal ones keep their order, a NaN is
   * larger than all.
   *
   * @example
   * constant([3, 1, 2]).argsort(); // [1, 2, 0]
   */
  argsort(axis = -1): Tensor {
    return argsort(this, axis);
  }
  /**
   * Elements along an axis from the smallest to the largest, NaN last.
   *
   * @example
   * constant([3, 1, 2]).sort(); // [1, 2, 3]
   */
  sort(axis = -1): Tensor {
    return sort(this, axis);
  }
  /**
   * Of indices (u32 or i32): f32 of shape [..., count], 1 at the index and 0 elsewhere; all 0 for an index outside.
   *
   * @example
   * constant([1, 0], [2], "i32").oneHot(2); // [[0, 1], [1, 0]]
   */
  oneHot(count: number): Tensor {
    return oneHot(this, count);
  }
  /**
   * Index along an axis of every element.
   *
   * @example
   * zeros([2, 2]).indices(1); // [[0, 1], [0, 1]]
   */
  indices(axis = 0, dtype: "u32" | "i32" | "f32" = "i32"): Tensor {
    return iota(this.shape, axis, dtype);
  }
  /**
   * Matrix product: [..., m, k] times [..., k, n] gives [..., m, n]; leading axes equal.
   *
   * @example
   * constant([[1, 2]]).matmul(constant([[3], [4]])); // [[11]]
   */
  matmul(other: Tensor): Tensor {
    return Tensor.apply("matmul", {}, [this, other]);
  }
  /**
   * Sums over a window that moves along the axes between the first (batch) and the last (channels): this is
   * [batch, ...space, channels], `kernel` [...window, channels, outputs], the result [batch, ...space, outputs]. The kernel is
   * not turned around, as is usual for networks. `padding`: none, zeros such that a step of 1 keeps the lengths, or the other
   * side of a periodic lattice. `strides` are steps of the window, one for all axes or one for each.
   *
   * Throws {@link ShapeError} where the shapes do not fit.
   *
   * @example
   * // The differences of neighbours on a ring.
   * const ring = constant([1, 2, 4], [1, 3, 1]);
   * ring.convolve(constant([-1, 1], [2, 1, 1]), { padding: "periodic" }).reshape([3]); // [1, 2, -3]
   */
  convolve(kernel: Tensor, options: ConvolutionOptions = {}): Tensor {
    return convolution(this, kernel, options);
  }
  /**
   * Euclidean norm along an axis, which disappears; its derivative is NaN at 0.
   *
   * @example
   * constant([3, 4]).norm(); // 5
   */
  norm(axis = -1): Tensor {
    return this.square().sum(axis).sqrt();
  }

  /**
   * Summed over the axes that broadcasting to this tensor's shape from `shape` stretches.
   *
   * @example
   * constant([[1, 2], [3, 4]]).sumTo([1, 2]); // [[4, 6]]
   */
  sumTo(shape: Shape): Tensor {
    const offset = this.rank - shape.length;
    const axes = this.shape.flatMap((length, axis) =>
      axis < offset || (shape[axis - offset] === 1 && length !== 1) ? [axis] : [],
    );
    return axes.length === 0 ? this : this.sum(axes).reshape(shape);
  }
  /**
   * Zeros of this shape and element type.
   *
   * @example
   * constant([1, 2]).zerosLike(); // [0, 0]
   */
  zerosLike(): Tensor {
    return scalar(0, this.dtype).broadcast(this.shape);
  }

  toString(): string {
    return `Tensor ${this.dtype}${showShape(this.shape)} (${this.call.name})`;
  }

  private lift(other: TensorLike): Tensor {
    return typeof other === "number" ? scalar(other, this.dtype) : other;
  }

  private binary(
    name:
      "add" | "sub" | "mul" | "div" | "min" | "max" | "atan2" | "less" | "lessOrEqual" | "equal" | "and" | "or" | "xor",
    other: TensorLike,
  ): Tensor {
    const right = this.lift(other);
    const shape = broadcastShapes(name, this.shape, right.shape);
    return Tensor.apply(name, {}, [this.broadcast(shape), right.broadcast(shape)]);
  }

  private reduce(name: "sum" | "maximum", axes?: number | readonly number[]): Tensor {
    const from = normaliseAxes(name, axes, this.rank);
    return from.length === 0 ? this : Tensor.apply(name, { axes: from }, [this]);
  }
}

const asIndex = (value: TensorLike): Tensor => (typeof value === "number" ? scalar(value, "i32") : value);

function checkBits(bits: number): number {
  if (Number.isInteger(bits) && bits >= 0 && bits < 32) return bits;
  throw new RangeError(`A shift takes 0 to 31 bits, got ${bits}.`);
}

/**
 * A constant without axes.
 *
 * @example
 * scalar(2); // 2
 */
export function scalar(value: number, dtype: DType = "f32"): Tensor {
  return Tensor.apply("constant", { shape: [], dtype, data: [value] });
}

/** Nested lists of numbers. */
export type NestedNumbers = number | readonly NestedNumbers[];

/**
 * A constant from nested lists, or from a flat list and a shape. Throws a ShapeError for ragged lists, and for values that
 * do not fill the shape.
 *
 * @example
 * constant([1, 2, 3, 4], [2, 2]); // [[1, 2], [3, 4]]
 */
export function constant(values: NestedNumbers | ArrayLike<number>, shape?: Shape, dtype: DType = "f32"): Tensor {
  const nested = typeof values === "number" || (Array.isArray(values) && values.some(Array.isArray));
  const found = shape ?? (nested ? shapeOfNested(values as NestedNumbers) : [(values as ArrayLike<number>).length]);
  const data = nested ? flatten(values as NestedNumbers) : Array.from(values as ArrayLike<number>);
  if (data.length !== sizeOf(found)) {
    throw new ShapeError(`constant: ${data.length} values do not fill shape ${showShape(found)}.`);
  }
  const bad = data.findIndex((value) => typeof value !== "number");
  if (bad >= 0) throw new TypeError(`constant: element ${bad} is ${String(data[bad])}; constants are made of numbers.`);
  return Tensor.apply("constant", { shape: found, dtype, data });
}

function shapeOfNested(values: NestedNumbers): number[] {
  if (typeof values === "number") return [];
  const inner = values.map(shapeOfNested);
  if (inner.some((shape) => !sameShape(shape, inner[0]!)))
    throw new ShapeError("constant: the nested lists are ragged.");
  return [values.length, ...(inner[0] ?? [])];
}

function flatten(values: NestedNumbers): number[] {
  return typeof values === "number" ? [values] : values.flatMap(flatten);
}

/**
 * A tensor filled with one value.
 *
 * @example
 * full([2], 7); // [7, 7]
 */
export function full(shape: Shape, value: number, dtype: DType = "f32"): Tensor {
  return scalar(value, dtype).broadcast(shape);
}

/**
 * A tensor filled with 0.
 *
 * @example
 * zeros([2]); // [0, 0]
 */
export function zeros(shape: Shape, dtype: DType = "f32"): Tensor {
  return full(shape, 0, dtype);
}

/**
 * A tensor filled with 1.
 *
 * @example
 * ones([2]); // [1, 1]
 */
export function ones(shape: Shape, dtype: DType = "f32"): Tensor {
  return full(shape, 1, dtype);
}

/**
 * Indices along an axis: element = its index there.
 *
 * @example
 * iota([3]); // [0, 1, 2]
 */
export function iota(shape: Shape, axis = 0, dtype: "u32" | "i32" | "f32" = "i32"): Tensor {
  return Tensor.apply("iota", { shape, dtype, axis: normaliseAxis("iota", axis, shape.length) });
}

/**
 * A value that the program is given when it runs.
 *
 * @example
 * constant(input("x", [2, 3]).matmul(zeros([3, 4])).shape); // [2, 4]
 */
export function input(name: string, shape: Shape, dtype: DType = "f32"): Tensor {
  return Tensor.apply("input", { name, shape, dtype });
}
