import { Tensor } from "./tensor.js";
import { fillTree, leavesOf } from "./tree.js";

/**
 * The function `f` with a reverse-mode derivative of its own: `backward` gets the cotangent of the result, the argument and
 * the result, and returns a tree of the argument's structure with its cotangents. For derivatives that are known better
 * than the program's, or are wanted to be different (clipping, straight-through estimates).
 *
 * Reverse mode only, any order: `jvp` through it throws.
 *
 * @example
 * // Rounding that lets gradients pass.
 * const round = customGradient((x: Tensor) => x.add(0.5).floor(), (cotangent) => cotangent);
 * grad((x: Tensor) => round(x).square().sum())(constant([1.2, 2.7])); // [2, 6]
 */
export function customGradient<P>(
  f: (x: P) => Tensor,
  backward: (cotangent: Tensor, x: P, value: Tensor) => P,
): (x: P) => Tensor {
  return (x) => {
    const inputs = leavesOf(x).map(({ tensor }) => tensor);
    const rule = (cotangent: Tensor, tensors: readonly Tensor[], value: Tensor): readonly Tensor[] => {
      const cotangents = leavesOf(backward(cotangent, fillTree(x, tensors), value)).map(({ tensor }) => tensor);
      if (cotangents.length === tensors.length) return cotangents;
      throw new TypeError(
        `customGradient: backward returns ${cotangents.length} cotangents for ${tensors.length} tensors.`,
      );
    };
    return Tensor.apply("customGradient", { backward: rule }, [f(x), ...inputs]);
  };
}
