/** Programs on lattices whose sites look at their neighbours around the edge, and on rows that are joined. */
import { input, iota, type Program, scan, type Shape, type Tensor } from "../../src/tensor/index.js";

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
  "loops of an odd number of turns whose carry is shifted": (x) => ({
    next: scan((y: Tensor) => ({ carry: y.roll(1).mul(0.5).add(y) }), x, undefined, { length: 3 }).carry,
    recorded: { once: scan((y: Tensor) => ({ carry: y.roll(-1).sub(y) }), x.mul(2), undefined, { length: 1 }).carry },
  }),
  "parts of a carry that look at one another's neighbours": (x) => {
    const swing = ({ a, b }: { a: Tensor; b: Tensor }) => ({
      carry: { a: a.mul(0.5).add(b.roll(1)), b: b.sub(a.roll(-1, a.rank - 1).mul(0.25)) },
    });
    const { carry } = scan(swing, { a: x, b: x.cos() }, undefined, { length: 5 });
    return { next: carry.a, recorded: { sum: carry.a.add(carry.b.roll(1)), last: carry.b.sum() } };
  },
  "leapfrog steps: momenta that nobody else reads, and fields that neighbours do": (x) => {
    const step = ({ q, p }: { q: Tensor; p: Tensor }) => {
      const moved = p.sub(q.mul(q).mul(q).sub(neighbours(q).mul(0.1)).mul(0.05));
      return { carry: { q: q.add(moved.mul(0.05)), p: moved } };
    };
    const { carry } = scan(step, { q: x, p: x.sin() }, undefined, { length: 5 });
    return { next: carry.q, recorded: { p: carry.p.roll(1), kinetic: carry.p.square().sum() } };
  },
  "a loop in a loop whose carries are shifted": (x) => {
    const inner = (y: Tensor) =>
      scan((z: Tensor) => ({ carry: neighbours(z).mul(0.05) }), y, undefined, { length: 3 }).carry;
    const { carry, outputs } = scan(
      (y: Tensor) => ({ carry: inner(y).add(y.roll(1)), output: y.sum() }),
      x,
      undefined,
      {
        length: 3,
      },
    );
    return { next: carry.mul(0.1), recorded: { outputs } };
  },
  "numbers of elements in a loop": (x) => {
    const numbered = iota(x.shape, 0, "u32")
      .mul(3)
      .add(iota(x.shape, x.rank - 1, "u32"));
    const add = (y: Tensor) => ({ carry: y.mul(0.5).add(numbered.cast("f32")) });
    return {
      next: scan(add, x, undefined, { length: 2 }).carry.mul(0.1),
      recorded: { numbered: numbered.cast("f32") },
    };
  },
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
