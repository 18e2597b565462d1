/** Prints a hash of an ensemble's state after some steps on a deterministic engine: `node plain-bits.js THREADS`. */
import { createHash, type Hash } from "node:crypto";
import { CpuEngine } from "../../src/engines/index.js";
import { adamTraining } from "../compile/networks.js";

/** One thread takes eight small networks at once, several threads take four. */
const MEMBERS = 9;

/** Vectors run along the batch of the first one, and along members of the second. */
const TRAININGS = [
  { widths: [3, 20, 2, 20, 3], batch: 72, data: "sphere" },
  { widths: [3, 5, 3], batch: 10, data: "sphere" },
] as const;

/** A few networks trained by Adam on points of their own; members differ by their seed. */
export async function hashOfTrainings(engine: CpuEngine, order?: readonly number[]): Promise<string> {
  const hash = createHash("sha256");
  for (const training of TRAININGS) await hashInto(hash, engine, adamTraining(training), order);
  return hash.digest("hex");
}

async function hashInto(
  hash: Hash,
  engine: CpuEngine,
  { program, start }: ReturnType<typeof adamTraining>,
  order?: readonly number[],
): Promise<void> {
  const loaded = await engine.load(program, { members: MEMBERS });
  for (let member = 0; member < MEMBERS; member++) {
    for (const [name, values] of Object.entries(start)) loaded.write(name, name === "seed" ? [member] : values, member);
  }
  for (const steps of [1, 2, 5]) await loaded.run(steps, order);
  for (let member = 0; member < MEMBERS; member++) {
    for (const { input } of program.updates) hash.update(loaded.read(input, member));
  }
}

if (process.argv[1]?.endsWith("plain-bits.js")) {
  const engine = new CpuEngine({ threads: Number(process.argv[2]), deterministic: true });
  process.stdout.write(`${await hashOfTrainings(engine)}\n`);
  await engine.dispose();
}
