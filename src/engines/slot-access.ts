import type { Slot } from "../compile/slots.js";
import { sizeOf } from "../tensor/shape.js";
import { bitsOfHalf, valueOfHalf } from "./half-floats.js";

/** Values of one type; truth values are u32. */
export type SlotArray = Float32Array | Int32Array | Uint32Array;

/** Reads and writes what a program's memory holds, row-major, wherever the layout has put it. */
export class SlotAccess {
  private readonly views: { readonly f32: Float32Array; readonly i32: Int32Array; readonly u32: Uint32Array };
  private readonly halves: Uint16Array;
  /** Where the elements of a slot lie, once it has been asked for; undefined where they follow one another. */
  private readonly known = new Map<Slot, Uint32Array | undefined>();

  constructor(memory: SharedArrayBuffer | ArrayBuffer) {
    this.views = { f32: new Float32Array(memory), i32: new Int32Array(memory), u32: new Uint32Array(memory) };
    this.halves = new Uint16Array(memory);
  }

  /** @param base Where the slot's region begins, in bytes. */
  write(slot: Slot, base: number, values: ArrayLike<number>): void {
    if (slot.half) return this.writeHalves(slot, base, values);
    const view = this.viewOf(slot);
    const addresses = this.addressesOf(slot);
    const first = (base + slot.offset) / 4;
    if (!addresses) return view.set(values, first);
    // A loop with a counter: `forEach` takes three times as long before it is optimised.
    const count = sizeOf(slot.shape);
    for (let i = 0; i < count; i++) view[first + addresses[i]!] = values[i]!;
  }

  /** @param base Where the slot's region begins, in bytes. */
  read(slot: Slot, base: number): SlotArray {
    if (slot.half) return this.readHalves(slot, base);
    const view = this.viewOf(slot);
    const addresses = this.addressesOf(slot);
    const first = (base + slot.offset) / 4;
    if (!addresses) return view.slice(first, first + sizeOf(slot.shape));
    const values = new (view.constructor as new (length: number) => SlotArray)(addresses.length);
    for (let i = 0; i < addresses.length; i++) values[i] = view[first + addresses[i]!]!;
    return values;
  }

  private writeHalves(slot: Slot, base: number, values: ArrayLike<number>): void {
    const addresses = this.addressesOf(slot);
    const first = (base + slot.offset) / 2;
    const count = sizeOf(slot.shape);
    for (let i = 0; i < count; i++) this.halves[first + (addresses ? addresses[i]! : i)] = bitsOfHalf(values[i]!);
  }

  private readHalves(slot: Slot, base: number): SlotArray {
    const addresses = this.addressesOf(slot);
    const first = (base + slot.offset) / 2;
    return Float32Array.from({ length: sizeOf(slot.shape) }, (_, i) =>
      valueOfHalf(this.halves[first + (addresses ? addresses[i]! : i)]!),
    );
  }

  private viewOf({ dtype }: Slot): SlotArray {
    return dtype === "bool" ? this.views.u32 : this.views[dtype];
  }

  private addressesOf(slot: Slot): Uint32Array | undefined {
    if (!this.known.has(slot)) this.known.set(slot, addressesOf(slot));
    return this.known.get(slot);
  }
}

/** The slot's element offset of every element, in row-major order; undefined where they follow one another. */
export function addressesOf({ shape, strides }: Slot): Uint32Array | undefined {
  const addresses = new Uint32Array(sizeOf(shape));
  let known = 1;
  shape.forEach((length, axis) => {
    // From the last to the first, so that the outer offsets are read before they are written over.
    for (let at = known * length - 1; at >= 0; at--) {
      addresses[at] = addresses[Math.floor(at / length)]! + (at % length) * strides[axis]!;
    }
    known *= length;
  });
  return addresses.every((address, i) => address === i) ? undefined : addresses;
}
