/** Value types of WebAssembly that generated code uses. */
export const I32 = 0x7f;
export const V128 = 0x7b;
export type ValueType = typeof I32 | typeof V128;

/** Opcodes of single bytes. */
export const I32_OP = {
  add: 0x6a,
  sub: 0x6b,
  mul: 0x6c,
  equalZero: 0x45,
  lessSigned: 0x48,
  lessUnsigned: 0x49,
} as const;

/** Opcodes behind the SIMD prefix, as in the core specification and the relaxed SIMD proposal. */
export const SIMD = {
  load: 0x00,
  loadSplat: 0x09,
  store: 0x0b,
  const: 0x0c,
  shuffle: 0x0d,
  splatInt: 0x11,
  intEqual: 0x37,
  intNotEqual: 0x38,
  intLess: 0x39,
  unsignedLess: 0x3a,
  equal: 0x41,
  less: 0x43,
  lessOrEqual: 0x45,
  not: 0x4d,
  and: 0x4e,
  or: 0x50,
  xor: 0x51,
  bitselect: 0x52,
  anyTrue: 0x53,
  loadLane: 0x56,
  storeLane: 0x5a,
  floor: 0x68,
  nearest: 0x6a,
  shiftLeft: 0xab,
  shiftRightSigned: 0xac,
  shiftRightUnsigned: 0xad,
  intAdd: 0xae,
  intSub: 0xb1,
  intMul: 0xb5,
  abs: 0xe0,
  neg: 0xe1,
  sqrt: 0xe3,
  add: 0xe4,
  sub: 0xe5,
  mul: 0xe6,
  div: 0xe7,
  max: 0xe9,
  pseudoMin: 0xea,
  pseudoMax: 0xeb,
  truncSigned: 0xf8,
  truncUnsigned: 0xf9,
  convertSigned: 0xfa,
  convertUnsigned: 0xfb,
  relaxedMultiplyAdd: 0x105,
  relaxedNegativeMultiplyAdd: 0x106,
  relaxedLaneSelect: 0x10b,
} as const;

const SHARED_WITH_MAXIMUM = 3;
const MAXIMUM_PAGES = 65536;

/** Bytes in pieces, to be joined at last. */
export type Pieces = readonly (readonly number[])[];

export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  pushUnsigned(bytes, value);
  return bytes;
}

function pushUnsigned(bytes: number[], value: number): void {
  while (value >= 128) {
    bytes.push((value % 128) | 128);
    value = Math.floor(value / 128);
  }
  bytes.push(value);
}

function pushSigned(bytes: number[], value: number): void {
  for (;;) {
    const low = value & 127;
    value >>= 7;
    if ((value === 0 && low < 64) || (value === -1 && low >= 64)) {
      bytes.push(low);
      return;
    }
    bytes.push(low | 128);
  }
}

/** The body of one function; every method appends instructions. */
export class FunctionBuilder {
  readonly code: number[] = [];
  private readonly locals: ValueType[] = [];

  constructor(
    readonly name: string,
    readonly parameters: number,
  ) {}

  local(type: ValueType): number {
    this.locals.push(type);
    return this.parameters + this.locals.length - 1;
  }

  get(local: number): this {
    return this.byte(0x20).unsigned(local);
  }
  set(local: number): this {
    return this.byte(0x21).unsigned(local);
  }
  tee(local: number): this {
    return this.byte(0x22).unsigned(local);
  }
  /** Pushes local + bytes. */
  getPlus(local: number, bytes: number): this {
    this.get(local);
    return bytes === 0 ? this : this.int(bytes).op(I32_OP.add);
  }
  advance(local: number, bytes: number): this {
    return bytes === 0 ? this : this.getPlus(local, bytes).set(local);
  }
  int(value: number): this {
    this.byte(0x41);
    pushSigned(this.code, value | 0);
    return this;
  }
  op(opcode: number): this {
    return this.byte(opcode);
  }
  simd(opcode: number): this {
    return this.byte(0xfd).unsigned(opcode);
  }
  /** The same 32 bits in all four lanes. */
  splat(bits: number): this {
    this.simd(SIMD.const);
    for (let lane = 0; lane < 4; lane++)
      this.code.push(bits & 255, (bits >>> 8) & 255, (bits >>> 16) & 255, bits >>> 24);
    return this;
  }
  /** Four different 32-bit lanes. */
  lanes(bits: readonly number[]): this {
    this.simd(SIMD.const);
    for (const lane of bits) this.code.push(lane & 255, (lane >>> 8) & 255, (lane >>> 16) & 255, lane >>> 24);
    return this;
  }
  /** The address is on the stack. */
  load(offset: number): this {
    return this.simd(SIMD.load).memory(2, offset);
  }
  loadSplat(offset: number): this {
    return this.simd(SIMD.loadSplat).memory(2, offset);
  }
  /** Address and vector are on the stack. */
  loadLane(offset: number, lane: number): this {
    return this.simd(SIMD.loadLane).memory(2, offset).byte(lane);
  }
  store(offset: number): this {
    return this.simd(SIMD.store).memory(2, offset);
  }
  storeLane(offset: number, lane: number): this {
    return this.simd(SIMD.storeLane).memory(2, offset).byte(lane);
  }
  /** Picks four of the eight lanes of the two vectors on the stack. */
  shuffle(lanes: readonly number[]): this {
    this.simd(SIMD.shuffle);
    for (const lane of lanes) this.code.push(4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3);
    return this;
  }
  /** do { body } while ((local += step) < end): one compare and one jump, the form that V8 compiles best. */
  loop(local: number, step: number, end: number, body: () => void): this {
    this.byte(0x03).byte(0x40);
    body();
    this.getPlus(local, step).tee(local).get(end).op(I32_OP.lessUnsigned);
    return this.byte(0x0d).byte(0).byte(0x0b);
  }
  /** Leaves `depth` + 1 blocks, the outermost being the function, if the stack has not zero. */
  branchIf(depth: number): this {
    return this.byte(0x0d).unsigned(depth);
  }
  /** Pushes a global variable. */
  getGlobal(index: number): this {
    return this.byte(0x23).unsigned(index);
  }
  setGlobal(index: number): this {
    return this.byte(0x24).unsigned(index);
  }
  /** The address is on the stack. */
  loadInt(offset: number): this {
    return this.byte(0x28).memory(2, offset);
  }
  /** Of three values on the stack the first if the last is not zero, else the second. */
  choose(): this {
    return this.byte(0x1b);
  }
  /** Address and integer are on the stack. */
  storeInt(offset: number): this {
    return this.byte(0x36).memory(2, offset);
  }
  call(index: number): this {
    return this.byte(0x10).unsigned(index);
  }

  /** Length, locals, code and end, as the code section has them. */
  encode(): Pieces {
    const declarations: number[] = [];
    let runs = 0;
    for (let i = 0, start = 0; i < this.locals.length; i++) {
      if (this.locals[i] === this.locals[i + 1]) continue;
      declarations.push(...unsigned(i + 1 - start), this.locals[i]!);
      start = i + 1;
      runs++;
    }
    const head = [...unsigned(runs), ...declarations];
    return [unsigned(head.length + this.code.length + 1), head, this.code, [0x0b]];
  }

  private byte(value: number): this {
    this.code.push(value);
    return this;
  }
  private unsigned(value: number): this {
    pushUnsigned(this.code, value);
    return this;
  }
  private memory(alignment: number, offset: number): this {
    return this.byte(alignment).unsigned(offset);
  }
}

const text = (value: string): number[] => [value.length, ...Array.from(value, (c) => c.charCodeAt(0))];

const lengthOf = (pieces: Pieces): number => pieces.reduce((sum, piece) => sum + piece.length, 0);

/** A section of entries, each given in pieces. */
function section(id: number, entries: readonly Pieces[]): Pieces {
  const pieces = [unsigned(entries.length), ...entries.flat()];
  return [[id, ...unsigned(lengthOf(pieces))], ...pieces];
}

/** A section that only those read who know its name. */
export function namedSection(name: string, content: Pieces): Pieces {
  const pieces = [text(name), ...content];
  return [[0, ...unsigned(lengthOf(pieces))], ...pieces];
}

/**
 * A module that imports the shared memory `env.memory` and exports some functions under their names. All parameters
 * are i32 and there are no results; so are the module's own global variables, of which there are `globals`. `hints`: named
 * sections that come before the code.
 */
export function encodeModule(
  functions: readonly FunctionBuilder[],
  globals: number,
  exported: readonly FunctionBuilder[],
  hints: Pieces,
): Uint8Array {
  const arities = [...new Set(functions.map((f) => f.parameters))];
  const types = arities.map((arity) => [0x60, arity, ...new Array<number>(arity).fill(I32), 0]);
  const memory = [...text("env"), ...text("memory"), 2, SHARED_WITH_MAXIMUM, 0, ...unsigned(MAXIMUM_PAGES)];
  const pieces = [
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      types.map((type) => [type]),
    ),
    ...section(2, [[memory]]),
    ...section(
      3,
      functions.map((f) => [[arities.indexOf(f.parameters)]]),
    ),
    ...section(
      6,
      Array.from({ length: globals }, () => [[I32, 1, 0x41, 0, 0x0b]]),
    ),
    ...section(
      7,
      exported.map((f) => [[...text(f.name), 0, ...unsigned(functions.indexOf(f))]]),
    ),
    ...hints,
    ...section(
      10,
      functions.map((f) => f.encode()),
    ),
  ];
  const bytes = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
