import type { DType, Shape } from "../../tensor/shape.js";
import { identityMap, stridesOf } from "../access.js";
import type { HalfFormat } from "../layout.js";
import type { MemoryPlan } from "../memory.js";
import type { Access, AssemblyNode, Node } from "../node.js";
import type { Placement, Region } from "../wasm/kernel-context.js";
import type { Expressions, Value } from "./expressions.js";
import { packed, unpacked, unpackedAt } from "./halves.js";

/** Names of the arrays of words that a shader works on. */
export type WordArray = "members" | "arena" | "near" | "data";

/** For each loop that runs, the axis of the space that it counts along, and its counter. */
export type Index = ReadonlyMap<number, Counter>;
export type Counter = string | PairedCounter;

/** One of two neighbours that a thread handles together. */
export interface PairedCounter {
  /** Its number, as an operand of a product. */
  readonly element: string;
  /** The number of the pair. */
  readonly pair: string;
  readonly half: 0 | 1;
}

/** Both elements of a pair. */
export const elementsOfPair = (pair: string): readonly [PairedCounter, PairedCounter] => [
  { element: `(${pair} * 2u)`, pair, half: 0 },
  { element: `(${pair} * 2u + 1u)`, pair, half: 1 },
];

export const elementOf = (counter: Counter): string => (typeof counter === "string" ? counter : counter.element);

/** Something that moves with the loops over a space: where its first element is, and steps along the axes, in words or halves. */
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

  /** Counts halves where two share a word. */
  streamAt({ offset, strides, half }: Placement, map: Access["map"], rank: number): Stream {
    const { start, steps } = stridesOf(map, strides, rank);
    return { start: offset / (half ? 2 : 4) + start, steps };
  }

  /** The value of an access. */
  load(e: Expressions, access: Access, rank: number, index: Index, moved?: string): Value {
    const { node } = access;
    if (node.kind === "constant") return e.constant(node.value, node.dtype);
    const stream = this.stream(access, rank)!;
    if (node.kind === "iota") {
      const count = e.value(this.number("arena", stream, index, undefined), "u32");
      return node.dtype === "f32" ? e.floatOfUnsigned(count) : count;
    }
    const placement = this.placement(node);
    const counter = this.counters.get(keyOf(placement));
    if (counter !== undefined) return e.named(counter, "u32");
    if (placement.half) return this.loadHalf(e, placement, stream, index, moved);
    return valueOfWord(e, this.element(placement.region, stream, index, moved), node.dtype);
  }

  /** The axis along which an access to halves moves from neighbour to neighbour, if pairs of them share a word; else −1. */
  pairAxis(access: Access, rank: number): number {
    const { node } = access;
    if (node.kind === "constant" || node.kind === "iota" || !this.placement(node).half) return -1;
    const stream = this.stream(access, rank)!;
    const axis = stream.steps.indexOf(1);
    return isEvenBut(axis, stream) ? axis : -1;
  }

  /** Stores two neighbours of a node in the word that they share. */
  storePair(node: Node, values: readonly [Value, Value], index: Index): string {
    const placement = this.placement(node);
    const stream = this.streamAt(placement, identityMap(node.shape.length), node.shape.length);
    return `${this.pairWord(placement.region, stream, index)!.word} = ${packed(placement.half!, values)};`;
  }

  /** The word of a node's own element. */
  own(node: Node, index: Index): string {
    const placement = this.placement(node);
    const stream = this.streamAt(placement, identityMap(node.shape.length), node.shape.length);
    return this.element(placement.region, stream, index);
  }

  /** The value of an assembly's element: of all parts, which show one tensor, the one where it is. */
  piece(e: Expressions, { parts, shape, dtype }: AssemblyNode, index: Index): Value {
    const { region, half } = this.placement(parts[0]!.source.node);
    const { variable, array } = this.base(region);
    const numbers = parts.map((part) => this.number(region, this.partStream(part), index, half ? undefined : variable));
    const [last, ...others] = [...numbers.keys()].reverse();
    const word = others.reduce((rest, i) => {
      const inside = isInside(parts[i]!, shape, index);
      return `select(${rest}, ${numbers[i]!}, ${inside})`;
    }, numbers[last!]!);
    return half ? this.halfAt(e, half, region, e.value(word, "u32")) : valueOfWord(e, `${array}[${word}]`, dtype);
  }

  /** How a part's source moves with the axes of the assembly. */
  partStream({ source, space, target }: AssemblyNode["parts"][number]): Stream {
    const { start, steps } = this.stream(source, space.length)!;
    return { start: target.reduce((at, { offset }, axis) => at - offset * steps[axis]!, start), steps };
  }

  /** A word of a region; `moved`: a further number of words. */
  element(region: Region, stream: Stream, index: Index, moved?: string): string {
    const { array, variable } = this.base(region);
    return `${array}[${this.number(region, stream, index, variable, moved)}]`;
  }

  private loadHalf(e: Expressions, placement: Placement, stream: Stream, index: Index, moved?: string): Value {
    const { region, half } = placement;
    const pair = moved === undefined ? this.pairWord(region, stream, index) : undefined;
    if (pair) return unpacked(e, half!, e.value(pair.word, "u32"), pair.half);
    return this.halfAt(e, half!, region, e.value(this.number(region, stream, index, undefined, moved), "u32"));
  }

  /** The value of an element of halves, counted from the region's beginning. */
  private halfAt(e: Expressions, half: HalfFormat, region: Region, element: Value): Value {
    const { array, variable } = this.base(region);
    const word = e.value(`${array}[${sumOf([variable, `${element.text} / 2u`])}]`, "u32");
    return unpackedAt(e, half, word, element);
  }

  /** The word in which an element of halves lies, and which half, where a loop counts pairs; else nothing. */
  private pairWord(region: Region, { start, steps }: Stream, index: Index): { word: string; half: 0 | 1 } | undefined {
    const axis = steps.indexOf(1);
    const counter = index.get(axis);
    if (typeof counter !== "object" || !isEvenBut(axis, { start, steps })) return undefined;
    const words = { start: start / 2, steps: steps.map((step, other) => (other === axis ? 1 : step / 2)) };
    const { array, variable } = this.base(region);
    // Blocks have an even length.
    const first = this.cutAxis === axis && region !== "block" ? `${FIRST_OF_BLOCK} / 2u` : undefined;
    const others = { start: words.start, steps: words.steps.with(axis, 0) };
    const shift = first ?? this.shift(region, others);
    const word = sumOf([variable, shift, wordAt(words, new Map(index).set(axis, counter.pair))]);
    return { word: `${array}[${word}]`, half: counter.half };
  }

  /** The number of a word, or of half of one, in the array that its region belongs to. */
  private number(region: Region, stream: Stream, index: Index, first: string | undefined, moved?: string): string {
    return sumOf([first, moved, this.shift(region, stream), wordAt(stream, index)]);
  }

  /** Where the present block begins in a stream that all blocks have together. */
  private shift(region: Region, { steps }: Stream): string | undefined {
    const step = this.cutAxis === undefined || region === "block" ? 0 : (steps[this.cutAxis] ?? 0);
    return step === 0 ? undefined : `${FIRST_OF_BLOCK} * ${step >>> 0}u`;
  }
}

/** Whether an element's number is even but for what it moves along an axis. */
const isEvenBut = (axis: number, { start, steps }: Stream): boolean =>
  start % 2 === 0 && steps.every((step, other) => other === axis || step % 2 === 0);

/** Whether an assembly's element lies in a part: axes along which the part is whole need no question. */
function isInside({ space, target }: AssemblyNode["parts"][number], shape: Shape, index: Index): string {
  const conditions = space.flatMap((length, axis) => {
    const { offset } = target[axis]!;
    const counter = index.get(axis);
    if (length === shape[axis] || counter === undefined) return [];
    const at = elementOf(counter);
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
    const element = elementOf(counter);
    return step === 1 ? [element] : [`${element} * ${step >>> 0}u`];
  }).flat();
  return [...terms, ...(start === 0 && terms.length > 0 ? [] : [`${start >>> 0}u`])].join(" + ");
}
