import { BatchedLoop } from "./scan-batch.js";
import type { OperationAttributes, OperationName } from "./operation.js";
import { operationOf } from "./operations/index.js";
import { topologicalOrder } from "./program.js";
import { parameter } from "./scan.js";
import { normaliseAxis, ShapeError } from "./shape.js";
import { Tensor } from "./tensor.js";
import { leavesOf, mapTree } from "./tree.js";

/**
 * The function that applies `f`, written for one example, to all along an axis at once: of every tensor of the first
 * argument, a tree, `f` sees one part along `axis`; the results' tensors have the examples along a new first axis.
 * Further arguments, and whatever `f` captures, are the same for all examples. The result is again a tensor program:
 * `vmap(grad(f))` gives the gradient of each example.
 *
 * Throws {@link ShapeError} when the tensors have different numbers of examples.
 *
 * @example
 * const norms = vmap((x: Tensor) => x.square().sum().sqrt())(constant([[3, 4], [5, 12]])); // [5, 13]
 */
export function vmap<P, R, Rest extends unknown[]>(
  f: (example: P, ...rest: Rest) => R,
  axis = 0,
): (examples: P, ...rest: Rest) => R {
  return (examples, ...rest) => {
    const count = countOf(examples, axis);
    const known = new Map<Tensor, Tensor>();
    const example = mapTree(examples, (x) => {
      const at = normaliseAxis("vmap", axis, x.rank);
      const one = parameter(x.shape.toSpliced(at, 1), x.dtype);
      const others = x.shape.map((_, k) => k).filter((k) => k !== at);
      known.set(one, at === 0 ? x : x.transpose([at, ...others]));
      return one;
    });
    const result = f(example, ...rest);
    batch(
      leavesOf(result).map(({ tensor }) => tensor),
      known,
      count,
    );
    return mapTree(result, (tensor) => known.get(tensor) ?? repeated(tensor, count));
  };
}

function countOf(examples: unknown, axis: number): number {
  const counts = leavesOf(examples).map(({ path, tensor }) => {
    return { path, count: tensor.shape[normaliseAxis("vmap", axis, tensor.rank)]! };
  });
  const [first] = counts;
  if (!first) throw new ShapeError("vmap: the first argument holds no tensor.");
  const other = counts.find(({ count }) => count !== first.count);
  if (!other) return first.count;
  throw new ShapeError(
    `vmap: along axis ${axis} there are ${first.count} examples${at(first.path)}, but ${other.count}${at(other.path)}.`,
  );
}

const at = (path: string): string => path && ` at "${path}"`;

const repeated = (tensor: Tensor, count: number): Tensor => tensor.broadcast([count, ...tensor.shape]);

/** Adds to the known tensors with examples those that the roots are computed from; the others are alike for all. */
function batch(
  roots: readonly Tensor[],
  known: Map<Tensor, Tensor>,
  count: number,
  given: ReadonlySet<Tensor> = new Set(),
): void {
  const loops = new Map<Tensor, BatchedLoop>();
  for (const tensor of topologicalOrder(roots, given)) {
    if (known.has(tensor) || given.has(tensor)) continue;
    if (tensor.call.name === "scan") {
      const operands = tensor.inputs.map((input) => known.get(input));
      if (operands.some((operand) => operand)) loops.set(tensor, new BatchedLoop(tensor, operands, count, batch));
      continue;
    }
    const loop = tensor.inputs[0] && loops.get(tensor.inputs[0]);
    const batched = loop ? loop.of(tensor) : batchOne(tensor, known, count);
    if (batched) known.set(tensor, batched);
  }
}

function batchOne(tensor: Tensor, known: ReadonlyMap<Tensor, Tensor>, count: number): Tensor | undefined {
  if (!tensor.inputs.some((input) => known.has(input))) return undefined;
  const inputs = tensor.inputs.map((input) => known.get(input) ?? repeated(input, count));
  const { call } = tensor;
  if (call.name === "customGradient") {
    const { backward } = call.attributes;
    const ofAll = vmap(([cotangent, value, ...others]: Tensor[]) => backward(cotangent!, others, value!));
    return Tensor.apply(
      "customGradient",
      { backward: (cotangent, others, value) => ofAll([cotangent, value, ...others]) },
      inputs,
    );
  }
  const { name, attributes } = call as { name: OperationName; attributes: OperationAttributes[OperationName] };
  const operation = operationOf(name);
  if (operation.kind === "elementwise") return Tensor.apply(name, attributes, inputs);
  if (operation.kind === "loop" || !operation.batch) throw new Error(`vmap: ${name} has no rule for a batch.`);
  return operation.batch(inputs, attributes, count);
}
