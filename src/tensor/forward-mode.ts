import { enter, grad } from "./derivative.js";
import type { OperationAttributes, OperationName } from "./operation.js";
import { operationOf } from "./operations/index.js";
import { topologicalOrder } from "./program.js";
import { LoopTangents } from "./scan-forward.js";
import { joinLoops } from "./scan-join.js";
import { DTypeError, sameShape, ShapeError, showShape } from "./shape.js";
import type { Tensor } from "./tensor.js";
import { fillTree, leavesOf, zipTrees } from "./tree.js";

/** A function's value, and the derivative of the value along a direction, as a tree of the value's structure. */
export interface ValueAndTangent<R> {
  readonly value: R;
  readonly tangent: R;
}

/**
 * The function that computes `f` and its derivative along a direction of the first argument (forward mode, the product
 * of Jacobian and vector): one pass, whatever the size of the value. Further arguments are constants of it.
 *
 * `primals` and `tangents` are trees of f32 tensors of one structure and equal shapes, value and tangent trees of the
 * structure that `f` returns. The result is again a tensor program, so it can be differentiated further.
 *
 * Throws {@link ShapeError} or {@link DTypeError} when a tangent does not fit its primal.
 *
 * @example
 * // The derivative of x² at 3 along 1.
 * const { value, tangent } = jvp((x: Tensor) => x.square())(scalar(3), scalar(1)); // 9 and 6
 */
export function jvp<P, R, Rest extends unknown[]>(
  f: (primals: P, ...rest: Rest) => R,
): (primals: P, tangents: P, ...rest: Rest) => ValueAndTangent<R> {
  return (primals, tangents, ...rest) => {
    const { inside } = enter(primals);
    const known = new Map<Tensor, Tensor>();
    zipTrees([inside, tangents], ([primal, tangent], path) => {
      checkTangent(primal!, tangent!, path);
      known.set(primal!, tangent!);
      return tangent!;
    });
    const value = f(inside, ...rest);
    const values = leavesOf(value).map(({ tensor }) => tensor);
    const loops = push(values, known);
    const tangentsOf = values.map((tensor) => known.get(tensor) ?? tensor.zerosLike());
    const both = Array.from(loops, ([scan, tangent]) => [scan, tangent.scan]).flat();
    const results = [...values, ...tangentsOf];
    const joined = both.length === 0 ? results : joinLoops(results, { among: new Set(both), inBodies: true });
    return {
      value: fillTree(value, joined.slice(0, values.length)),
      tangent: fillTree(value, joined.slice(values.length)),
    };
  };
}

/**
 * The function that computes H·v, the Hessian of a scalar function of a tree of parameters times a direction of the
 * same structure (forward over reverse: about the cost of two gradients, and no matrix). Further arguments of `f` are
 * constants.
 *
 * Throws {@link ShapeError} when `f` does not return a scalar, or when the direction does not fit the parameters.
 *
 * @example
 * // f = x³, H·v = 6·x·v.
 * const curvature = hessianVectorProduct((x: Tensor) => x.square().mul(x))(scalar(2), scalar(10)); // 120
 */
export function hessianVectorProduct<P, Rest extends unknown[]>(
  f: (parameters: P, ...rest: Rest) => Tensor,
): (parameters: P, direction: P, ...rest: Rest) => P {
  return (parameters, direction, ...rest) => jvp(grad(f))(parameters, direction, ...rest).tangent;
}

function checkTangent(primal: Tensor, tangent: Tensor, path: string): void {
  const where = path && ` at "${path}"`;
  if (primal.dtype !== "f32" || tangent.dtype !== "f32") {
    throw new DTypeError(`jvp takes f32 primals and tangents, got ${primal.dtype} and ${tangent.dtype}${where}.`);
  }
  if (!sameShape(primal.shape, tangent.shape)) {
    throw new ShapeError(
      `jvp: the primal${where} has shape ${showShape(primal.shape)}, its tangent ${showShape(tangent.shape)}: ` +
        "they must be alike.",
    );
  }
}

/**
 * Adds to the known tangents those of the roots and of all that they are computed from; what has none has zero. Adds to
 * `loops`, which it returns, those among them that have tangents.
 */
function push(
  roots: readonly Tensor[],
  known: Map<Tensor, Tensor>,
  given: ReadonlySet<Tensor> = new Set(),
  loops = new Map<Tensor, LoopTangents>(),
): ReadonlyMap<Tensor, LoopTangents> {
  for (const tensor of topologicalOrder(roots, given)) {
    if (known.has(tensor) || given.has(tensor) || loops.has(tensor)) continue;
    if (tensor.call.name === "scan") {
      const tangents = tensor.inputs.map((input) => known.get(input));
      if (tangents.some((tangent) => tangent)) loops.set(tensor, new LoopTangents(tensor, tangents, push));
      continue;
    }
    const tangent = pushforward(tensor, known, loops);
    if (tangent) known.set(tensor, tangent);
  }
  return loops;
}

/** The tangent of a tensor from those of its inputs; `undefined` stands for zero. */
function pushforward(
  tensor: Tensor,
  known: ReadonlyMap<Tensor, Tensor>,
  loops: ReadonlyMap<Tensor, LoopTangents>,
): Tensor | undefined {
  const tangents = tensor.inputs.map((input) => known.get(input));
  const loop = tensor.inputs[0] && loops.get(tensor.inputs[0]);
  if (loop) return loop.of(tensor);
  if (tangents.every((tangent) => !tangent)) return undefined;
  const { name, attributes } = tensor.call as { name: OperationName; attributes: OperationAttributes[OperationName] };
  const operation = operationOf(name);
  if (operation.kind === "loop") return undefined;
  if (operation.kind !== "elementwise") return operation.pushforward?.(tangents, tensor.inputs, tensor, attributes);
  const partials = operation.partials?.(tensor.inputs, tensor, attributes) ?? [];
  const terms = partials.flatMap((partial, i) => {
    const tangent = tangents[i];
    if (partial === undefined || !tangent) return [];
    return partial === 1 ? tangent : partial === -1 ? tangent.neg() : tangent.mul(partial);
  });
  return terms.length === 0 ? undefined : terms.reduce((sum, term) => sum.add(term));
}
