import { isIdentity } from "./access.js";
import { type FusedProgram, type Kernel } from "./fuse.js";
import { spaceOf } from "./layout.js";
import { accessesOf, type Node } from "./node.js";

/** Kernels in the order in which they run. */
export interface Schedule {
  readonly kernels: readonly Kernel[];
  /** Updates whose kernels may write over the old state; the others go through a copy at the end of the step. */
  readonly inPlace: ReadonlySet<Node>;
}

/** True when any node of the kernel reads `node`. */
export const reads = (kernel: Kernel, node: Node): boolean =>
  kernel.nodes.some((own) => accessesOf(own).some((access) => access.node === node));

/**
 * Orders kernels: each after those whose results it reads, and the one that computes a state's next value after all
 * others that read the present one, wherever that is possible.
 */
export function schedule({ graph, kernels }: FusedProgram): Schedule {
  const owner = new Map<Node, Kernel>();
  for (const kernel of kernels) for (const node of kernel.nodes) owner.set(node, kernel);
  const before = new Map(kernels.map((kernel) => [kernel, readKernels(kernel, owner)]));
  const inputs = new Map(graph.nodes.flatMap((node) => (node.kind === "input" ? [[node.name, node] as const] : [])));
  const inPlace = new Set<Node>();
  for (const { input, node } of graph.updates) {
    const writer = owner.get(node)!;
    const state = inputs.get(input)!;
    const readers = kernels.filter((kernel) => kernel !== writer && reads(kernel, state));
    if (readers.some((reader) => waitsFor(reader, writer, before)) || !readsOwnElements(writer, node, state)) continue;
    for (const reader of readers) before.get(writer)!.add(reader);
    inPlace.add(node);
  }
  return { kernels: sorted(kernels, before), inPlace };
}

function readKernels(kernel: Kernel, owner: ReadonlyMap<Node, Kernel>): Set<Kernel> {
  const found = new Set<Kernel>();
  for (const node of kernel.nodes)
    for (const access of accessesOf(node)) {
      const before = owner.get(access.node);
      if (before && before !== kernel) found.add(before);
    }
  return found;
}

function waitsFor(kernel: Kernel, other: Kernel, before: ReadonlyMap<Kernel, ReadonlySet<Kernel>>): boolean {
  const seen = new Set<Kernel>();
  const stack = [kernel];
  while (stack.length > 0) {
    const next = stack.pop()!;
    if (next === other) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    stack.push(...before.get(next)!);
  }
  return false;
}

/** True when the kernel needs each element of the state only where it writes the new one. */
function readsOwnElements(kernel: Kernel, result: Node, state: Node): boolean {
  if (!reads(kernel, state)) return true;
  if (result.kind !== "elementwise") return false;
  return kernel.nodes.every((node) =>
    accessesOf(node).every(({ node: read, map }) => read !== state || isIdentity(map, spaceOf(node), state.shape)),
  );
}

function sorted(kernels: readonly Kernel[], before: ReadonlyMap<Kernel, ReadonlySet<Kernel>>): Kernel[] {
  const done = new Set<Kernel>();
  const visit = (kernel: Kernel): void => {
    if (done.has(kernel)) return;
    for (const other of before.get(kernel)!) visit(other);
    done.add(kernel);
  };
  kernels.forEach(visit);
  return [...done];
}
