/** What the host does for a run on a GPU: on one that computes nothing, but takes its time. */
import { WebgpuEngine } from "../../src/engines/index.js";
import { absent, type BenchResult, median, type Row } from "../report.js";
import { type Contest, contests } from "./contests.js";
import { IdleGpu } from "./idle-gpu.js";

/** Microseconds of a step on an NVIDIA H200, by its own clock: the second column of docs/engines.md. */
const STEP_MICROSECONDS = [273, 97, 52];
const REPETITIONS = 5;

export async function gpuHost(only: readonly string[]): Promise<BenchResult> {
  const rows: Row[] = [];
  for (const [i, contest] of contests(false).entries()) {
    if (only.length > 0 && !only.some((part) => contest.name.includes(part))) continue;
    rows.push(...(await rowsOf(contest, STEP_MICROSECONDS[i]! / 1000)));
  }
  return { rows, versions: {} };
}

async function rowsOf(contest: Contest, milliseconds: number): Promise<Row[]> {
  const gpu = new IdleGpu(milliseconds * contest.stepsOfProgram);
  const engine = new WebgpuEngine({ gpu: () => Promise.resolve(gpu) });
  await contest.run(engine);
  const runs: Readonly<Record<string, number>>[] = [];
  for (let i = 0; i < REPETITIONS; i++) runs.push(await measure(contest, engine, gpu));
  await engine.dispose();
  return Object.keys(runs[0]!).map((metric) => {
    const values = runs.map((run) => run[metric]!);
    return absent(contest.name, metric, median(values), "none", "measured");
  });
}

async function measure(contest: Contest, engine: WebgpuEngine, gpu: IdleGpu) {
  gpu.reset();
  const before = performance.now();
  const seconds = await contest.run(engine);
  const all = performance.now() - before;
  const { dispatched, written, read, allocated } = gpu.traffic;
  return {
    "ms of a run, dispatches apart": 1000 * seconds - dispatched,
    "ms of a run with its start and end, dispatches apart": all - dispatched,
    "MiB to the GPU": written / 2 ** 20,
    "MiB from the GPU": read / 2 ** 20,
    "MiB of buffers": allocated / 2 ** 20,
  };
}
