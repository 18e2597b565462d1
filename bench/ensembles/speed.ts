import { CpuEngine } from "../../src/index.js";
import { jaxPython, peerProgram } from "../peers/environment.js";
import { LineProcess } from "../peers/line-process.js";
import { interleaved } from "../quiet/index.js";
import { median, moreIsBetter, type Row } from "../report.js";
import { type Case, flopsOf, nameOf, trainOnce } from "./cases.js";

const VARIANTS = { vmap: "jit(vmap(scan))", pmap: "pmap(vmap(scan))", pmapmap: "pmap(lax.map(scan))" } as const;
type Variant = keyof typeof VARIANTS;

/** Training steps against JAX, after everybody has compiled. */
export async function speed(cases: readonly Case[]): Promise<{ rows: Row[]; versions: Record<string, string> }> {
  const engine = new CpuEngine();
  const rows: Row[] = [];
  let jax = "";
  for (const one of cases) {
    const peers: [Variant, LineProcess][] = [];
    for (const variant of Object.keys(VARIANTS) as Variant[]) {
      const peer = startJax(variant, one);
      jax = await peer.read();
      peers.push([variant, peer]);
    }
    await trainOnce(engine, one);
    const [ours, ...theirs] = await interleaved([
      { measure: () => trainOnce(engine, one) },
      ...peers.map(([, peer]) => ({ measure: async () => Number(await peer.ask()), pids: [peer.pid] })),
    ]);
    await Promise.all(peers.map(([, peer]) => peer.close()));
    rows.push(...rowsOf(one, ours!, new Map(peers.map(([variant], i) => [variant, theirs[i]!]))));
  }
  await engine.dispose();
  return { rows, versions: { jax } };
}

/** Medians; and the best repetitions, which tell what the machine gives while other guests of its host rest. */
function rowsOf(one: Case, ours: readonly number[], theirs: ReadonlyMap<Variant, readonly number[]>): Row[] {
  const gigaflops = (seconds: number) => (one.members * one.steps * flopsOf(one)) / seconds / 1e9;
  const rowFor = (metric: string, of: (seconds: readonly number[]) => number) =>
    [...theirs].map(([variant, seconds]) => ({
      ...moreIsBetter(nameOf(one), metric, gigaflops(of(ours)), gigaflops(of(seconds)), `JAX ${VARIANTS[variant]}`),
      flops: flopsOf(one),
    }));
  return [...rowFor("GFLOP/s", median), ...rowFor("GFLOP/s, best", (seconds) => Math.min(...seconds))];
}

const startJax = (variant: Variant, { widths, activation, members, batch, steps }: Case): LineProcess =>
  new LineProcess(
    jaxPython(),
    [peerProgram("jax-ensembles.py"), variant, widths.join("-"), activation, ...[members, batch, steps].map(String)],
    { likeWorkers: true },
  );
