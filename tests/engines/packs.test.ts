/** Members side by side on vector lanes: nobody notices who its neighbours are, or that a pack is not full. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { everyone, restoreOthers, tasksFor } from "../../src/engines/cpu/packs.js";
import { CpuEngine, type CpuEngineOptions, explain, ReferenceEngine, type Engine } from "../../src/engines/index.js";
import { grad, input, Key, type Program, scan, type Tensor } from "../../src/tensor/index.js";

/** A field that relaxes under noise of its own: rolls, sums, random numbers, a loop and a gather by a member's own index. */
function relaxation(): Program {
  const [field, seed, at] = [input("field", [5, 6]), input("seed", [], "u32"), input("at", [], "u32")];
  const energy = (x: Tensor) =>
    x
      .square()
      .square()
      .sum()
      .add(x.sub(x.roll(1, 0)).square().sum());
  const { carry, outputs } = scan(
    (x: Tensor, _, i) => {
      const noise = Key.of(seed).fold(i.cast("u32")).normal(x.shape);
      return { carry: x.sub(grad(energy)(x).mul(0.01)).add(noise.mul(0.1)), output: x.sum() };
    },
    field,
    undefined,
    { length: 3 },
  );
  return {
    inputs: [
      { name: "field", tensor: field, scope: "member" },
      { name: "seed", tensor: seed, scope: "member" },
      { name: "at", tensor: at, scope: "member" },
    ],
    updates: [{ input: "field", value: carry }],
    outputs: [
      { name: "sums", value: outputs },
      { name: "row", value: field.dynamicSlice([at, 0], [1, 6]) },
    ],
  };
}

const NAMES = ["field", "sums", "row"];

/** What all members hold after some runs, of all or of a few. */
async function results(engine: Engine, seeds: readonly number[], runs: readonly (readonly number[] | undefined)[]) {
  const loaded = await engine.load(relaxation(), { members: seeds.length });
  seeds.forEach((seed, member) => {
    const start = Array.from({ length: 30 }, (_, i) => Math.fround(Math.sin(i + seed)));
    loaded.write("field", start, member);
    loaded.write("seed", [seed], member);
    loaded.write("at", [seed % 5], member);
  });
  for (const members of runs) assert.deepEqual(await loaded.run(1, members), { failures: [] });
  const found = seeds.map((_, member) => NAMES.map((name) => Array.from(loaded.read(name, member))));
  loaded.dispose();
  return found;
}

async function onCpu(
  options: CpuEngineOptions,
  ...given: [readonly number[], readonly (readonly number[] | undefined)[]]
) {
  const engine = new CpuEngine(options);
  try {
    return await results(engine, ...given);
  } finally {
    await engine.dispose();
  }
}

const seeds = (count: number): number[] => Array.from({ length: count }, (_, i) => 100 + i);

suite("members on vector lanes", () => {
  test("are what the test's program asks for", () => {
    const effect = explain(relaxation()).passes.find(({ pass }) => pass === "vectorize")!.effect;
    assert.match(effect, /along members/);
  });

  for (const count of [1, 3, 4, 11, 19]) {
    test(`agree with the reference, ${count} of them`, async () => {
      const expected = await results(new ReferenceEngine(), seeds(count), [undefined, undefined]);
      const got = await onCpu({ threads: 1 }, seeds(count), [undefined, undefined]);
      got.flat(2).forEach((value, i) => {
        const want = expected.flat(2)[i]!;
        assert.ok(Math.abs(value - want) < 1e-4 * (1 + Math.abs(want)), `${i}: ${value}, expected ${want}`);
      });
    });
  }

  for (const [lanes, threads] of [
    [4, 2],
    [8, 1],
  ] as const)
    test(`that are not asked to go on keep state and outputs, ${lanes} at once`, async () => {
      const few = [10, 1, 6];
      const all = await onCpu({ threads }, seeds(11), [undefined]);
      const some = await onCpu({ threads }, seeds(11), [undefined, few]);
      const twice = await onCpu({ threads }, seeds(11), [undefined, undefined]);
      some.forEach((member, i) => assert.deepEqual(member, (few.includes(i) ? twice : all)[i], `member ${i}`));
    });

  for (const deterministic of [false, true]) {
    test(`have the same bits alone, four and eight at once, on any threads${deterministic ? ", in the plain mode" : ""}`, async () => {
      const [expected, threads] = [await onCpu({ threads: 1, deterministic }, seeds(19), [undefined]), [2, 3]];
      for (const count of threads)
        assert.deepEqual(await onCpu({ threads: count, deterministic }, seeds(19), [undefined]), expected);
      assert.deepEqual(await onCpu({ threads: 1, deterministic }, [107], [undefined]), [expected[7]]);
    });
  }
});

test("members become packs in the order of their first ones", () => {
  assert.deepEqual(tasksFor([5, 0, 4, 1], 4, 6), [
    { pack: 1, wanted: 0b1111 }, // places 2 and 3 hold nobody
    { pack: 0, wanted: 0b0011 },
  ]);
  assert.deepEqual(tasksFor([2, 0], 1, 3), [
    { pack: 2, wanted: everyone(1) },
    { pack: 0, wanted: everyone(1) },
  ]);
});

test("what a call did to others is undone", () => {
  const region = Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  restoreOthers(region, new Int32Array(8), 4, 0b0101);
  assert.deepEqual([...region], [1, 0, 3, 0, 5, 0, 7, 0]);
});
