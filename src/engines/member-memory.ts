import type { Slot, Slots } from "../compile/slots.js";
import { sizeOf } from "../tensor/shape.js";
import { isBeyondHalves, LARGEST_HALF } from "./half-floats.js";
import { SlotAccess, type SlotArray } from "./slot-access.js";

/** Where the regions of a loaded program lie in one buffer, in bytes. */
export interface Regions {
  readonly shared: number;
  /** Of the first member. */
  readonly members: number;
  readonly memberStride: number;
  /** Members that share a region: element by element, that of the next one lies four bytes on. */
  readonly pack: number;
}

/** Inputs and outputs of all members by name, in a buffer that is laid out as the compiler wants it. */
export class MemberMemory {
  private readonly access: SlotAccess;

  constructor(
    private readonly slots: Slots,
    private readonly members: number,
    buffer: SharedArrayBuffer | ArrayBuffer,
    private readonly regions: Regions,
  ) {
    this.access = new SlotAccess(buffer);
  }

  /** The slot of an input; throws when there is none. */
  inputSlot(input: string): Slot {
    const slot = this.slots.inputs.get(input);
    if (slot) return slot;
    throw new Error(`The program has no input "${input}"; it has ${[...this.slots.inputs.keys()].join(", ")}.`);
  }

  /** The slot of an output or input; throws when there is none. */
  slot(name: string): Slot {
    const slot = this.slots.outputs.get(name) ?? this.slots.inputs.get(name);
    if (slot) return slot;
    const names = [...this.slots.outputs.keys()].join(", ");
    throw new Error(`The program has no output or input "${name}"; outputs: ${names}.`);
  }

  write(input: string, values: ArrayLike<number>, member?: number): void {
    const slot = this.inputSlot(input);
    if (values.length !== sizeOf(slot.shape)) {
      throw new RangeError(
        `Input "${input}" has ${sizeOf(slot.shape)} elements (shape [${slot.shape.join(", ")}]), got ${values.length}.`,
      );
    }
    if (slot.half) checkHalves(input, values);
    this.access.write(slot, this.regionOf(slot, member), values);
  }

  read(name: string, member?: number): SlotArray {
    const slot = this.slot(name);
    return this.access.read(slot, this.regionOf(slot, member));
  }

  /** Where the region that holds a slot's first element begins, in bytes. */
  private regionOf(slot: Slot, member?: number): number {
    const { shared, members, memberStride, pack } = this.regions;
    if (slot.region === "shared") return shared;
    if (member === undefined || !(member >= 0 && member < this.members)) {
      throw new RangeError(`Member ${member} does not exist; there are ${this.members}.`);
    }
    return members + Math.floor(member / pack) * memberStride + 4 * (member % pack);
  }
}

/** @throws {RangeError} where a finite number is beyond the largest float16 */
function checkHalves(input: string, values: ArrayLike<number>): void {
  const beyond = Array.prototype.findIndex.call(values, isBeyondHalves);
  if (beyond < 0) return;
  throw new RangeError(
    `Value ${beyond} of the shared input "${input}" is ${values[beyond]}, but float16 ends at ${LARGEST_HALF}: ` +
      'scale the values, or use { engine: "webgpu" }, which stores float32.',
  );
}
