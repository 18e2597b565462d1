/** Trainings on the host's GPU: time, and the work of a step. On a software adapter the times say nothing about GPUs. */
import { availableParallelism } from "node:os";
import { compileWgsl } from "../src/compile/wgsl.js";
import { WebgpuEngine } from "../src/engines/index.js";
import type { Program } from "../src/index.js";
import { type Case, flopsOf, nameOf, trainingOf } from "./ensembles/cases.js";
import { absent, type BenchResult, type Row } from "./report.js";

const CASES: readonly Case[] = [
  { widths: [2, 64, 64, 1], activation: "tanh", batch: 128, members: 1000, steps: 2000 },
  { widths: [3, 64, 2, 64, 3], activation: "tanh", batch: 128, members: 1024, steps: 2000 },
];

const PEER = "JAX jit(vmap(scan)), PyTorch torch.func";

/** Ensembles that a software adapter gets through in seconds. */
const small = (one: Case): Case => ({ ...one, members: availableParallelism(), steps: 2 });

export async function gpu(only: readonly string[]): Promise<BenchResult> {
  const engine = new WebgpuEngine();
  const adapter = await engine.open();
  const rows: Row[] = [];
  for (const full of CASES) {
    const one = adapter.software ? small(full) : full;
    if (only.length > 0 && !only.some((part) => nameOf(full).includes(part))) continue;
    rows.push(...(await rowsOf(engine, one, adapter.workgroupBytes)));
  }
  await engine.dispose();
  return { rows, versions: { adapter: engine.description, driver: adapter.driver } };
}

async function rowsOf(engine: WebgpuEngine, one: Case, workgroupBytes: number): Promise<Row[]> {
  const run = trainingOf(engine, one);
  await run.finished;
  const seconds = run.progress.elapsedSeconds / one.steps;
  const row = (metric: string, value: number): Row => absent(nameOf(one), metric, value, PEER, "not measured");
  return [
    row("µs a step", seconds * 1e6),
    row("GFLOP/s", (one.members * flopsOf(one)) / seconds / 1e9),
    ...countsOf(run.program, workgroupBytes).map(([metric, value]) => row(metric, value)),
  ];
}

/** Work of one member's step. */
function countsOf(program: Program, workgroupBytes: number): (readonly [metric: string, value: number])[] {
  const shader = compileWgsl(program, { threads: 256, workgroupBytes });
  return [
    ["threads of a member", shader.threads],
    ["barriers a step", shader.work.barriers],
    ["flop of matrix products a step", shader.flopsPerStep],
    ["bytes of workgroup memory", shader.workgroupBytes],
    ["bytes of scratch in storage", shader.arenaBytes],
  ];
}
