import { prepareEngine } from "./engines/choose.js";
import { type CpuEngine, type Engine, engine } from "./engines/index.js";
import { traceTraining } from "./ensemble/training-program.js";
import { mlp } from "./models/index.js";
import { adam } from "./optimizers/index.js";

const WIDTHS = [3, 8, 3];
const BATCH = 32;

/**
 * Trains a small network that nobody looks at, where the engine that is chosen without a name is the CPU and has not been used
 * yet. V8 has compiled the compiler then, and the first training that counts begins sooner. Whatever goes wrong here is told
 * when the engine is used.
 */
export async function rehearse(): Promise<void> {
  const chosen = await prepareEngine();
  if (chosen?.name !== "cpu") return;
  const cpu = engine("cpu") as CpuEngine;
  if (!cpu.isUnused) return;
  try {
    await trainOneStep(cpu);
  } catch {
    return;
  }
}

/** One step of one member, through all that a training goes through. */
export async function trainOneStep(on: Engine): Promise<void> {
  const net = mlp(WIDTHS);
  const { step, start } = traceTraining(
    {
      init: ({ key }) => net.init(key),
      loss: (parameters, { data: { x } }) => net.apply(parameters, x).sub(x).square().sum(1).mean(),
      optimizer: () => adam({ learningRate: 1e-3 }),
    },
    {
      names: ["seed"],
      structure: {},
      data: { x: { shape: [BATCH, WIDTHS[0]!], data: new Float32Array(BATCH * WIDTHS[0]!) } },
      steps: 1,
      seed: 0,
    },
  );
  for (const program of [step, start]) {
    const loaded = await on.load(program, { members: 1, once: program === start });
    await loaded.run(1);
    loaded.dispose();
  }
}
