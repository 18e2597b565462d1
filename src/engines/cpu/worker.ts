/** A worker thread of the CPU engine: takes members from the queue in shared memory and advances each by some steps. */
import { constants, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { CONTROL } from "./memory-plan.js";
import type { FromWorker, ToWorker, WorkerProgram } from "./messages.js";

type Run = (member: number, arena: number, shared: number, steps: number) => void;

const port = parentPort!;
const index = (workerData as { index: number }).index;
const programs = new Map<number, { program: WorkerProgram; run: Run }>();
const send = (message: FromWorker) => port.postMessage(message);

function load(program: WorkerProgram): void {
  const instance = new WebAssembly.Instance(program.module, { env: { memory: program.memory } });
  programs.set(program.id, { program, run: instance.exports["run"] as Run });
}

function drain(id: number): void {
  const { program, run } = programs.get(id)!;
  const { memory, plan, stateBytes } = program;
  const control = new Int32Array(memory.buffer, plan.control);
  const bytes = new Uint8Array(memory.buffer);
  const arena = plan.arenas + index * plan.arenaStride;
  const backup = plan.backups + index * plan.backupStride;
  const inFlight = CONTROL.inFlight + index;
  const [count, steps] = [control[CONTROL.count]!, control[CONTROL.steps]!];
  for (let at; (at = Atomics.add(control, CONTROL.next, 1)) < count;) {
    const member = control[CONTROL.queue + at]!;
    const address = plan.members + member * plan.memberStride;
    bytes.copyWithin(backup, address, address + stateBytes);
    Atomics.store(control, inFlight, member + 1);
    try {
      run(address, arena, plan.shared, steps);
    } catch (error) {
      bytes.copyWithin(address, backup, backup + stateBytes);
      send({ type: "trapped", id, member, reason: String(error) });
    }
    Atomics.store(control, inFlight, 0);
  }
  send({ type: "drained", id });
}

// The threads fill all processors; whoever shows their progress must come first. Elsewhere this would slow the whole process.
if (process.platform === "linux") setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);

port.on("message", (message: ToWorker) => {
  if (message.type === "load") load(message.program);
  else if (message.type === "unload") programs.delete(message.id);
  else drain(message.id);
});
