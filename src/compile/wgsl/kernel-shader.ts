import type { ElementwiseOperation, OperationName } from "../../tensor/operation.js";
import { operationOf } from "../../tensor/operations/index.js";
import type { Shape } from "../../tensor/shape.js";
import { largest } from "../largest.js";
import type { AssemblyNode, ElementwiseNode, Node } from "../node.js";
import type { Code } from "./code.js";
import type { Expressions, Value } from "./expressions.js";
import { numberOf, type Turn } from "./loops.js";
import { type Index, type ShaderMemory, type WordArray, wordOf } from "./shader-memory.js";

/** What emitting a kernel needs to know of the rest of the shader. */
export interface KernelContext {
  readonly code: Code;
  readonly memory: ShaderMemory;
  readonly stored: ReadonlySet<Node>;
  /** Threads of a workgroup. */
  readonly threads: number;
  /** Neighbouring threads that can exchange values in registers; 1 where none can. */
  readonly subgroupSize: number;
  /** Words in workgroup memory that kernels may leave partial results in. */
  readonly scratchWords: number;
  /** The axis of the kernel's space of which it handles a block, and elements of that. */
  readonly cut?: Cut | undefined;
  /** What the threads keep in registers from one iteration of a loop to the next. */
  readonly kept?: readonly KeptPart[];
  /** Notes that a kernel leaves partial results in so many words of that memory. */
  takeScratch(words: number): void;
  /** Notes that each of a kernel's threads holds so many sums at a time. */
  takeSums(count: number): void;
  /** Waits until all threads see what all have written to an array. */
  barrier(array: WordArray | typeof SCRATCH): void;
}

/** A part of a loop's carry of which each thread keeps the elements that it computes in registers. */
export interface KeptPart {
  /** In the body: what holds it at the beginning of an iteration, and at the end. */
  readonly present: Node;
  readonly next: Node;
  /** The axis along which neighbouring threads take neighbours. */
  readonly lane: number;
  /** Of the variable, an array of as many numbers as a thread has elements. */
  readonly name: string;
  /** Whether other threads read elements, which lie in memory too then. */
  readonly inMemory: boolean;
}

export interface Cut {
  readonly axis: number;
  readonly length: number;
}

/** A space of which one block is handled. */
export const cutSpace = (space: Shape, cut: Cut | undefined): Shape => (cut ? space.with(cut.axis, cut.length) : space);

/** A kernel that sums over a batch: block by block, into registers of its threads, and what is left to do at the end. */
export interface BlockSums {
  /** Numbers that a thread keeps from block to block. */
  readonly perThread: number;
  /** Adds a block's terms to the numbers in an array of that name. */
  emitBlock(sums: string): void;
  emitEnd(sums: string): void;
}

/** Number `i` of those that a thread keeps for its present turn in {@link forEachOfThread} over `total` numbers. */
export function keptNumber(
  { threads }: KernelContext,
  sums: string,
  total: number,
  perTurn: number,
  i: number,
): string {
  if (total <= threads) return `${sums}[${i}]`;
  const turn = total % threads === 0 ? "turn" : `n / ${threads}u`;
  return `${sums}[${turn} * ${perTurn}u + ${i}u]`;
}

/** The memory for partial results. */
export const SCRATCH = "scratch";
/** Number of the thread. */
export const THREAD = "thread";

/**
 * A loop over numbers `n` below `total`, of which each thread takes its own. Where all threads take as many, drivers see that,
 * and work off turns side by side.
 */
export function forEachOfThread({ code, threads }: KernelContext, total: number, body: (n: Turn) => void): void {
  code.repeated(total, () => {
    if (total > threads && total % threads === 0) {
      const turns = { first: THREAD, turn: "turn", step: threads };
      code.block(`for (var turn = 0u; turn < ${total / threads}u; turn++)`, () => {
        code.add(`let n = ${numberOf(turns)};`);
        body(turns);
      });
    } else if (total > threads) {
      code.block(`for (var n = ${THREAD}; n < ${total}u; n += ${threads}u)`, () => body("n"));
    } else {
      code.block(total === threads ? "" : `if (${THREAD} < ${total}u)`, () => {
        code.add(`let n = ${THREAD};`);
        body("n");
      });
    }
  });
}

/** Computes elementwise nodes of one kernel at one place; stores come after all reads. */
export class ElementTrace {
  private readonly values = new Map<Node, Value>();

  constructor(
    readonly e: Expressions,
    private readonly memory: ShaderMemory,
    private readonly rank: number,
    private readonly index: Index,
  ) {}

  /** A value that is at hand already. */
  know(node: Node, value: Value): void {
    this.values.set(node, value);
  }

  /** The value of a node that has been computed. */
  value(node: Node): Value {
    return this.values.get(node)!;
  }

  read(access: ElementwiseNode["operands"][number]): Value {
    return this.values.get(access.node) ?? this.memory.load(this.e, access, this.rank, this.index);
  }

  compute(node: ElementwiseNode | AssemblyNode): void {
    this.values.set(node, node.kind === "assembly" ? this.memory.piece(this.e, node, this.index) : this.lowered(node));
  }

  private lowered(node: ElementwiseNode): Value {
    const operation = operationOf<OperationName>(node.call.name) as ElementwiseOperation<OperationName>;
    const inputs = node.operands.map((operand) => this.read(operand));
    const types = { inputs: node.operands.map((operand) => operand.node.dtype), output: node.dtype };
    return operation.lower(this.e, inputs, node.call.attributes, types);
  }

  /** Statements that store values of nodes that lie in memory. */
  stores(nodes: readonly Node[]): string[] {
    return nodes.map((node) => `${this.memory.own(node, this.index)} = ${wordOf(this.values.get(node)!)};`);
  }

  /** The same of neighbouring places: nodes that lie in groups are stored with one statement. */
  static groupStores(traces: readonly ElementTrace[], nodes: readonly Node[]): string[] {
    const { memory, index } = traces[0]!;
    return nodes.flatMap((node) => {
      if (memory.width(node) === 1) return traces.flatMap((trace) => trace.stores([node]));
      const values = traces.map((trace) => trace.values.get(node)!);
      return [memory.storeGroup(node, values, index)];
    });
  }
}

/** How many neighbours along its lane a kernel's threads take together: as many as it stores together. */
export const storedWidth = (nodes: readonly Node[], { memory, stored }: KernelContext): number =>
  largest([1, ...nodes.flatMap((node) => (stored.has(node) ? [memory.width(node)] : []))]);
