import { sizeOf } from "../tensor/shape.js";
import { largest } from "./largest.js";
import { CORE } from "./target.js";
import { accessesOf, type ContractionNode, type Graph, type Node, spaceOf } from "./node.js";

/** What the lanes of a vector are: elements of one member's tensors, or the same element of several members. */
export type VectorAxis = "elements" | "members";

export interface AxisChoice {
  readonly axis: VectorAxis;
  /** For people. */
  readonly reason: string;
}

/** Operations of one element that an expensive one counts for. */
const EXPENSIVE_WEIGHT = 16;
/** Share of the work that matrix products may have where several members are computed at once. */
const FEW_PRODUCTS = 0.25;
/** Elements of a tensor of which those of a pack still fit a core's second cache, with some others of its kind. */
const CACHED_ELEMENTS = 4096;
/** And its first cache, where matrix products read them again and again. */
const CACHED_FACTORS = 512;

/**
 * Chooses what vectors run along, by the program alone, so that a member's bits depend on neither machine nor ensemble.
 *
 * With members on the lanes no operation crosses them: no sums along a vector, no shifted neighbours, no rest. But
 * members share nothing: a matrix product loads both factors of every term, where with elements on the lanes each is
 * loaded once for a tile.
 */
export function chooseVectorAxis(graph: Graph): AxisChoice {
  const { total, products } = workOf(graph);
  if (products > FEW_PRODUCTS * total) {
    const share = Math.round((100 * products) / total);
    return { axis: "elements", reason: `${share} % of the work are matrix products, whose factors are used again` };
  }
  const elements = largestOf(graph);
  if (elements > (products > 0 ? CACHED_FACTORS : CACHED_ELEMENTS)) {
    return { axis: "elements", reason: `tensors of ${elements} elements of several members would not fit the cache` };
  }
  return { axis: "members", reason: "no large matrix products, small tensors: nothing crosses lanes then" };
}

interface Work {
  readonly total: number;
  /** Of matrix products with more than one row and column. */
  readonly products: number;
}

function workOf(graph: Graph): Work {
  let [total, products] = [0, 0];
  for (const node of graph.nodes) {
    if (node.kind === "scan") {
      const body = workOf(node.body);
      total += node.length * body.total;
      products += node.length * body.products;
    } else if (accessesOf(node).length > 0) {
      const dear = node.kind === "elementwise" && CORE.expensive.has(node.call.name);
      const work = sizeOf(spaceOf(node)) * (dear ? EXPENSIVE_WEIGHT : 1);
      total += work;
      if (node.kind === "contraction" && usesFactorsAgain(node)) products += work;
    }
  }
  return { total, products };
}

function usesFactorsAgain({ space }: ContractionNode): boolean {
  const [m, n] = space.slice(-3);
  return m! > 1 && n! > 1;
}

/** Elements of the largest tensor that is computed; stacks of loops are reached slice by slice. */
function largestOf(graph: Graph): number {
  const sizes = graph.nodes.map((node) =>
    node.kind === "scan" ? largestOf(node.body) : isComputed(node) ? sizeOf(node.shape) : 0,
  );
  return largest(sizes);
}

const isComputed = (node: Node): boolean =>
  node.kind !== "result" && accessesOf(node).every((access) => access.node.kind !== "result");
