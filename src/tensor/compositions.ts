/** Methods of tensors that are put together from others. */
import { DTypeError, keptAxes, normaliseAxes, normaliseAxis } from "./shape.js";
import type { Tensor } from "./tensor.js";

type Axes = number | readonly number[] | undefined;

const LARGEST_REPEATED = 64;

export function power(x: Tensor, exponent: number): Tensor {
  if (!Number.isFinite(exponent)) throw new RangeError(`pow takes a finite exponent, got ${exponent}.`);
  if (!Number.isInteger(exponent) || Math.abs(exponent) > LARGEST_REPEATED) return x.log().mul(exponent).exp();
  if (exponent === 0) return x.zerosLike().add(1);
  return exponent < 0 ? repeated(x, -exponent).reciprocal() : repeated(x, exponent);
}

/** By squaring: about log₂ of the exponent multiplications. */
function repeated(x: Tensor, exponent: number): Tensor {
  if (exponent === 1) return x;
  const square = repeated(x, Math.floor(exponent / 2)).square();
  return exponent % 2 === 0 ? square : square.mul(x);
}

export function product(x: Tensor, axes: Axes): Tensor {
  const list = normaliseAxes("prod", axes, x.rank);
  // From the last axis on, so that the numbers of the others stay.
  return list.reduceRight((factors, axis) => productAlong(factors, axis), x);
}

function productAlong(x: Tensor, axis: number): Tensor {
  const length = x.shape[axis]!;
  if (length === 1) return x.reshape(x.shape.toSpliced(axis, 1));
  const half = Math.floor(length / 2);
  const pairs = part(x, axis, 0, half).mul(part(x, axis, half, 2 * half));
  return productAlong(length % 2 === 0 ? pairs : pairs.concat([part(x, axis, 2 * half, length)], axis), axis);
}

/** Elements from `start` to `end` of one axis. */
function part(x: Tensor, axis: number, start: number, end: number): Tensor {
  return x.slice(
    x.shape.map((_, k) => (k === axis ? start : 0)),
    x.shape.map((length, k) => (k === axis ? end : length)),
  );
}

/** The largest element over axes, which e^x is taken relative to; 0 where that is no number, so that ∞ − ∞ is avoided. */
function peakOf(x: Tensor, axes: readonly number[]): Tensor {
  const peak = x.maximum(axes).stopGradient();
  return peak.abs().less(Infinity).select(peak, 0);
}

export function logSumExp(x: Tensor, axes: Axes): Tensor {
  const list = normaliseAxes("logSumExp", axes, x.rank);
  const peak = peakOf(x, list);
  return x
    .sub(peak.reshape(keptAxes(x.shape, list)))
    .exp()
    .sum(list)
    .log()
    .add(peak);
}

export function softmax(x: Tensor, axis: number): Tensor {
  const along = normaliseAxis("softmax", axis, x.rank);
  const kept = keptAxes(x.shape, [along]);
  const weights = x.sub(peakOf(x, [along]).reshape(kept)).exp();
  return weights.div(weights.sum(along).reshape(kept));
}

export function logSoftmax(x: Tensor, axis: number): Tensor {
  const along = normaliseAxis("logSoftmax", axis, x.rank);
  const kept = keptAxes(x.shape, [along]);
  const shifted = x.sub(peakOf(x, [along]).reshape(kept));
  return shifted.sub(shifted.exp().sum(along).log().reshape(kept));
}

export function argmax(x: Tensor, axis: number): Tensor {
  const along = normaliseAxis("argmax", axis, x.rank);
  const largest = x.maximum(along).reshape(keptAxes(x.shape, [along]));
  // A NaN equals nothing, and is the largest wherever there is one.
  const isLargest = x.equal(largest).or(x.equal(x).not());
  return isLargest.select(x.indices(along, "f32"), x.shape[along]!).minimum(along).cast("i32");
}

export function cumulativeSum(x: Tensor, axis: number): Tensor {
  const along = normaliseAxis("cumulativeSum", axis, x.rank);
  const length = x.shape[along]!;
  const none = x.shape.map(() => 0);
  let sum = x;
  for (let shift = 1; shift < length; shift *= 2) {
    sum = sum.add(part(sum, along, 0, length - shift).pad(none.with(along, shift), none));
  }
  return sum;
}

export function roll(x: Tensor, shift: number, axis: number): Tensor {
  if (!Number.isInteger(shift)) throw new RangeError(`roll takes a whole number of places, got ${shift}.`);
  const along = normaliseAxis("roll", axis, x.rank);
  const length = x.shape[along]!;
  const cut = ((-shift % length) + length) % length;
  return cut === 0 ? x : part(x, along, cut, length).concat([part(x, along, 0, cut)], along);
}

export function oneHot(indices: Tensor, count: number): Tensor {
  if (indices.dtype !== "u32" && indices.dtype !== "i32") {
    throw new DTypeError(`oneHot takes u32 or i32 indices, got ${indices.dtype}. Convert with .cast("i32").`);
  }
  const columns = indices.reshape([...indices.shape, 1]).broadcast([...indices.shape, count]);
  return columns.equal(columns.indices(-1, indices.dtype)).cast("f32");
}
