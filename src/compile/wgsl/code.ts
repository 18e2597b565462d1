/** Lines of a shader, indented by their braces. */
export class Code {
  private readonly lines: string[] = [];
  private depth = 0;

  /** Lines written so far. */
  get length(): number {
    return this.lines.length;
  }

  add(...lines: readonly string[]): this {
    for (const line of lines) this.lines.push("  ".repeat(this.depth) + line);
    return this;
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
