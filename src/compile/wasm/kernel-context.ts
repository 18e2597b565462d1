import type { Group } from "../buffer-layout.js";
import type { Node } from "../node.js";
import type { FunctionBuilder } from "./assembler.js";

/**
 * `work`: behind what a member's region holds for good, so that all threads see it. `block`: in the arena, too, but written anew for every block of a stage. A window shows one slice of a stack, whose
 * address is in a global variable of that number. `near`: in a small memory that is nearer to the threads than the arena.
 */
export type Region = "member" | "work" | "arena" | "near" | "shared" | "block" | `window ${number}`;

/** Where a node's values lie. */
export interface Placement {
  readonly region: Region;
  /** In bytes from the region's base. */
  readonly offset: number;
  /** In elements, one for each axis of the node. */
  readonly strides: readonly number[];
  /** How neighbours lie together; absent where each is on its own. */
  readonly group?: Group | undefined;
}

/** Parameters of every kernel's function, in this order. */
export const PARAMETERS = { member: 0, arena: 1, shared: 2, firstOfBlock: 3 } as const;

export const PARAMETER_COUNT = 4;

/** The parameter with a region's address; a window has none. */
export function parameterOf(region: Region): number | undefined {
  if (region === "block") return PARAMETERS.arena;
  if (region === "work") return PARAMETERS.member;
  return region === "member" || region === "arena" || region === "shared" ? PARAMETERS[region] : undefined;
}

/** Pushes a region's address. */
export function pushBase(f: FunctionBuilder, region: Region): FunctionBuilder {
  const parameter = parameterOf(region);
  return parameter === undefined ? f.getGlobal(Number(region.slice("window ".length))) : f.get(parameter);
}

/** What emitting a kernel needs to know of the rest of the program. */
export interface KernelContext {
  readonly placements: ReadonlyMap<Node, Placement>;
  readonly stored: ReadonlySet<Node>;
  /** Multiply-add in one rounding. */
  readonly relaxed: boolean;
  /** Neighbouring vectors are computed together and stored one after the other, so that V8 can join them. */
  readonly paired: boolean;
  /** Elements of the axis that a kernel is cut along which it handles in one call. */
  readonly cutLength: number;
  /** Rows of a matrix product that are summed at once, four vectors each. */
  readonly tileRows: number;
  /** Whether little code is worth more than fast code. */
  readonly brief: boolean;
  /** Where in the arena a kernel may leave some vectors for itself, in bytes. */
  readonly scratch: number;
  /** Byte offset in the shared region of a 32-bit constant. */
  constantOffset(bits: number): number;
}

/** Truth values that the host sees are 0 or 1; elsewhere they are masks. */
export const holdsBooleans = (node: Node, { region }: Placement): boolean =>
  node.dtype === "bool" && (region === "member" || region === "shared");
