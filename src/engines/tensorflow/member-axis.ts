import type { DType, Shape } from "../../tensor/shape.js";
import type { TensorFlow, TfTensor, TfType } from "./tensorflow-types.js";

/**
 * Values of all members, along a first axis; of length 1 where they are the same for all. TensorFlow.js has no unsigned
 * integers: u32 are kept as the int32 with the same bits, and bool as 0 and 1.
 */
export type Members = TfTensor;

export const typeOf = (dtype: DType): TfType => (dtype === "f32" ? "float32" : "int32");

/** How many members a value is of: 1 where it is the same for all. */
export const countOf = ({ shape }: Members): number => shape[0]!;

/** The number of members that some values together are of. */
export const commonCount = (values: readonly Members[]): number => Math.max(1, ...values.map(countOf));

/** A value with a place for each of so many members. */
export function expand(tf: TensorFlow, value: Members, count: number): Members {
  return countOf(value) === count ? value : tf.broadcastTo(value, [count, ...value.shape.slice(1)]);
}

/** Elements as the interpreter sees them. */
export function elementsOf(value: TfTensor, dtype: DType): ArrayLike<number> {
  const data = value.dataSync();
  return dtype === "u32" ? new Uint32Array(data.buffer, data.byteOffset, data.length) : data;
}

/** A value that is the same for all members, or one of `count` members. */
export function fromElements(
  tf: TensorFlow,
  elements: ArrayLike<number>,
  dtype: DType,
  shape: Shape,
  count = 1,
): Members {
  const data = dtype === "f32" ? Float32Array.from(elements) : Int32Array.from(elements, (element) => element | 0);
  return tf.tensor(data, [count, ...shape], typeOf(dtype));
}
