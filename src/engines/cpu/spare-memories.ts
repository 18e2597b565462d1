import { PAGE } from "./memory-plan.js";

/** How many times as large as wanted a memory may be. */
const LARGEST_RATIO = 2;

/**
 * Shared memories of programs that nobody has any more, for those to come. The system gives a new memory its pages one by
 * one, as they are written for the first time; a training's first step would wait longer for them than it computes.
 */
export class SpareMemories {
  /** In the order in which they were given. */
  private readonly spare: WebAssembly.Memory[] = [];

  /** `mostBytes`: how much is kept; what was given first goes first. */
  constructor(private readonly mostBytes: number) {}

  /** A memory of at least so many bytes, all zero. */
  take(bytes: number): WebAssembly.Memory {
    const fits = this.spare.filter(
      ({ buffer: { byteLength } }) => bytes <= byteLength && byteLength <= LARGEST_RATIO * bytes,
    );
    const [memory] = fits.toSorted((a, b) => a.buffer.byteLength - b.buffer.byteLength);
    if (!memory) return newMemory(bytes);
    this.spare.splice(this.spare.indexOf(memory), 1);
    new Uint8Array(memory.buffer, 0, bytes).fill(0);
    return memory;
  }

  /** Keeps a memory that nobody reads or writes any more. */
  give(memory: WebAssembly.Memory): void {
    this.spare.push(memory);
    while (this.bytes > this.mostBytes) this.spare.shift();
  }

  /** How much is kept. */
  get bytes(): number {
    return this.spare.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  }
}

function newMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}
