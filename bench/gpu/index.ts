/**
 * Trainings and chains on the host's GPU beside JAX and PyTorch on the same one, and what a step costs. On a software adapter
 * the times say nothing about GPUs.
 */
import { compileWgsl } from "../../src/compile/wgsl.js";
import type { WgslOptions, WgslProgram } from "../../src/compile/wgsl-program.js";
import { WebgpuEngine } from "../../src/engines/index.js";
import type { Engine, LoadedProgram, LoadOptions } from "../../src/engines/index.js";
import type { WebgpuProgram } from "../../src/engines/webgpu/webgpu-program.js";
import type { Program } from "../../src/index.js";
import { absent, type BenchResult, lessIsBetter, median, type Row } from "../report.js";
import { type Contest, contests } from "./contests.js";
import { peakGigaflops } from "./peak.js";

const REPETITIONS = 5;

export async function gpu(only: readonly string[]): Promise<BenchResult> {
  const engine = new WebgpuEngine();
  const adapter = await engine.open();
  const peak = await peakGigaflops();
  const rows: Row[] = [absent("the adapter", "GFLOP/s of fused multiply-adds", peak, "none", "measured")];
  const versions: Record<string, string> = { adapter: engine.description, driver: adapter.driver };
  for (const contest of contests(adapter.software)) {
    if (only.length > 0 && !only.some((part) => contest.name.includes(part))) continue;
    rows.push(...(await rowsOf(contest, engine, { peak, software: adapter.software, versions })));
  }
  await engine.dispose();
  return { rows, versions };
}

interface Surroundings {
  readonly peak: number;
  readonly software: boolean;
  readonly versions: Record<string, string>;
}

async function rowsOf(contest: Contest, engine: WebgpuEngine, { peak, software, versions }: Surroundings) {
  const recorder = new Recorder(engine);
  const repetitions = software ? 1 : REPETITIONS;
  // Peers compile side by side, and nothing is timed before all have.
  const peers = await Promise.all(contest.peers.map(async (peer) => (software ? "no GPU" : peer.start())));
  if (!software) await contest.run(recorder);
  const ours: number[] = [];
  const theirs = peers.map((): number[] => []);
  for (let i = 0; i < repetitions; i++) {
    ours.push(await contest.run(recorder));
    for (const [p, peer] of peers.entries()) if (typeof peer !== "string") theirs[p]!.push(await peer.run());
  }
  const microseconds = (times: readonly number[]) => (median(times) / contest.steps) * 1e6;
  const rows = contest.peers.map(({ name }, p): Row => {
    const peer = peers[p]!;
    if (typeof peer === "string") return absent(contest.name, "µs a step", microseconds(ours), name, peer);
    versions[name] = peer.version;
    return lessIsBetter(contest.name, "µs a step", microseconds(ours), microseconds(theirs[p]!), name);
  });
  for (const peer of peers) if (typeof peer !== "string") await peer.stop();
  const metrics = [
    ...speedOf(contest, median(ours) / contest.steps, peak),
    ...recorder.counts(contest.steps * (repetitions + Number(!software)), software),
  ];
  return [...rows, ...metrics.map(([metric, value]) => absent(contest.name, metric, value, "none", "a count"))];
}

type Metric = readonly [metric: string, value: number];

function speedOf({ flops, members }: Contest, seconds: number, peak: number): Metric[] {
  if (flops === undefined) return [];
  const gigaflops = (members * flops) / seconds / 1e9;
  return [
    ["GFLOP/s", gigaflops],
    ["share of the adapter's multiply-adds", gigaflops / peak],
  ];
}

/** The engine, with a look at the programs that it is given. */
class Recorder implements Engine {
  readonly name = "webgpu";
  readonly precision = "float32";
  private readonly programs: { readonly program: Program; readonly loaded: WebgpuProgram }[] = [];

  constructor(private readonly engine: WebgpuEngine) {}

  get description(): string {
    return this.engine.description;
  }

  async load(program: Program, options: LoadOptions): Promise<LoadedProgram> {
    const loaded = (await this.engine.load(program, options)) as WebgpuProgram;
    this.programs.push({ program, loaded });
    return loaded;
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Work of one step of the program that has most; `steps`: how many all repetitions took. On a software adapter, the work that
   * the same step is on a large GPU, too.
   */
  counts(steps: number, software: boolean): Metric[] {
    const bytesOf = ({ loaded: { program } }: { loaded: WebgpuProgram }) =>
      program.work.storageBytes + program.work.workgroupBytes;
    const heaviest = this.programs.reduce((a, b) => (bytesOf(b) > bytesOf(a) ? b : a));
    const alike = this.programs.filter((program) => bytesOf(program) === bytesOf(heaviest));
    const dispatches = alike.reduce((sum, { loaded }) => sum + loaded.dispatches, 0);
    const seconds = alike.reduce((sum, { loaded }) => sum + loaded.dispatchSeconds, 0);
    const compiledFor = (options: WgslOptions, where: string): Metric[] =>
      workOf(compileWgsl(heaviest.program, options)).map(([metric, value]) => [`${metric}, ${where}`, value] as const);
    return [
      ["dispatches a step", dispatches / steps],
      ["µs a step in dispatches", (seconds / steps) * 1e6],
      ...workOf(heaviest.loaded.program),
      ...(software ? compiledFor(LARGE_GPU, "on a large GPU") : []),
      ...compiledFor({ ...LARGE_GPU, storage: "float16" }, "on a large GPU with activations in 16 bits"),
    ];
  }
}

/** What NVIDIA's data-centre GPUs offer through Vulkan. */
const LARGE_GPU = { threads: 256, workgroupBytes: 49152, subgroupSize: 32 };

/** Of a step of one member. */
function workOf({ threads, block, work, flopsPerStep, workgroupBytes, arenaBytes }: WgslProgram): Metric[] {
  return [
    ["threads of a member", threads],
    ["samples in a block", block],
    ["barriers of a member's step", work.barriers],
    ["flop of a member's matrix products a step", flopsPerStep],
    ["bytes of a member through storage a step", work.storageBytes],
    ["bytes of a member through workgroup memory a step", work.workgroupBytes],
    ["cycles of workgroup memory a member's step", work.workgroupCycles],
    ["bytes of workgroup memory", workgroupBytes],
    ["bytes of scratch in storage", arenaBytes],
  ];
}
