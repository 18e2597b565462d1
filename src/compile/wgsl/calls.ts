import { type AddressSpace, BARRIERS, type Extent, type Footprint, type Hazards } from "./hazards.js";

/** The sequence of kernels that a step, or a loop's iteration, consists of. */
export class Calls {
  readonly lines: string[] = [];
  /** Barriers that the threads come to in one turn. */
  barriers = 0;

  constructor(private readonly hazards: Hazards) {}

  /** A kernel, after the barriers that it needs. */
  add(call: string, ownBarriers: number, footprint: Footprint): void {
    this.wait(this.hazards.before(footprint));
    this.lines.push(call);
    this.barriers += ownBarriers;
  }

  /** A loop that comes to some barriers in all; nothing is assumed of what it does to memory before the last of them. */
  addLoop(call: string, barriers: number, writesAfter: readonly Extent[] = []): void {
    this.wait(this.hazards.flush());
    this.lines.push(call);
    this.barriers += barriers;
    this.hazards.before({ reads: [], writes: writesAfter });
  }

  /** Ends the turn: the next one may read and write anything but this one's slices of stacks. */
  end(): this {
    this.wait(this.hazards.endTurn());
    return this;
  }

  private wait(spaces: readonly AddressSpace[]): void {
    this.lines.push(...spaces.map((space) => BARRIERS[space]));
    this.barriers += spaces.length;
  }
}
