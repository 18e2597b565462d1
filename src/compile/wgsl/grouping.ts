import type { ContractionKernel } from "../fuse.js";
import { type KernelContext, storedWidth } from "./kernel-shader.js";

/** An operand of which a thread loads neighbours along an axis of the product together. */
interface GroupedOperand {
  readonly side: "left" | "right";
  readonly axis: number;
  readonly width: number;
}

/** Along which axes of a matrix product threads take neighbours together. */
export class Grouping {
  private readonly widths: ReadonlyMap<number, number>;

  constructor(
    stored: ReadonlyMap<number, number>,
    private readonly operands: readonly GroupedOperand[],
  ) {
    this.widths = new Map([...stored, ...operands.map(({ axis, width }) => [axis, width] as const)]);
  }

  widthOf(axis: number): number {
    return this.widths.get(axis) ?? 1;
  }

  /** Elements of an operand that a thread loads at once. */
  perLoad(side: "left" | "right"): number {
    return this.operands.find((operand) => operand.side === side)?.width ?? 1;
  }
}

/**
 * What a matrix product may do: it stores the groups that it has to, and loads those of none, one or both of its operands.
 * `space`: of the product, or of one block of it.
 */
export function groupingsOf(
  { contraction, nodes }: ContractionKernel,
  lane: number,
  space: readonly number[],
  context: KernelContext,
): Grouping[] {
  const { memory } = context;
  const mayGroup = (axis: number, width: number): boolean =>
    width > 1 && axis >= space.length - 3 && space[axis]! % width === 0;
  const ofLane = storedWidth(nodes, context);
  const stored = new Map(mayGroup(lane, ofLane) ? [[lane, ofLane]] : []);
  const operands = (["left", "right"] as const).flatMap((side) => {
    const axis = memory.groupAxis(contraction[side], space.length);
    const width = axis < 0 ? 1 : memory.width(contraction[side].node);
    return mayGroup(axis, width) ? [{ side, axis, width }] : [];
  });
  const choices = operands.reduce<readonly (readonly GroupedOperand[])[]>(
    (chosen, operand) => chosen.flatMap((some) => [some, [...some, operand]]),
    [[]],
  );
  return choices.map((loaded) => new Grouping(stored, loaded));
}
