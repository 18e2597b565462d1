import type { Slot } from "../../compile/slots.js";
import type { WgslProgram } from "../../compile/wgsl-program.js";
import { MemberMemory } from "../member-memory.js";
import type { LoadedShader } from "./loaded-shader.js";
import { bytesOf } from "./word-copy.js";

/** Members that are written together rather than one by one. */
const MANY = 32;

/** This side's copy of a program's values, and what of it differs from the device's. */
export class HostCopy {
  readonly memory: MemberMemory;
  readonly stateNames: readonly string[];
  private readonly shared: Uint8Array;
  private readonly regions: Uint32Array;
  /** States and outputs that the device has newer values of. */
  private readonly stale = new Set<string>();
  /** Those of them that were never copied here. */
  private readonly unknown = new Set<string>();
  /** Members' values at the last mark, of those names that may have others here since. */
  private marked: Map<string, Uint32Array> | undefined;
  /** Members' inputs that were written since the last upload. */
  private readonly dirty = new Map<string, Set<number>>();
  private sharedIsDirty = true;
  private isNew = true;
  private hasAged = false;

  constructor(
    private readonly program: WgslProgram,
    private readonly members: number,
  ) {
    const { sharedBytes, memberBytes, inputs, stateBytes } = program;
    const first = Math.ceil(sharedBytes / 16) * 16;
    const buffer = new ArrayBuffer(first + members * memberBytes);
    this.shared = new Uint8Array(buffer, 0, sharedBytes);
    this.regions = new Uint32Array(buffer, first);
    for (const { offset, data } of program.constants) this.shared.set(data, offset);
    this.memory = new MemberMemory(program, members, buffer, {
      shared: 0,
      members: first,
      memberStride: memberBytes,
      pack: 1,
    });
    const isState = ({ region, offset }: Slot) => region === "member" && offset < stateBytes;
    this.stateNames = [...inputs].flatMap(([name, slot]) => (isState(slot) ? [name] : []));
  }

  write(input: string, values: ArrayLike<number>, member?: number): void {
    const isShared = this.memory.inputSlot(input).region === "shared";
    if (!isShared) this.keep(input);
    this.memory.write(input, values, member);
    if (isShared) this.sharedIsDirty = true;
    else this.dirty.set(input, (this.dirty.get(input) ?? new Set()).add(member!));
  }

  /** Whether a value here is one that was computed, or written after that. */
  isKnown(name: string, member?: number): boolean {
    return !this.unknown.has(name) || (member !== undefined && this.dirty.get(name)?.has(member) === true);
  }

  /** Brings to the device what was written here. */
  async upload(shader: LoadedShader): Promise<void> {
    if (this.sharedIsDirty) shader.writeData(this.shared);
    this.sharedIsDirty = false;
    const dirty = [...this.dirty];
    this.dirty.clear();
    if (this.isNew) {
      shader.writeMembers(bytesOf(this.regions));
      this.isNew = false;
      return;
    }
    const together = dirty.filter(([name, members]) => members.size >= MANY && !this.stale.has(name));
    if (together.length > 0) await shader.writeWords(this.placesOf(together.map(([name]) => name)), this.regions);
    for (const [name, members] of dirty) {
      if (together.some(([other]) => other === name)) continue;
      for (const member of members) this.writeOne(shader, name, member);
    }
  }

  /** The device has computed: states and outputs here are old. */
  age(): void {
    const isFirst = !this.hasAged;
    this.hasAged = true;
    for (const name of [...this.stateNames, ...this.program.outputs.keys()]) {
      this.stale.add(name);
      if (isFirst) this.unknown.add(name);
    }
  }

  /** Copies the present values of some names here; written values that were not uploaded stay. */
  async download(shader: LoadedShader, names: readonly string[]): Promise<void> {
    const wanted = names.filter((name) => this.stale.has(name));
    if (wanted.length === 0) return;
    await this.upload(shader);
    for (const name of wanted) this.keep(name);
    await shader.readWords(this.placesOf(wanted), this.regions);
    for (const name of wanted) {
      this.stale.delete(name);
      this.unknown.delete(name);
    }
  }

  /** {@link rewind} goes back to what is here now. */
  mark(): void {
    this.marked = new Map();
  }

  /** Puts back what was here at the last mark; it has to be uploaded. */
  rewind(): void {
    for (const [name, values] of this.marked ?? [])
      this.eachExtent(name, (extent, at) => extent.set(values.subarray(at, at + extent.length)));
    this.stale.clear();
    this.unknown.clear();
    this.dirty.clear();
    this.sharedIsDirty = true;
    this.isNew = true;
  }

  /** Copies a name's values at the first change since the mark: what a step leaves alone is never copied. */
  private keep(name: string): void {
    if (!this.marked || this.marked.has(name)) return;
    const kept = new Uint32Array(this.members * wordsOf(this.memory.slot(name)));
    this.eachExtent(name, (extent, at) => kept.set(extent, at));
    this.marked.set(name, kept);
  }

  /** Calls back with the words of a name's values for each member, and how many words those of earlier members have. */
  private eachExtent(name: string, callback: (extent: Uint32Array, at: number) => void): void {
    const slot = this.memory.slot(name);
    const [words, stride] = [wordsOf(slot), this.program.memberBytes / 4];
    for (let member = 0; member < this.members; member++) {
      const from = member * stride + slot.offset / 4;
      callback(this.regions.subarray(from, from + words), member * words);
    }
  }

  private writeOne(shader: LoadedShader, name: string, member: number): void {
    const { offset } = this.memory.inputSlot(name);
    const from = (member * this.program.memberBytes + offset) / 4;
    const words = wordsOf(this.memory.inputSlot(name));
    shader.writeMember(member, offset, bytesOf(this.regions.subarray(from, from + words)));
  }

  /** Numbers of the words that some values take in a member's region. */
  private placesOf(names: readonly string[]): Uint32Array {
    const places = names.flatMap((name) => {
      const slot = this.memory.slot(name);
      return Array.from({ length: wordsOf(slot) }, (_, i) => slot.offset / 4 + i);
    });
    return Uint32Array.from(places);
  }
}

/** From a value's first word to its last. */
const wordsOf = ({ shape, strides }: Slot): number =>
  shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis]!, 1);
