import type { Slot, Slots } from "../../compile/slots.js";
import { notebookHost } from "../../notebook-host.js";
import { type Program, type ProgramInput, rootsOf } from "../../tensor/program.js";
import { rowMajorStrides, sizeOf, type TensorSpec } from "../../tensor/shape.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkRun } from "../checks.js";
import { type LoadedProgram, MemoryError, type RunReport } from "../engine.js";
import { MemberMemory } from "../member-memory.js";
import type { SlotArray } from "../slot-access.js";
import { elementsOf, expand, fromElements, type Members } from "./member-axis.js";
import { StepPlan } from "./step-plan.js";
import type { TensorFlow } from "./tensorflow-types.js";

/** A program whose steps TensorFlow computes operation by operation, for all members at once. */
export class TensorflowProgram implements LoadedProgram {
  readonly bytesPerMember: number;
  readonly flopsPerStep: number;
  private readonly memory: MemberMemory;
  /** The same memory, of which outputs can be written, too. */
  private readonly writable: MemberMemory;
  private readonly plan: StepPlan;
  /** Values that TensorFlow has: of all inputs but those written since, and of the outputs of the last run. */
  private readonly values = new Map<string, Members>();
  /** Names whose values TensorFlow alone has. */
  private readonly newer = new Set<string>();
  private readonly all: readonly number[];
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly tf: TensorFlow,
    private readonly program: Program,
    readonly members: number,
  ) {
    const { slots, memberBytes, sharedBytes } = slotsOf(program);
    const buffer = roomFor(sharedBytes + members * memberBytes, members);
    const regions = { shared: 0, members: sharedBytes, memberStride: memberBytes, pack: 1 };
    const writable = { inputs: new Map([...slots.inputs, ...slots.outputs]), outputs: slots.outputs };
    this.memory = new MemberMemory(slots, members, buffer, regions);
    this.writable = new MemberMemory(writable, members, buffer, regions);
    this.bytesPerMember = memberBytes;
    this.plan = new StepPlan(tf, rootsOf(program), new Set(program.inputs.map(({ tensor }) => tensor)));
    this.flopsPerStep = this.plan.flops;
    this.all = Array.from({ length: members }, (_, member) => member);
  }

  write(input: string, values: ArrayLike<number>, member?: number): void {
    this.memory.inputSlot(input);
    this.download(input);
    this.memory.write(input, values, member);
    this.forget(input);
  }

  read(name: string, member?: number): SlotArray {
    this.memory.slot(name);
    this.download(name);
    return this.memory.read(name, member);
  }

  /** They are read where they are. */
  fetch(): Promise<void> {
    return Promise.resolve();
  }

  run(steps: number, members: readonly number[] = this.all): Promise<RunReport> {
    checkRun(steps, members, this.members);
    const run = this.turn.then(() => this.advance(steps, members));
    this.turn = run.catch(() => undefined);
    return run;
  }

  dispose(): void {
    this.plan.dispose();
    for (const value of this.values.values()) value.dispose();
    this.values.clear();
  }

  private async advance(steps: number, members: readonly number[]): Promise<RunReport> {
    const signal = notebookHost()?.interruptSignal;
    const chosen = members.length < this.members ? members : undefined;
    if (members.length === 0) return { failures: [] };
    const given = this.upload(chosen);
    let outputs: Members[] = [];
    try {
      for (let step = 0; step < steps; step++) {
        signal?.throwIfAborted();
        const results = this.plan.run(given);
        for (const value of outputs) value.dispose();
        outputs = results.splice(this.program.updates.length);
        this.program.updates.forEach(({ input }, i) => this.replace(given, input, results[i]!));
        await new Promise((resolve) => setImmediate(resolve)); // lets timers, messages and interrupts through
      }
    } finally {
      this.keep(given, outputs, chosen);
    }
    return { failures: [] };
  }

  /** The inputs' values of all or of chosen members; the caller's to free. */
  private upload(chosen: readonly number[] | undefined): Map<Tensor, Members> {
    return new Map(
      this.program.inputs.map((input) => {
        const value = this.values.get(input.name) ?? this.fromMemory(input);
        this.values.set(input.name, value);
        return [input.tensor, chosen && input.scope === "member" ? this.choose(value, chosen) : value.clone()];
      }),
    );
  }

  private choose(value: Members, chosen: readonly number[]): Members {
    const { tf } = this;
    return tf.tidy(() => tf.gather(value, tf.tensor(Int32Array.from(chosen), [chosen.length], "int32")));
  }

  private fromMemory({ name, tensor: { dtype, shape }, scope }: ProgramInput): Members {
    if (scope === "shared") return fromElements(this.tf, this.memory.read(name), dtype, shape);
    const size = sizeOf(shape);
    const elements = new Float64Array(this.members * size);
    for (const member of this.all) elements.set(this.memory.read(name, member), member * size);
    return fromElements(this.tf, elements, dtype, shape, this.members);
  }

  private replace(given: Map<Tensor, Members>, input: string, value: Members): void {
    const { tensor } = this.program.inputs.find(({ name }) => name === input)!;
    given.get(tensor)!.dispose();
    given.set(tensor, value);
  }

  /** Keeps states and outputs after a run. */
  private keep(given: ReadonlyMap<Tensor, Members>, outputs: readonly Members[], chosen?: readonly number[]): void {
    const { program } = this;
    const states = new Set(program.updates.map(({ input }) => input));
    for (const { name, tensor } of program.inputs) {
      const value = given.get(tensor)!;
      if (states.has(name)) this.accept(name, tensor, value, chosen);
      else value.dispose();
    }
    program.outputs.forEach(({ name, value: tensor }, i) => {
      if (outputs[i]) this.accept(name, tensor, outputs[i], chosen);
    });
  }

  private accept(name: string, { dtype }: Tensor, value: Members, chosen: readonly number[] | undefined): void {
    const { tf } = this;
    const count = chosen?.length ?? this.members;
    const expanded = tf.tidy(() => expand(tf, value, count).clone());
    value.dispose();
    if (!chosen) {
      this.forget(name);
      this.values.set(name, expanded);
      this.newer.add(name);
      return;
    }
    this.download(name);
    this.forget(name);
    this.store(name, elementsOf(expanded, dtype), chosen);
    expanded.dispose();
  }

  /** Brings a value that TensorFlow alone has to where it is read. */
  private download(name: string): void {
    if (!this.newer.delete(name)) return;
    this.store(name, elementsOf(this.values.get(name)!, this.memory.slot(name).dtype), this.all);
  }

  private store(name: string, elements: ArrayLike<number>, members: readonly number[]): void {
    const size = sizeOf(this.memory.slot(name).shape);
    const list = elements as Float32Array;
    members.forEach((member, i) => this.writable.write(name, list.subarray(i * size, (i + 1) * size), member));
  }

  private forget(name: string): void {
    this.values.get(name)?.dispose();
    this.values.delete(name);
    this.newer.delete(name);
  }
}

function roomFor(bytes: number, members: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes);
  } catch {
    throw new MemoryError(
      `There are no ${(bytes / 2 ** 20).toFixed(1)} MiB for the values of ${members} members. Train fewer at once, or make the model smaller.`,
    );
  }
}

/** Where the host keeps inputs and outputs. */
function slotsOf({ inputs, outputs }: Program): { slots: Slots; memberBytes: number; sharedBytes: number } {
  const used = { member: 0, shared: 0 };
  const place = ({ shape, dtype }: TensorSpec, region: Slot["region"]): Slot => {
    const offset = used[region];
    used[region] += 4 * sizeOf(shape);
    return { region, offset, shape, dtype, strides: rowMajorStrides(shape) };
  };
  const ofInputs = inputs.map(({ name, tensor, scope }) => [name, place(tensor, scope)] as const);
  const ofOutputs = outputs.map(({ name, value }) => [name, place(value, "member")] as const);
  const slots = { inputs: new Map(ofInputs), outputs: new Map(ofOutputs) };
  return { slots, memberBytes: used.member, sharedBytes: used.shared };
}
