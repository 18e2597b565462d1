import type { Stage } from "../../compile/wasm-program.js";
import { CONTROL } from "./memory-plan.js";

/** Does a part of a kernel's work. */
type KernelFunction = (member: number, arena: number, shared: number, first: number) => void;

/** Looks at a barrier before a thread that waits there sleeps: some ten microseconds. */
const LOOKS = 2000;

/** Where the regions that a thread works on lie, in bytes. */
export interface Addresses {
  readonly member: number;
  readonly arena: number;
  readonly shared: number;
}

/** A member's steps as one of several threads takes them: any free task of a stage, then a barrier. */
export class SharedSteps {
  private readonly stages: readonly (readonly (readonly { run: KernelFunction; first: number }[])[])[];

  constructor(stages: readonly Stage[], exports: Readonly<Record<string, unknown>>) {
    this.stages = stages.map((tasks) =>
      tasks.map((calls) => calls.map(({ name, first }) => ({ run: exports[name] as KernelFunction, first }))),
    );
  }

  /** Takes part in as many steps as the control words say; returns early where another thread gave up. */
  run(control: Int32Array, { member, arena, shared }: Addresses): void {
    const [steps, threads] = [control[CONTROL.steps]!, control[CONTROL.threads]!];
    for (let step = 0; step < steps; step++) {
      for (const tasks of this.stages) {
        for (let at; (at = Atomics.add(control, CONTROL.next, 1)) < tasks.length;) {
          for (const { run, first } of tasks[at]!) run(member, arena, shared, first);
        }
        if (!meet(control, threads)) return;
      }
    }
  }
}

/** Tells the threads that share a member not to wait for one another. */
export function abandon(control: Int32Array): void {
  Atomics.store(control, CONTROL.abandoned, 1);
  pass(control);
}

/** Waits for all threads; the last one frees the tasks of the next stage. False where they have given up. */
function meet(control: Int32Array, threads: number): boolean {
  const generation = Atomics.load(control, CONTROL.generation);
  if (Atomics.add(control, CONTROL.arrived, 1) === threads - 1) {
    Atomics.store(control, CONTROL.arrived, 0);
    Atomics.store(control, CONTROL.next, 0);
    pass(control);
  } else wait(control, generation);
  return Atomics.load(control, CONTROL.abandoned) === 0;
}

function wait(control: Int32Array, generation: number): void {
  const waits = () =>
    Atomics.load(control, CONTROL.generation) === generation && Atomics.load(control, CONTROL.abandoned) === 0;
  for (let look = 0; look < LOOKS; look++) if (!waits()) return;
  while (waits()) Atomics.wait(control, CONTROL.generation, generation);
}

function pass(control: Int32Array): void {
  Atomics.add(control, CONTROL.generation, 1);
  Atomics.notify(control, CONTROL.generation);
}
