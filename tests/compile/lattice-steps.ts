/** Programs on lattices whose sites look at their neighbours around the edge, and on rows that are joined. */
import { input, type Program, scan, type Shape, type Tensor } from "../../src/tensor/index.js";

const neighbours = (x: Tensor): Tensor =>
  x.shape
    .flatMap((_, axis) => [x.roll(1, axis), x.roll(-1, axis)])
    .reduce((sum, neighbour, i) => sum.add(neighbour.mul(i + 1)));

/** A state with its next value and what is recorded. */
export interface LatticeStep {
  readonly next: Tensor;
  readonly recorded: Readonly<Record<string, Tensor>>;
}

export const LATTICE_STEPS: Readonly<Record<string, (x: Tensor) => LatticeStep>> = {
  "neighbours in every direction": (x) => ({ next: neighbours(x).mul(0.05).add(x), recorded: { x: neighbours(x) } }),
  "sums over all sites, rows and columns": (x) => {
    const bonds = x.mul(x.roll(-1, 0)).add(x.roll(2, x.rank - 1));
    return { next: x.mul(0.9), recorded: { all: bonds.sum(), rows: bonds.sum([0]), columns: bonds.max(x.rank - 1) } };
  },
  "a loop whose carry is shifted": (x) => ({
    next: scan((y: Tensor) => ({ carry: y.roll(1).mul(0.5).add(y) }), x, undefined, { length: 4 }).carry,
    recorded: {},
  }),
  "the same half twice": (x) => {
    const rows = (count: number) =>
      x.slice(
        x.shape.map(() => 0),
        x.shape.with(0, count),
      );
    const [half, rest] = [rows(1), rows(x.shape[0]! - 1)];
    return { next: half.concat([rest]).add(x), recorded: { twice: rest.concat([half]).mul(x) } };
  },
  "shifts by more than there is room for": (x) => ({
    next: Array.from({ length: 9 }, (_, i) => x.roll(i, 0).mul(x.roll(i, x.rank - 1))).reduce((sum, y) => sum.add(y)),
    recorded: {},
  }),
};

/** A program of one step on a lattice of this shape, whose state is `x`. */
export function latticeProgram(shape: Shape, step: (x: Tensor) => LatticeStep): Program {
  const x = input("x", shape);
  const { next, recorded } = step(x);
  return {
    inputs: [{ name: "x", tensor: x, scope: "member" }],
    updates: [{ input: "x", value: next }],
    outputs: Object.entries(recorded).map(([name, value]) => ({ name, value })),
  };
}
