import type { WgslProgram } from "../../compile/wgsl-program.js";
import { checkMember, checkValues, slotOf } from "../member-memory.js";
import { SlotAccess, type SlotArray } from "../slot-access.js";
import type { LoadedShader } from "./loaded-shader.js";
import { MemberValues, wordsOf } from "./member-values.js";
import type { Stretch } from "./word-copy.js";

/** Members that are written together rather than one by one. */
const MANY = 32;

/** This side's copy of a program's values, and what of it differs from the device's. */
export class HostCopy {
  readonly stateNames: readonly string[];
  private readonly shared: Uint8Array;
  private readonly sharedAccess: SlotAccess;
  private readonly inputs = new Map<string, MemberValues>();
  private readonly outputs = new Map<string, MemberValues>();
  /** Whether the device has none of it yet. */
  private isNew = true;
  private sharedIsDirty = true;
  private hasAged = false;

  constructor(
    private readonly program: WgslProgram,
    private readonly members: number,
  ) {
    const { sharedBytes, inputs, outputs, stateBytes } = program;
    this.shared = new Uint8Array(4 * Math.ceil(sharedBytes / 4));
    for (const { offset, data } of program.constants) this.shared.set(data, offset);
    this.sharedAccess = new SlotAccess(this.shared.buffer);
    for (const [name, slot] of inputs)
      if (slot.region === "member") this.inputs.set(name, new MemberValues(slot, members));
    for (const [name, slot] of outputs) this.outputs.set(name, new MemberValues(slot, members));
    this.stateNames = [...this.inputs.keys()].filter((name) => inputs.get(name)!.offset < stateBytes);
  }

  write(input: string, values: ArrayLike<number>, member?: number): void {
    const slot = slotOf(this.program, input, "input");
    checkValues(input, slot, values);
    const own = this.inputs.get(input);
    if (own) return own.write(values, checkMember(member, this.members));
    this.sharedAccess.write(slot, 0, values);
    this.sharedIsDirty = true;
  }

  /** An output or input, row-major; of a member a view, which later values take the place of. */
  view(name: string, member?: number): SlotArray {
    const slot = slotOf(this.program, name);
    const own = this.outputs.get(name) ?? this.inputs.get(name);
    return own ? own.view(checkMember(member, this.members)) : this.sharedAccess.read(slot, 0);
  }

  /** A member's output or input for all members, one after the other; undefined where they do not lie like that. */
  readAll(name: string): SlotArray | undefined {
    return (this.outputs.get(name) ?? this.inputs.get(name))?.give();
  }

  /** Whether a value here is one that was computed, or written after that. */
  isKnown(name: string, member?: number): boolean {
    const own = this.outputs.get(name) ?? this.inputs.get(name);
    return !own?.isUnknown || (member !== undefined && own.written.has(member));
  }

  /** Brings to the device what was written here. */
  async upload(shader: LoadedShader): Promise<void> {
    if (this.sharedIsDirty) shader.writeData(this.shared);
    this.sharedIsDirty = false;
    // The memory of a device begins with zeros.
    const together = this.everything.filter((values) =>
      this.isNew ? values.all : values.written.size >= MANY && !values.isStale,
    );
    if (!this.isNew) for (const values of this.everything) if (!together.includes(values)) uploadEach(values, shader);
    for (const { written } of this.everything) written.clear();
    this.isNew = false;
    if (together.length > 0) await shader.writeWords(together.map((values) => stretchOf(values, values.all!)));
  }

  /** The device has computed: states and outputs here are old. */
  age(): void {
    for (const values of this.ageing) {
      values.isStale = true;
      if (!this.hasAged) values.isUnknown = true;
    }
    this.hasAged = true;
  }

  /** Copies the present values of some names here, or of all; written values that were not uploaded stay. */
  async download(shader: LoadedShader, names?: readonly string[]): Promise<void> {
    const asked = names?.map((name) => this.outputs.get(name) ?? this.inputs.get(name)) ?? this.everything;
    const wanted = asked.filter((values) => values?.isStale === true) as MemberValues[];
    if (wanted.length === 0) return;
    await this.upload(shader);
    const landed = wanted.map((values) => ({ values, room: values.room() }));
    await shader.readWords(landed.map(({ values, room }) => stretchOf(values, wordsOf(room))));
    for (const { values, room } of landed) values.replace(room);
  }

  /** {@link rewind} goes back to what is here now. */
  mark(): void {
    for (const values of this.everything) values.mark();
  }

  /** Puts back what was here at the last mark; it has to be uploaded. */
  rewind(): void {
    for (const values of this.everything) values.rewind();
    this.sharedIsDirty = true;
    this.isNew = true;
  }

  private get everything(): MemberValues[] {
    return [...this.inputs.values(), ...this.outputs.values()];
  }

  /** What a step changes. */
  private get ageing(): MemberValues[] {
    return [...this.stateNames.map((name) => this.inputs.get(name)!), ...this.outputs.values()];
  }
}

function uploadEach(values: MemberValues, shader: LoadedShader): void {
  for (const member of values.written) shader.writeMember(member, values.place, values.of(member));
}

const stretchOf = ({ place, words }: MemberValues, values: Uint32Array): Stretch => ({ place, words, values });
