import { sizeOf } from "../../tensor/shape.js";
import { largest } from "../largest.js";
import { spaceOf } from "../node.js";
import type { StagedProgram } from "../staged-program.js";

const FEWEST = 32;
/** Elements that a thread should have before there is another one. */
const ELEMENTS_PER_THREAD = 4;

/** Threads of a workgroup, a power of two: enough for the largest kernel, at most as many as there may be. */
export function threadsFor(staged: StagedProgram, most: number): number {
  let threads = FEWEST;
  while (2 * threads <= most && threads * ELEMENTS_PER_THREAD < largestResult(staged)) threads *= 2;
  return Math.min(threads, most);
}

function largestResult({ fused, bodies }: StagedProgram): number {
  const sizes = fused.kernels.flatMap(({ nodes }) => nodes.map((node) => elementsOf(node)));
  return largest([1, largest(sizes), ...Array.from(bodies.values(), largestResult)]);
}

/** Elements that threads can compute side by side; the terms of a matrix product are shared only where there are few. */
const elementsOf = (node: Parameters<typeof spaceOf>[0]): number =>
  node.kind === "contraction" ? sizeOf(node.shape) : sizeOf(spaceOf(node));
