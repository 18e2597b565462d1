import { identityMap, stridesOf } from "../access.js";
import { LANES } from "../vectors.js";
import type { Node } from "../node.js";
import { type FunctionBuilder, V128 } from "./assembler.js";
import type { KernelContext } from "./kernel-context.js";
import { Pointers } from "./loop-nest.js";
import { keyOf, stepOf, type Stream } from "./streams.js";

type At = ReadonlyMap<string, number>;

/** Vectors read from each of four rows in one turn: a cache line. */
const WIDTH = 4;

/** Emits a copy that makes another axis the lane axis, in squares of four by four that are turned in registers. */
export function emitTransposeKernel(
  f: FunctionBuilder,
  from: Node,
  to: Node,
  blockedAxis: number,
  context: KernelContext,
): void {
  const lengths = to.shape.map((length, axis) => (axis === blockedAxis ? context.cutLength : length));
  const streamOf = (node: Node): Stream => {
    const { region, offset, strides } = context.placements.get(node)!;
    const { start, steps } = stridesOf(identityMap(lengths.length), strides, lengths.length);
    return { region, start: offset + 4 * start, steps };
  };
  const [source, target] = [streamOf(from), streamOf(to)];
  const pointers = new Pointers(f, [source, target], blockedAxis);
  const long = lengths.flatMap((length, axis) => (length > 1 ? [axis] : []));
  const read = long.find((axis) => source.steps[axis] === 1)!;
  const written = long.find((axis) => target.steps[axis] === 1)!;
  const others = long.filter((axis) => axis !== read && axis !== written);
  const square = new SquareEmitter(f, source, target, read, written);
  pointers.nest(others, lengths, pointers.initial(), (at) => {
    pointers.cut(at, read, lengths[read]!, WIDTH * LANES, (column, width) => {
      pointers.cut(column, written, lengths[written]!, LANES, (place, height) => square.emit(place, width, height));
    });
  });
}

class SquareEmitter {
  private readonly rows: number[];
  private readonly halves: number[];

  constructor(
    private readonly f: FunctionBuilder,
    private readonly source: Stream,
    private readonly target: Stream,
    private readonly read: number,
    private readonly written: number,
  ) {
    this.rows = Array.from({ length: LANES }, () => f.local(V128));
    this.halves = Array.from({ length: LANES }, () => f.local(V128));
  }

  /** `width` elements of `height` rows become `width` rows of one vector. */
  emit(at: At, width: number, height: number): void {
    const { f, source, target, rows } = this;
    for (let first = 0; first < width; first += LANES) {
      for (let row = 0; row < LANES; row++) {
        const shift = Math.min(row, height - 1) * stepOf(source, this.written) + first * stepOf(source, this.read);
        f.get(at.get(keyOf(source))!)
          .load(source.start + shift)
          .set(rows[row]!);
      }
      this.turn();
      for (let column = 0; column < Math.min(LANES, width - first); column++) {
        f.get(at.get(keyOf(target))!)
          .get(rows[column]!)
          .store(target.start + (first + column) * stepOf(target, this.read));
      }
    }
  }

  private turn(): void {
    const { f, rows, halves } = this;
    const pairs = [
      [0, 1, [0, 4, 1, 5]],
      [0, 1, [2, 6, 3, 7]],
      [2, 3, [0, 4, 1, 5]],
      [2, 3, [2, 6, 3, 7]],
    ] as const;
    pairs.forEach(([a, b, lanes], i) => f.get(rows[a]!).get(rows[b]!).shuffle(lanes).set(halves[i]!));
    rows.forEach((row, i) => {
      const [low, high] = [halves[i >> 1]!, halves[2 + (i >> 1)]!];
      f.get(low)
        .get(high)
        .shuffle(i % 2 === 0 ? [0, 1, 4, 5] : [2, 3, 6, 7])
        .set(row);
    });
  }
}
