/** Words that a step's threads load and store, by the array that they lie in. */
export type WordCounts = Readonly<Record<CountedArray, number>>;

const COUNTED = ["members", "data", "arena", "near", "quads", "scratch"] as const;
export type CountedArray = (typeof COUNTED)[number];
const ACCESS = new RegExp(`\\b(${COUNTED.join("|")})\\[([^\\]]*\\]\\[)?`, "g");

const IN_WORKGROUP: ReadonlySet<CountedArray> = new Set(["near", "quads", "scratch"]);
/** Threads that run together, and cycles in which workgroup memory serves a quad for each, or so many for all of them. */
export const WARP = 32;
const CYCLES_OF_QUADS = 4;
const QUADS_PER_CYCLE = WARP / CYCLES_OF_QUADS;

/** Lines of a shader, indented by their braces; it is counted how often all threads together run them in a step. */
export class Code {
  private readonly lines: string[] = [];
  private depth = 0;
  private times = 1;
  private readonly words = { members: 0, data: 0, arena: 0, near: 0, quads: 0, scratch: 0 };
  private cyclesOfQuad = CYCLES_OF_QUADS;
  private cyclesOfThreads = 0;

  /** Lines written so far. */
  get length(): number {
    return this.lines.length;
  }

  /** Loads and stores of all lines so far; none is left out in a loop that may end early or under a condition. */
  get wordCounts(): WordCounts {
    return { ...this.words };
  }

  /** Cycles in which workgroup memory serves a warp: a word for each thread, whether it is one word for all or many. */
  get workgroupCycles(): number {
    return this.cyclesOfThreads / WARP;
  }

  add(...lines: readonly string[]): this {
    for (const line of lines) {
      this.lines.push("  ".repeat(this.depth) + line);
      for (const [, array, component] of line.matchAll(ACCESS))
        this.count(array as CountedArray, component !== undefined);
    }
    return this;
  }

  /** Lines in which the threads of a warp load so many different quads at a time. */
  whileDifferent<T>(quads: number, body: () => T): T {
    this.cyclesOfQuad = Math.min(CYCLES_OF_QUADS, Math.ceil(quads / QUADS_PER_CYCLE));
    const result = body();
    this.cyclesOfQuad = CYCLES_OF_QUADS;
    return result;
  }

  private count(array: CountedArray, isComponent: boolean): void {
    const isQuad = array === "quads" && !isComponent;
    this.words[array] += this.times * (isQuad ? 4 : 1);
    if (IN_WORKGROUP.has(array)) this.cyclesOfThreads += this.times * (isQuad ? this.cyclesOfQuad : 1);
  }

  /** Lines that run so many times whenever those around them run once. */
  repeated<T>(times: number, body: () => T): T {
    const before = this.times;
    this.times = before * times;
    const result = body();
    this.times = before;
    return result;
  }

  /** A block under a heading such as `if (…)`. */
  block(heading: string, body: () => void): this {
    this.add(`${heading} {`);
    this.depth++;
    body();
    this.depth--;
    return this.add("}");
  }

  /** Whether a line from a number on has this text. */
  includes(text: string, from: number): boolean {
    return this.lines.slice(from).some((line) => line.includes(text));
  }

  toString(): string {
    return this.lines.join("\n") + "\n";
  }
}
