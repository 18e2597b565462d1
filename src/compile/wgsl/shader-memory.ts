import type { DType, Shape } from "../../tensor/shape.js";
import { identityMap, stridesOf } from "../access.js";
import type { MemoryPlan } from "../memory.js";
import type { Access, AssemblyNode, Node } from "../node.js";
import type { Placement, Region } from "../wasm/kernel-context.js";
import type { Expressions, Value } from "./expressions.js";

/** Names of the arrays of words that a shader works on. */
export type WordArray = "members" | "arena" | "near" | "data";

/** For each loop that runs, the axis of the space that it counts along, and its counter. */
export type Index = ReadonlyMap<number, string>;

/** Something that moves with the loops over a space: where its first element is, and steps along the axes, in words. */
export interface Stream {
  readonly start: number;
  readonly steps: readonly number[];
}

/** Where a region lies: in which array, and from which word on. */
interface Base {
  readonly array: WordArray;
  /** A variable, or nothing. */
  readonly variable?: string;
}

/** Resolves where values lie to WGSL. */
export class ShaderMemory {
  /** Variables that stand for numbers of iterations, by the place at which the plan keeps them. */
  private readonly counters = new Map<string, string>();
  /** Arrays of the stacks that windows look into. */
  private readonly windows = new Map<number, WordArray>();

  /** The axis of the present kernel's space that counts within a block. */
  private cutAxis: number | undefined;

  constructor(private readonly plan: MemoryPlan) {
    for (const { windows } of plan.loops.values()) {
      for (const { number, stack } of windows) this.windows.set(number, this.base(stack.region).array);
    }
  }

  /** Lets a variable stand for the number of a loop's iteration while the loop's body is emitted. */
  whileCounting<T>(index: Placement, variable: string, emitBody: () => T): T {
    this.counters.set(keyOf(index), variable);
    const body = emitBody();
    this.counters.delete(keyOf(index));
    return body;
  }

  /** Lets a kernel handle the block of an axis of its space that begins at {@link FIRST_OF_BLOCK}. */
  whileCut<T>(axis: number, emitBody: () => T): T {
    this.cutAxis = axis;
    const body = emitBody();
    this.cutAxis = undefined;
    return body;
  }

  placement(node: Node): Placement {
    return this.plan.placements.get(node)!;
  }

  base(region: Region): Base {
    if (region === "member") return { array: "members", variable: "member" };
    if (region === "shared") return { array: "data" };
    if (region === "arena") return { array: "arena", variable: ARENA_BASE };
    if (region === "near" || region === "block") return { array: "near" };
    const number = Number(region.slice("window ".length));
    return { array: this.windows.get(number) ?? "arena", variable: windowVariable(number) };
  }

  /** How an access moves with the axes of its reader's space; undefined where every element is the same constant. */
  stream({ node, map }: Access, rank: number): Stream | undefined {
    if (node.kind === "constant") return undefined;
    if (node.kind === "iota") {
      const { start, steps } = stridesOf([map[node.axis]!], [1], rank);
      return { start, steps };
    }
    return this.streamAt(this.placement(node), map, rank);
  }

  streamAt({ offset, strides }: Placement, map: Access["map"], rank: number): Stream {
    const { start, steps } = stridesOf(map, strides, rank);
    return { start: offset / 4 + start, steps };
  }

  /** The value of an access. */
  load(e: Expressions, access: Access, rank: number, index: Index, moved?: string): Value {
    const { node } = access;
    if (node.kind === "constant") return e.constant(node.value, node.dtype);
    const stream = this.stream(access, rank)!;
    if (node.kind === "iota") {
      const count = e.value(sumOf([this.shift(stream), wordAt(stream, index)]), "u32");
      return node.dtype === "f32" ? e.floatOfUnsigned(count) : count;
    }
    const placement = this.placement(node);
    const counter = this.counters.get(keyOf(placement));
    if (counter !== undefined) return e.named(counter, "u32");
    return valueOfWord(e, this.element(placement.region, stream, index, moved), node.dtype);
  }

  /** The word of a node's own element. */
  own(node: Node, index: Index): string {
    const placement = this.placement(node);
    const stream = this.streamAt(placement, identityMap(node.shape.length), node.shape.length);
    return this.element(placement.region, stream, index);
  }

  /** The value of an assembly's element: of all parts, which show one tensor, the one where it is. */
  piece(e: Expressions, { parts, shape, dtype }: AssemblyNode, index: Index): Value {
    const { region } = this.placement(parts[0]!.source.node);
    const numbers = parts.map((part) => this.number(region, this.partStream(part), index));
    const [last, ...others] = [...numbers.keys()].reverse();
    const word = others.reduce((rest, i) => {
      const inside = isInside(parts[i]!, shape, index);
      return `select(${rest}, ${numbers[i]!}, ${inside})`;
    }, numbers[last!]!);
    return valueOfWord(e, `${this.base(region).array}[${word}]`, dtype);
  }

  /** How a part's source moves with the axes of the assembly. */
  partStream({ source, space, target }: AssemblyNode["parts"][number]): Stream {
    const { start, steps } = this.stream(source, space.length)!;
    return { start: target.reduce((at, { offset }, axis) => at - offset * steps[axis]!, start), steps };
  }

  /** A word of a region; `moved`: a further number of words. */
  element(region: Region, stream: Stream, index: Index, moved?: string): string {
    return `${this.base(region).array}[${this.number(region, stream, index, moved)}]`;
  }

  /** The number of a word in the array that its region belongs to. */
  private number(region: Region, stream: Stream, index: Index, moved?: string): string {
    const { variable } = this.base(region);
    const shift = region === "block" ? undefined : this.shift(stream);
    return sumOf([variable, moved, shift, wordAt(stream, index)]);
  }

  /** Where the present block begins in a stream that all blocks have together. */
  private shift({ steps }: Stream): string | undefined {
    const step = this.cutAxis === undefined ? 0 : (steps[this.cutAxis] ?? 0);
    return step === 0 ? undefined : `${FIRST_OF_BLOCK} * ${step >>> 0}u`;
  }
}

/** Whether an assembly's element lies in a part: axes along which the part is whole need no question. */
function isInside({ space, target }: AssemblyNode["parts"][number], shape: Shape, index: Index): string {
  const conditions = space.flatMap((length, axis) => {
    const { offset } = target[axis]!;
    const at = index.get(axis);
    if (length === shape[axis] || at === undefined) return [];
    return offset === 0 ? [`${at} < ${length}u`] : [`${at} - ${offset}u < ${length}u`];
  });
  return conditions.join(" && ") || "true";
}

const keyOf = ({ region, offset }: Placement): string => `${region} ${offset}`;

const sumOf = (terms: readonly (string | undefined)[]): string =>
  terms.filter((term) => term !== undefined && term !== "0u").join(" + ") || "0u";

/** The number of the present block's first element. */
export const FIRST_OF_BLOCK = "first_of_block";

/** The first word of the workgroup's part of the arena. */
export const ARENA_BASE = "arena_base";

export const windowVariable = (number: number): string => `window${number}`;

/** Reads a word as a value of a type. */
export function valueOfWord(e: Expressions, word: string, dtype: DType): Value {
  if (dtype === "f32") return e.value(`bitcast<f32>(${word})`, "f32");
  return dtype === "bool" ? e.value(`${word} != 0u`, "bool") : e.value(word, "u32");
}

/** The word that holds a value. */
export function wordOf({ text, type }: Value): string {
  if (type === "f32") return `bitcast<u32>(${text})`;
  return type === "bool" ? `select(0u, 1u, ${text})` : text;
}

/** Start, and steps for all running loops, as one expression. */
function wordAt({ start, steps }: Stream, index: Index): string {
  const terms = Array.from(index, ([axis, counter]) => {
    const step = steps[axis]!;
    if (step === 0) return [];
    return step === 1 ? [counter] : [`${counter} * ${step >>> 0}u`];
  }).flat();
  return [...terms, ...(start === 0 && terms.length > 0 ? [] : [`${start >>> 0}u`])].join(" + ");
}
