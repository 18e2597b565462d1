/** A worker thread of the CPU engine: takes packs of members from the queue in shared memory and advances each by some steps. */
import { constants, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { CONTROL } from "./memory-plan.js";
import { everyone, restoreOthers } from "./packs.js";
import type { FromWorker, ToWorker, WorkerProgram } from "./messages.js";
import { abandon, SharedSteps } from "./shared-steps.js";
import { weigh } from "./weight.js";

type Run = (member: number, arena: number, shared: number, steps: number) => void;

const port = parentPort!;
const index = (workerData as { index: number }).index;
/** A program, and how it is run: member by member, or all threads together. */
type Loaded = { readonly program: WorkerProgram } & ({ readonly run: Run } | { readonly shared: SharedSteps });

const programs = new Map<number, Loaded>();
const send = (message: FromWorker) => port.postMessage(message);

function load(program: WorkerProgram): void {
  const { id, module, memory, plan, stages } = program;
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  weigh(memory, plan.totalBytes);
  programs.set(
    id,
    stages ? { program, shared: new SharedSteps(stages, exports) } : { program, run: exports["run"] as Run },
  );
}

function advance(id: number): void {
  const loaded = programs.get(id)!;
  if ("shared" in loaded) share(loaded);
  else drain(loaded);
  send({ type: "drained", id });
}

/** Takes packs from the queue until it is empty. */
function drain({ program, run }: { readonly program: WorkerProgram; readonly run: Run }): void {
  const { id, memory, plan, stateBytes, memberBytes, pack: size } = program;
  const control = new Int32Array(memory.buffer, plan.control);
  const bytes = new Uint8Array(memory.buffer);
  const arena = plan.arenas + index * plan.arenaStride;
  const backup = plan.backups + index * plan.backupStride;
  const inFlight = CONTROL.inFlight + index;
  const [count, steps] = [control[CONTROL.count]!, control[CONTROL.steps]!];
  const words = (base: number) => new Int32Array(memory.buffer, base, memberBytes / 4);
  for (let at; (at = Atomics.add(control, CONTROL.next, 1)) < count;) {
    const [pack, wanted] = [control[CONTROL.queue + 2 * at]!, control[CONTROL.queue + 2 * at + 1]!];
    const address = plan.members + pack * plan.memberStride;
    const whole = wanted === everyone(size);
    const saved = whole ? stateBytes : memberBytes;
    bytes.copyWithin(backup, address, address + saved);
    Atomics.store(control, inFlight, pack + 1);
    try {
      run(address, arena, plan.shared, steps);
      if (!whole) restoreOthers(words(address), words(backup), size, wanted);
    } catch (error) {
      bytes.copyWithin(address, backup, backup + saved);
      send({ type: "trapped", id, pack, reason: String(error) });
    }
    Atomics.store(control, inFlight, 0);
  }
}

/** Advances the first member of the queue together with the other threads. */
function share({ program, shared }: { readonly program: WorkerProgram; readonly shared: SharedSteps }): void {
  const { id, memory, plan } = program;
  const control = new Int32Array(memory.buffer, plan.control);
  const member = control[CONTROL.queue]!;
  try {
    shared.run(control, {
      member: plan.members + member * plan.memberStride,
      arena: plan.arenas + index * plan.arenaStride,
      shared: plan.shared,
    });
  } catch (error) {
    abandon(control);
    send({ type: "trapped", id, pack: member, reason: String(error) });
  }
}

// The threads fill all processors; whoever shows their progress must come first. Elsewhere this would slow the whole process.
if (process.platform === "linux") setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);

port.on("message", (message: ToWorker) => {
  if (message.type === "load") load(message.program);
  else if (message.type === "unload") programs.delete(message.id);
  else advance(message.id);
});
