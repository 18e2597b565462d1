import type { Addressing } from "../tensor/operation.js";
import { limitsOf } from "../tensor/operations/indexing.js";
import type { Shape } from "../tensor/shape.js";
import { along, type AxisIndex, compose, identityMap, type IndexMap } from "./access.js";
import type { Access, DynamicIndex, GatherNode, ScatterNode } from "./node.js";

/** The static part of an addressing: an index for each axis of the whole. */
const staticMap = (addressing: Addressing): AxisIndex[] =>
  addressing.along.map((axis) => (axis === undefined ? { offset: 0, terms: [] } : along(axis)));

/** `map` takes axes of the whole to those of the node that holds it. */
function dynamicIndices(
  addressing: Addressing,
  map: IndexMap,
  { whole, part, indices }: { whole: Shape; part: Shape; indices: readonly Access[] },
): DynamicIndex[] {
  const limits = limitsOf(addressing, whole, part);
  return addressing.indexed.map((axis, i) => ({
    access: indices[i]!,
    limit: limits[i]!,
    scales: map.map(({ terms }) => terms.find((term) => term.axis === axis)?.scale ?? 0),
  }));
}

/** What a gather reads: the operands lie in memory. */
export function gatherFields(
  addressing: Addressing,
  [whole, part]: readonly [whole: Shape, part: Shape],
  [source, ...indices]: readonly Access[],
): Pick<GatherNode, "source" | "indices"> {
  const { node, map } = source!;
  return {
    source: { node, map: compose(map, staticMap(addressing)) },
    indices: dynamicIndices(addressing, map, { whole, part, indices }),
  };
}

/** What a scatter reads: part and indices lie in memory. */
export function scatterFields(
  addressing: Addressing,
  [whole, part]: readonly [whole: Shape, part: Shape],
  [base, values, ...indices]: readonly Access[],
): Pick<ScatterNode, "base" | "space" | "part" | "target" | "indices"> {
  return {
    base: base!,
    space: part,
    part: values!,
    target: staticMap(addressing),
    indices: dynamicIndices(addressing, identityMap(whole.length), { whole, part, indices }),
  };
}
