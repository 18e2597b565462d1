/**
 * Sums of rows beside a matrix product that reads these rows for its own sums: the gradient of a layer's biases beside that of its
 * weights, as cuBLASLt has it in its epilogue BGRAD.
 */
import { soleAxis } from "./access.js";
import type { LaidOutGraph } from "./layout.js";
import type { Levels } from "./levels.js";
import { type Access, type ContractionNode, keptAxes, type Node, type ReductionNode } from "./node.js";

/** The operand of a product of two matrices that has more rows: in vectors along its rows, each is read once. */
export function longOperand({ space, left, right }: ContractionNode): { access: Access; row: number } {
  const [m, n] = [space.length - 3, space.length - 2];
  return space[m]! > space[n]! ? { access: left, row: m } : { access: right, row: n };
}

/**
 * Sums that products with lanes along the summed axis may compute, at most one each. Product and sum are of one level, so that
 * neither waits for the other one, and go by the whole batch.
 */
export function rowSumsIn(graph: LaidOutGraph, levels: Levels): Map<ReductionNode, ContractionNode> {
  const products = new Map<Node, ContractionNode[]>();
  for (const [product, form] of graph.forms) {
    if (form.kind !== "dot" || product.space.length !== 3 || goesByBlocks(graph, product)) continue;
    const { node } = longOperand(product).access;
    products.set(node, [...(products.get(node) ?? []), product]);
  }
  const found = new Map<ReductionNode, ContractionNode>();
  const taken = new Set<ContractionNode>();
  for (const node of graph.nodes) {
    if (node.kind !== "reduction" || node.fold !== "sum" || goesByBlocks(graph, node)) continue;
    const product = (products.get(node.operand.node) ?? []).find(
      (one) => !taken.has(one) && levels.level(one) === levels.level(node) && addsUpRowsOf(node, one),
    );
    if (!product) continue;
    taken.add(product);
    found.set(node, product);
  }
  return found;
}

const goesByBlocks = (graph: LaidOutGraph, node: Node): boolean =>
  keptAxes(node).includes(graph.blockedAxis.get(node)!);

/** True when the sum's terms are those of the rows of the product's longer operand, and all of them. */
function addsUpRowsOf({ space, axes, operand }: ReductionNode, product: ContractionNode): boolean {
  const { access, row } = longOperand(product);
  const term = product.space.length - 1;
  if (space.length !== 2 || axes.length !== 1 || access.map.length !== 2) return false;
  const [summed] = axes as [number];
  return access.map.every((index, own) => {
    const axis = soleAxis(access.map, own);
    const other = soleAxis(operand.map, own);
    const alike = axis === term ? other === summed : axis === row && other === 1 - summed;
    return alike && index.offset === 0 && operand.map[own]!.offset === 0 && space[other] === product.space[axis];
  });
}
