import type { Shape } from "../tensor/shape.js";

/** offset + Σ scale · (index along an axis of the reader's space). */
export interface AxisIndex {
  readonly offset: number;
  readonly terms: readonly { readonly axis: number; readonly scale: number }[];
}

/** Where a reader's element lies in another tensor: an index for each of that tensor's axes. */
export type IndexMap = readonly AxisIndex[];

const FIRST: AxisIndex = { offset: 0, terms: [] };

/** The index along one axis of the reader itself. */
export const along = (axis: number, offset = 0): AxisIndex => ({ offset, terms: [{ axis, scale: 1 }] });

export const identityMap = (rank: number): IndexMap => Array.from({ length: rank }, (_, axis) => along(axis));

/** `outer` reads a tensor that is itself a view, with indices `inner`, of another. */
export function compose(inner: IndexMap, outer: IndexMap): IndexMap {
  return inner.map(({ offset, terms }) => {
    const scales = new Map<number, number>();
    for (const { axis, scale } of terms) {
      const through = outer[axis]!;
      offset += scale * through.offset;
      for (const term of through.terms) scales.set(term.axis, (scales.get(term.axis) ?? 0) + scale * term.scale);
    }
    return { offset, terms: Array.from(scales, ([axis, scale]) => ({ axis, scale })) };
  });
}

/** True when a reader of this shape sees every element at its own index. */
export function isIdentity(map: IndexMap, from: Shape, to: Shape): boolean {
  return (
    from.length === to.length &&
    map.every(
      ({ offset, terms }, axis) =>
        from[axis] === to[axis] &&
        offset === 0 &&
        (to[axis] === 1 || (terms.length === 1 && terms[0]!.axis === axis && terms[0]!.scale === 1)),
    )
  );
}

/** Distance in memory, in elements, between neighbours along each axis of a reader; and where its first element is. */
export function stridesOf(map: IndexMap, strides: readonly number[], rank: number): { start: number; steps: number[] } {
  const steps = new Array<number>(rank).fill(0);
  let start = 0;
  map.forEach(({ offset, terms }, axis) => {
    start += offset * strides[axis]!;
    for (const term of terms) steps[term.axis]! += term.scale * strides[axis]!;
  });
  return { start, steps };
}

export function broadcastMap(from: Shape, to: Shape): IndexMap {
  const shift = to.length - from.length;
  return from.map((length, axis) => (length === 1 ? FIRST : along(axis + shift)));
}

export function transposeMap(permutation: readonly number[]): IndexMap {
  const map = new Array<AxisIndex>(permutation.length);
  permutation.forEach((axis, i) => (map[axis] = along(i)));
  return map;
}

export const sliceMap = (start: readonly number[], step: readonly number[]): IndexMap =>
  start.map((offset, axis) => ({ offset, terms: [{ axis, scale: step[axis]! }] }));

/** Row-major index of axes of given lengths, as one index. */
export function flatIndex(axes: readonly number[], shape: Shape): AxisIndex {
  let scale = 1;
  const terms = [];
  for (const axis of axes.toReversed()) {
    terms.push({ axis, scale });
    scale *= shape[axis]!;
  }
  return { offset: 0, terms: terms.reverse() };
}

/** Axes of both shapes, in the smallest groups with equal numbers of elements; axes of length 1 are left out. */
export function reshapeGroups(from: Shape, to: Shape): { readonly from: number[]; readonly to: number[] }[] {
  const groups: { from: number[]; to: number[] }[] = [];
  const axesOf = (shape: Shape) => shape.flatMap((length, axis) => (length === 1 ? [] : [axis]));
  const [left, right] = [axesOf(from), axesOf(to)];
  while (left.length > 0) {
    const group = { from: [left.shift()!], to: [right.shift()!] };
    let [before, after] = [from[group.from[0]!]!, to[group.to[0]!]!];
    while (before !== after) {
      const axis = before < after ? left.shift()! : right.shift()!;
      if (before < after) {
        group.from.push(axis);
        before *= from[axis]!;
      } else {
        group.to.push(axis);
        after *= to[axis]!;
      }
    }
    groups.push(group);
  }
  return groups;
}

/** The reader's axis if the node's axis `own` moves with it alone, step by step, else −1. */
export function soleAxis(map: IndexMap, own: number): number {
  const { terms } = map[own]!;
  return terms.length === 1 && terms[0]!.scale === 1 ? terms[0]!.axis : -1;
}

/** True when nothing that is read changes along the reader's axis. */
export const isStill = (map: IndexMap, axis: number): boolean =>
  map.every(({ terms }) => terms.every((term) => term.axis !== axis));
