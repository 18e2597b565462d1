import { type Shape, sizeOf } from "./shape.js";
import { full, iota, scalar, Tensor, zeros } from "./tensor.js";

/**
 * A key of the counter-based generator: two u32 scalars. The same key gives the same numbers, on every engine; derive
 * as many as needed with {@link Key.fold}, and use each for one purpose.
 */
export class Key {
  private constructor(
    private readonly high: Tensor,
    private readonly low: Tensor,
  ) {}

  /**
   * The key of a seed, a u32 scalar or an integer from 0 to 2³² − 1.
   *
   * @example
   * const [first, again] = [Key.of(3), Key.of(3)];
   * first.normal([2]).sub(again.normal([2])); // [0, 0]
   */
  static of(seed: Tensor | number): Key {
    if (typeof seed === "number" && !(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) {
      throw new RangeError(`A seed is an integer from 0 to 2^32 - 1, got ${seed}.`);
    }
    return new Key(scalar(0, "u32"), typeof seed === "number" ? scalar(seed, "u32") : seed.cast("u32"));
  }

  /**
   * An independent key for each value of `data` (u32): purposes, layers, steps.
   *
   * @example
   * const key = Key.of(3);
   * key.fold(0).bits([]).equal(key.fold(1).bits([])); // 0
   */
  fold(data: Tensor | number): Key {
    const counter = typeof data === "number" ? scalar(data, "u32") : data.cast("u32");
    const words = (["first", "second"] as const).map((word) =>
      Tensor.apply("threefry", { word }, [this.high, this.low, scalar(0, "u32"), counter]),
    );
    return new Key(words[0]!, words[1]!);
  }

  /**
   * Uniform 32-bit integers (u32), element i from counter i in row-major order.
   *
   * @example
   * const key = Key.of(3);
   * key.bits([2]).equal(key.bits([3]).slice([0], [2])); // [1, 1]
   */
  bits(shape: Shape): Tensor {
    const inputs = [this.high, this.low, scalar(0, "u32"), linearIndex(shape)].map((t) => t.broadcast(shape));
    return Tensor.apply("threefry", { word: "xor" }, inputs);
  }

  /**
   * Uniform in [low, high), on a grid of 2²³ values.
   *
   * @example
   * Key.of(3).uniform([1000], -1, 1).less(1).all(); // 1
   */
  uniform(shape: Shape, low = 0, high = 1): Tensor {
    const unit = this.bits(shape).shiftRight(9).or(0x3f800000).bitcast("f32").sub(1);
    return low === 0 && high === 1 ? unit : unit.mul(high - low).add(low);
  }

  /**
   * Standard normal, by the inverse of the error function; at most 5.4 standard deviations out.
   *
   * @example
   * Key.of(3).normal([1000]).abs().less(5.5).all(); // 1
   */
  normal(shape: Shape): Tensor {
    const edge = 1 - 2 ** -24;
    const symmetric = this.uniform(shape, -1, 1).max(-edge);
    return inverseErf(symmetric).mul(Math.SQRT2);
  }

  /**
   * Uniform integers (u32) in [0, count); the bias is below count / 2³².
   *
   * @example
   * Key.of(3).integers([1000], 6).less(6).all(); // 1
   */
  integers(shape: Shape, count: number): Tensor {
    if (!Number.isInteger(count) || count < 1 || count > 2 ** 23) {
      throw new RangeError(`integers takes a count from 1 to 2^23, got ${count}.`);
    }
    return this.uniform(shape)
      .mul(count)
      .floor()
      .min(count - 1)
      .cast("u32");
  }
}

/** Row-major index of every element, u32. */
function linearIndex(shape: Shape): Tensor {
  let stride = sizeOf(shape);
  const terms = shape.map((length, axis) => {
    stride /= length;
    return iota(shape, axis, "u32").mul(stride);
  });
  return terms.reduce((sum, term) => sum.add(term), zeros(shape, "u32"));
}

const CENTRAL = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 2.1858087e-4, -1.25372503e-3, -4.17768164e-3,
  0.246640727, 1.50140941,
];
const TAIL = [
  -2.00214257e-4, 1.00950558e-4, 1.34934322e-3, -3.67342844e-3, 5.73950773e-3, -7.6224613e-3, 9.43887047e-3, 1.00167406,
  2.83297682,
];

/**
 * The inverse of erf on (−1, 1) in single precision (Giles, "Approximating the erfinv function", 2012).
 *
 * @example
 * inverseErf(scalar(0)); // 0
 */
export function inverseErf(x: Tensor): Tensor {
  const w = x.square().neg().add(1).log().neg();
  const horner = (argument: Tensor, coefficients: readonly number[]) =>
    coefficients.slice(1).reduce((sum, c) => sum.mul(argument).add(c), full(x.shape, coefficients[0]!));
  const central = horner(w.sub(2.5), CENTRAL);
  const tail = horner(w.max(5).sqrt().sub(3), TAIL);
  return w.less(5).select(central, tail).mul(x);
}
