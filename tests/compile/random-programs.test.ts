import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as assertProperty, nat, property as fcProperty } from "fast-check";
import { Interpreter } from "../../src/compile/reference.js";
import type { WasmOptions } from "../../src/compile/wasm-program.js";
import { gradients } from "../../src/tensor/derivative.js";
import type { Program, ProgramInput } from "../../src/tensor/program.js";
import { type Shape, sizeOf } from "../../src/tensor/shape.js";
import { scan } from "../../src/tensor/scan.js";
import { constant, input, iota, type Tensor } from "../../src/tensor/tensor.js";
import { Compiled } from "./compiled.js";
import { generator } from "./generator.js";

type Random = Pick<ReturnType<typeof generator>, "below" | "pick">;

const LENGTHS = [1, 2, 3, 4, 5, 8, 17, 40];
const PROGRAMS = 200;
/** Larger tensors are not grown from: the reference is slow. */
const MOST_ELEMENTS = 1000;
/** Half the distance of floats around 1. */
const ULP = 2 ** -24;
const PERTURBATIONS = 2;
/** In milliseconds, where a program fails. */
const LONGEST_SHRINKING = 30_000;

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
      () => this.index(),
      () => this.loop(),
    ])();
    this.tensors.push(grown);
    return grown;
  }

  private shape(rank: number): number[] {
    return Array.from({ length: rank }, () => this.random.pick(LENGTHS));
  }

  private any(): Tensor {
    return this.random.pick(this.tensors.filter((tensor) => tensor.size <= MOST_ELEMENTS));
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

  /** Elements found by numbers, which are constant or computed. */
  private index(): Tensor {
    const { random } = this;
    const x = this.any();
    if (x.rank === 0) return x.tanh();
    const axis = random.below(x.rank);
    const length = x.shape[axis]!;
    const numbers = Array.from({ length: random.pick(LENGTHS) }, () => random.below(length + 2) - 1);
    const fixed = constant(numbers, [numbers.length], "i32");
    const computed = this.inputs[3]!.tensor.mul(5).floor().cast("i32").add(fixed).stopGradient();
    const indices = random.pick([fixed, computed]);
    const step = x.shape.map(() => 1 + random.below(3));
    const zeros = x.shape.map(() => 0);
    return random.pick([
      () => x.take(indices, axis),
      () => x.scatterAdd(indices, x.take(indices, axis).mul(0.3), axis).tanh(),
      () =>
        x.dynamicSlice(
          x.shape.map((_, k) => (k === axis ? indices.at(0) : 0)),
          x.shape.with(axis, 1 + random.below(length)),
        ),
      () =>
        x.dynamicUpdate(
          x.shape.map((_, k) => (k === axis ? indices.at(0) : 0)),
          x.slice(zeros, x.shape.with(axis, 1)).sin(),
        ),
      () => x.sort(axis),
      () => x.flip(axis).add(x).mul(0.5),
      () => x.slice(zeros, x.shape, step),
      () => x.pad(zeros, step, zeros.with(axis, 1)),
      () => x.cumulativeSum(axis).div(length),
    ])();
  }

  /** A loop over the first axis, or some turns of a map. */
  private loop(): Tensor {
    const { random } = this;
    const x = this.any();
    const other = this.any();
    if (x.rank === 0) return x.sin();
    const reverse = random.below(2) === 1;
    const row = (h: Tensor, slice: Tensor) => h.mul(0.6).add(slice.tanh()).add(other.mean().tanh().mul(0.1));
    const outputs = () =>
      scan((h, slice) => ({ carry: row(h, slice), output: h.mul(slice).tanh() }), x.at(0), x, { reverse }).outputs;
    return random.pick([
      () => scan((h, slice) => ({ carry: row(h, slice) }), x.at(0), x, { reverse }).carry,
      outputs,
      () =>
        scan((h: Tensor, _: undefined, i) => ({ carry: row(h, h).mul(i.cast("f32").cos()) }), x, undefined, {
          length: 1 + random.below(4),
        }).carry,
      () => scan((h, slice) => ({ carry: row(h, slice) }), x.at(0), x, { checkpointEvery: 2 }).carry,
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

/** A program of up to 30 operations; one of its states follows its gradient. */
function randomProgram(random: Random): { program: Program; start: Record<string, number[]> } {
  const growth = new Growth(random);
  const grown = Array.from({ length: 1 + random.below(30) }, () => growth.grow());
  const outputs = grown.filter((tensor) => tensor.size <= 10 * MOST_ELEMENTS);
  const state = growth.inputs[0]!;
  const value = (outputs.at(-1) ?? state.tensor).tanh().mean();
  const [gradient] = gradients(value, [state.tensor]);
  const inputs = growth.inputs.map((entry, i) => (i === 0 ? { ...entry, scope: "member" as const } : entry));
  const values = generator(growth.inputs.length);
  const start = Object.fromEntries(
    inputs.map(({ name, tensor }) => [name, values.values("f32", sizeOf(tensor.shape))]),
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

/** Choices that a list of numbers makes: shorter lists and smaller numbers are simpler programs. */
function choices(numbers: readonly number[]): Random {
  let next = 0;
  const below = (count: number): number => (numbers[next++] ?? 0) % count;
  return { below, pick: (items) => items[below(items.length)]! };
}

/** The program's results when every input moves by one unit in the last place, up or down. */
function perturbed(program: Program, start: Record<string, number[]>): Interpreter[] {
  return Array.from({ length: PERTURBATIONS }, (_, trial) => {
    const signs = generator(trial);
    const moved = Object.entries(start).map(
      ([key, list]) => [key, list.map((x) => x * (1 + (signs.below(2) ? ULP : -ULP)))] as const,
    );
    return new Interpreter(program, Object.fromEntries(moved)).run(1);
  });
}

/** The largest difference of two lists' elements, and the largest element where there is only one. */
function largest(a: ArrayLike<number>, b?: ArrayLike<number>): number {
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (b ? b[i]! : 0))), 0);
}

function checkProgram({ program, start }: ReturnType<typeof randomProgram>, options: WasmOptions): void {
  const reference = new Interpreter(program, start).run(1);
  const moved = perturbed(program, start);
  const compiled = new Compiled(program, options);
  for (const [name, values] of Object.entries(start)) compiled.write(name, values);
  compiled.run(1);
  for (const name of [...program.outputs.map((output) => output.name), program.inputs[0]!.name]) {
    const expected = reference.read(name);
    const changes = moved.map((other) => largest(other.read(name), expected));
    // What no input moves still rounds.
    const tolerance = 50 * Math.max(...changes, ULP * Math.max(1, largest(expected)));
    compiled.read(name).forEach((value, i) => {
      const error = Math.abs(value - expected[i]!);
      assert.ok(error <= tolerance, `${name}[${i}]: ${value}, expected ${expected[i]} ± ${tolerance}`);
    });
  }
}

const MODES: readonly (readonly [name: string, options: WasmOptions])[] = [
  ["", { vectorAxis: "elements" }],
  [", relaxed", { vectorAxis: "elements", relaxed: true }],
  [", members at once", { vectorAxis: "members" }],
];

for (const [index, [mode, options]] of MODES.entries()) {
  test(`random programs and their gradients agree with the reference${mode}`, () => {
    const numbers = array(nat(1 << 20), { minLength: 120, maxLength: 250 });
    const property = fcProperty(numbers, (list) => checkProgram(randomProgram(choices(list)), options));
    assertProperty(property, {
      numRuns: PROGRAMS,
      seed: 7 + index,
      interruptAfterTimeLimit: LONGEST_SHRINKING,
    });
  });
}
