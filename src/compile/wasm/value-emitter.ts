import { LANES } from "../vectors.js";
import { type FunctionBuilder, SIMD, V128 } from "./assembler.js";
import { PARAMETERS } from "./kernel-context.js";
import type { Value } from "./lanes.js";
import { cutsOf, keyOf, type Leaf, offsetOf, stepOf, streamAt, streamsOf } from "./streams.js";

/** Constants kept in registers over a loop; V8 has fifteen for everything. */
const HELD_CONSTANTS = 10;

/** More vectors, and more rows, than a turn or a tile has. */
const [MOST_VECTORS, MOST_ROWS] = [256, 256];

const NO_CUTS: ReadonlyMap<number, number> = new Map();

export interface ValueEnvironment {
  /** What the leaves of the graph read, by number. */
  readonly leaves: readonly Leaf[];
  /** Axes of the nest, outermost loop first. */
  readonly loops: readonly number[];
  readonly lane: number;
  /** The axis along which a tile has several rows, if it has: then nothing is kept in registers over the loops. */
  readonly row?: number;
  readonly relaxed: boolean;
  /** Byte offset in the shared region of a 32-bit constant. */
  constantOffset(bits: number): number;
}

/** Where code is being emitted: pointers of the enclosing loops, vector and row of an unrolled turn, lanes in use. */
export interface Place {
  readonly pointers: ReadonlyMap<string, number>;
  readonly vector: number;
  readonly row?: number;
  readonly lanesLeft: number;
  /** Where the part of the space begins that the code is for, along each axis that is cut. */
  readonly corner?: ReadonlyMap<number, number>;
}

/**
 * Emits values of a graph inside a nest of loops. A value belongs to the deepest loop that changes it; values that
 * deeper loops use are computed before those and kept in locals.
 */
export class ValueEmitter {
  /** Instructions of one turn of the innermost loop for one vector. */
  readonly instructions: number;
  private readonly levels = new Map<Value, number>();
  /** Values that differ between the vectors, and the rows, of one turn. */
  private readonly varying = new Set<Value>();
  private readonly varyingByRow = new Set<Value>();
  private readonly uses = new Map<Value, number>();
  private readonly held = new Map<number, Value[]>();
  private readonly holding = new Set<Value>();
  private locals = new Map<number, number>();

  constructor(
    private readonly f: FunctionBuilder,
    roots: readonly Value[],
    private readonly environment: ValueEnvironment,
  ) {
    const reachable = reachableFrom(roots);
    for (const value of reachable) this.place(value);
    for (const value of [...reachable.flatMap(({ inputs }) => inputs), ...roots])
      this.uses.set(value, (this.uses.get(value) ?? 0) + 1);
    const depth = environment.loops.length;
    this.instructions = Math.max(
      1,
      reachable.filter((value) => value.what.kind === "simd" && this.levels.get(value) === depth).length,
    );
    this.findHeld(reachable, roots);
  }

  /** Computes what loops inside `level` use, for each vector of an unrolled turn. */
  hold(level: number, vectors: number, place: (vector: number) => Place): void {
    for (const value of this.held.get(level) ?? []) {
      for (let vector = 0; vector < (this.varying.has(value) ? vectors : 1); vector++) {
        const at = place(vector);
        this.push(value, at);
        const local = this.f.local(V128);
        this.f.set(local);
        this.know(value, at, local);
      }
    }
  }

  /** Forgets, after `body`, the locals that it defined. */
  scope(body: () => void): void {
    const before = this.locals;
    this.locals = new Map(before);
    body();
    this.locals = before;
  }

  /** Leaves a value on the stack. */
  push(value: Value, place: Place): void {
    const { f } = this;
    const key = this.keyOf(value, place);
    const known = this.locals.get(key);
    if (known !== undefined) {
      f.get(known);
      return;
    }
    this.pushNew(value, place);
    if (value.what.kind === "constant" && this.environment.row === undefined) return;
    if (this.uses.get(value)! > 1 || this.isSharedInTile(value)) {
      const local = f.local(V128);
      f.tee(local);
      this.locals.set(key, local);
    }
  }

  /**
   * Computes a value at several places in lockstep, one instruction for all of them after the other: each has to wait
   * for the one before, so that the processor is given several that need not wait for each other.
   */
  computeTogether(value: Value, places: readonly Place[]): void {
    const open = new Map<number, Place>();
    for (const place of places) {
      const key = this.keyOf(value, place);
      if (!this.locals.has(key)) open.set(key, place);
    }
    if (open.size === 0) return;
    for (const input of this.operandsOf(value)) this.computeTogether(input, places);
    for (const [key, place] of open) {
      const local = this.f.local(V128);
      this.pushNew(value, place);
      this.f.set(local);
      this.locals.set(key, local);
    }
  }

  /** Like {@link computeTogether}, for a value that {@link pushSum} adds to something. */
  computeTermTogether(value: Value, places: readonly Place[]): void {
    for (const part of this.fusableProduct(value) ?? [value]) this.computeTogether(part, places);
  }

  /** Leaves accumulator + value on the stack, in one rounding where that is wanted. */
  pushSum(accumulator: number, value: Value, place: Place): void {
    const product = this.fusableProduct(value);
    if (product) {
      for (const factor of product) this.push(factor, place);
      this.f.get(accumulator).simd(SIMD.relaxedMultiplyAdd);
    } else {
      this.f.get(accumulator);
      this.push(value, place);
      this.f.simd(SIMD.add);
    }
  }

  /** Makes a local known as the value at a place. */
  know(value: Value, place: Place, local: number): void {
    this.locals.set(this.keyOf(value, place), local);
  }

  private pushNew(value: Value, place: Place): void {
    if (value.what.kind === "constant") this.pushConstant(value.what.bits);
    else if (value.what.kind === "leaf") this.pushLeaf(this.environment.leaves[value.what.leaf]!, place);
    else this.pushInstruction(value, place);
  }

  /** What an instruction takes from registers, with the factors of a product that becomes part of it. */
  private operandsOf({ what, inputs }: Value): readonly Value[] {
    if (what.kind !== "simd") return [];
    const adds = what.opcode === SIMD.add || what.opcode === SIMD.sub;
    const fused = adds ? this.fusedTerms(what.opcode, inputs) : undefined;
    return fused ? [...fused.factors, fused.other] : inputs;
  }

  /** Under which a value's local is kept: one number for all places that have the value in common. */
  private keyOf(value: Value, { vector, row = 0 }: Place): number {
    const ofVector = this.varying.has(value) ? vector : 0;
    return (value.id * MOST_VECTORS + ofVector) * MOST_ROWS + (this.varyingByRow.has(value) ? row : 0);
  }

  /** True for what is the same in several places of a tile. */
  private isSharedInTile(value: Value): boolean {
    return this.environment.row !== undefined && !(this.varying.has(value) && this.varyingByRow.has(value));
  }

  private place(value: Value): void {
    const { leaves, loops, lane, row } = this.environment;
    if (value.what.kind === "leaf") {
      const leaf = leaves[value.what.leaf]!;
      const moves = (axis: number) =>
        streamsOf(leaf).some(({ steps }) => steps[axis] !== 0) || cutsOf([leaf], axis).length > 1;
      this.levels.set(value, loops.findLastIndex(moves) + 1);
      if (lane >= 0 && moves(lane)) this.varying.add(value);
      if (row !== undefined && moves(row)) this.varyingByRow.add(value);
    } else {
      this.levels.set(value, Math.max(0, ...value.inputs.map((input) => this.levels.get(input)!)));
      if (value.inputs.some((input) => this.varying.has(input))) this.varying.add(value);
      if (value.inputs.some((input) => this.varyingByRow.has(input))) this.varyingByRow.add(value);
    }
  }

  private findHeld(reachable: readonly Value[], roots: readonly Value[]): void {
    const depth = this.environment.loops.length;
    const deeper = new Set<Value>(roots.filter((root) => this.levels.get(root)! < depth));
    for (const value of reachable)
      for (const input of value.inputs) if (this.levels.get(input)! < this.levels.get(value)!) deeper.add(input);
    const byUse = (a: Value, b: Value) => this.uses.get(b)! - this.uses.get(a)! || a.id - b.id;
    const constants = [...deeper].filter((value) => value.what.kind === "constant" && value.what.bits !== 0);
    const kept = new Set(constants.sort(byUse).slice(0, HELD_CONSTANTS));
    for (const value of reachable) {
      if (!deeper.has(value) || (value.what.kind === "constant" && !kept.has(value))) continue;
      const level = this.levels.get(value)!;
      this.holding.add(value);
      this.held.set(level, [...(this.held.get(level) ?? []), value]);
    }
  }

  private pushConstant(bits: number): void {
    if (bits === 0) this.f.splat(0);
    // V8 builds other vector constants from integer moves; a broadcast load is one instruction.
    else this.f.get(PARAMETERS.shared).loadSplat(this.environment.constantOffset(bits));
  }

  private pushLeaf(leaf: Leaf, { pointers, vector, row = 0, lanesLeft, corner = NO_CUTS }: Place): void {
    const { f } = this;
    const stream = streamAt(leaf, corner);
    const { lane, row: rowAxis } = this.environment;
    const pointer = pointers.get(keyOf(stream))!;
    const step = lane < 0 ? 0 : stepOf(stream, lane);
    const first =
      offsetOf(stream) + vector * LANES * step + (rowAxis === undefined ? 0 : row * stepOf(stream, rowAxis));
    if (stream.region === "index") {
      f.getPlus(pointer, first).simd(SIMD.splatInt);
      if (step !== 0) f.lanes([0, step, 2 * step, 3 * step]).simd(SIMD.intAdd);
    } else if (step === 0) f.get(pointer).loadSplat(first);
    else if (step === 4) f.get(pointer).load(first);
    else this.gather(pointer, first, step, lanesLeft);
  }

  /** Elements that are not neighbours, one by one; lanes beyond the row repeat its last. */
  private gather(pointer: number, first: number, step: number, lanesLeft: number): void {
    const { f } = this;
    const local = f.local(V128);
    f.get(pointer).loadSplat(first);
    for (let lane = 1; lane < Math.min(LANES, lanesLeft); lane++) {
      f.set(local)
        .get(pointer)
        .get(local)
        .loadLane(first + lane * step, lane);
    }
  }

  private pushInstruction({ what, inputs }: Value, place: Place): void {
    if (what.kind !== "simd") return;
    const { f } = this;
    if (what.opcode === SIMD.add || what.opcode === SIMD.sub) {
      const fused = this.pushMultiplyAdd(what.opcode, inputs, place);
      if (fused) return;
    }
    for (const input of inputs) this.push(input, place);
    if (what.immediate !== undefined) f.int(what.immediate);
    f.simd(what.opcode);
  }

  /** a·b + c and c − a·b in one instruction; false where there is no such product or rounding twice is asked for. */
  private pushMultiplyAdd(opcode: number, inputs: readonly Value[], place: Place): boolean {
    const fused = this.fusedTerms(opcode, inputs);
    if (!fused) return false;
    for (const operand of [...fused.factors, fused.other]) this.push(operand, place);
    this.f.simd(opcode === SIMD.add ? SIMD.relaxedMultiplyAdd : SIMD.relaxedNegativeMultiplyAdd);
    return true;
  }

  /** The product in a sum or, to be subtracted, in a difference, and the other term. */
  private fusedTerms(opcode: number, [first, second]: readonly Value[]) {
    const factors = this.fusableProduct(second!);
    if (factors) return { factors, other: first! };
    const others = opcode === SIMD.add ? this.fusableProduct(first!) : undefined;
    return others && { factors: others, other: second! };
  }

  /** The factors of a product that nothing else uses. */
  private fusableProduct(value: Value): readonly Value[] | undefined {
    const { what } = value;
    const isProduct = what.kind === "simd" && what.opcode === SIMD.mul;
    const alone = this.uses.get(value) === 1 && !this.holding.has(value);
    return this.environment.relaxed && isProduct && alone ? value.inputs : undefined;
  }
}

/** All values that the roots need, each after its inputs. */
function reachableFrom(roots: readonly Value[]): Value[] {
  const found = new Set<Value>();
  const stack = [...roots];
  while (stack.length > 0) {
    const value = stack.pop()!;
    if (found.has(value)) continue;
    found.add(value);
    stack.push(...value.inputs);
  }
  return [...found].sort((a, b) => a.id - b.id);
}
