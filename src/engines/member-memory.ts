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
    return slotOf(this.slots, input, "input");
  }

  /** The slot of an output or input; throws when there is none. */
  slot(name: string): Slot {
    return slotOf(this.slots, name);
  }

  write(input: string, values: ArrayLike<number>, member?: number): void {
    const slot = this.inputSlot(input);
    checkValues(input, slot, values);
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
    const number = checkMember(member, this.members);
    return members + Math.floor(number / pack) * memberStride + 4 * (number % pack);
  }
}

/** The slot of an input, or of what can be read: an output or else an input; throws when there is none. */
export function slotOf({ inputs, outputs }: Slots, name: string, kind: "input" | "any" = "any"): Slot {
  const slot = (kind === "any" ? outputs.get(name) : undefined) ?? inputs.get(name);
  if (slot) return slot;
  if (kind === "input") throw new Error(`The program has no input "${name}"; it has ${[...inputs.keys()].join(", ")}.`);
  throw new Error(`The program has no output or input "${name}"; outputs: ${[...outputs.keys()].join(", ")}.`);
}

/** The number of a member of so many; throws when there is no such member. */
export function checkMember(member: number | undefined, members: number): number {
  if (member !== undefined && member >= 0 && member < members) return member;
  throw new RangeError(`Member ${member} does not exist; there are ${members}.`);
}

/** Throws unless these values can be those of an input. */
export function checkValues(input: string, { shape, half }: Slot, values: ArrayLike<number>): void {
  if (values.length !== sizeOf(shape)) {
    throw new RangeError(
      `Input "${input}" has ${sizeOf(shape)} elements (shape [${shape.join(", ")}]), got ${values.length}.`,
    );
  }
  if (half) checkHalves(input, values);
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
