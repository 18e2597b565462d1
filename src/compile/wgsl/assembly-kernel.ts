import type { AssemblyKernel } from "../fuse.js";
import type { Layout } from "../buffer-layout.js";
import type { AssemblyNode } from "../node.js";
import type { Placement } from "../wasm/kernel-context.js";
import { Expressions } from "./expressions.js";
import { forEachOfThread, type KernelContext } from "./kernel-shader.js";
import { mergeLoops, threadOrder, turnsOf, unravel } from "./loops.js";
import { wordOf } from "./shader-memory.js";

/** Emits copies of all parts to their places, after zeros where parts do not cover everything. */
export function emitAssemblyKernel({ nodes: [node] }: AssemblyKernel, layout: Layout, context: KernelContext): void {
  const placement = context.memory.placement(node);
  if (!node.covered) {
    clear(node, layout, context);
    context.barrier(context.memory.base(placement).array);
  }
  for (const part of node.parts) copyTo(placement, part, context);
}

function clear(node: AssemblyNode, { size }: Layout, context: KernelContext): void {
  const { memory, code } = context;
  const { region, offset } = memory.placement(node);
  forEachOfThread(context, size, () => {
    const word = memory.element({ region }, { start: offset / 4, steps: [1] }, new Map([[0, "n"]]));
    code.add(`${word} = 0u;`);
  });
}

/** Emits a copy of a part to its place in a value that lies in memory. */
export function copyTo(placement: Placement, part: AssemblyNode["parts"][number], context: KernelContext): void {
  const { space, source, target } = part;
  const { memory, code } = context;
  const rank = space.length;
  const to = memory.streamAt(placement, target, rank);
  const from = memory.stream(source, rank);
  const fastest = to.steps.findIndex((step, axis) => step === 1 && space[axis]! > 1);
  const loops = mergeLoops(threadOrder(space, fastest), space, [to, ...(from ? [from] : [])]);
  forEachOfThread(context, turnsOf(loops), (n) => {
    const { lines, index } = unravel(loops, n, "i");
    const e = new Expressions();
    const value = memory.load(e, source, rank, index);
    code.add(...lines, ...e.lines, `${memory.element(placement, to, index)} = ${wordOf(value)};`);
  });
}
