/** Words that a step's threads load and store, by the array that they lie in. */
export type WordCounts = Readonly<Record<CountedArray, number>>;

const COUNTED = ["members", "data", "arena", "near", "scratch"] as const;
export type CountedArray = (typeof COUNTED)[number];
const ACCESS = new RegExp(`\\b(${COUNTED.join("|")})\\[`, "g");

/** Lines of a shader, indented by their braces; it is counted how often all threads together run them in a step. */
export class Code {
  private readonly lines: string[] = [];
  private depth = 0;
  private times = 1;
  private readonly words = { members: 0, data: 0, arena: 0, near: 0, scratch: 0 };

  /** Lines written so far. */
  get length(): number {
    return this.lines.length;
  }

  /** Loads and stores of all lines so far; none is left out in a loop that may end early or under a condition. */
  get wordCounts(): WordCounts {
    return { ...this.words };
  }

  add(...lines: readonly string[]): this {
    for (const line of lines) {
      this.lines.push("  ".repeat(this.depth) + line);
      for (const [, array] of line.matchAll(ACCESS)) this.words[array as CountedArray] += this.times;
    }
    return this;
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
