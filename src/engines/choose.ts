import { AutomaticEngine } from "./automatic-engine.js";
import { CpuEngine } from "./cpu/cpu-engine.js";
import type { Engine } from "./engine.js";
import { ReferenceEngine } from "./reference-engine.js";
import { findTensorflow } from "./tensorflow/load-tensorflow.js";
import { TensorflowEngine } from "./tensorflow/tensorflow-engine.js";
import { type AdapterDescription, findAdapters, showAdapter, systemGpu } from "./webgpu/adapters.js";
import { WebgpuEngine } from "./webgpu/webgpu-engine.js";

const ENGINES = {
  webgpu: () => new WebgpuEngine(),
  "webgpu-float16": () => new WebgpuEngine({ storage: "float16" }),
  cpu: () => new CpuEngine(),
  tensorflow: () => new TensorflowEngine(),
  reference: () => new ReferenceEngine(),
} as const;

export type EngineName = keyof typeof ENGINES;

const started = new Map<string, Engine>();

/**
 * The engine of a name, started at the first call and kept for the life of the process. Without a name: the one that
 * the environment variable PHASEBOOK_ENGINE names, else a GPU if there is a real one, else the CPU.
 */
export function engine(name: string | undefined = process.env["PHASEBOOK_ENGINE"] || undefined): Engine {
  if (name !== undefined && !isEngineName(name)) {
    const only = name.endsWith("-float16") ? ' Only "webgpu-float16" stores values as float16.' : "";
    throw new RangeError(`There is no engine "${name}". Engines: ${Object.keys(ENGINES).join(", ")}.${only}`);
  }
  const running = started.get(name ?? "") ?? (name === undefined ? automatic() : ENGINES[name]());
  started.set(name ?? "", running);
  return running;
}

const automatic = (): Engine =>
  new AutomaticEngine(new WebgpuEngine({ accept: ({ software }) => !software }), () => engine("cpu"));

/**
 * Opens the GPU, or starts the threads, that {@link engine} chooses where none is named: a tenth of a second that the first
 * training need not wait for. Undefined where something goes wrong: it is told when the engine is used.
 */
export async function prepareEngine(): Promise<Engine | undefined> {
  try {
    const first = engine();
    if (first instanceof AutomaticEngine) await first.prepare();
    return first;
  } catch {
    return undefined;
  }
}

/** An engine of this machine. */
export interface EngineReport {
  readonly name: EngineName;
  readonly precision: string;
  readonly description: string;
  /** Why it is not the one that is chosen automatically; absent for the one that is. */
  readonly notChosen?: string;
  /** Of the engine `webgpu`: all that there are. */
  readonly adapters?: readonly AdapterDescription[];
}

/** All engines of this machine; the first is the one that is chosen where none is named. */
export async function engines(): Promise<EngineReport[]> {
  const { cpu, reference } = { cpu: engine("cpu"), reference: engine("reference") };
  const gpu = await reportGpu();
  const faster = "the GPU is faster";
  const halves = {
    ...gpu,
    name: "webgpu-float16",
    precision: engine("webgpu-float16").precision,
    notChosen: gpu.notChosen ?? "it rounds activations and data to 16 bits, for half the memory",
  } as const;
  return [
    ...(gpu.notChosen === undefined ? [gpu] : []),
    { ...of(cpu, "cpu"), ...(gpu.notChosen === undefined && { notChosen: faster }) },
    ...(gpu.notChosen === undefined ? [halves] : [gpu, halves]),
    reportTensorflow(),
    { ...of(reference, "reference"), notChosen: "it is slow: the others are checked against it" },
  ];
}

const of = ({ precision, description }: Engine, name: EngineName): EngineReport => ({ name, precision, description });

async function reportGpu(): Promise<EngineReport> {
  const common = { name: "webgpu", precision: "float32" } as const;
  try {
    const adapters = (await findAdapters(await systemGpu())).map(({ description }) => description);
    const description = adapters.map(showAdapter).join("; ") || "no adapter";
    if (adapters.length === 0)
      return {
        ...common,
        description,
        adapters,
        notChosen: "no driver offers a GPU through Vulkan, Metal or Direct3D 12",
      };
    const onlySoftware = adapters.every(({ software }) => software);
    return {
      ...common,
      description,
      adapters,
      ...(onlySoftware && { notChosen: "its adapters are made of software" }),
    };
  } catch (error) {
    return { ...common, description: "no adapter", notChosen: error instanceof Error ? error.message : String(error) };
  }
}

function reportTensorflow(): EngineReport {
  const common = { name: "tensorflow", precision: "float32" } as const;
  const found = findTensorflow();
  return found
    ? { ...common, description: found.description, notChosen: "it computes operation by operation, for comparison" }
    : { ...common, description: "not installed", notChosen: "`npx phasebook install-tensorflow` fetches it" };
}

function isEngineName(name: string): name is EngineName {
  return Object.hasOwn(ENGINES, name);
}
