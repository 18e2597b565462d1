/** Notebooks of a few lines, for tests of what runs notebooks. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Notebook } from "../../cli/notebooks/notebook.js";

/** Cells whose results depend on the seed, with a figure, a claim and a printed number. */
export const HEALTHY = [
  "import { claim, claimTable, evaluate, figure, grid, mean, seeds, standardError } from 'phasebook';",
  `const members = grid({ seed: seeds(40, 40 * seed) });
const { x } = await evaluate({ members, compute: ({ key }) => ({ x: key.normal([size === "toy" ? 50 : 100]).mean() }) });
console.log("mean", mean(x.data).toFixed(6));`,
  `const column = (name: string, role: "hyperparameter" | "metric", values: ArrayLike<number>) =>
  ({ name, role, scale: "linear" as const, values });
figure({
  id: "made-up", members: 40, states: new Uint8Array(40).fill(2),
  columns: [column("seed", "hyperparameter", members.values.seed), column("x", "metric", x.data)],
  progress: { state: "finished", step: 1, steps: 1, elapsedSeconds: 0 },
}, { title: "Means", views: [{ type: "histogram", columns: ["x"] }] })`,
  `claimTable(claim({ id: "T.1", kind: "exact", source: "symmetry", statement: "the mean is 0",
  measured: mean(x.data), error: standardError(x.data), expected: 0 }))`,
];

/** A notebook of these code cells after the usual parameters, in a file. */
export async function writeNotebook(
  folder: string,
  name: string,
  cells: readonly string[] = HEALTHY,
  prose: readonly string[] = [],
): Promise<string> {
  const parameters = 'const size: "toy" | "full" = "toy";\nconst seed = 0;';
  const code = (source: string, tags?: string[]) => ({
    ...{ cell_type: "code" as const, source, metadata: tags ? { tags } : {} },
    ...{ execution_count: null, outputs: [] },
  });
  const notebook: Notebook = {
    cells: [
      { cell_type: "markdown", metadata: {}, source: `# ${name} · made up` },
      code(parameters, ["parameters"]),
      ...cells.map((source) => code(source)),
      ...prose.map((source) => ({ cell_type: "markdown" as const, metadata: {}, source })),
    ],
    metadata: { phasebook: { segment: name } },
    nbformat: 4,
    nbformat_minor: 5,
  };
  const path = join(folder, `${name}.ipynb`);
  await writeFile(path, JSON.stringify(notebook));
  return path;
}

/** Changes a notebook's file as text. */
export async function editNotebook(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, "utf8")));
}
