import type { Slot } from "../../compile/slots.js";
import { addressesOf, type SlotArray } from "../slot-access.js";
import { touchPages } from "../touch-pages.js";

const TYPES = { f32: Float32Array, i32: Int32Array, u32: Uint32Array, bool: Uint32Array } as const;

/** What an input or output is for all members, word by word as it lies in their regions. Zeros take no memory. */
export class MemberValues {
  /** Number of the first word within a member's region. */
  readonly place: number;
  /** Words of a member: from its first value to its last. */
  readonly words: number;
  /** Members that were written here and are not on the device yet. */
  readonly written = new Set<number>();
  /** Whether the device has newer ones. */
  isStale = false;
  /** Whether it has, and none of them were ever copied here. */
  isUnknown = false;
  private present: SlotArray | undefined;
  /** Those at the last mark. Neither they nor those that are given are changed any more. */
  private marked: { readonly values: SlotArray | undefined } | undefined;
  /** Those that others have. */
  private given: SlotArray | undefined;
  private readonly size: number;
  private readonly type: new (length: number) => SlotArray;
  /** Where a member's values lie among its words; undefined where they follow one another. */
  private readonly addresses: Uint32Array | undefined;

  constructor(
    slot: Slot,
    private readonly members: number,
  ) {
    const { offset, shape, strides, dtype } = slot;
    this.type = TYPES[dtype];
    this.place = offset / 4;
    this.words = shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis]!, 1);
    this.size = shape.reduce((product, length) => product * length, 1);
    this.addresses = addressesOf(slot);
  }

  /** Undefined where all are zero. */
  get all(): Uint32Array | undefined {
    return this.present && wordsOf(this.present);
  }

  /** The words of one member. */
  of(member: number): Uint32Array {
    return this.all!.subarray(member * this.words, (member + 1) * this.words);
  }

  write(values: ArrayLike<number>, member: number): void {
    const own = this.changeable();
    const first = member * this.words;
    if (this.addresses) spread(this.addresses, this.wordsFrom(values), wordsOf(own), first);
    else own.set(values, first);
    this.written.add(member);
  }

  /** Row-major. Where they lie like that already: those here, which later ones will take the place of. */
  view(member: number): SlotArray {
    const first = member * this.words;
    const { present, addresses } = this;
    if (!present) return this.make(this.size);
    if (!addresses) return present.subarray(first, first + this.size);
    const values = this.make(this.size);
    collect(addresses, wordsOf(present), first, wordsOf(values));
    return values;
  }

  /** Row-major, one member after the other; undefined where they do not lie like that. */
  give(): SlotArray | undefined {
    if (this.addresses) return undefined;
    return (this.given = this.present ??= this.make(this.members * this.words));
  }

  /** Room for the words of all members, which {@link replace} takes when they are there. */
  room(): SlotArray {
    if (this.present && !this.isKept) return this.present;
    const room = this.make(this.members * this.words);
    touchPages(room);
    return room;
  }

  /** Takes values of all members that have come from the device. */
  replace(values: SlotArray): void {
    this.present = values;
    this.isStale = this.isUnknown = false;
  }

  /** {@link rewind} goes back to what is here now. */
  mark(): void {
    this.marked = { values: this.present };
  }

  /** Puts back what was here at the last mark. */
  rewind(): void {
    if (this.marked) this.present = this.marked.values;
    this.isStale = this.isUnknown = false;
    this.written.clear();
  }

  private get isKept(): boolean {
    return this.present === this.marked?.values || this.present === this.given;
  }

  /** The values here, for new ones among them. */
  private changeable(): SlotArray {
    if (!this.present) return (this.present = this.make(this.members * this.words));
    if (this.isKept) this.present = this.present.slice();
    return this.present;
  }

  /** Numbers as words of this type. */
  private wordsFrom(values: ArrayLike<number>): Uint32Array {
    if (values instanceof this.type) return wordsOf(values);
    const converted = this.make(this.size);
    converted.set(values);
    return wordsOf(converted);
  }

  private make(length: number): SlotArray {
    return new this.type(length);
  }
}

/** Puts words where they lie among others. It sees arrays of one type only, which makes it several times as fast. */
function spread(addresses: Uint32Array, words: Uint32Array, to: Uint32Array, first: number): void {
  for (let i = 0; i < addresses.length; i++) to[first + addresses[i]!] = words[i]!;
}

/** Gets words from where they lie among others. */
function collect(addresses: Uint32Array, from: Uint32Array, first: number, words: Uint32Array): void {
  for (let i = 0; i < addresses.length; i++) words[i] = from[first + addresses[i]!]!;
}

export const wordsOf = ({ buffer, byteOffset, length }: SlotArray): Uint32Array =>
  new Uint32Array(buffer as ArrayBuffer, byteOffset, length);
