import { freeTensors, type Loop } from "./loop.js";
import { sameShape, ShapeError, showShape } from "./shape.js";
import { Tensor } from "./tensor.js";
import { fillTree, leavesOf, mapTree, zipTrees } from "./tree.js";

export interface ScanOptions {
  /** Number of iterations; may be left out where `xs` says it. */
  readonly length?: number;
  /** From the last element of `xs` to the first; outputs keep their places. */
  readonly reverse?: boolean;
  /**
   * For derivatives, keep the carry only once in so many iterations and compute the rest again when it is needed:
   * for a scan of n iterations √n needs least memory, for one more pass forward.
   */
  readonly checkpointEvery?: number;
}

/** What a scan's body returns. */
export interface ScanStep<C, Y> {
  /** Of the structure, shapes and element types of the carry that the body was given. */
  readonly carry: C;
  /** A tree of tensors that are kept of every iteration; may be left out. */
  readonly output?: Y;
}

export interface ScanResult<C, Y> {
  /** After the last iteration. */
  readonly carry: C;
  /** A tree of the outputs' structure; each tensor has a new first axis, as long as the scan. */
  readonly outputs: Y;
}

/**
 * A loop: `body(carry, x, index)` is traced once and run for index 0, 1, …, each iteration with the carry that the one
 * before left behind. `carry` is a tree of tensors of any structure; `xs` is a tree of tensors with equal first axes (or
 * `undefined`), of which x is one element; `index` is an i32 scalar. Tensors of the surrounding program may be used
 * inside. Differentiable in both modes and any order.
 *
 * Throws {@link ShapeError} when lengths differ or are not known, or when the body changes the carry's shapes or types.
 *
 * @example
 * // The sums 1, 1 + 2, 1 + 2 + 3.
 * const { carry, outputs } = scan(
 *   (sum, x) => ({ carry: sum.add(x), output: sum.add(x) }), scalar(0), constant([1, 2, 3]));
 * carry; // 6
 * outputs; // [1, 3, 6]
 */
export function scan<C, X = undefined, Y = undefined>(
  body: (carry: C, x: X, index: Tensor) => ScanStep<C, Y>,
  carry: C,
  xs: X,
  options: ScanOptions = {},
): ScanResult<C, Y> {
  const { reverse = false, checkpointEvery } = options;
  const length = lengthOf(xs, options.length);
  if (checkpointEvery !== undefined) return inSegments(body, carry, xs, { length, reverse, every: checkpointEvery });
  return loopOver(body, carry, xs, { length, reverse, recompute: false });
}

/** A step that may be the last one that changes anything. */
interface LoopStep<C, Y> extends ScanStep<C, Y> {
  readonly goesOn?: Loop["goesOn"];
}

/** Traces the body of a loop of a known length. */
export function loopOver<C, X, Y>(
  body: (carry: C, x: X, index: Tensor) => LoopStep<C, Y>,
  carry: C,
  xs: X,
  { length, reverse, recompute }: Pick<Loop, "length" | "reverse" | "recompute">,
): ScanResult<C, Y> {
  const index = parameter([], "i32");
  const inside = mapTree(carry, ({ shape, dtype }) => parameter(shape, dtype));
  const slice = (xs === undefined ? undefined : mapTree(xs, (x) => parameter(x.shape.slice(1), x.dtype))) as X;
  const step = body(inside, slice, index);
  checkCarry(inside, step.carry);
  const [parts, next, slices, starts, stacks] = [inside, inOrderOf(inside, step.carry), slice, carry, xs].map(
    tensorsOf,
  );
  const outputs = tensorsOf(step.output);
  const parameters = new Set([index, ...parts!, ...slices!]);
  const captured = freeTensors([...next!, ...outputs], parameters);
  const { goesOn } = step;
  const loop: Loop = {
    length,
    reverse,
    recompute,
    index,
    captured,
    carry: parts!,
    next: next!,
    slices: slices!,
    goesOn,
  };
  const whole = Tensor.apply("scan", { loop }, [...captured, ...starts!, ...stacks!]);
  return {
    carry: fillTree(
      carry,
      parts!.map((_, i) => finalOf(whole, i)),
    ),
    outputs: (step.output === undefined ? undefined : mapTree(step.output, (y) => stackOf(whole, y))) as Y,
  };
}

/** Part `index` of the carry after a loop's last iteration. */
export function finalOf(scan: Tensor, index: number): Tensor {
  const { shape, dtype } = loopOf(scan).carry[index]!;
  return Tensor.apply("final", { index, shape, dtype }, [scan]);
}

/** A tensor of a loop's body in all iterations. */
export const stackOf = (scan: Tensor, value: Tensor): Tensor =>
  Tensor.apply("stacked", { value, length: loopOf(scan).length }, [scan]);

export function loopOf({ call }: Tensor): Loop {
  if (call.name !== "scan") throw new TypeError(`A scan was expected, got ${call.name}.`);
  return call.attributes.loop;
}

/** A tensor that stands for an argument of a loop's body. */
export const parameter = (shape: Tensor["shape"], dtype: Tensor["dtype"]): Tensor =>
  Tensor.apply("parameter", { shape, dtype });

const tensorsOf = (tree: unknown): Tensor[] => (tree === undefined ? [] : leavesOf(tree).map(({ tensor }) => tensor));

/** The second tree's tensors in the order of the first one's keys. */
const inOrderOf = <T>(first: T, second: T): T => zipTrees([first, second], ([, tensor]) => tensor!);

function checkCarry(before: unknown, after: unknown): void {
  if (leavesOf(after).length !== leavesOf(before).length) {
    throw new TypeError("scan: the body returns a carry with more tensors than it was given.");
  }
  zipTrees([before, after], ([given, returned], path) => {
    if (given!.dtype !== returned!.dtype || !sameShape(given!.shape, returned!.shape)) {
      const [is, becomes] = [given!, returned!].map(({ dtype, shape }) => `${dtype}${showShape(shape)}`);
      throw new ShapeError(
        `scan: the carry${path && ` at "${path}"`} is ${is}, the body returns ${becomes}: they must be alike.`,
      );
    }
    return given!;
  });
}

function lengthOf(xs: unknown, given: number | undefined): number {
  const found = (xs === undefined ? [] : leavesOf(xs)).map(({ path, tensor }) => {
    const [length] = tensor.shape;
    if (length === undefined) throw new ShapeError(`scan: the tensor at "${path}" of xs has no axis to go along.`);
    return { what: `xs${path && ` at "${path}"`} has ${length} elements`, length };
  });
  if (given !== undefined) found.push({ what: `length is ${given}`, length: given });
  const [first, ...others] = found;
  if (!first) throw new ShapeError("scan: without xs, the number of iterations has to be given: { length: 100 }.");
  const different = others.find(({ length }) => length !== first.length);
  if (different) throw new ShapeError(`scan: ${first.what}, but ${different.what}.`);
  if (Number.isInteger(first.length) && first.length > 0) return first.length;
  throw new ShapeError(`scan: the length is a positive integer known while tracing, got ${first.length}.`);
}

/** A loop over segments whose derivative keeps only what each segment starts from, and a rest that is shorter. */
function inSegments<C, X, Y>(
  body: (carry: C, x: X, index: Tensor) => ScanStep<C, Y>,
  carry: C,
  xs: X,
  { length, reverse, every }: { length: number; reverse: boolean; every: number },
): ScanResult<C, Y> {
  if (!Number.isInteger(every) || every < 1) {
    throw new RangeError(`scan: checkpointEvery is a positive number of iterations, got ${every}.`);
  }
  const segments = Math.floor(length / every);
  const whole = segments * every;
  const main = (start: C) =>
    loopOver(
      (from: C, x: X, segment) => {
        const offset = segment.mul(every);
        const { carry: to, outputs } = loopOver((c: C, one: X, i) => body(c, one, offset.add(i)), from, x, {
          length: every,
          reverse,
          recompute: false,
        });
        return { carry: to, output: outputs };
      },
      start,
      mapSome(rows(xs, 0, whole), (x) => x.reshape([segments, every, ...x.shape.slice(1)])),
      { length: segments, reverse, recompute: true },
    );
  const rest = (start: C) =>
    loopOver((c: C, x: X, i) => body(c, x, i.add(whole)), start, rows(xs, whole, length), {
      length: length - whole,
      reverse,
      recompute: false,
    });
  const flat = (outputs: Y) => mapSome(outputs, (y) => y.reshape([whole, ...y.shape.slice(2)]));
  if (segments === 0) return rest(carry);
  if (whole === length) {
    const { carry: end, outputs } = main(carry);
    return { carry: end, outputs: flat(outputs) };
  }
  const [first, second] = reverse ? [rest, main] : [main, rest];
  const before = first(carry);
  const after = second(before.carry);
  const [many, few] = reverse ? [after, before] : [before, after];
  return { carry: after.carry, outputs: joined(flat(many.outputs), few.outputs) };
}

/** A tree's tensors replaced; nothing stays nothing. */
const mapSome = <T>(tree: T, replace: (tensor: Tensor) => Tensor): T =>
  tree === undefined ? tree : mapTree(tree, replace);

const rows = <T>(tree: T, from: number, to: number): T =>
  mapSome(tree, (x) =>
    x.slice(
      x.shape.map((_, axis) => (axis === 0 ? from : 0)),
      [to, ...x.shape.slice(1)],
    ),
  );

const joined = <T>(first: T, second: T): T =>
  first === undefined ? first : zipTrees([first, second], ([a, b]) => a!.concat([b!]));
