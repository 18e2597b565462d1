import type { WordArray } from "./shader-memory.js";

/** A range of words that a kernel reads or writes. */
export interface Extent {
  readonly array: WordArray | "scratch";
  readonly start: number;
  readonly end: number;
  /** A window that alone shows them. */
  readonly window?: string;
  /** Whether they are a slice of a stack that belongs to one turn of a loop. */
  readonly slice?: boolean;
  /** Whether the first thread alone reads or writes them: it waits for nobody to find what it has written itself. */
  readonly byFirst?: boolean;
}

/** What a kernel does to memory. */
export interface Footprint {
  readonly reads: readonly Extent[];
  readonly writes: readonly Extent[];
}

/** WGSL's kinds of memory that threads share: each has a barrier of its own. */
export type AddressSpace = "workgroup" | "storage";

export const addressSpaceOf = (array: Extent["array"]): AddressSpace =>
  array === "scratch" || array === "near" || array === "quads" ? "workgroup" : "storage";

/** Waits until all threads see what all have written there. */
export const BARRIERS: Readonly<Record<AddressSpace, string>> = {
  workgroup: "workgroupBarrier();",
  storage: "storageBarrier();",
};

const overlap = (a: Extent, b: Extent): boolean =>
  a.array === b.array && a.window === b.window && a.start < b.end && b.start < a.end && !(a.byFirst && b.byFirst);

/** Finds where threads have to wait for one another: what one kernel writes, another one reads or writes. */
export class Hazards {
  private reads: Extent[] = [];
  private writes: Extent[] = [];

  /** Notes a kernel; returns where all threads have to wait before it. */
  before({ reads, writes }: Footprint): AddressSpace[] {
    const conflicts = [
      ...reads.flatMap((read) => this.writes.filter((write) => overlap(read, write))),
      ...writes.flatMap((write) => [...this.writes, ...this.reads].filter((other) => overlap(write, other))),
    ];
    const spaces = [...new Set(conflicts.map(({ array }) => addressSpaceOf(array)))];
    if (spaces.length > 0) {
      // Any barrier holds back writes until what was read before has been read.
      this.reads = [];
      this.writes = this.writes.filter(({ array }) => !spaces.includes(addressSpaceOf(array)));
    }
    this.reads.push(...reads);
    this.writes.push(...writes);
    return spaces;
  }

  /** Where anything has been read or written since all threads waited; forgets everything. */
  flush(): AddressSpace[] {
    return this.forget([...this.writes, ...this.reads]);
  }

  /** The same at the end of a turn: the next one has slices of its own. */
  endTurn(): AddressSpace[] {
    return this.forget([...this.writes, ...this.reads].filter(({ slice }) => !slice));
  }

  private forget(extents: readonly Extent[]): AddressSpace[] {
    const spaces = [...new Set(extents.map(({ array }) => addressSpaceOf(array)))];
    this.reads = [];
    this.writes = [];
    return spaces;
  }
}
