import { DTypeError, ShapeError, showShape } from "./shape.js";
import type { Tensor } from "./tensor.js";

export interface ConvolutionOptions {
  readonly strides?: number | readonly number[];
  /** `valid`: none; `same`: zeros; `periodic`: the other side. */
  readonly padding?: "valid" | "same" | "periodic";
}

/** All elements under a window side by side as channels, times the kernel as a matrix. */
export function convolution(x: Tensor, kernel: Tensor, { strides = 1, padding = "valid" }: ConvolutionOptions): Tensor {
  const dimensions = x.rank - 2;
  const channels = x.shape.at(-1)!;
  if (dimensions < 1 || kernel.rank !== x.rank || kernel.shape.at(-2) !== channels) {
    throw new ShapeError(
      `convolve: ${showShape(x.shape)} is [batch, ...space, channels]; it takes a kernel [...window, ${channels}, outputs] ` +
        `with ${Math.max(1, dimensions)} axes of the window, got ${showShape(kernel.shape)}.`,
    );
  }
  if (x.dtype !== "f32" || kernel.dtype !== "f32") {
    throw new DTypeError(`convolve takes f32, got ${x.dtype} and ${kernel.dtype}. Convert with .cast("f32").`);
  }
  const window = kernel.shape.slice(0, -2);
  const steps = typeof strides === "number" ? window.map(() => strides) : strides;
  if (steps.length !== dimensions || steps.some((step) => !Number.isInteger(step) || step < 1)) {
    throw new ShapeError(`convolve: strides are ${dimensions} positive integers, got [${steps.join(", ")}].`);
  }
  const padded = padding === "valid" ? x : window.reduce((y, size, k) => padAxis(y, k + 1, size, padding), x);
  const places = padded.shape.slice(1, -1).map((length, k) => Math.floor((length - window[k]!) / steps[k]!) + 1);
  if (places.some((count) => count < 1)) {
    throw new ShapeError(
      `convolve: a window of ${showShape(window)} does not fit into ${showShape(x.shape.slice(1, -1))}.`,
    );
  }
  const shifts = window.reduce<number[][]>(
    (list, size) => list.flatMap((shift) => Array.from({ length: size }, (_, i) => [...shift, i])),
    [[]],
  );
  const [first, ...others] = shifts.map((shift) =>
    padded.slice(
      [0, ...shift, 0],
      [x.shape[0]!, ...shift.map((from, k) => from + (places[k]! - 1) * steps[k]! + 1), channels],
      [1, ...steps, 1],
    ),
  );
  const columns = first!.concat(others, -1);
  const matrix = kernel.reshape([shifts.length * channels, kernel.shape.at(-1)!]);
  return columns.matmul(matrix.broadcast([...columns.shape.slice(0, -2), ...matrix.shape]));
}

/** Room for a window of a size, more of it behind where it cannot be shared equally. */
function padAxis(x: Tensor, axis: number, size: number, padding: "same" | "periodic"): Tensor {
  const before = Math.floor((size - 1) / 2);
  const after = size - 1 - before;
  if (padding === "same") {
    const counts = (count: number) => x.shape.map((_, k) => (k === axis ? count : 0));
    return x.pad(counts(before), counts(after));
  }
  const length = x.shape[axis]!;
  if (size - 1 > length) {
    throw new ShapeError(`convolve: a window of length ${size} overlaps itself on a ring of length ${length}.`);
  }
  const part = (from: number, to: number) =>
    x.slice(
      x.shape.map((_, k) => (k === axis ? from : 0)),
      x.shape.map((n, k) => (k === axis ? to : n)),
    );
  const parts = [before > 0 ? part(length - before, length) : undefined, x, after > 0 ? part(0, after) : undefined];
  const [first, ...others] = parts.filter((one) => one !== undefined);
  return first!.concat(others, axis);
}
