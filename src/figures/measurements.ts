import { checkColumnTexts, type ColumnTexts, mergeColumnTexts } from "../storage/column-text.js";
import type { Grid, MemberColumn } from "../ensemble/index.js";
import { MEMBER_STATES } from "../protocol.js";
import type { FigureSource, SourceColumn, SourceCurves } from "./source.js";

/** What was measured of every member of a grid. */
export interface MeasurementOptions<Name extends string> {
  /** Values by name, one for each member. */
  readonly metrics?: Readonly<Record<string, ArrayLike<number>>>;
  /** By name, a line for each member: values of shape [members, points] over points that all share. */
  readonly curves?: Readonly<Record<string, SourceCurves>>;
  /** Names of the values 0, 1, 2, … of a hyperparameter or a metric: it is a category then. */
  readonly categories?: { readonly [name in Name]?: readonly string[] } & Readonly<Record<string, readonly string[]>>;
  /** Labels and units of metrics and hyperparameters, which figures show; of these, they win over those of the grid. */
  readonly columns?: ColumnTexts<Name> & ColumnTexts;
}

/**
 * Members that were not trained, for figures: what `evaluate` gave, or a theory's values over a grid.
 *
 * Throws a RangeError where values are not one for each member.
 * @example
 * const members = grid({ x: linspace(0, 1, 5), y: linspace(0, 1, 5) });
 * const height = members.values.x.map((x, i) => x * members.values.y[i]!);
 * const source = measurements(members, { metrics: { height }, columns: { height: { label: "height of the peak", unit: "m" } } });
 * phaseDiagram(source, { x: "x", y: "y", color: "height" });
 */
export function measurements<Name extends string>(
  grid: Grid<Name>,
  { metrics = {}, curves = {}, categories = {}, columns = {} }: MeasurementOptions<Name>,
): FigureSource {
  const names: Readonly<Record<string, readonly string[] | undefined>> = categories;
  const last = Object.entries(curves).map(([name, curve]) => [name, lastValues(name, curve, grid.count)] as const);
  const texts = mergeColumnTexts(grid.columns, columns);
  const column = (name: string, role: MemberColumn["role"], values: ArrayLike<number>): SourceColumn => {
    if (values.length !== grid.count) {
      throw new RangeError(`measurements: "${name}" has ${values.length} values for ${grid.count} members.`);
    }
    const known = names[name];
    return {
      name,
      ...texts[name],
      role,
      values,
      ...(known ? { scale: "category", categories: known } : { scale: "linear" }),
    };
  };
  checkColumnTexts("measurements", columns, [...grid.names, ...Object.keys({ ...curves, ...metrics })]);
  return {
    id: crypto.randomUUID(),
    members: grid.count,
    columns: [
      ...grid.names.map((name) => column(name, "hyperparameter", grid.values[name])),
      ...Object.entries({ ...Object.fromEntries(last), ...metrics }).map(([name, values]) =>
        column(name, "metric", values),
      ),
    ],
    states: new Uint8Array(grid.count).fill(MEMBER_STATES.indexOf("finished")),
    progress: { state: "finished", step: 0, steps: 0, elapsedSeconds: 0 },
    curve: (name) => curves[name],
  };
}

function lastValues(name: string, { steps, values }: SourceCurves, members: number): Float64Array {
  if (steps.length === 0 || values.length !== members * steps.length) {
    throw new RangeError(
      `measurements: the curves "${name}" have ${values.length} values for ${members} members and ${steps.length} points.`,
    );
  }
  return Float64Array.from({ length: members }, (_, member) => values[(member + 1) * steps.length - 1]!);
}
