import { stridesOf } from "../access.js";
import type { ContractionKernel } from "../fuse.js";
import type { Access, ContractionNode, ElementwiseNode, ReductionNode } from "../node.js";
import { longOperand } from "../row-sums.js";
import { type FunctionBuilder, SIMD, V128 } from "./assembler.js";
import type { KernelContext } from "./kernel-context.js";
import type { Value } from "./lanes.js";
import { Pointers } from "./loop-nest.js";
import { type Stream, streamsOf } from "./streams.js";
import { KernelTrace } from "./loop-kernel.js";
import type { Store } from "./nest.js";

/** What both forms of a matrix product need: where operands and results lie, and sums in registers. */
export abstract class ProductEmitter {
  protected readonly node: ContractionNode;
  protected readonly lengths: readonly number[];
  protected readonly left: Stream;
  protected readonly right: Stream;
  /** Follows the epilogue; its leaf number 0 is the sum in a register. */
  protected readonly trace: KernelTrace;
  protected readonly stores: readonly Store[];
  /** Where the sums of the longer operand's rows go, if anybody asks for them. */
  protected readonly rowSums: Stream | undefined;
  protected readonly pointers: Pointers;
  /** Axes of the space. */
  protected readonly m: number;
  protected readonly n: number;
  protected readonly k: number;

  constructor(
    protected readonly f: FunctionBuilder,
    { contraction: node, epilogue, rowSums }: ContractionKernel,
    blockedAxis: number,
    protected readonly context: KernelContext,
  ) {
    this.node = node;
    const rank = node.space.length;
    [this.m, this.n, this.k] = [rank - 3, rank - 2, rank - 1];
    this.lengths = node.space.map((length, axis) => (axis === blockedAxis ? context.cutLength : length));
    this.left = this.streamOf(node.left);
    this.right = this.streamOf(node.right);
    this.trace = new KernelTrace(rank, context);
    const sum = this.trace.leaf({ region: "index", start: 0, steps: node.space.map(() => 1) });
    this.trace.know(node, sum);
    this.stores = this.storesOf([node, ...epilogue], sum);
    this.rowSums = rowSums && this.sumsStream(rowSums);
    const written = [...this.stores.map(({ stream }) => stream), ...(this.rowSums ? [this.rowSums] : [])];
    const others = [...this.trace.leaves.slice(1).flatMap(streamsOf), ...written];
    this.pointers = new Pointers(f, [this.left, this.right, ...others], blockedAxis);
  }

  private streamOf({ node, map }: Access): Stream {
    const placement = this.context.placements.get(node)!;
    const { start, steps } = stridesOf(map, placement.strides, this.node.space.length);
    return { region: placement.region, start: placement.offset + 4 * start, steps };
  }

  private sumsStream(sums: ReductionNode): Stream {
    const { region, offset, strides } = this.context.placements.get(sums)!;
    const { row } = longOperand(this.node);
    return { region, start: offset, steps: this.node.space.map((_, axis) => (axis === row ? strides[0]! : 0)) };
  }

  /** What is kept of the sums and of values computed from them. */
  private storesOf(nodes: readonly (ContractionNode | ElementwiseNode)[], sum: Value): Store[] {
    return nodes.flatMap((node) => {
      const value = node.kind === "contraction" ? sum : this.trace.compute(node);
      return this.context.stored.has(node) ? [this.trace.store(node, value)] : [];
    });
  }

  protected clearedSums(count: number): number[] {
    return Array.from({ length: count }, () => {
      const local = this.f.local(V128);
      this.f.splat(0).set(local);
      return local;
    });
  }

  /** sum += a · b */
  protected multiplyAdd(a: number, b: number, sum: number): void {
    const { f } = this;
    if (this.context.relaxed) f.get(a).get(b).get(sum).simd(SIMD.relaxedMultiplyAdd).set(sum);
    else f.get(sum).get(a).get(b).simd(SIMD.mul).simd(SIMD.add).set(sum);
  }
}
