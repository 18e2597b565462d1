/**
 * Prints the milliseconds from `train` to the end of the first step, for the first time and for the second:
 * `node first-step.js cold|warm|rehearsed`. `warm`: the threads are up; `rehearsed`: as where a notebook has imported the library.
 */
import { CpuEngine } from "../../src/index.js";
import { trainOneStep } from "../../src/rehearsal.js";
import { CASES, trainingOf } from "../ensembles/cases.js";

const state = process.argv[2];
let engine = state === "cold" ? undefined : new CpuEngine();
if (engine && state === "rehearsed") await trainOneStep(engine);
if (engine) await new Promise((resolve) => setTimeout(resolve, 500));
const times: number[] = [];
for (let i = 0; i < 2; i++) {
  const start = performance.now();
  engine ??= new CpuEngine();
  await trainingOf(engine, { ...CASES[0]!, steps: 1 }).finished;
  times.push(performance.now() - start);
}
console.log(times.join(" "));
await engine!.dispose();
