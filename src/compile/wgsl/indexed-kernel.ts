import type { Shape } from "../../tensor/shape.js";
import { identityMap, isStill } from "../access.js";
import type { IndexedKernel } from "../fuse.js";
import type { DynamicIndex, GatherNode, Node, ScatterNode } from "../node.js";
import type { Placement } from "../wasm/kernel-context.js";
import { copyTo } from "./assembly-kernel.js";
import { Expressions } from "./expressions.js";
import { forEachOfThread, type KernelContext } from "./kernel-shader.js";
import { type Loop, turnsOf, unravel } from "./loops.js";
import { type Index, valueOfWord, wordOf } from "./shader-memory.js";

/** Emits a gather, or a scatter after a copy of what it starts from. */
export function emitIndexedKernel({ nodes: [node] }: IndexedKernel, context: KernelContext): void {
  if (node.kind === "gather") emitGather(node, context);
  else emitScatter(node, context);
}

function emitGather(node: GatherNode, context: KernelContext): void {
  const { memory, code } = context;
  const rank = node.shape.length;
  const loops = loopsOver(node.shape, [...node.shape.keys()]);
  forEachOfThread(context, turnsOf(loops), (n) => {
    const { lines, index } = unravel(loops, n, "i");
    const e = new Expressions();
    const moved = movedWords(e, node.indices, node.source.node, node.shape, index, context);
    const value = memory.load(e, node.source, rank, index, moved);
    code.add(...lines, ...e.lines, `${memory.own(node, index)} = ${wordOf(value)};`);
  });
}

/**
 * Elements that may meet belong to one thread, which takes them in row-major order: those that differ only along axes
 * on which an element's place depends through indices.
 */
function emitScatter(node: ScatterNode, context: KernelContext): void {
  const { memory, code } = context;
  const { base, shape, space, part, target, indices, mode, dtype } = node;
  const placement = memory.placement(node);
  if (!liesIn(placement, memory.placement(base.node))) {
    copyTo(placement, { space: shape, source: base, target: identityMap(shape.length) }, context);
    context.barrier(memory.base(placement).array);
  }
  const owned = ownedAxes(node);
  const axes = [...space.keys()];
  const [owners, others] = [axes.filter((axis) => owned.has(axis)), axes.filter((axis) => !owned.has(axis))];
  const [outer, inner] = [loopsOver(space, owners), loopsOver(space, others)];
  forEachOfThread(context, turnsOf(outer), (n) => {
    const place = unravel(outer, n, "i");
    code.add(...place.lines);
    const put = (): void => {
      const turn = unravel(inner, "f", "j");
      const index = new Map([...place.index, ...turn.index]);
      const e = new Expressions();
      const moved = movedWords(e, indices, node, space, index, context);
      const word = memory.element(placement, memory.streamAt(placement, target, space.length), index, moved);
      const value = memory.load(e, part, space.length, index);
      const there = mode === "add" ? valueOfWord(e, word, dtype) : undefined;
      const sum = there && (dtype === "f32" ? e.add(there, value) : e.addInt(there, value));
      code.add(...turn.lines, ...e.lines, `${word} = ${wordOf(sum ?? value)};`);
    };
    const heading = `for (var f = 0u; f < ${turnsOf(inner)}u; f++)`;
    code.repeated(turnsOf(inner), () => code.block(heading, put));
  });
}

/** True for a value that takes the place of another one. */
const liesIn = (placement: Placement, base: Placement | undefined): boolean =>
  placement.region === base?.region && placement.offset === base.offset;

/** Axes of a part that move along an axis of the whole on which no two elements' indices differ; all where any value may win. */
function ownedAxes({ target, indices, mode, space }: ScatterNode): Set<number> {
  if (mode === "set") return new Set(space.keys());
  const varying = indices.filter(
    ({ access, limit }) => limit > 0 && space.some((length, axis) => length > 1 && !isStill(access.map, axis)),
  );
  const moved = new Set(varying.flatMap(({ scales }) => scales.flatMap((scale, axis) => (scale === 0 ? [] : [axis]))));
  return new Set(target.flatMap(({ terms }, axis) => (moved.has(axis) ? [] : terms.map((term) => term.axis))));
}

const loopsOver = (space: Shape, axes: readonly number[]): Loop[] =>
  axes.flatMap((axis) => (space[axis]! > 1 ? [{ axis, count: space[axis]! }] : []));

/** The words by which clamped indices move an address. */
function movedWords(
  e: Expressions,
  indices: readonly DynamicIndex[],
  moved: Node,
  space: Shape,
  index: Index,
  { memory }: KernelContext,
): string | undefined {
  const { strides } = memory.placement(moved);
  const terms = indices.flatMap(({ access, limit, scales }) => {
    const step = scales.reduce((sum, scale, axis) => sum + scale * strides[axis]!, 0);
    if (limit === 0 || step === 0) return [];
    const value = memory.load(e, access, space.length, index);
    return [`u32(clamp(bitcast<i32>(${value.text}), 0, ${limit})) * ${step >>> 0}u`];
  });
  return terms.length > 0 ? e.value(terms.join(" + "), "u32").text : undefined;
}
