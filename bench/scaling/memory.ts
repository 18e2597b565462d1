import { CpuEngine, explain, sizeOf } from "../../src/index.js";
import { CASES, nameOf, trainingOf } from "../ensembles/cases.js";
import { lessIsBetter, type Row } from "../report.js";

/** Memory for each member against what it holds, and scratch memory for each thread against what one step computes. */
export async function memory(): Promise<{ rows: Row[] }> {
  const engine = new CpuEngine({ threads: 1 });
  const rows: Row[] = [];
  for (const one of CASES) {
    const run = trainingOf(engine, { ...one, members: 4, steps: 1 });
    await run.finished;
    const { memberBytes, threadBytes } = explain(run.program);
    const held =
      4 *
      run.program.inputs.reduce((sum, { tensor, scope }) => sum + (scope === "member" ? sizeOf(tensor.shape) : 0), 0);
    // Of every layer its values and their gradient, and as much for what the activation hands on.
    const live = 2 * 4 * one.batch * one.widths.slice(1).reduce((sum, width) => sum + width, 0);
    rows.push(
      lessIsBetter(nameOf(one), "bytes a member", memberBytes, held, "parameters, moments and state"),
      lessIsBetter(nameOf(one), "scratch bytes a thread", threadBytes, 2 * live, "twice activations and gradients"),
    );
  }
  await engine.dispose();
  return { rows };
}
