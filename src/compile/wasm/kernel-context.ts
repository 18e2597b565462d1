import type { Node } from "../node.js";

/** `block`: in the arena, too, but written anew for every block of a stage. */
export type Region = "member" | "arena" | "shared" | "block";

/** Where a node's values lie. */
export interface Placement {
  readonly region: Region;
  /** In bytes from the region's base. */
  readonly offset: number;
  /** In elements, one for each axis of the node. */
  readonly strides: readonly number[];
}

/** Parameters of every kernel's function, in this order. */
export const PARAMETERS = { member: 0, arena: 1, shared: 2, firstOfBlock: 3 } as const;

/** The parameter with a region's address. */
export const baseOf = (region: Region): number => PARAMETERS[region === "block" ? "arena" : region];
export const PARAMETER_COUNT = 4;

/** What emitting a kernel needs to know of the rest of the program. */
export interface KernelContext {
  readonly placements: ReadonlyMap<Node, Placement>;
  readonly stored: ReadonlySet<Node>;
  /** Multiply-add in one rounding. */
  readonly relaxed: boolean;
  /** Neighbouring vectors are computed together and stored one after the other, so that V8 can join them. */
  readonly paired: boolean;
  /** Byte offset in the shared region of a 32-bit constant. */
  constantOffset(bits: number): number;
}

/** Truth values that the host sees are 0 or 1; elsewhere they are masks. */
export const holdsBooleans = (node: Node, { region }: Placement): boolean =>
  node.dtype === "bool" && (region === "member" || region === "shared");
