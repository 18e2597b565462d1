import type { Grid } from "./grid.js";

/**
 * How far each member lies from a phase: the Euclidean distance, in steps of the grid along the named axes, to the nearest member of
 * that phase with the same values of all other hyperparameters; Infinity where none has it.
 *
 * Throws a RangeError unless there is a phase for each member, and for names that are not the grid's.
 *
 * @param phases the phase of each member
 * @example phaseDistance(grid({ rate: [1, 2, 3], seed: [0, 1] }), [2, 0, 1, 0, 1, 2], 2, ["rate"]) // [0, 2, 1, 1, 2, 0]
 */
export function phaseDistance<Name extends string>(
  grid: Grid<Name>,
  phases: ArrayLike<number>,
  phase: number,
  axes: readonly Name[],
): number[] {
  if (phases.length !== grid.count)
    throw new RangeError(`phaseDistance: there are ${phases.length} phases for ${grid.count} members.`);
  const unknown = axes.find((name) => !grid.names.includes(name));
  if (unknown !== undefined)
    throw new RangeError(`phaseDistance: the grid has no "${unknown}"; it has ${grid.names.join(", ")}.`);
  const places = axes.map((name) => placesAlong(grid.values[name]));
  const others = grid.names.filter((name) => !axes.includes(name));
  const plane = (member: number) => others.map((name) => grid.values[name][member]).join();
  const all = Array.from({ length: grid.count }, (_, member) => member);
  const planes = all.map(plane);
  const distance = (a: number, b: number) => Math.hypot(...places.map((place) => place[a]! - place[b]!));
  const reached = all.filter((member) => phases[member] === phase);
  return all.map((member) =>
    Math.min(...reached.filter((other) => planes[other] === planes[member]).map((other) => distance(member, other))),
  );
}

/** The place of each value among those that the axis has. */
function placesAlong(values: ArrayLike<number>): number[] {
  const axis = [...new Set(Array.from(values))].sort((a, b) => a - b);
  return Array.from(values, (value) => axis.indexOf(value));
}
