import type { Grid } from "./grid.js";

/** Members whose programs have the same shapes. */
export interface StructureGroup {
  /** Values of the structural hyperparameters. */
  readonly structure: Readonly<Record<string, number>>;
  /** Places in the grid, ascending. */
  readonly members: readonly number[];
}

/**
 * Members by the values of the hyperparameters on which shapes depend, in the order of their first members.
 *
 * Throws a RangeError for a name that the grid lacks.
 */
export function groupByStructure(grid: Grid, structural: readonly string[]): StructureGroup[] {
  const unknown = structural.find((name) => !grid.names.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(`The structural hyperparameter "${unknown}" is none of the grid's: ${grid.names.join(", ")}.`);
  }
  const groups = new Map<string, { structure: Record<string, number>; members: number[] }>();
  for (let member = 0; member < grid.count; member++) {
    const values = structural.map((name) => grid.values[name]![member]!);
    const group = groups.get(values.join());
    if (group) group.members.push(member);
    else {
      const structure = Object.fromEntries(structural.map((name, i) => [name, values[i]!]));
      groups.set(values.join(), { structure, members: [member] });
    }
  }
  return [...groups.values()];
}

/** A message about what failed for one group, with the values that make it. */
export function showStructure(structure: Readonly<Record<string, number>>): string {
  return Object.entries(structure)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ");
}
