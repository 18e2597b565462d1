import { loopOver, scan } from "./scan.js";
import { DTypeError, ShapeError, showShape } from "./shape.js";
import { scalar, type Tensor } from "./tensor.js";
import { leavesOf, mapTree, zipTrees } from "./tree.js";
import { vmap } from "./vmap.js";

/**
 * Repeats `body` as long as `condition`, a bool scalar, holds of the carry, a tree of tensors, but `most` times at the
 * most: rejection sampling, searches. Returns the last carry, and how often the body was applied (i32). Engines leave the
 * loop after the first iteration that changes nothing; a loop over many examples (`vmap`) when none of them goes on, and
 * the gradient of a loop costs as much as `most` iterations.
 *
 * Throws when the condition is no bool scalar, or the body changes the carry's shapes or types.
 *
 * @example
 * // The first power of 2 above 100.
 * const { carry } = whileLoop((x: Tensor) => x.less(100), (x) => x.mul(2), scalar(1), { most: 20 }); // 128
 */
export function whileLoop<C>(
  condition: (carry: C) => Tensor,
  body: (carry: C, index: Tensor) => C,
  carry: C,
  { most }: { readonly most: number },
): { carry: C; count: Tensor } {
  checkBound(most);
  const { carry: end } = loopOver(
    ({ inner, count }: { inner: C; count: Tensor }, _: undefined, index) => {
      const goesOn = condition(inner);
      if (goesOn.dtype !== "bool" || goesOn.rank !== 0) {
        throw new DTypeError(
          `whileLoop: the condition is a bool scalar, got ${goesOn.dtype}${showShape(goesOn.shape)}. Reduce it with .any() or .all().`,
        );
      }
      const next = zipTrees([inner, body(inner, index)], ([before, after]) => goesOn.select(after!, before!));
      return { carry: { inner: next, count: count.add(goesOn.cast("i32")) }, goesOn };
    },
    { inner: carry, count: scalar(0, "i32") },
    undefined,
    { length: most, reverse: false, recompute: false },
  );
  return { carry: end.inner, count: end.count };
}

function checkBound(most: number): void {
  if (Number.isInteger(most) && most > 0) return;
  throw new RangeError(`whileLoop: most is a positive number of iterations known while tracing, got ${most}.`);
}

/**
 * `f`, written for one example, applied to all along the first axes of a tree of tensors, `chunk` of them at a time: what
 * {@link vmap} gives, in less memory. The results' tensors have the examples along a new first axis.
 *
 * @example
 * const squares = chunkedMap((x: Tensor) => x.square(), constant([1, 2, 3]), { chunk: 2 }); // [1, 4, 9]
 */
export function chunkedMap<P, R>(f: (example: P) => R, examples: P, { chunk }: { readonly chunk: number }): R {
  if (!Number.isInteger(chunk) || chunk < 1) {
    throw new RangeError(`chunkedMap: chunk is a positive number of examples, got ${chunk}.`);
  }
  const [first] = leavesOf(examples);
  const count = first?.tensor.shape[0];
  if (count === undefined) throw new ShapeError("chunkedMap: the examples lie along the first axis of each tensor.");
  const [chunks, rest] = [Math.floor(count / chunk), count % chunk];
  const rows = (from: number, to: number) =>
    mapTree(examples, (x) =>
      x.slice(
        x.shape.map((_, axis) => (axis === 0 ? from : 0)),
        [to, ...x.shape.slice(1)],
      ),
    );
  if (chunks === 0) return vmap(f)(examples);
  const whole = chunks * chunk;
  const { outputs } = scan(
    (none: readonly Tensor[], part: P) => ({ carry: none, output: vmap(f)(part) }),
    [],
    mapTree(rows(0, whole), (x) => x.reshape([chunks, chunk, ...x.shape.slice(1)])),
  );
  const most = mapTree(outputs, (y) => y.reshape([whole, ...y.shape.slice(2)]));
  return rest === 0 ? most : zipTrees([most, vmap(f)(rows(whole, count))], ([a, b]) => a!.concat([b!]));
}
