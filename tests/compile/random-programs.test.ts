import assert from "node:assert/strict";
import { test } from "node:test";
import { Interpreter } from "../../src/compile/reference.js";
import { gradients } from "../../src/tensor/derivative.js";
import type { Program, ProgramInput } from "../../src/tensor/program.js";
import { type Shape, sizeOf } from "../../src/tensor/shape.js";
import { input, iota, type Tensor } from "../../src/tensor/tensor.js";
import { Compiled } from "./compiled.js";
import { generator } from "./generator.js";

type Random = ReturnType<typeof generator>;

const LENGTHS = [1, 2, 3, 4, 5, 8, 17, 40];
const PROGRAMS = 150;

/** Grows tensors from others by random operations; all values stay of order one. */
class Growth {
  readonly inputs: ProgramInput[] = [];
  readonly tensors: Tensor[] = [];

  constructor(private readonly random: Random) {
    for (let i = 0; i < 3; i++) this.addInput(this.shape(1 + random.below(3)));
    this.addInput([]);
  }

  addInput(shape: Shape): Tensor {
    const name = `input${this.inputs.length}`;
    const tensor = input(name, shape);
    this.inputs.push({ name, tensor, scope: this.random.pick(["member", "shared"]) });
    this.tensors.push(tensor);
    return tensor;
  }

  grow(): Tensor {
    const { random } = this;
    const grown = random.pick([
      () => this.unary(),
      () => this.binary(),
      () => this.binary(),
      () => this.view(),
      () => this.join(),
      () => this.fold(),
      () => this.product(),
    ])();
    this.tensors.push(grown);
    return grown;
  }

  private shape(rank: number): number[] {
    return Array.from({ length: rank }, () => this.random.pick(LENGTHS));
  }

  private any(): Tensor {
    return this.random.pick(this.tensors);
  }

  private unary(): Tensor {
    const x = this.any();
    return this.random.pick([
      () => x.tanh(),
      () => x.sin(),
      () => x.abs().min(2),
      () => x.square().add(1).sqrt(),
      () => x.mul(0.3).sub(1),
      () => x.min(3).max(-3).exp().log(),
      () => x.add(iota([3, ...x.shape], 0, "f32").mul(0.1)).slice([1, ...x.shape.map(() => 0)]),
    ])();
  }

  private binary(): Tensor {
    const x = this.any();
    const y = this.any();
    const broadcasts = x.rank >= y.rank && y.shape.every((n, i) => n === 1 || n === x.shape[i + x.rank - y.rank]);
    const other = broadcasts ? y : y.sum().tanh();
    const { inputs } = this;
    return this.random.pick([
      () => x.add(other).mul(0.5),
      () => other.sub(x).mul(0.5),
      () => x.tanh().mul(other),
      () => x.max(other),
      () => x.div(other.square().add(1)),
      () => inputs[3]!.tensor.less(0.5).select(x, other),
    ])();
  }

  private view(): Tensor {
    const { random } = this;
    const x = this.any();
    const start = x.shape.map((n) => random.below(n));
    const end = x.shape.map((n, axis) => start[axis]! + 1 + random.below(n - start[axis]!));
    return random.pick([
      () => x.transpose(),
      () => x.reshape([x.size]),
      () => x.reshape([1, ...x.shape]),
      () => x.slice(start, end),
      () => x.broadcast([2, ...x.shape]),
      () => (x.size % 4 === 0 ? x.reshape([4, x.size / 4]) : x.reshape([x.size, 1])),
    ])();
  }

  private join(): Tensor {
    const { random } = this;
    const x = this.any();
    if (x.rank === 0) return x.broadcast([random.pick(LENGTHS)]);
    const axis = random.below(x.rank);
    return random.pick([
      () => x.concat([x.mul(2), x.tanh()], axis),
      () =>
        x.pad(
          x.shape.map(() => random.below(3)),
          x.shape.map(() => random.below(3)),
        ),
    ])();
  }

  private fold(): Tensor {
    const x = this.any();
    const axes = x.shape.flatMap((_, axis) => (this.random.below(2) ? [axis] : []));
    return this.random.pick([
      () => x.mean(axes.length > 0 ? axes : undefined),
      () => x.tanh().maximum(axes.length > 0 ? axes : undefined),
      () => x.square().sum(axes).add(1).sqrt(),
    ])();
  }

  private product(): Tensor {
    const { random } = this;
    const x = this.any();
    if (x.rank < 2) return x.tanh();
    const [rows, terms] = x.shape.slice(-2);
    const y = this.tensors.find(
      (t) =>
        t.rank === x.rank && t.shape.at(-2) === terms && t.shape.slice(0, -2).join() === x.shape.slice(0, -2).join(),
    );
    const other = y ?? this.addInput([...x.shape.slice(0, -2), terms!, random.pick(LENGTHS)]);
    return random.pick([
      () => x.matmul(other).mul(1 / terms!),
      () =>
        x
          .swapLastAxes()
          .matmul(x)
          .mul(1 / rows!),
      () => x.matmul(x.swapLastAxes()).tanh(),
    ])();
  }
}

/** A program of up to 20 operations; one of its states follows its gradient. */
function randomProgram(seed: number): { program: Program; start: Record<string, number[]> } {
  const random = generator(seed);
  const growth = new Growth(random);
  const outputs = Array.from({ length: 4 + random.below(12) }, () => growth.grow()).filter((t) => t.size < 20000);
  const state = growth.inputs[0]!;
  const value = outputs.at(-1)!.tanh().mean();
  const [gradient] = gradients(value, [state.tensor]);
  const inputs = growth.inputs.map((entry, i) => (i === 0 ? { ...entry, scope: "member" as const } : entry));
  const start = Object.fromEntries(
    inputs.map(({ name, tensor }) => [name, random.values("f32", sizeOf(tensor.shape))]),
  );
  const program = {
    inputs,
    updates: [{ input: state.name, value: state.tensor.sub(gradient!.mul(0.1)) }],
    outputs: [
      ...outputs.slice(-3).map((tensor, i) => ({ name: `output${i}`, value: tensor })),
      { name: "loss", value },
    ],
  };
  return { program, start };
}

test(`${PROGRAMS} random programs and their gradients agree with the reference`, () => {
  for (let seed = 1; seed <= PROGRAMS; seed++) {
    const { program, start } = randomProgram(seed);
    const reference = new Interpreter(program, start).run(2);
    const compiled = new Compiled(program, { relaxed: seed % 2 === 0 });
    for (const [name, values] of Object.entries(start)) compiled.write(name, values);
    compiled.run(2);
    for (const name of [...program.outputs.map((output) => output.name), program.inputs[0]!.name]) {
      const expected = reference.read(name);
      compiled.read(name).forEach((value, i) => {
        const error = Math.abs(value - expected[i]!) / (1 + Math.abs(expected[i]!));
        assert.ok(error < 1e-4, `program ${seed}, ${name}[${i}]: ${value}, expected ${expected[i]}`);
      });
    }
  }
});
