import { isIdentity } from "./access.js";
import type { FusedProgram, Kernel } from "./fuse.js";
import type { Layout } from "./buffer-layout.js";
import type { LaidOutGraph } from "./layout.js";
import { accessesOf, type Node, spaceOf } from "./node.js";
import { lastReaders, lieAlike } from "./overwritten.js";
import { type Schedule, type Stage, sumsBlocks } from "./schedule.js";

/**
 * Operands in whose memory elementwise results may lie, by result: the kernel of the result is the last one to read the operand,
 * and needs each of its elements only where it writes one. Both are known in one stage only: in one that works off blocks, they
 * live within a block.
 */
export function overwrittenOperands({ graph, stored }: FusedProgram, { stages }: Schedule): Map<Node, Node> {
  const lastReader = lastReaders(stages.flatMap((stage) => stage.kernels));
  const within = valuesWithinStages(graph, stages, lastReader);
  const found = new Map<Node, Node>();
  for (const { kernels, blocks } of stages)
    for (const kernel of kernels) {
      if (blocks > 0 && sumsBlocks(kernel, graph)) continue;
      const given = operandsOf(kernel).filter((node) => {
        const isFree = stored.has(node) && within.has(node) && lastReader.get(node) === kernel;
        return isFree && kernel.nodes.every((reader) => readsInPlace(reader, node));
      });
      for (const node of kernel.nodes) {
        if (node.kind !== "elementwise" || !stored.has(node) || !within.has(node)) continue;
        const place = given.findIndex((operand) => isAlike(node, operand, graph.layouts));
        if (place >= 0) found.set(node, given.splice(place, 1)[0]!);
      }
    }
  return found;
}

/** Nodes that no update, no output and no kernel of another stage reads. */
function valuesWithinStages(
  graph: LaidOutGraph,
  stages: readonly Stage[],
  lastReader: ReadonlyMap<Node, Kernel>,
): Set<Node> {
  const roots = new Set([...graph.updates, ...graph.outputs].map(({ node }) => node));
  const own = stages.flatMap(({ kernels }) => {
    const inside = new Set(kernels);
    const nodes = kernels.flatMap((kernel) => kernel.nodes as readonly Node[]);
    return nodes.filter((node) => inside.has(lastReader.get(node)!) && !roots.has(node));
  });
  return new Set(own);
}

/** What a kernel reads of others, each once. */
function operandsOf({ nodes }: Kernel): Node[] {
  const own = new Set<Node>(nodes);
  const read = nodes.flatMap((node) => accessesOf(node).map((access) => access.node));
  return [...new Set(read)].filter((node) => !own.has(node));
}

const readsInPlace = (reader: Node, node: Node): boolean =>
  accessesOf(reader).every((access) => {
    if (access.node !== node) return true;
    return reader.kind === "elementwise" && isIdentity(access.map, spaceOf(reader), node.shape);
  });

const isAlike = (node: Node, operand: Node, layouts: ReadonlyMap<Node, Layout>): boolean =>
  node.dtype === operand.dtype &&
  node.shape.join() === operand.shape.join() &&
  lieAlike(layouts.get(node)!, layouts.get(operand)!);
