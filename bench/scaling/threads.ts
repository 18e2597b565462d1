import { fileURLToPath } from "node:url";
import { CpuEngine } from "../../src/index.js";
import { type Case, CASES, flopsOf, nameOf, trainOnce } from "../ensembles/cases.js";
import { LineProcess } from "../peers/line-process.js";
import { type Contestant, interleaved } from "../quiet/index.js";
import { median, moreIsBetter, type Row } from "../report.js";

/** The autoencoder of the first notebook. */
const AUTOENCODER = CASES[0]!;
/** One network that is too large for a thread alone. */
const LARGE: Case = { widths: [64, 1024, 1024, 10], activation: "tanh", batch: 128, members: 1, steps: 8 };

/** Medians, after everybody has compiled. */
async function medians(contestants: readonly Contestant[]): Promise<number[]> {
  for (const { measure } of contestants) await measure();
  return (await interleaved(contestants)).map(median);
}

/** Two threads against one, and what two processes of one thread reach: as much as the machine gives. */
export async function threads(): Promise<{ rows: Row[] }> {
  const [one, two] = [new CpuEngine({ threads: 1 }), new CpuEngine({ threads: 2 })];
  const half: Case = { ...AUTOENCODER, members: AUTOENCODER.members / 2 };
  const processes = [0, 1].map(() => startProcess(half));
  await Promise.all(processes.map((process) => process.read()));
  const together = async () => {
    const seconds = await Promise.all(processes.map(async (process) => Number(await process.ask())));
    return Math.max(...seconds);
  };
  const [alone, both, apart] = (await medians([
    { measure: () => trainOnce(one, AUTOENCODER) },
    { measure: () => trainOnce(two, AUTOENCODER) },
    { measure: together, pids: processes.map(({ pid }) => pid) },
  ])) as [number, number, number];
  await Promise.all([one.dispose(), two.dispose(), ...processes.map((process) => process.close())]);
  const name = nameOf(AUTOENCODER);
  return {
    rows: [
      moreIsBetter(name, "speed of two threads over one", alone / both, alone / apart, "two processes of one thread"),
      moreIsBetter(
        name,
        "GFLOP/s of two threads",
        gigaflops(AUTOENCODER, both),
        gigaflops(AUTOENCODER, alone),
        "one thread",
      ),
    ],
  };
}

/** Time for a member when there are sixteen times as many. */
export async function members(): Promise<{ rows: Row[] }> {
  const engine = new CpuEngine();
  const [few, many] = [64, 1024].map((count): Case => ({ ...AUTOENCODER, members: count, steps: (40 * 256) / count }));
  const [short, long] = (await medians([few!, many!].map((one) => ({ measure: () => trainOnce(engine, one) })))) as [
    number,
    number,
  ];
  await engine.dispose();
  const rate = (one: Case, seconds: number) => (one.members * one.steps) / seconds;
  const row = moreIsBetter(
    nameOf(many!),
    "steps of a member a second",
    rate(many!, long),
    rate(few!, short),
    "64 members",
  );
  return { rows: [row] };
}

/** All threads on one large network, against one thread. */
export async function wide(): Promise<{ rows: Row[] }> {
  const [one, all] = [new CpuEngine({ threads: 1 }), new CpuEngine()];
  const [alone, together] = (await medians(
    [one, all].map((engine) => ({ measure: () => trainOnce(engine, LARGE) })),
  )) as [number, number];
  await Promise.all([one.dispose(), all.dispose()]);
  const row = moreIsBetter(
    nameOf(LARGE),
    "GFLOP/s of all threads",
    gigaflops(LARGE, together),
    gigaflops(LARGE, alone),
    "one thread",
  );
  return { rows: [row] };
}

const gigaflops = (one: Case, seconds: number): number => (one.members * one.steps * flopsOf(one)) / seconds / 1e9;

const startProcess = (one: Case): LineProcess =>
  new LineProcess(process.execPath, [fileURLToPath(new URL("one-thread.js", import.meta.url)), JSON.stringify(one)]);
