import { leavesOf, Tensor } from "../tensor/index.js";
import { childrenOf } from "../tensor/tree.js";
import type { Rate } from "./optimizer.js";

/**
 * A hyperparameter that parameters may differ in: one for all, a function of where a parameter stands
 * (`layers[0].weight`), or a tree of the parameters' structure in which one rate may stand for a whole subtree.
 *
 * @example
 * const parameters = { embedding: ones([4]), decoder: [{ weight: ones([2, 4]), bias: ones([4]) }] };
 * const perGroup = sgd({ learningRate: { embedding: 1, decoder: 0.01 } });
 * const perPath = adamW({ learningRate: 1e-3, weightDecay: (path) => (path.endsWith("bias") ? 0 : 1e-2) });
 * perGroup.init(parameters);
 * perPath.init(parameters);
 */
export type Rates = Rate | ((path: string) => Rate) | readonly Rates[] | { readonly [key: string]: Rates };

/**
 * The rate of each parameter of a tree, by its path.
 *
 * Throws TypeError where a tree of rates lacks a parameter or names one that does not exist, RangeError for a rate that
 * is a number, but not finite.
 */
export function ratesOf(rates: Rates, parameters: unknown): (path: string) => Rate {
  const byPath = new Map(assign(rates, parameters, ""));
  for (const [path, rate] of byPath) {
    if (typeof rate === "number" && !Number.isFinite(rate))
      throw new RangeError(`The rate${path && ` of "${path}"`} is ${rate}; rates are finite numbers.`);
  }
  return (path) => byPath.get(path)!;
}

function assign(rates: Rates, tree: unknown, path: string): [path: string, rate: Rate][] {
  if (typeof rates === "number" || rates instanceof Tensor)
    return leavesOf(tree, path).map((leaf) => [leaf.path, rates]);
  if (typeof rates === "function") return leavesOf(tree, path).map((leaf) => [leaf.path, rates(leaf.path)]);
  if (tree instanceof Tensor) {
    throw new TypeError(`The rates hold a tree at "${path}", where the parameters hold one tensor: give one rate.`);
  }
  const children = childrenOf(tree, path);
  const known = new Set(children.map(([key]) => key));
  const given = new Map<string, Rates>(Object.entries(rates));
  const excess = [...given.keys()].find((key) => !known.has(key));
  if (excess !== undefined) {
    throw new TypeError(
      `The rates name "${excess}"${path && ` at "${path}"`}, where the parameters have only ${[...known].join(", ")}.`,
    );
  }
  return children.flatMap(([key, child, childPath]) => {
    const rate = given.get(key);
    if (rate === undefined) throw new TypeError(`The rates have none for "${childPath}": give one, 0 to leave it out.`);
    return assign(rate, child, childPath);
  });
}
