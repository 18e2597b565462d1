import { sizeOf } from "../../tensor/shape.js";
import { identityMap, isIdentity } from "../access.js";
import type { LoopKernel } from "../fuse.js";
import { accessesOf, type Node } from "../node.js";
import type { StagedProgram } from "../staged-program.js";
import { type KernelContext, type KeptPart, THREAD } from "./kernel-shader.js";
import { mergeLoops, MOST_TURNS_TOGETHER, threadOrder, turnsOf, unravel } from "./loops.js";

/**
 * Parts of the carry of a loop whose body is one kernel: its threads take the same elements in each iteration, and so find
 * those that nobody else needs where they have left them.
 */
export function keptParts({ fused, schedule }: StagedProgram, threads: number, prefix: string): KeptPart[] {
  const kernel = schedule.stages.flatMap(({ kernels }) => kernels).at(0);
  if (fused.kernels.length !== 1 || kernel?.kind !== "loop" || !staysPut(kernel, threads)) return [];
  return fused.graph.updates.flatMap(({ input, node: next }, i): KeptPart[] => {
    const present = fused.graph.inputs.get(input)!;
    const own = new Set<Node>(kernel.nodes);
    const isWhole = present.dtype === "f32" && present.shape.join() === kernel.space.join();
    const isSingle = fused.graph.layouts.get(next)!.group === undefined;
    if (next.kind !== "elementwise" || !own.has(next) || !isWhole || !isSingle) return [];
    const reads = kernel.nodes.flatMap((node) =>
      accessesOf(node).flatMap((access) => (access.node === present ? [{ node, map: access.map }] : [])),
    );
    const [pieces, others] = [true, false].map((is) => reads.filter(({ node }) => (node.kind === "assembly") === is));
    const areOwn = others!.every(({ map }) => isIdentity(map, kernel.space, present.shape));
    if (!areOwn || others!.length === 0) return [];
    return [
      {
        present,
        next,
        lane: kernel.lane,
        name: `${prefix}_${i}`,
        inMemory: pieces!.length > 0 || !schedule.inPlace.has(next),
      },
    ];
  });
}

/** True for a kernel of which each thread computes as many elements, and few enough for its registers. */
function staysPut({ nodes, space }: LoopKernel, threads: number): boolean {
  const turns = sizeOf(space) / threads;
  const isEven = turns <= 1 || (Number.isInteger(turns) && turns <= MOST_TURNS_TOGETHER);
  return isEven && nodes.every(({ kind }) => kind !== "reduction");
}

/** The declaration of the variable, which all kernels see. */
export function variableOf({ present, name }: KeptPart, threads: number): string {
  return `var<private> ${name}: array<f32, ${Math.max(1, sizeOf(present.shape) / threads)}>;`;
}

/** Emits what brings a part into registers before the first iteration, or back to memory after the last one. */
export function emitMove(
  { present: { shape }, present, lane, name }: KeptPart,
  direction: "in" | "out",
  { code, memory, threads }: Pick<KernelContext, "code" | "memory" | "threads">,
): void {
  const stream = memory.streamAt(memory.placement(present), identityMap(shape.length), shape.length);
  const loops = mergeLoops(threadOrder(shape, lane), shape, [stream]);
  const total = turnsOf(loops);
  const move = (turn: number): void => {
    const number = total > threads ? { first: THREAD, turn, step: threads } : THREAD;
    const { lines, index } = unravel(loops, number, `i${turn}_`);
    const [kept, word] = [`${name}[${turn}]`, memory.own(present, index)];
    code.add(...lines, direction === "in" ? `${kept} = bitcast<f32>(${word});` : `${word} = bitcast<u32>(${kept});`);
  };
  code.repeated(Math.min(total, threads), () =>
    code.block(total < threads ? `if (${THREAD} < ${total}u)` : "", () => {
      for (let turn = 0; turn * threads < total; turn++) move(turn);
    }),
  );
}
