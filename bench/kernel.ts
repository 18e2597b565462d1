/** The kernel beside ipykernel, tslab and Deno, each seen by the same client. */
import { npmPeer } from "./peers/environment.js";
import { type KernelUnderTest, PEERS, phasebook, RunningKernel } from "./peers/kernels.js";
import { absent, type BenchResult, lessIsBetter, median, quantile, type Row } from "./report.js";

const STARTS = 3;
const ROUNDS = 2;
const CELLS = 200;
const WARM_UP = 50;
const SOAK_CELLS = 10_000;
/** A tenth of a soak: the first is compared with the last. */
const SOAK_PART = SOAK_CELLS / 10;
const QUERIES = 100;
const INTERRUPTS = 10;
/** Seconds after which a kernel counts as not answering while it runs a cell. */
const PATIENCE = 5;
/** Seconds for a part of the soak, and for all lines of output, of one kernel. */
const SOAK_LIMIT = 75;
const LINES_LIMIT = 50;
/** Seconds for the cells of one round: slow kernels run fewer. */
const CELLS_LIMIT = 5;
/** Seconds in which a kernel ends what it does in the background. */
const SETTLING = 4;
/** How often a loop is timed. */
const LOOPS = 5;
/** Node versions whose top-level loops are measured, as packages of npm. */
const NODES = ["node@20.20.2", "node@24.21.0"];

/** What a kernel did: numbers by metric. */
type Measurement = Record<string, number>;
type Measure = (kernel: KernelUnderTest) => Promise<Measurement>;

interface Case {
  name: string;
  measure: Measure;
  /** Environment of our kernel in this case. */
  env?: Record<string, string>;
}

const UNCHECKED = { PHASEBOOK_TYPECHECK: "off" };

const CASES: Readonly<Record<string, readonly Case[]>> = {
  start: [{ name: "start to the first cell's reply", measure: measureStart }],
  cells: [
    { name: "an expression", measure: (kernel) => measureCells(kernel, kernel.cells.expression) },
    { name: "a line of output", measure: (kernel) => measureCells(kernel, kernel.cells.output) },
    { name: "a definition", measure: (kernel) => measureCells(kernel, kernel.cells.definition) },
  ],
  // Without Jupyter's limit on the rate of output, so that each kernel sends all of it.
  lines: [{ name: "printing 10⁶ lines", measure: measureLines, env: { PHASEBOOK_OUTPUT_LIMIT: "0" } }],
  memory: [{ name: "idle, no type checker", measure: measureMemory, env: UNCHECKED }],
  completion: (["computes", "blocks", "awaits"] as const).map((kind) => ({
    name: `while a cell ${kind}`,
    measure: (kernel) => measureBeside(kernel, kernel.cells[kind]),
  })),
  interrupts: (["computes", "blocks", "awaits"] as const).map((kind) => ({
    name: `interrupting a cell that ${kind}`,
    measure: (kernel) => measureInterrupts(kernel, kernel.cells[kind]),
  })),
  soak: [{ name: "10,000 cells", measure: measureSoak, env: UNCHECKED }],
};

/** @param only Groups of cases to measure; all without. */
export async function kernel(only: readonly string[]): Promise<BenchResult> {
  const groups = [...Object.keys(CASES), "loops"];
  const unknown = only.find((group) => !groups.includes(group));
  if (unknown !== undefined)
    throw new RangeError(`no case "${unknown}" in the bench kernel; there are ${groups.join(", ")}`);
  const chosen = groups.filter((group) => only.length === 0 || only.includes(group));
  const rows: Row[] = [];
  const versions: Record<string, string> = {};
  for (const { name, measure, env } of chosen.flatMap((group) => CASES[group] ?? [])) {
    const ours = await measure(phasebook(process.execPath, env));
    for (const [peerName, setUp] of Object.entries(PEERS)) {
      const peer = await attempt(async () => {
        const peer = setUp();
        versions[peerName] = peer.version;
        return measure(peer);
      });
      rows.push(...compare(name, ours, peer, peerName));
    }
  }
  if (chosen.includes("loops")) for (const node of NODES) rows.push(await compareLoops(node));
  return { rows, versions };
}

function compare(name: string, ours: Measurement, peer: Measurement | Error, peerName: string): Row[] {
  return Object.entries(ours).map(([metric, value]) => {
    if (peer instanceof Error) return absent(name, metric, value, peerName, peer.message);
    return lessIsBetter(name, metric, value, peer[metric] ?? NaN, peerName);
  });
}

async function attempt(run: () => Promise<Measurement>): Promise<Measurement | Error> {
  try {
    return await run();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function withKernel<Result>(kernel: KernelUnderTest, use: (running: RunningKernel) => Promise<Result>) {
  const running = await RunningKernel.start(kernel);
  try {
    return await use(running);
  } finally {
    await running.close();
  }
}

async function measureStart(kernel: KernelUnderTest): Promise<Measurement> {
  const times: number[] = [];
  // The first start fills the caches of the system, and our own.
  for (let i = 0; i <= STARTS; i++) {
    times.push(await withKernel(kernel, async (running) => Promise.resolve(running.startTime)));
  }
  return { ms: median(times.slice(1)) };
}

async function measureCells(kernel: KernelUnderTest, code: string): Promise<Measurement> {
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const request = { code, warm_up: WARM_UP, count: CELLS, limit: CELLS_LIMIT };
    times.push(...(await withKernel(kernel, (running) => running.ask<number[]>("cells", request))));
  }
  return { "ms a cell, median": median(times) };
}

async function measureLines(kernel: KernelUnderTest): Promise<Measurement> {
  const request = { code: kernel.cells.lines, last: "999999", limit: LINES_LIMIT };
  return { ms: await withKernel(kernel, (running) => running.ask<number>("lines", request)) };
}

async function measureMemory(kernel: KernelUnderTest): Promise<Measurement> {
  const { rss, pss } = await withKernel(kernel, async (running) => {
    await running.ask("settle", { seconds: SETTLING });
    return running.ask<{ rss: number; pss: number }>("memory");
  });
  return { "MB resident, all processes": rss, "MB, shared pages divided": pss };
}

/** Completion and inspection after the first of each, which loads what they need. */
async function measureBeside(kernel: KernelUnderTest, code: string): Promise<Measurement> {
  const measure = async (request: "complete" | "inspect"): Promise<number[]> => {
    const ask = kernel.cells[request];
    return withKernel(kernel, async (running) => {
      const query = { request, ask, cursor: ask.length };
      await running.ask("beside", { ...query, code: kernel.cells.expression, count: 5, limit: 20 });
      await running.ask("settle", { seconds: SETTLING });
      return running.ask<number[]>("beside", { ...query, code, count: QUERIES, limit: PATIENCE });
    });
  };
  const [complete, inspect] = [await measure("complete"), await measure("inspect")];
  return {
    "completion, ms, median": median(complete),
    "completion, ms, p99": quantile(complete, 0.99),
    "inspection, ms, median": median(inspect),
    "inspection, ms, p99": quantile(inspect, 0.99),
  };
}

async function measureInterrupts(kernel: KernelUnderTest, code: string): Promise<Measurement> {
  const request = { code, count: INTERRUPTS, limit: PATIENCE };
  const times = await withKernel(kernel, (running) => running.ask<number[]>("interrupts", request));
  return { "ms to its end, median": median(times), "ms to its end, slowest": Math.max(...times) };
}

async function measureSoak(kernel: KernelUnderTest): Promise<Measurement> {
  return withKernel(kernel, async (running) => {
    const request = { code: kernel.cells.expression, limit: SOAK_LIMIT };
    const before = await running.ask<number[]>("cells", { ...request, warm_up: WARM_UP, count: SOAK_PART });
    const { rss } = await running.ask<{ rss: number }>("memory");
    const rest = SOAK_CELLS - SOAK_PART - WARM_UP;
    const after = await running.ask<number[]>("cells", { ...request, warm_up: 0, count: rest });
    const done = WARM_UP + before.length + after.length;
    if (done < SOAK_CELLS) throw new Error(`${done} of ${SOAK_CELLS} cells in ${SOAK_LIMIT} s`);
    const last = await running.ask<{ rss: number }>("memory");
    return {
      "ms a cell, median of cells 51 to 1050": median(before),
      "ms a cell, median of the last 1000": median(after.slice(-SOAK_PART)),
      "MB resident after cell 1050": rss,
      "MB resident after the last cell": last.rss,
    };
  });
}

/** The same loop at the top level of a cell and in a function. */
async function compareLoops(node: string): Promise<Row> {
  const loop = "for (let i = 0; i < 30_000_000; i++) sum += Math.sqrt(i) * 0.5;";
  const time = (body: string) => `{ let start = performance.now(); ${body} console.log(performance.now() - start) }`;
  const topLevel = `let start = performance.now(); let sum = 0; ${loop} console.log(performance.now() - start)`;
  const inFunction = `function run() { let sum = 0; ${loop} return sum } ${time("run();")}`;
  const kernel = phasebook(npmPeer(node, "node/bin/node"), UNCHECKED);
  const [ours, peer] = await withKernel(kernel, async (running) => {
    const times: [number[], number[]] = [[], []];
    for (let i = 0; i < LOOPS; i++) {
      times[0].push(await running.ask<number>("value", { code: topLevel }));
      times[1].push(await running.ask<number>("value", { code: inFunction }));
    }
    return times.map(median);
  });
  return lessIsBetter(`a float loop at top level, ${node}`, "ms", ours ?? NaN, peer ?? NaN, "in a function");
}
