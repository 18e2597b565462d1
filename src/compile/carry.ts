import type { LaidOutGraph } from "./layout.js";
import type { Node, ScanNode } from "./node.js";
import { lieAlike } from "./overwritten.js";
import type { StagedProgram } from "./staged-program.js";

/** A part of a loop's carry that needs two buffers: an iteration reads one while it writes the other. */
export interface SwappedPart {
  /** In the body: what holds it at the beginning of an iteration, and at the end. */
  readonly present: Node;
  readonly next: Node;
  /** Around the loop: what it starts from, and what is left of it. */
  readonly start: Node;
  readonly end: Node;
}

/**
 * By input of its body, the parts of a loop's carry that the body still reads when their next values are written, so that
 * these cannot take their place. Two buffers change places after each iteration; that needs layouts that are alike, and
 * a number of iterations that is known, for it says which buffer the last one fills.
 */
export function swappedParts(scan: ScanNode, around: LaidOutGraph, body: StagedProgram): Map<string, SwappedPart> {
  const found = new Map<string, SwappedPart>();
  const { graph } = body.fused;
  if (scan.mayEnd) return found;
  const updates = new Map(graph.updates.map(({ input, node }) => [input, node]));
  const inputs = new Map(graph.nodes.flatMap((node) => (node.kind === "input" ? [[node.name, node] as const] : [])));
  const starts = new Map(scan.operands.map(({ input, access }) => [input, access.node]));
  for (const end of around.nodes) {
    if (end.kind !== "result" || end.scan.node !== scan || end.what !== "carry") continue;
    const [present, next] = [inputs.get(end.name)!, updates.get(end.name)!];
    const copied = !body.schedule.inPlace.has(next);
    if (copied && lieAlike(graph.layouts.get(present)!, graph.layouts.get(next)!))
      found.set(end.name, { present, next, start: starts.get(end.name)!, end });
  }
  return found;
}
