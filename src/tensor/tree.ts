import { Tensor } from "./tensor.js";

/**
 * A tree of tensors: a tensor, or nested arrays and plain objects of tensors. Parameters, gradients and optimiser
 * states are trees of one structure. Functions take any type `T`; a leaf that is no tensor is a TypeError.
 */
export interface Leaf {
  /** Where it stands, as people write it: `layers[0].weight`; empty for a bare tensor. */
  readonly path: string;
  readonly tensor: Tensor;
}

/**
 * All leaves, arrays by index and objects in the order of their keys.
 *
 * @example
 * const [first] = leavesOf({ layers: [{ weight: scalar(2) }] });
 * first.tensor; // 2
 */
export function leavesOf(tree: unknown, path = ""): Leaf[] {
  if (tree instanceof Tensor) return [{ path, tensor: tree }];
  return childrenOf(tree, path).flatMap(([, child, childPath]) => leavesOf(child, childPath));
}

/**
 * The same tree with every leaf replaced by another tensor.
 *
 * @example
 * mapTree({ w: scalar(2) }, (x) => x.square()).w; // 4
 */
export function mapTree<T>(tree: T, replace: (tensor: Tensor, path: string) => Tensor): T {
  return mapLeaves(tree, replace) as T;
}

/**
 * A tree of the same structure with anything in place of its tensors.
 *
 * @example
 * const paths = mapLeaves({ w: scalar(2) }, (_, path) => path);
 * constant(paths.w.length); // 1
 */
export function mapLeaves(tree: unknown, replace: (tensor: Tensor, path: string) => unknown, path = ""): unknown {
  if (tree instanceof Tensor) return replace(tree, path);
  const children = childrenOf(tree, path).map(
    ([key, child, childPath]) => [key, mapLeaves(child, replace, childPath)] as const,
  );
  return Array.isArray(tree) ? children.map(([, child]) => child) : Object.fromEntries(children);
}

/**
 * Trees of one structure combined leaf by leaf: `replace(tensors of all trees, path)`.
 *
 * @example
 * zipTrees([{ w: scalar(2) }, { w: scalar(3) }], ([a, b]) => a.mul(b)).w; // 6
 */
export function zipTrees<T>(
  trees: readonly [T, ...T[]],
  replace: (tensors: readonly Tensor[], path: string) => Tensor,
): T {
  const others = trees.slice(1).map((tree) => new Map(leavesOf(tree).map(({ path, tensor }) => [path, tensor])));
  return mapTree(trees[0], (tensor, path) => {
    const rest = others.map((leaves) => {
      const leaf = leaves.get(path);
      if (!leaf) throw new TypeError(`The trees differ: one has no tensor at "${path}".`);
      return leaf;
    });
    return replace([tensor, ...rest], path);
  });
}

/**
 * A tree filled with new leaves in the order of {@link leavesOf}.
 *
 * @example
 * fillTree({ w: scalar(2) }, [scalar(5)]).w; // 5
 */
export function fillTree<T>(tree: T, leaves: readonly Tensor[]): T {
  let next = 0;
  return mapTree(tree, () => leaves[next++]!);
}

/** What a node of a tree holds: key, child and the child's path. */
export function childrenOf(tree: unknown, path: string): [key: string, child: unknown, path: string][] {
  if (Array.isArray(tree)) return tree.map((child: unknown, i) => [String(i), child, `${path}[${i}]`]);
  if (isPlainObject(tree)) {
    return Object.entries(tree).map(([key, child]) => [key, child, path ? `${path}.${key}` : key]);
  }
  const what = tree === null ? "null" : typeof tree === "object" ? tree.constructor.name : typeof tree;
  throw new TypeError(`A tree holds tensors in arrays and plain objects; at "${path}" it holds ${what}.`);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
