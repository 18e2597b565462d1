/** Prints a hash of an ensemble's state after some steps on a deterministic engine: `node plain-bits.js THREADS`. */
import { createHash } from "node:crypto";
import { CpuEngine } from "../../src/engines/index.js";
import { adamTraining } from "../compile/networks.js";

const MEMBERS = 5;

/** A few networks trained by Adam on points of their own; members differ by their seed. */
export async function hashOfTraining(engine: CpuEngine, order?: readonly number[]): Promise<string> {
  const { program, start } = adamTraining({ widths: [3, 20, 2, 20, 3], batch: 72, data: "sphere" });
  const loaded = await engine.load(program, { members: MEMBERS });
  for (let member = 0; member < MEMBERS; member++) {
    for (const [name, values] of Object.entries(start)) loaded.write(name, name === "seed" ? [member] : values, member);
  }
  for (const steps of [1, 2, 5]) await loaded.run(steps, order);
  const hash = createHash("sha256");
  for (let member = 0; member < MEMBERS; member++) {
    for (const { input } of program.updates) hash.update(loaded.read(input, member));
  }
  return hash.digest("hex");
}

if (process.argv[1]?.endsWith("plain-bits.js")) {
  const engine = new CpuEngine({ threads: Number(process.argv[2]), deterministic: true });
  process.stdout.write(`${await hashOfTraining(engine)}\n`);
  await engine.dispose();
}
