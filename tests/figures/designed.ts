import { MEMBER_STATES } from "../../src/protocol.js";
import type { FigureSource, SourceColumn } from "../../src/figures/index.js";

type Point = Record<string, number>;

/** A finished ensemble by its hyperparameters, as axes of a grid or member by member, and formulas for its metrics. */
export interface Design {
  hyperparameters?: Record<string, number[]>;
  members?: Point[];
  metrics: Record<string, (point: Point) => number>;
  /** Names of the values of categorical columns. */
  categories?: Record<string, string[]>;
  units?: Record<string, string>;
}

/** A source of figures made by formulas. The last axis of a grid varies fastest. */
export function designed({
  hyperparameters = {},
  members,
  metrics,
  categories = {},
  units = {},
}: Design): FigureSource {
  const points = members ?? combinations(hyperparameters);
  const column = (name: string, role: SourceColumn["role"], value: (point: Point) => number): SourceColumn => ({
    name,
    role,
    scale: categories[name] ? "category" : "linear",
    values: Float64Array.from(points, value),
    categories: categories[name],
    unit: units[name],
  });
  return {
    id: "designed",
    members: points.length,
    columns: [
      ...Object.keys(points[0] ?? {}).map((name) => column(name, "hyperparameter", (point) => point[name] ?? NaN)),
      ...Object.entries(metrics).map(([name, formula]) => column(name, "metric", formula)),
    ],
    states: new Uint8Array(points.length).fill(MEMBER_STATES.indexOf("finished")),
    progress: { state: "finished", step: 100, steps: 100, elapsedSeconds: 1 },
  };
}

function combinations(axes: Record<string, number[]>): Point[] {
  return Object.entries(axes).reduce<Point[]>(
    (points, [name, values]) => points.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
}
