import type { DType, Shape } from "../../tensor/shape.js";
import { identityMap, stridesOf } from "../access.js";
import { isHalf, widthOf } from "../buffer-layout.js";
import type { MemoryPlan } from "../memory-plan.js";
import type { Access, AssemblyNode, Node } from "../node.js";
import type { Placement, Region } from "../wasm/kernel-context.js";
import type { Expressions, Value } from "./expressions.js";
import { packed, unpacked, unpackedAt } from "./halves.js";

/** Names of the arrays of words that a shader works on. */
export type WordArray = "members" | "arena" | "near" | "quads" | "data";

/** For each loop that runs, the axis of the space that it counts along, and its counter. */
export type Index = ReadonlyMap<number, Counter>;
export type Counter = string | GroupedCounter | OffsetCounter;

/** The sum of a variable and a constant, which goes into the constant of an address. */
export interface OffsetCounter {
  readonly variable: string;
  readonly offset: number;
}

/** One of the neighbours that a thread handles together. */
export interface GroupedCounter {
  /** Its number, as an operand of a product. */
  readonly element: string;
  /** The number of the group, which place in it is the element's, and how many there are. */
  readonly group: string;
  readonly place: number;
  readonly width: number;
}

/** The elements of a group; on its own if it is one. */
export const elementsOfGroup = (group: string, width: number): readonly Counter[] =>
  width === 1
    ? [group]
    : Array.from({ length: width }, (_, place) => {
        const element = `(${group} * ${width}u${place === 0 ? "" : ` + ${place}u`})`;
        return { element, group, place, width };
      });

export function elementOf(counter: Counter): string {
  if (typeof counter === "string") return counter;
  return "element" in counter ? counter.element : `(${counter.variable} + ${counter.offset}u)`;
}

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
  /** Arrays of the buffers that windows look into. */
  private readonly windows = new Map<number, WordArray>();
  /** Windows that show one or the other of two buffers, which nothing else shows. */
  private readonly swapped = new Set<Region>();

  /** The axis of the present kernel's space that counts within a block. */
  private cutAxis: number | undefined;

  constructor(private readonly plan: MemoryPlan) {
    for (const { windows, swaps } of plan.loops.values()) {
      for (const { number, stack } of windows) this.windows.set(number, this.base(stack).array);
      for (const { number, buffer } of swaps.flatMap(({ read, written }) => [read, written])) {
        this.windows.set(number, this.base(buffer).array);
        this.swapped.add(`window ${number}`);
      }
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

  base({ region, group }: Pick<Placement, "region" | "group">): Base {
    if (region === "member") return { array: "members", variable: "member" };
    if (region === "shared") return { array: "data" };
    if (region === "arena") return { array: "arena", variable: ARENA_BASE };
    if (isNear(region)) return { array: group === "quad" ? "quads" : "near" };
    const number = Number(region.slice("window ".length));
    return { array: this.windows.get(number) ?? "arena", variable: windowVariable(number) };
  }

  isSwapped(region: Region): boolean {
    return this.swapped.has(region);
  }

  /** The number of a place's first word, in the array that it belongs to. */
  firstWord(placement: Placement): string {
    const { variable } = this.base(placement);
    return `${variable === undefined ? "" : `${variable} + `}${placement.offset / 4}u`;
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
  streamAt({ offset, strides, group }: Placement, map: Access["map"], rank: number): Stream {
    const { start, steps } = stridesOf(map, strides, rank);
    return { start: offset / (isHalf(group) ? 2 : 4) + start, steps };
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
    if (this.widthAt(placement) > 1) return this.loadOfGroup(e, placement, stream, index, moved);
    return valueOfWord(e, this.element(placement, stream, index, moved), node.dtype);
  }

  /** Elements of a node that are stored together, and may be loaded together. */
  width(node: Node): number {
    return this.widthAt(this.placement(node));
  }

  /** In storage, words of a quad lie as others do. */
  private widthAt({ group, region }: Placement): number {
    return group === "quad" && !isNear(region) ? 1 : widthOf(group);
  }

  /** The axis along which an access moves from neighbour to neighbour, if whole groups of them lie together; else −1. */
  groupAxis(access: Access, rank: number): number {
    const { node } = access;
    const width = node.kind === "constant" || node.kind === "iota" ? 1 : this.width(node);
    if (width === 1) return -1;
    const stream = this.stream(access, rank)!;
    const axis = stream.steps.indexOf(1);
    return isMultipleBut(axis, width, stream) ? axis : -1;
  }

  /** Stores the neighbours of a node that lie together. */
  storeGroup(node: Node, values: readonly Value[], index: Index): string {
    const placement = this.placement(node);
    const stream = this.streamAt(placement, identityMap(node.shape.length), node.shape.length);
    const { group } = placement;
    const value = isHalf(group) ? packed(group, values) : `vec4f(${values.map(({ text }) => text).join(", ")})`;
    return `${this.wholeGroup(placement, stream, index)!.group} = ${value};`;
  }

  /** The word of a node's own element. */
  own(node: Node, index: Index): string {
    const placement = this.placement(node);
    const stream = this.streamAt(placement, identityMap(node.shape.length), node.shape.length);
    return this.element(placement, stream, index);
  }

  /** The value of an assembly's element: of all parts, which show one tensor, the one where it is. */
  piece(e: Expressions, { parts, shape, dtype }: AssemblyNode, index: Index): Value {
    const placement = this.placement(parts[0]!.source.node);
    const { region } = placement;
    const { variable, array } = this.base(placement);
    const grouped = this.widthAt(placement) > 1;
    const first = grouped ? undefined : variable;
    const streams = parts.map((part) => this.partStream(part));
    const ofPart = (values: readonly string[]): string =>
      values.reduceRight((rest, value, i) => `select(${rest}, ${value}, ${isInside(parts[i]!, shape, index)})`);
    const [one] = streams as [Stream];
    const moveAlike = streams.every(({ steps }) => [...index.keys()].every((axis) => steps[axis] === one.steps[axis]));
    const word = moveAlike
      ? this.number(region, one, index, first, ofPart(streams.map(({ start }) => `${(start - one.start) >>> 0}u`)))
      : ofPart(streams.map((stream) => this.number(region, stream, index, first)));
    return grouped ? this.oneOfGroup(e, placement, word) : valueOfWord(e, `${array}[${word}]`, dtype);
  }

  /** How a part's source moves with the axes of the assembly. */
  partStream({ source, space, target }: AssemblyNode["parts"][number]): Stream {
    const { start, steps } = this.stream(source, space.length)!;
    return { start: target.reduce((at, { offset }, axis) => at - offset * steps[axis]!, start), steps };
  }

  /** A word of a region; `moved`: a further number of words. */
  element(placement: Pick<Placement, "region" | "group">, stream: Stream, index: Index, moved?: string): string {
    const { array, variable } = this.base(placement);
    return `${array}[${this.number(placement.region, stream, index, variable, moved)}]`;
  }

  private loadOfGroup(e: Expressions, placement: Placement, stream: Stream, index: Index, moved?: string): Value {
    const found = moved === undefined ? this.wholeGroup(placement, stream, index) : undefined;
    const place = found || moved !== undefined ? undefined : this.placeInQuad(placement, stream, index);
    if (place) return e.value(place, "f32");
    if (!found) return this.oneOfGroup(e, placement, this.number(placement.region, stream, index, undefined, moved));
    if (isHalf(placement.group)) return unpacked(e, placement.group, e.value(found.group, "u32"), found.place);
    return e.named(`${e.value(found.group, "vec4f").text}.${"xyzw"[found.place]!}`, "f32");
  }

  /**
   * One word of a quad, where only one counter says which: it does not change in a loop over another one, whose steps are
   * constants of an address then.
   */
  private placeInQuad(placement: Placement, { start, steps }: Stream, index: Index): string | undefined {
    const axis = steps.indexOf(1);
    const counter = index.get(axis);
    const width = widthOf(placement.group);
    if (isHalf(placement.group) || counter === undefined || !isMultipleBut(axis, width, { start, steps }))
      return undefined;
    const element = elementOf(counter);
    return `${this.groupAt(placement, { start, steps }, index, axis, `${element} / ${width}u`)}[${element} % ${width}u]`;
  }

  /** The value of an element that lies in a group, counted from the region's beginning. */
  private oneOfGroup(e: Expressions, placement: Placement, number: string): Value {
    const { array, variable } = this.base(placement);
    const element = e.value(number, "u32");
    const group = `${array}[${sumOf([variable, `${element.text} / ${widthOf(placement.group)}u`])}]`;
    if (isHalf(placement.group)) return unpackedAt(e, placement.group, e.value(group, "u32"), element);
    return e.value(`${group}[${element.text} % 4u]`, "f32");
  }

  /** The group in which an element lies, and its place there, where a loop counts groups; else nothing. */
  private wholeGroup(
    placement: Placement,
    { start, steps }: Stream,
    index: Index,
  ): { readonly group: string; readonly place: number } | undefined {
    const width = widthOf(placement.group);
    const axis = steps.indexOf(1);
    const counter = index.get(axis);
    if (typeof counter !== "object" || !("width" in counter) || counter.width !== width) return undefined;
    if (!isMultipleBut(axis, width, { start, steps })) return undefined;
    return { group: this.groupAt(placement, { start, steps }, index, axis, counter.group), place: counter.place };
  }

  /** The group with a number along the axis of its neighbours, in a stream that moves by whole groups along all others. */
  private groupAt(placement: Placement, { start, steps }: Stream, index: Index, axis: number, group: string): string {
    const width = widthOf(placement.group);
    const groups = { start: start / width, steps: steps.map((step, other) => (other === axis ? 1 : step / width)) };
    const { array, variable } = this.base(placement);
    // A block is a multiple of groups.
    const isCut = this.cutAxis === axis && placement.region !== "block";
    const others = { start: groups.start, steps: groups.steps.with(axis, 0) };
    const shift = isCut ? `${FIRST_OF_BLOCK} / ${width}u` : this.shift(placement.region, others);
    return `${array}[${sumOf([variable, shift, wordAt(groups, new Map(index).set(axis, group))])}]`;
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

const isNear = (region: Region): boolean => region === "near" || region === "block";

/** Whether an element's number is a multiple but for what it moves along an axis. */
const isMultipleBut = (axis: number, of: number, { start, steps }: Stream): boolean =>
  start % of === 0 && steps.every((step, other) => other === axis || step % of === 0);

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

const keyOf = ({ region, offset, group }: Placement): string => `${region} ${offset} ${group ?? ""}`;

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
  let constant = start;
  const terms = Array.from(index, ([axis, counter]) => {
    const step = steps[axis]!;
    if (step === 0) return [];
    const hasOffset = typeof counter === "object" && "offset" in counter;
    if (hasOffset) constant += counter.offset * step;
    const element = hasOffset ? counter.variable : elementOf(counter);
    return step === 1 ? [element] : [`${element} * ${step >>> 0}u`];
  }).flat();
  return [...terms, ...(constant === 0 && terms.length > 0 ? [] : [`${constant >>> 0}u`])].join(" + ");
}
