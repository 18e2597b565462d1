/** Prints the milliseconds from `train` to the end of the first step, for the first time and for the second. */
import { CpuEngine } from "../../src/index.js";
import { CASES, trainingOf } from "../ensembles/cases.js";

const threadsAreUp = process.argv[2] === "warm";
let engine = threadsAreUp ? new CpuEngine() : undefined;
if (threadsAreUp) await new Promise((resolve) => setTimeout(resolve, 500));
const times: number[] = [];
for (let i = 0; i < 2; i++) {
  const start = performance.now();
  engine ??= new CpuEngine();
  await trainingOf(engine, { ...CASES[0]!, steps: 1 }).finished;
  times.push(performance.now() - start);
}
console.log(times.join(" "));
await engine!.dispose();
