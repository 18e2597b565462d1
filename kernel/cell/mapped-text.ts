import type { PositionMap } from "../link/messages.js";
import { fixed } from "../link/positions.js";

/** Text made of pieces of an original and of insertions, which knows where each of its positions comes from. */
export class MappedText {
  #text = "";
  #line = 0;
  #column = 0;
  readonly #positions: PositionMap = [];
  readonly #original: string;
  readonly #lineStarts: number[];

  constructor(original: string) {
    this.#original = original;
    this.#lineStarts = lineStarts(original);
  }

  get text(): string {
    return this.#text;
  }

  get positions(): PositionMap {
    return this.#positions;
  }

  /** Appends original text from `start` to `end`. */
  copy(start: number, end: number): this {
    if (end <= start) return this;
    this.#positions.push(this.#line, this.#column, ...locate(this.#lineStarts, start));
    return this.#append(this.#original.slice(start, end));
  }

  /** Appends text that stands for the original at `origin`. */
  insert(text: string, origin: number): this {
    const [line, column] = locate(this.#lineStarts, origin);
    this.#positions.push(this.#line, this.#column, line, fixed(column));
    return this.#append(text);
  }

  #append(piece: string): this {
    this.#text += piece;
    const lastNewline = piece.lastIndexOf("\n");
    if (lastNewline < 0) {
      this.#column += piece.length;
    } else {
      for (let i = piece.indexOf("\n"); i >= 0; i = piece.indexOf("\n", i + 1)) this.#line++;
      this.#column = piece.length - lastNewline - 1;
    }
    return this;
  }
}

/** Offsets at which lines start. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) starts.push(i + 1);
  return starts;
}

/** Line and column, both from 0, of an offset. */
export function locate(starts: readonly number[], offset: number): [line: number, column: number] {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? Infinity) <= offset) low = middle;
    else high = middle;
  }
  return [low, offset - (starts[low] ?? 0)];
}
