/** A process that trains on one thread whenever it gets a line, and answers with the seconds that it took. */
import { createInterface } from "node:readline";
import { CpuEngine } from "../../src/index.js";
import { type Case, trainOnce } from "../ensembles/cases.js";

const one = JSON.parse(process.argv[2]!) as Case;
const engine = new CpuEngine({ threads: 1 });
await trainOnce(engine, one);
console.log("ready");
for await (const _ of createInterface({ input: process.stdin })) console.log(await trainOnce(engine, one));
await engine.dispose();
