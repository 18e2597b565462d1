/** Training ensembles on the CPU against JAX: the same networks, batch, loss and Adam, by member-steps a second. */
import { adam, CpuEngine, grid, Key, mlp, seeds, type Tensor, train } from "../src/index.js";
import { jaxPython, peerProgram } from "./peers/environment.js";
import { LineProcess } from "./peers/line-process.js";
import { type BenchResult, median, moreIsBetter, type Row } from "./report.js";

interface Case {
  readonly widths: readonly number[];
  readonly members: number;
  readonly batch: number;
  readonly steps: number;
}

const CASES: readonly Case[] = [
  { widths: [3, 64, 2, 64, 3], members: 256, batch: 128, steps: 100 },
  { widths: [3, 32, 2, 32, 3], members: 256, batch: 64, steps: 200 },
  { widths: [2, 64, 64, 1], members: 256, batch: 128, steps: 50 },
  { widths: [3, 64, 64, 2, 64, 64, 3], members: 96, batch: 128, steps: 50 },
];
const VARIANTS = ["vmap", "pmap"] as const;
const REPETITIONS = 5;

export async function ensembles(): Promise<BenchResult> {
  const engine = new CpuEngine();
  const rows: Row[] = [];
  let version = "";
  for (const one of CASES) {
    const peers = VARIANTS.map((variant) => startJax(variant, one));
    for (const peer of peers) version = await peer.read();
    const seconds: { ours: number[]; peers: number[][] } = { ours: [], peers: VARIANTS.map(() => []) };
    await trainOnce(engine, one); // everybody has compiled before anybody is timed
    for (let i = 0; i < REPETITIONS; i++) {
      seconds.ours.push(await trainOnce(engine, one));
      for (const [k, peer] of peers.entries()) seconds.peers[k]!.push(Number(await peer.ask()));
    }
    await Promise.all(peers.map((peer) => peer.close()));
    const rate = (times: readonly number[]) => (one.members * one.steps) / median(times);
    const name = `${one.members} × ${one.widths.join("-")}, batch ${one.batch}`;
    for (const [k, variant] of VARIANTS.entries()) {
      rows.push(moreIsBetter(name, "member-steps/s", rate(seconds.ours), rate(seconds.peers[k]!), `JAX ${variant}`));
    }
  }
  await engine.dispose();
  return { rows, versions: { jax: version } };
}

const startJax = (variant: string, { widths, members, batch, steps }: Case): LineProcess =>
  new LineProcess(jaxPython(), [
    peerProgram("jax-ensembles.py"),
    variant,
    widths.join("-"),
    ...[members, batch, steps].map(String),
  ]);

/** Seconds that the training itself takes; tracing and compiling are left out, as for the peer. */
async function trainOnce(engine: CpuEngine, { widths, members, batch, steps }: Case): Promise<number> {
  const symmetric = widths[0] === widths.at(-1);
  const middle = (widths.length - 1) / 2;
  const parts = symmetric ? [mlp(widths.slice(0, middle + 1)), mlp(widths.slice(middle))] : [mlp(widths)];
  const x = Key.of(5).normal([batch, widths[0]!]);
  const target = symmetric ? x : x.sum(1).reshape([batch, 1]);
  const run = train({
    members: grid({ seed: seeds(members) }),
    steps,
    points: 1,
    engine,
    init: ({ key }) => parts.map((part, i) => part.init(key.fold(i))),
    loss: (parameters) => {
      const y = parts.reduce<Tensor>((h, part, i) => part.apply(parameters[i]!, h), x);
      return y.sub(target).square().sum(1).mean();
    },
    optimizer: () => adam({ learningRate: 1e-3 }),
  });
  await run.finished;
  return run.progress.elapsedSeconds;
}
