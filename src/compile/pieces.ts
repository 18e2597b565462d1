import { soleAxis } from "./access.js";
import type { LaidOutGraph } from "./layout.js";
import { passes } from "./levels.js";
import { type Access, accessesOf, type AssemblyNode, type Node } from "./node.js";

/** Code is emitted for every box between the cuts of a loop's axes: on a lattice of three dimensions, 27. */
const MOST_BOXES = 27;
/** A thread asks for each part but one whether its element is there. */
const MOST_PARTS = 4;

/**
 * Assemblies (a lattice shifted around its edge, say) that need not be put together in memory, because all readers can
 * take each element from the part that has it: their loops are cut where one part ends and the next begins. Where each
 * element has a thread of its own, that looks in which part it is, and all parts show one tensor.
 */
export function readInPieces(graph: LaidOutGraph): Set<Node> {
  const found = new Set<Node>();
  if (graph.blockedLength > 0) return found;
  const { vectors } = graph.target;
  const readers = readersOf(graph);
  const roots = new Set([...graph.updates, ...graph.outputs].map(({ node }) => node));
  const cutsOfShape = new Map<string, Set<number>[]>();
  for (const node of graph.nodes) {
    if (node.kind !== "assembly" || roots.has(node) || !isPlain(node)) continue;
    if (vectors ? !keepsVectors(node, graph.lanes.get(node)!) : !showsOne(node)) continue;
    const own = readers.get(node) ?? [];
    if (!own.every(({ reader, access }) => reader.kind === "elementwise" && passes(graph, reader, access))) continue;
    const key = node.shape.join();
    const before = cutsOfShape.get(key) ?? node.shape.map(() => new Set<number>());
    const cuts = before.map((known, axis) => new Set([...known, ...cutsOf(node, axis)]));
    if (vectors && cuts.reduce((boxes, { size }) => boxes * (size + 1), 1) > MOST_BOXES) continue;
    cutsOfShape.set(key, cuts);
    found.add(node);
  }
  return found;
}

function readersOf({ nodes }: LaidOutGraph): Map<Node, { reader: Node; access: Access }[]> {
  const readers = new Map<Node, { reader: Node; access: Access }[]>();
  for (const reader of nodes)
    for (const access of accessesOf(reader)) {
      const list = readers.get(access.node) ?? [];
      list.push({ reader, access });
      readers.set(access.node, list);
    }
  return readers;
}

/** True when parts lie side by side, and memory holds what they copy as their readers want it. */
function isPlain({ covered, parts, shape, dtype }: AssemblyNode): boolean {
  if (!covered || dtype === "bool") return false;
  return parts.every(({ space, source, target }) => {
    const held = source.node.kind !== "constant" && source.node.kind !== "iota";
    return held && space.length === shape.length && shape.every((_, axis) => soleAxis(target, axis) === axis);
  });
}

/** True when no part ends within a vector. */
const keepsVectors = ({ parts, shape }: AssemblyNode, lane: number): boolean =>
  lane >= 0 && parts.every(({ space }) => space[lane] === shape[lane]);

/** True when an element of any part is one of the same few of a single tensor. */
const showsOne = ({ parts }: AssemblyNode): boolean =>
  parts.length <= MOST_PARTS && parts.every(({ source }) => source.node === parts[0]!.source.node);

/** Where parts begin along an axis, but for its start. */
const cutsOf = ({ parts }: AssemblyNode, axis: number): number[] =>
  parts.map(({ target }) => target[axis]!.offset).filter((offset) => offset > 0);
