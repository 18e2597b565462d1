import { identityMap } from "../access.js";
import type { LoopKernel } from "../fuse.js";
import type { Node, ReductionNode } from "../node.js";
import { accessesOf } from "../node.js";
import { Expressions } from "./expressions.js";
import { emitFold, type Fold, foldSums } from "./fold.js";
import {
  type BlockSums,
  cutSpace,
  ElementTrace,
  forEachOfThread,
  type KernelContext,
  storedWidth,
  THREAD,
} from "./kernel-shader.js";
import { type Loop, mergeLoops, MOST_TURNS_TOGETHER, threadOrder, turnsOf, unravel } from "./loops.js";
import { elementOf, elementsOfGroup, type Index, type Stream } from "./shader-memory.js";

/** Lines of all turns that are emitted together. */
const MOST_LINES_TOGETHER = 256;

/** Emits a loop kernel: each thread takes elements of the space, or a share of those that are folded into one. */
export function emitLoopKernel(kernel: LoopKernel, context: KernelContext): void {
  const { code } = context;
  const parts = partsOf(kernel, context);
  if (parts.folds.length > 0) {
    emitFold(foldOf(parts), context);
    return;
  }
  const width = storedWidth(kernel.nodes, context);
  if (width > 1) {
    emitGroups(kernel.lane, width, parts);
    return;
  }
  const { space, streams, merge, written, element } = parts;
  const loops = merge(threadOrder(space, kernel.lane), streams);
  if (emitTogether(loops, parts)) return;
  forEachOfThread(context, turnsOf(loops), (n) => {
    const { lines, index } = unravel(loops, n, "i");
    const trace = element(index);
    const stores = storesOf(trace, written, context, 0);
    code.add(...lines, ...trace.e.lines, ...stores);
  });
}

/**
 * Emits all turns of a thread together, if they are few and short: what they load first does not wait for what they store.
 * Returns false where they are not.
 */
function emitTogether(loops: readonly Loop[], { element, written, context }: LoopParts): boolean {
  const { code, threads, kept = [] } = context;
  const turns = turnsOf(loops) / threads;
  if (turns <= 1 || !Number.isInteger(turns) || turns > MOST_TURNS_TOGETHER) return false;
  const sites = Array.from({ length: turns }, (_, turn) => {
    const { lines, index } = unravel(loops, { first: THREAD, turn, step: threads }, `i${turn}_`);
    const trace = element(index, new Expressions(`v${turn}_`), turn);
    return { lines: [...lines, ...trace.e.lines], stores: storesOf(trace, written, context, turn) };
  });
  const length = sites.reduce((sum, { lines }) => sum + lines.length, 0);
  if (kept.length === 0 && length > MOST_LINES_TOGETHER) return false;
  code.repeated(threads, () =>
    code.block("", () => code.add(...sites.flatMap(({ lines }) => lines), ...sites.flatMap(({ stores }) => stores))),
  );
  return true;
}

/** Stores to memory, and to what a thread keeps of its turns. */
function storesOf(trace: ElementTrace, written: readonly Node[], { kept = [] }: KernelContext, turn: number): string[] {
  const inRegisters = new Set(kept.flatMap(({ next, inMemory }) => (inMemory ? [] : [next])));
  return [
    ...trace.stores(written.filter((node) => !inRegisters.has(node))),
    ...kept.map(({ next, name }) => `${name}[${turn}] = ${trace.value(next).text};`),
  ];
}

/** The same of a kernel that stores groups: each thread takes neighbours along an axis together. */
function emitGroups(
  lane: number,
  width: number,
  { space, streams, merge, written, element, context }: LoopParts,
): void {
  const { code } = context;
  const groups = streams.map(({ start, steps }) => ({ start, steps: steps.with(lane, width * steps[lane]!) }));
  const loops = merge(threadOrder(space, lane), groups, space.with(lane, space[lane]! / width));
  forEachOfThread(context, turnsOf(loops), (n) => {
    const { lines, index } = unravel(loops, n, "i");
    const e = new Expressions();
    const counters = elementsOfGroup(elementOf(index.get(lane)!), width);
    const traces = counters.map((counter) => element(new Map(index).set(lane, counter), e));
    const stores = ElementTrace.groupStores(traces, written);
    code.add(...lines, ...e.lines, ...stores);
  });
}

/** A loop kernel's sums over the blocks of a batch. */
export const loopSums = (kernel: LoopKernel, context: KernelContext): BlockSums =>
  foldSums(foldOf(partsOf(kernel, context)), context);

function partsOf(kernel: LoopKernel, context: KernelContext): LoopParts {
  const { lane, nodes } = kernel;
  const space = cutSpace(kernel.space, context.cut);
  const { memory, stored } = context;
  const folds = nodes.filter((node): node is ReductionNode => node.kind === "reduction");
  const computed = nodes.filter((node) => node.kind !== "reduction");
  const own = new Set(nodes as readonly unknown[]);
  const streams = nodes.flatMap((node) => [
    ...(node.kind === "assembly"
      ? node.parts.map((part) => memory.partStream(part))
      : accessesOf(node)
          .filter((access) => !own.has(access.node))
          .flatMap((access) => memory.stream(access, space.length) ?? [])),
    ...(node.kind === "reduction" || !stored.has(node)
      ? []
      : [memory.streamAt(memory.placement(node), identityMap(space.length), space.length)]),
  ]);
  const element = (index: Index, e = new Expressions(), turn = 0): ElementTrace => {
    const trace = new ElementTrace(e, memory, space.length, index);
    for (const { present, name } of context.kept ?? []) trace.know(present, e.value(`${name}[${turn}]`, "f32"));
    for (const node of computed) trace.compute(node);
    return trace;
  };
  const written = computed.filter((node) => stored.has(node));
  const merge = (axes: readonly number[], moving: readonly Stream[], lengths = space): Loop[] =>
    mergeLoops(axes, lengths, moving, cutAxes(nodes));
  return { folds, space, lane, streams, merge, element, written, context };
}

interface LoopParts {
  readonly folds: readonly ReductionNode[];
  readonly space: LoopKernel["space"];
  readonly lane: number;
  readonly streams: readonly Stream[];
  readonly merge: (axes: readonly number[], moving: readonly Stream[], lengths?: LoopKernel["space"]) => Loop[];
  readonly element: (index: Index, e?: Expressions, turn?: number) => ElementTrace;
  readonly written: readonly Node[];
  readonly context: KernelContext;
}

/** Axes along which an assembly consists of parts. */
const cutAxes = (nodes: readonly Node[]): Set<number> =>
  new Set(
    nodes.flatMap((node) => {
      if (node.kind !== "assembly") return [];
      const isCut = (axis: number) => node.parts.some(({ space }) => space[axis] !== node.shape[axis]);
      return [...node.shape.keys()].filter(isCut);
    }),
  );

function foldOf({ folds, space, lane, streams, merge, element, written, context }: LoopParts): Fold {
  const { memory } = context;
  const { axes } = folds[0]!;
  const results = folds.map((node): Stream => {
    const { offset, strides } = memory.placement(node);
    let kept = 0;
    return { start: offset / 4, steps: space.map((_, axis) => (axes.includes(axis) ? 0 : strides[kept++]!)) };
  });
  const order = threadOrder(space, lane);
  return {
    kept: merge(
      order.filter((axis) => !axes.includes(axis)),
      [...streams, ...results],
    ),
    folded: merge(
      order.filter((axis) => axes.includes(axis)),
      streams,
    ),
    laneIsFolded: axes.includes(lane),
    kinds: folds.map(({ fold }) => fold),
    terms: (index) => {
      const trace = element(index);
      const values = folds.map(({ operand }) => trace.read(operand));
      const stores = trace.stores(written);
      return { lines: trace.e.lines, values, stores };
    },
    results: (index) => folds.map((node, i) => memory.element(memory.placement(node), results[i]!, index)),
  };
}
