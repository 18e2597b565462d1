/** Hybrid Monte Carlo of lattice φ⁴ on the CPU, against JAX and against C that is tuned for it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CpuEngine,
  type Engine,
  grid,
  hmc as kernel,
  magnetization,
  phi4Action,
  phi4Gradient,
  sample,
  seeds,
  type Tensor,
} from "../src/index.js";
import { jaxPython, peerProgram } from "./peers/environment.js";
import { LineProcess } from "./peers/line-process.js";
import { interleaved } from "./quiet/index.js";
import { type BenchResult, median, moreIsBetter } from "./report.js";

/** Chains of lattice φ⁴; `steps`: leapfrog steps of a trajectory. */
export interface ChainWork {
  readonly chains: number;
  readonly side: number;
  readonly steps: number;
  readonly trajectories: number;
  readonly stepSize: number;
}

const ALL: ChainWork = { chains: 256, side: 16, steps: 10, trajectories: 200, stepSize: 0.05 };
const THREADS = 2;
const COUPLINGS = { massSquared: -4, coupling: 8 };

/** What everybody is asked to do, as arguments of the peers. */
const WORK = [ALL.chains, ALL.side, ALL.steps, ALL.trajectories, ALL.stepSize].map(String);

export const nameOfChains = ({ chains, side, steps }: ChainWork): string =>
  `φ⁴, ${chains} chains of ${side}², ${steps} leapfrog steps`;

/** How many of all proposals a run accepted, and the seconds it took: all peers must accept equally often. */
export interface Timing {
  readonly seconds: number;
  readonly acceptance: number;
}

export async function hmc(): Promise<BenchResult> {
  const engine = new CpuEngine({ threads: THREADS });
  const folder = mkdtempSync(join(tmpdir(), "phasebook-bench-"));
  const start = (command: string, args: readonly string[]) => new LineProcess(command, args, { likeWorkers: true });
  const peers = [
    { name: "JAX vmap", process: start(jaxPython(), [peerProgram("jax-hmc.py"), "vmap", ...WORK]) },
    { name: "JAX pmap", process: start(jaxPython(), [peerProgram("jax-hmc.py"), "pmap", ...WORK]) },
    { name: "C", process: start(compileC(folder), [...WORK, String(THREADS)]) },
  ];
  const versions = [];
  for (const peer of peers) versions.push(await peer.process.read());
  await chainsOf(engine, ALL); // everybody has compiled before anybody is timed
  const acceptances: number[] = [];
  const seconds = (who: number, timing: Timing): number => {
    acceptances[who] = timing.acceptance;
    return timing.seconds;
  };
  const [ours, ...theirs] = await interleaved([
    { measure: async () => seconds(0, await chainsOf(engine, ALL)) },
    ...peers.map(({ process }, k) => ({
      measure: async () => seconds(k + 1, parseTiming(await process.ask())),
      pids: [process.pid],
    })),
  ]);
  await Promise.all([engine.dispose(), ...peers.map((peer) => peer.process.close())]);
  rmSync(folder, { recursive: true });
  checkAcceptance(acceptances);
  const rate = (seconds: readonly number[]) => (ALL.chains * ALL.trajectories) / median(seconds);
  const name = nameOfChains(ALL);
  return {
    rows: peers.map((peer, k) => moreIsBetter(name, "trajectories/s", rate(ours!), rate(theirs[k]!), peer.name)),
    versions: { jax: versions[0]!, c: `${compilerVersion()}; ${versions[2]!}` },
  };
}

/** Seconds that the sampling itself takes; tracing and compiling are left out, as for the peers. */
export async function chainsOf(engine: Engine, work: ChainWork): Promise<Timing> {
  const { chains, side, steps, trajectories, stepSize } = work;
  const run = sample({
    chains: grid({ seed: seeds(chains) }),
    init: ({ key }) => key.normal([side, side]).mul(0.3),
    kernel: () =>
      kernel({
        action: (field: Tensor) => phi4Action(field, COUPLINGS),
        gradient: (field: Tensor) => phi4Gradient(field, COUPLINGS),
        stepSize,
        steps,
      }),
    observe: (field) => ({ magnetization: magnetization(field) }),
    draws: trajectories,
    drawsPerCall: trajectories / 2,
    engine,
  });
  await run.finished;
  const acceptance = run.acceptanceRate.reduce((sum, share) => sum + share, 0) / chains;
  return { seconds: run.progress.elapsedSeconds, acceptance };
}

function parseTiming(line: string): Timing {
  const [seconds, acceptance] = line.split(" ").map(Number);
  return { seconds: seconds!, acceptance: acceptance! };
}

/** Throws unless all compute the same: fifty thousand proposals are accepted equally often, to about 0.002. */
function checkAcceptance(rates: readonly number[]): void {
  if (Math.max(...rates) - Math.min(...rates) < 0.01) return;
  throw new Error(`The programs do not compute the same; they accept ${rates.join(", ")} of all proposals.`);
}

function compileC(folder: string): string {
  const program = join(folder, "hmc");
  const flags = ["-O3", "-march=native", "-ffast-math", "-pthread"];
  execFileSync("cc", [...flags, peerProgram("hmc.c"), "-o", program, "-lm"]);
  return program;
}

const compilerVersion = (): string => execFileSync("cc", ["--version"], { encoding: "utf8" }).split("\n")[0]!;
