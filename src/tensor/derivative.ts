import { operationOf } from "./operations/index.js";
import type { OperationAttributes, OperationName } from "./operation.js";
import { topologicalOrder } from "./program.js";
import { accumulate, type LoopResult, pullbackOfScan } from "./scan-reverse.js";
import { ShapeError, showShape } from "./shape.js";
import { scalar, Tensor } from "./tensor.js";
import { fillTree, leavesOf, mapTree } from "./tree.js";

/** A scalar's value, and its gradient as a tree of the parameters' structure. */
export interface ValueAndGradient<P> {
  readonly value: Tensor;
  readonly gradient: P;
}

/**
 * The function that computes `f` and its gradient with respect to the first argument, a tree of tensors.
 * The result is again a tensor program, so it can be differentiated further.
 *
 * Throws {@link ShapeError} when `f` does not return a scalar, {@link DerivativeError} when it depends on a parameter only
 * through operations without a derivative.
 *
 * @example
 * const { value, gradient } = valueAndGrad((x: Tensor) => x.square().sum())(constant([1, 3])); // 10 and [2, 6]
 */
export function valueAndGrad<P, Rest extends unknown[]>(
  f: (parameters: P, ...rest: Rest) => Tensor,
): (parameters: P, ...rest: Rest) => ValueAndGradient<P> {
  return (parameters, ...rest) => {
    const { inside, leaves } = enter(parameters);
    const value = f(inside, ...rest);
    const paths = leavesOf(parameters).map(({ path }) => path);
    return { value, gradient: fillTree(parameters, gradients(value, leaves, paths)) };
  };
}

/**
 * The gradient of a scalar function with respect to its first argument, a tree of tensors; throws as {@link valueAndGrad}.
 *
 * @example
 * grad((x: Tensor) => x.square().sum())(constant([1, 3])); // [2, 6]
 */
export function grad<P, Rest extends unknown[]>(
  f: (parameters: P, ...rest: Rest) => Tensor,
): (parameters: P, ...rest: Rest) => P {
  return (parameters, ...rest) => valueAndGrad(f)(parameters, ...rest).gradient;
}

/**
 * Fresh names for a tree's tensors: what the function reaches of them by other ways (a closure) is a constant of the
 * differentiation.
 */
export function enter<P>(tree: P): { inside: P; leaves: Tensor[] } {
  const inside = mapTree(tree, (tensor) => Tensor.apply("identity", {}, [tensor]));
  return { inside, leaves: leavesOf(inside).map(({ tensor }) => tensor) };
}

/** A derivative was asked for where there is none; the message names the operations in the way. */
export class DerivativeError extends Error {
  override readonly name = "DerivativeError";
}

/**
 * ∂output/∂tensor for each of `tensors` (reverse mode); zeros where the output does not depend on it. `paths` name the
 * tensors in messages.
 */
export function gradients(output: Tensor, tensors: readonly Tensor[], paths: readonly string[] = []): Tensor[] {
  if (output.rank !== 0 || output.dtype !== "f32") {
    throw new ShapeError(
      `A gradient is that of an f32 scalar, got ${output.dtype}${showShape(output.shape)}. Reduce it first, for example by .mean().`,
    );
  }
  const cotangents = propagate(new Map([[output, scalar(1)]]), tensors);
  return tensors.map((tensor, i) => {
    if (!cotangents[i]) refuseBlockedPath(output, tensor, paths[i]);
    return cotangents[i] ?? tensor.zerosLike();
  });
}

/** Operations behind which a tensor may be meant to have no gradient, or that cannot be seen through. */
const OPAQUE: ReadonlySet<string> = new Set(["stopGradient", "customGradient", "scan"]);

/** Throws where the output does depend on a tensor, but on no path that can be differentiated. */
function refuseBlockedPath(output: Tensor, tensor: Tensor, path?: string): void {
  const between = new Set([tensor]);
  for (const one of topologicalOrder([output])) {
    if (!OPAQUE.has(one.call.name) && one.inputs.some((input) => between.has(input))) between.add(one);
  }
  if (!between.has(output) || output === tensor) return;
  const passed = [...between].slice(1);
  const blocking = passed.filter(({ call }) => !hasDerivative(call.name));
  const conversions = passed.filter(({ dtype }) => dtype !== "f32");
  const names = [...new Set((blocking.length > 0 ? blocking : conversions).map(({ call }) => call.name))].join(", ");
  throw new DerivativeError(
    `The result depends on ${path ? `"${path}"` : "the argument"} only through ${names || output.call.name}, which has no derivative. ` +
      "Use .stopGradient() if it is meant to be constant, or customGradient to give it one.",
  );
}

function hasDerivative(name: OperationName): boolean {
  const operation = operationOf(name);
  if (operation.kind === "loop") return true;
  return operation.kind === "elementwise" ? operation.partials !== undefined : operation.pullback !== undefined;
}

/**
 * Cotangents of `tensors` from those of others (`seeds`); `undefined` where nothing depends on a tensor. What is `given`
 * is not looked into: the parameters of a loop's body.
 */
function propagate(
  seeds: ReadonlyMap<Tensor, Tensor>,
  tensors: readonly Tensor[],
  given: ReadonlySet<Tensor> = new Set(),
): (Tensor | undefined)[] {
  const cotangents = new Map(seeds);
  const results = new Map<Tensor, LoopResult[]>();
  for (const tensor of dependents([...seeds.keys()], new Set(tensors), given).reverse()) {
    const cotangent = cotangents.get(tensor);
    const { name } = tensor.call;
    if ((name === "final" || name === "stacked") && cotangent) {
      const [scan] = tensor.inputs;
      results.set(scan!, [...(results.get(scan!) ?? []), { result: tensor, cotangent }]);
      continue;
    }
    const contributions =
      name === "scan"
        ? pullbackOfScan(tensor, results.get(tensor) ?? [], propagate)
        : cotangent && pullback(tensor, cotangent);
    contributions?.forEach((contribution, i) => {
      if (contribution) accumulate(cotangents, tensor.inputs[i]!, contribution);
    });
  }
  return tensors.map((tensor) => cotangents.get(tensor));
}

/** Tensors between `from` (without) and the roots (with), each after its inputs. */
function dependents(roots: readonly Tensor[], from: ReadonlySet<Tensor>, given: ReadonlySet<Tensor>): Tensor[] {
  const dependent = new Set<Tensor>(from);
  return topologicalOrder(roots, given).filter((tensor) => {
    if (from.has(tensor) || given.has(tensor) || !tensor.inputs.some((input) => dependent.has(input))) return false;
    dependent.add(tensor);
    return true;
  });
}

function pullback(tensor: Tensor, cotangent: Tensor): readonly (Tensor | undefined)[] {
  const { name, attributes } = tensor.call as { name: OperationName; attributes: OperationAttributes[OperationName] };
  const operation = operationOf(name);
  if (operation.kind === "loop") return [];
  if (operation.kind !== "elementwise") return operation.pullback?.(cotangent, tensor.inputs, tensor, attributes) ?? [];
  const partials = operation.partials?.(tensor.inputs, tensor, attributes) ?? [];
  return partials.map((partial) => {
    if (partial === undefined || partial === 1) return partial && cotangent;
    return partial === -1 ? cotangent.neg() : cotangent.mul(partial);
  });
}
