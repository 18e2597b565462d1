import { execFileSync } from "node:child_process";
import type { Case } from "../ensembles/cases.js";
import type { ChainWork } from "../hmc.js";
import { peerProgram } from "../peers/environment.js";
import { LineProcess } from "../peers/line-process.js";

/** A program that does the same on the same GPU. */
export interface GpuPeer {
  readonly name: string;
  /** Starts it, and resolves when it has compiled everything; or to why it cannot be had. */
  start(): Promise<RunningPeer | string>;
}

export interface RunningPeer {
  readonly version: string;
  /** Seconds of one repetition. */
  run(): Promise<number>;
  stop(): Promise<void>;
}

/** JAX multiplies float32 matrices in TF32 on NVIDIA's GPUs unless it is told otherwise. */
const JAX_PRECISIONS = [
  ["JAX jit(vmap(scan)), float32", "float32"],
  ["JAX jit(vmap(scan)), TF32", "tensorfloat32"],
] as const;

const HAS_GPU = {
  jax: "import jax; print(jax.default_backend() == 'gpu')",
  torch: "import torch; print(torch.cuda.is_available())",
} as const;

export const trainingPeers = ({ widths, activation, members, batch, steps }: Case): GpuPeer[] => {
  const work = [widths.join("-"), activation, ...[members, batch, steps].map(String)];
  return [...jaxPeers("jax-ensembles.py", work), torchPeer("torch-ensembles.py", work)];
};

export const chainPeers = ({ chains, side, steps, trajectories, stepSize }: ChainWork): GpuPeer[] => {
  const work = [chains, side, steps, trajectories, stepSize].map(String);
  return [...jaxPeers("jax-hmc.py", work).slice(0, 1), torchPeer("torch-hmc.py", work)];
};

const jaxPeers = (program: string, work: readonly string[]): GpuPeer[] =>
  JAX_PRECISIONS.map(([name, precision]) => ({
    name,
    start: () =>
      start("jax", [peerProgram(program), "vmap", ...work], {
        JAX_DEFAULT_MATMUL_PRECISION: precision,
        // Else each of several takes most of the GPU's memory.
        XLA_PYTHON_CLIENT_PREALLOCATE: "false",
      }),
  }));

const torchPeer = (program: string, work: readonly string[]): GpuPeer => ({
  name: "PyTorch torch.func, float32",
  start: () => start("torch", [peerProgram(program), "cuda", ...work], {}),
});

async function start(
  library: keyof typeof HAS_GPU,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<RunningPeer | string> {
  const python = process.env[library === "jax" ? "PHASEBOOK_JAX_PYTHON" : "PHASEBOOK_TORCH_PYTHON"] ?? "python3";
  if (!hasGpu(python, library)) return `${python} has no ${library} with a GPU`;
  const peer = new LineProcess(python, args, { environment });
  return {
    version: await peer.read(),
    run: async () => Number((await peer.ask()).split(" ")[0]),
    stop: () => peer.close(),
  };
}

function hasGpu(python: string, library: keyof typeof HAS_GPU): boolean {
  try {
    const answer = execFileSync(python, ["-c", HAS_GPU[library]], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return answer.trim() === "True";
  } catch {
    return false;
  }
}
