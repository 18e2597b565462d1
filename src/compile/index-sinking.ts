import { isIdentity } from "./access.js";
import { type Access, accessesOf, type Graph, type Node, type ScanNode, withAccesses } from "./node.js";

/** Operations on integers that take less time than a load. */
const CHEAP: ReadonlySet<string> = new Set(["add", "sub", "mul"]);
const MOST_OPERATIONS = 4;

/**
 * The same graph with the numbers of elements that its loops read (which random numbers are drawn by) computed in their bodies:
 * no memory has to hold them while a loop runs.
 */
export function sinkIndices(graph: Graph): Graph {
  if (!graph.nodes.some((node) => node.kind === "scan")) return graph;
  return rebuilt(graph, (node) => (node.kind === "scan" ? sunk(node) : node));
}

function sunk(scan: ScanNode): ScanNode {
  const given = scan.operands.filter(
    ({ role, access: { node, map } }) =>
      role === "captured" && isIdentity(map, node.shape, node.shape) && isIndex(node),
  );
  if (given.length === 0) return scan;
  const indices = new Map(given.map(({ input, access }) => [input, access.node]));
  const { nodes } = scan.body;
  const added = [...new Set([...indices.values()].flatMap(termsOf))];
  const body = rebuilt({ ...scan.body, nodes: [...added, ...nodes] }, (node) => {
    return (node.kind === "input" && indices.get(node.name)) || node;
  });
  return { ...scan, body, operands: scan.operands.filter((operand) => !given.includes(operand)) };
}

/** True for the sum of a few numbers of the element along axes, times constants. */
const isIndex = (node: Node): boolean => {
  const terms = termsOf(node);
  const operations = terms.filter(({ kind }) => kind === "elementwise");
  return operations.length > 0 && operations.length <= MOST_OPERATIONS && terms.every(isCheap);
};

const isCheap = (node: Node): boolean =>
  node.kind === "iota" ||
  node.kind === "constant" ||
  (node.kind === "elementwise" && (node.call.name === "cast" || (node.dtype !== "f32" && CHEAP.has(node.call.name))));

/** A node and all that it is computed from, each after those it reads, as far as they are cheap. */
function termsOf(node: Node): Node[] {
  const found = new Set<Node>();
  const visit = (one: Node): void => {
    if (found.has(one) || found.size > 2 * MOST_OPERATIONS * MOST_OPERATIONS) return;
    if (isCheap(one)) for (const access of accessesOf(one)) visit(access.node);
    found.add(one);
  };
  visit(node);
  return [...found];
}

/** A graph with other nodes in place of its own, without those that nothing needs any more; numbered anew. */
function rebuilt(graph: Graph, change: (node: Node) => Node): Graph {
  const changed = new Map<Node, Node>();
  for (const node of graph.nodes) changed.set(node, change(node));
  const roots = [...graph.updates, ...graph.outputs].map(({ node }) => node);
  const needed = new Set<Node>();
  const stack = roots.map((node) => changed.get(node)!);
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (needed.has(node)) continue;
    needed.add(node);
    for (const access of accessesOf(node)) stack.push(changed.get(access.node)!);
  }
  const placed = new Map<Node, Node>();
  const nodes: Node[] = [];
  const now = ({ node, map }: Access): Access => ({ node: placed.get(changed.get(node)!)!, map });
  for (const node of changed.values()) {
    if (placed.has(node) || (!needed.has(node) && node.kind !== "input")) continue;
    const own = { ...withAccesses(node, now), id: nodes.length };
    placed.set(node, own);
    nodes.push(own);
  }
  const root = (node: Node): Node => placed.get(changed.get(node)!)!;
  return {
    nodes,
    updates: graph.updates.map(({ input, node }) => ({ input, node: root(node) })),
    outputs: graph.outputs.map(({ name, node }) => ({ name, node: root(node) })),
  };
}
