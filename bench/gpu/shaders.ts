/**
 * What a step takes with each of the shaders that there may be of a program, beside what the compiler expects of them: whether it
 * chooses well on a GPU, and what to fit its expectation to (src/compile/wgsl/multiprocessor.ts). On a software adapter a few of
 * them, and times that say nothing about GPUs.
 */
import { availableParallelism } from "node:os";
import { expectedCycles } from "../../src/compile/wgsl/multiprocessor.js";
import { compileWgsl } from "../../src/compile/wgsl.js";
import type { WgslProgram } from "../../src/compile/wgsl-program.js";
import { systemGpu } from "../../src/engines/webgpu/adapters.js";
import { Device } from "../../src/engines/webgpu/device.js";
import { LoadedShader } from "../../src/engines/webgpu/loaded-shader.js";
import { WebgpuProgram } from "../../src/engines/webgpu/webgpu-program.js";
import type { Engine, Program } from "../../src/index.js";
import { nameOf, trainingOf } from "../ensembles/cases.js";
import { chainsOf, nameOfChains } from "../hmc.js";
import { type BenchResult, lessIsBetter, median, type Row } from "../report.js";
import { CHAINS, TRAININGS } from "./contests.js";

const BLOCKS = [0, 16, 32, 64];
const THREADS = [32, 64, 128, 256];
const SHARES_OF_MEMORY = [1, 0.9, 0.5, 0.375];

const REPETITIONS = 3;
/** Steps of a repetition; of so many and of twice as many the difference is taken, which is none but steps. */
const STEPS = 300;
const FEW_SHADERS = 2;
/** A software adapter may take minutes to compile a shader. */
const PATIENCE_MS = 600_000;

interface Subject {
  readonly name: string;
  readonly members: number;
  readonly program: Program;
}

interface Timed {
  readonly shader: WgslProgram;
  readonly microseconds: number;
}

export async function shaders(only: readonly string[]): Promise<BenchResult> {
  const device = await Device.open(await systemGpu(), undefined, PATIENCE_MS);
  const rows: Row[] = [];
  for (const subject of await subjects()) {
    if (only.length > 0 && !only.some((part) => subject.name.includes(part))) continue;
    rows.push(...(await rowsOf(subject, device)));
  }
  const { name, driver } = device.adapter;
  device.destroy();
  return { rows, versions: { adapter: name, driver } };
}

async function subjects(): Promise<Subject[]> {
  const trainings = TRAININGS.map(async (one): Promise<Subject> => {
    const program = await programOf((engine) => trainingOf(engine, one).finished);
    return { name: nameOf(one), members: one.members, program };
  });
  const chains = programOf((engine) => chainsOf(engine, CHAINS));
  return [
    ...(await Promise.all(trainings)),
    { name: nameOfChains(CHAINS), members: CHAINS.chains, program: await chains },
  ];
}

/** The first program that a run wants to load, which is its step. */
function programOf(run: (engine: Engine) => Promise<unknown>): Promise<Program> {
  return new Promise((resolve) => {
    const looker: Engine = {
      name: "webgpu",
      precision: "float32",
      description: "only looks at programs",
      load: (program) => {
        resolve(program);
        return Promise.reject(new Error("only looked at"));
      },
      dispose: () => Promise.resolve(),
    };
    void run(looker).catch(() => undefined);
  });
}

async function rowsOf({ name, members, program }: Subject, device: Device): Promise<Row[]> {
  const { software } = device.adapter;
  const chosen = compileWgsl(program, limitsOf(device));
  const all = [chosen, ...variants(program, device).filter(({ code }) => code !== chosen.code)];
  const timed: Timed[] = [];
  for (const shader of software ? all.slice(0, FEW_SHADERS) : all) {
    const count = software ? availableParallelism() : members;
    timed.push({ shader, microseconds: await microsecondsOf(shader, count, device, software ? 1 : STEPS) });
  }
  const [first] = timed;
  const fastest = timed.reduce((a, b) => (b.microseconds < a.microseconds ? b : a));
  const expected = ({ shader }: Timed): number =>
    (first!.microseconds * expectedCycles(shader)) / expectedCycles(first!.shader);
  const metric = "µs a step";
  return [
    lessIsBetter(name, metric, first!.microseconds, fastest.microseconds, `the fastest, ${show(fastest.shader)}`),
    ...timed.map((one) =>
      lessIsBetter(
        `${name}: ${show(one.shader)}`,
        metric,
        one.microseconds,
        expected(one),
        "expected beside the chosen",
      ),
    ),
  ];
}

const show = ({ block, threads, workgroupBytes }: WgslProgram): string =>
  `${block === 0 ? "no blocks" : `blocks of ${block}`}, ${threads} threads, ${workgroupBytes} bytes`;

const limitsOf = ({ limits, subgroupSize }: Device) => ({
  threads: Math.min(256, limits.maxComputeInvocationsPerWorkgroup),
  workgroupBytes: limits.maxComputeWorkgroupStorageSize,
  subgroupSize,
});

/** All different shaders of a program. */
function variants(program: Program, device: Device): WgslProgram[] {
  const most = limitsOf(device);
  const found = new Map<string, WgslProgram>();
  for (const block of BLOCKS)
    for (const threads of THREADS)
      for (const share of SHARES_OF_MEMORY) {
        const workgroupBytes = Math.floor(share * most.workgroupBytes);
        const shader = compileWgsl(program, { ...most, workgroupBytes, threads, block });
        if (threads <= most.threads) found.set(shader.code, shader);
      }
  return [...found.values()];
}

/** Of states that are zero, which takes as long as others. */
async function microsecondsOf(shader: WgslProgram, members: number, device: Device, steps: number): Promise<number> {
  const loaded = new WebgpuProgram(await LoadedShader.load(device, shader, members), members, () =>
    Promise.reject(new Error("the device was lost")),
  );
  const seconds = async (count: number): Promise<number> => {
    const before = performance.now();
    await loaded.run(count);
    return (performance.now() - before) / 1000;
  };
  await seconds(steps);
  const differences: number[] = [];
  for (let i = 0; i < REPETITIONS; i++) {
    const once = await seconds(steps);
    differences.push((await seconds(2 * steps)) - once);
  }
  loaded.dispose();
  return (median(differences) / steps) * 1e6;
}
