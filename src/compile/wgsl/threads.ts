import { sizeOf } from "../../tensor/shape.js";
import { largest } from "../largest.js";
import { spaceOf } from "../node.js";
import type { StagedProgram } from "../staged-program.js";

const FEWEST = 32;
/** Elements that a thread should have before there is another one. */
const ELEMENTS_PER_THREAD = 4;
/** Kernels that do less of a step's work than this have no say: a long stack is copied once, its loop runs for each slice. */
const SHARE_OF_WORK = 0.01;

/** Threads of a workgroup, a power of two: enough for the largest kernel that matters, at most as many as there may be. */
export function threadsFor(staged: StagedProgram, most: number): number {
  const loads = loadsOf(staged, 1);
  const all = loads.reduce((sum, { work }) => sum + work, 0);
  const elements = largest([1, ...loads.flatMap((load) => (load.work >= SHARE_OF_WORK * all ? [load.elements] : []))]);
  let threads = FEWEST;
  while (2 * threads <= most && threads * ELEMENTS_PER_THREAD < elements) threads *= 2;
  return Math.min(threads, most);
}

/** Elements that threads compute side by side in a kernel, and terms of all its nodes in a step. */
interface Load {
  readonly elements: number;
  readonly work: number;
}

/** Loads of all kernels of a program, or of a loop's body, that runs so many times. */
function loadsOf({ fused, bodies }: StagedProgram, times: number): Load[] {
  return fused.kernels.flatMap((kernel) => {
    if (kernel.kind === "scan") return loadsOf(bodies.get(kernel.scan.body)!, times * kernel.scan.length);
    const elements = largest(kernel.nodes.map(elementsOf));
    return [{ elements, work: times * kernel.nodes.reduce((sum, node) => sum + sizeOf(spaceOf(node)), 0) }];
  });
}

/** Elements that threads can compute side by side; the terms of a matrix product are shared only where there are few. */
const elementsOf = (node: Parameters<typeof spaceOf>[0]): number =>
  node.kind === "contraction" ? sizeOf(node.shape) : sizeOf(spaceOf(node));
