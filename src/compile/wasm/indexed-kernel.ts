import type { DType, Shape } from "../../tensor/shape.js";
import { identityMap, stridesOf } from "../access.js";
import type { IndexedKernel } from "../fuse.js";
import type { Access, DynamicIndex, Node, ScatterNode } from "../node.js";
import { LANES } from "../vectors.js";
import { type FunctionBuilder, I32, I32_OP, SIMD } from "./assembler.js";
import { copyPart } from "./assembly-kernel.js";
import type { KernelContext } from "./kernel-context.js";
import { Pointers } from "./loop-nest.js";
import { keyOf, type Stream } from "./streams.js";

/** Emits a gather, or a scatter after a copy of what it starts from where that lies elsewhere. Elements are handled in row-major order. */
export function emitIndexedKernel(f: FunctionBuilder, { nodes: [node] }: IndexedKernel, context: KernelContext): void {
  const { placements } = context;
  const whole = (own: Node): Access => ({ node: own, map: identityMap(own.shape.length) });
  const streamOf = ({ node: read, map }: Access, space: Shape): Stream => {
    const { region, offset, strides } = placements.get(read)!;
    const { start, steps } = stridesOf(map, strides, space.length);
    return { region, start: offset + 4 * start, steps };
  };
  const moves = (indices: readonly DynamicIndex[], moved: Node, space: Shape): Move[] =>
    indices
      .filter(({ limit }) => limit > 0)
      .map(({ access, limit, scales }) => {
        const step = scales.reduce((sum, scale, axis) => sum + scale * placements.get(moved)!.strides[axis]!, 0);
        return { index: streamOf(access, space), limit, bytes: 4 * step };
      });
  if (node.kind === "gather") {
    const { shape: space, source, indices } = node;
    const [from, to] = [streamOf(source, space), streamOf(whole(node), space)];
    new IndexedEmitter(f, { space, from, to, moves: moves(indices, source.node, space), moved: "from" }).emit();
    return;
  }
  const { shape, space, base, part, target, indices, mode, dtype } = node;
  if (!isInPlace(node, context))
    copyPart(f, node, { space: shape, source: base, target: identityMap(shape.length) }, context);
  const [from, to] = [streamOf(part, space), streamOf({ node, map: target }, space)];
  const sum = mode === "add" ? additionOf(dtype) : undefined;
  new IndexedEmitter(f, { space, from, to, moves: moves(indices, node, space), moved: "to", sum }).emit();
}

/** True where a scatter lies in the memory of what it starts from. */
function isInPlace(node: ScatterNode, { placements }: KernelContext): boolean {
  const [own, base] = [placements.get(node)!, placements.get(node.base.node)];
  return own.region === base?.region && own.offset === base.offset;
}

const additionOf = (dtype: DType): number => (dtype === "f32" ? SIMD.add : SIMD.intAdd);

/** An index in memory that moves an address by so many bytes for each unit. */
interface Move {
  readonly index: Stream;
  readonly limit: number;
  readonly bytes: number;
}

interface Transfer {
  readonly space: Shape;
  readonly from: Stream;
  readonly to: Stream;
  readonly moves: readonly Move[];
  /** Which of both addresses the indices move. */
  readonly moved: "from" | "to";
  /** The instruction that adds to what is there; absent: it is replaced. */
  readonly sum?: number | undefined;
}

class IndexedEmitter {
  private readonly pointers: Pointers;
  /** An axis along which whole vectors can be moved, or −1. */
  private readonly lane: number;

  constructor(
    private readonly f: FunctionBuilder,
    private readonly transfer: Transfer,
  ) {
    const { space, from, to, moves } = transfer;
    const indices = moves.map(({ index }) => index);
    this.pointers = new Pointers(f, [from, to, ...indices], -1);
    this.lane = space.findIndex((length, axis) => {
      const alike = [from, to].every(({ steps }) => steps[axis] === 1);
      return length >= LANES && alike && indices.every(({ steps }) => steps[axis] === 0);
    });
  }

  emit(): void {
    const { f, pointers, lane, transfer } = this;
    const { space, from, to, moved } = transfer;
    const axes = space.flatMap((length, axis) => (length > 1 && axis !== lane ? [axis] : []));
    const address = f.local(I32);
    pointers.nest(axes, space, pointers.initial(), (at) => {
      f.get(at.get(keyOf(moved === "from" ? from : to))!);
      for (const move of transfer.moves) this.addMove(move, at);
      f.set(address);
      const other = at.get(keyOf(moved === "from" ? to : from))!;
      const [source, target] = moved === "from" ? [address, other] : [other, address];
      if (lane < 0) this.moveElement(source, target, 0);
      else this.moveRow(source, target, space[lane]!);
    });
  }

  /** Adds a clamped index's bytes to the address on the stack. */
  private addMove({ index, limit, bytes }: Move, at: ReadonlyMap<string, number>): void {
    const { f } = this;
    const value = f.local(I32);
    f.get(at.get(keyOf(index))!)
      .loadInt(index.start)
      .set(value);
    f.get(value).int(0).int(0).get(value).op(I32_OP.lessSigned).choose().set(value);
    f.get(value).int(limit).get(value).int(limit).op(I32_OP.lessSigned).choose();
    f.int(bytes).op(I32_OP.mul).op(I32_OP.add);
  }

  private moveElement(source: number, target: number, bytes: number): void {
    const { f } = this;
    const { from, to, sum } = this.transfer;
    f.get(target)
      .get(source)
      .loadSplat(from.start + bytes);
    if (sum !== undefined)
      f.get(target)
        .loadSplat(to.start + bytes)
        .simd(sum);
    f.storeLane(to.start + bytes, 0);
  }

  private moveRow(source: number, target: number, length: number): void {
    const { f } = this;
    const { from, to, sum } = this.transfer;
    const [read, written, end] = [f.local(I32), f.local(I32), f.local(I32)];
    const vectors = Math.floor(length / LANES);
    f.get(source).set(read).get(target).set(written);
    f.getPlus(source, 16 * vectors).set(end);
    f.loop(read, 16, end, () => {
      f.get(written).get(read).load(from.start);
      if (sum !== undefined) f.get(written).load(to.start).simd(sum);
      f.store(to.start).advance(written, 16);
    });
    for (let i = 0; i < length % LANES; i++) this.moveElement(read, written, 4 * i);
  }
}
