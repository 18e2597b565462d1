/** What lies in a workgroup's memory, by its size: nothing more than fits, and what is used most often first. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { layoutFor } from "../../src/compile/buffer-layout.js";
import { WORKGROUP } from "../../src/compile/target.js";
import { compileWgsl } from "../../src/compile/wgsl.js";
import type { WgslOptions } from "../../src/compile/wgsl-program.js";
import { iota, scan, type Tensor } from "../../src/tensor/index.js";
import { latticeProgram } from "./lattice-steps.js";
import { adamTraining } from "./networks.js";

const KIB = 1024;

const compiledFor = (widths: readonly number[], workgroupBytes: number, options: Partial<WgslOptions> = {}) =>
  compileWgsl(adamTraining({ widths: [...widths], batch: 128, data: "shared" }).program, {
    threads: 256,
    workgroupBytes,
    ...options,
  });

for (const widths of [
  [2, 64, 64, 1],
  [3, 64, 2, 64, 3],
  [3, 8, 2, 8, 3],
]) {
  suite(`a training of ${widths.join("-")}`, () => {
    const sizes = [5, 16, 32, 48, 64, 1024].map((kib) => kib * KIB);
    const undivided = sizes.map((bytes) => compiledFor(widths, bytes, { block: 0 }));
    const best = sizes.map((bytes) => compiledFor(widths, bytes));

    test("takes no more workgroup memory than there is", () => {
      for (const shaders of [undivided, best])
        shaders.forEach(({ workgroupBytes }, i) => assert.ok(workgroupBytes <= sizes[i]!, `${workgroupBytes} bytes`));
    });

    test("moves less through storage the more there is", () => {
      const traffic = undivided.map(({ work }) => work.storageBytes);
      assert.deepEqual(
        traffic,
        [...traffic].sort((a, b) => b - a),
      );
    });

    test("moves no more words where all lie near, in quads, than where all lie in storage", () => {
      const [least, most] = [undivided[0]!, undivided.at(-1)!].map(
        ({ work }) => work.storageBytes + work.workgroupBytes,
      );
      assert.ok(most! <= least!, `${most} bytes, not ${least}`);
    });

    test("has no scratch memory in storage where all fits", () => {
      assert.equal(undivided.at(-1)!.arenaBytes, 0);
      assert.ok(undivided[0]!.arenaBytes > 0);
    });
  });
}

test("lets the gradient of an activation take its place: a block of 32 samples fits beside 64 × 64 weights", () => {
  const { block, work } = compiledFor([2, 64, 64, 1], 45 * KIB, { block: 32 });
  assert.equal(block, 32);
  const moments = 4 * 2 * 64 * 64;
  assert.ok(work.storageBytes < 2.1 * moments, `${work.storageBytes} bytes beside ${2 * moments} for the moments`);
});

test("finds a word of a quad by a place that no loop over other axes changes", () => {
  const { code } = compiledFor([3, 64, 2, 64, 3], 48 * KIB, { block: 16, subgroupSize: 32, threads: 128 });
  assert.match(code, /quads\[row0 \/ 4u \+ k \* 5u( \+ \d+u)?\]\[row0 % 4u\]/);
});

test("has parameters near in 32 KiB, which saves a third of the traffic through storage", () => {
  const [far, near] = [5, 32].map((kib) => compiledFor([2, 64, 64, 1], kib * KIB, { block: 0 }).work.storageBytes);
  assert.ok(near! < (2 / 3) * far!, `${near} bytes of ${far}`);
});

test("leaves room for eight members of a small network on a multiprocessor, rather than take all memory that there is", () => {
  const [some, more] = [48, 1024].map((kib) => compiledFor([3, 64, 2, 64, 3], kib * KIB).workgroupBytes);
  assert.ok(some! <= 24 * KIB && more! <= 24 * KIB, `${some} and ${more} bytes`);
});

test("moves nothing but the loss through storage in 32 KiB that works off the batch in blocks", () => {
  const { work, arenaBytes } = compiledFor([3, 64, 2, 64, 3], 32 * KIB, { block: 16 });
  assert.deepEqual([work.storageBytes, arenaBytes], [4, 0]);
});

test("waits less often where neighbouring threads exchange their sums", () => {
  const [without, with32] = [1, 32].map((subgroupSize) =>
    compiledFor([3, 64, 2, 64, 3], 48 * KIB, { block: 64, subgroupSize }),
  );
  assert.ok(with32!.work.barriers < 0.8 * without!.work.barriers, `${with32!.work.barriers} barriers`);
  assert.ok(!without!.code.includes("subgroup"));
});

suite("values of a batch in quads", () => {
  const { code, work } = compiledFor([2, 64, 64, 1], 48 * KIB, { block: 32, threads: 128, subgroupSize: 32 });
  const [inWords, inQuads] = [5, 48].map((kib) => compiledFor([2, 64, 64, 1], kib * KIB, { block: 0 }).code);

  test("are stored as a whole: the language lets a store to a component touch the others", () => {
    const stores = [...code.matchAll(/\bquads\[[^\]]*\](\[[^\]]*\])? = (\w+)/g)];
    assert.ok(stores.length > 0);
    for (const [store, component, value] of stores) assert.deepEqual([component, value], [undefined, "vec4f"], store);
  });

  test("are loaded by matrix products in less than half the time of words", () => {
    const asWords = work.workgroupBytes / 4 / 32;
    assert.ok(work.workgroupCycles < asWords / 2, `${work.workgroupCycles} cycles, ${asWords} for as many words`);
  });

  test("lie in rows of an odd number of quads, so that eight threads that read down a column find eight of them", () => {
    for (const length of [16, 24, 32, 64, 128]) {
      const { strides } = layoutFor(WORKGROUP, [length, 8], 0, { blocked: -1, compact: true, group: "quad" });
      const banks = new Set(Array.from({ length: 8 }, (_, row) => ((row * strides[1]!) / 4) % 8));
      assert.equal(banks.size, 8, `${length}: rows of ${strides[1]} words`);
    }
  });

  test("are words like others in storage", () => {
    assert.doesNotMatch(inWords!, /quads/);
    assert.match(inQuads!, /quads/);
  });

  test("are not what a batch has that is no multiple of four", () => {
    const { program } = adamTraining({ widths: [2, 64, 64, 1], batch: 126, data: "shared" });
    assert.doesNotMatch(compileWgsl(program, { threads: 256, workgroupBytes: 1024 * KIB }).code, /quads/);
  });
});

suite("values of a batch in halves", () => {
  const large = 48 * KIB;
  const [whole, halves] = [{}, { storage: "float16" } as const].map((storage) =>
    compiledFor([2, 64, 64, 1], large, { subgroupSize: 32, ...storage }),
  );

  test("are not what a shader has unless they are asked for", () => {
    const asked = compiledFor([2, 64, 64, 1], large, { subgroupSize: 32, storage: "float32" });
    assert.equal(asked.code, whole!.code);
    assert.doesNotMatch(whole!.code, /pack/);
    assert.match(halves!.code, /= packed_f16\(/);
  });

  test("let twice as many samples into the same memory, and are loaded two at a time", () => {
    assert.deepEqual([whole!.block, halves!.block], [32, 64]);
    assert.ok(halves!.work.workgroupBytes < 0.65 * whole!.work.workgroupBytes);
    assert.ok(halves!.work.barriers < (2 / 3) * whole!.work.barriers);
  });

  test("leave states, and the data of each member, where the host finds float32", () => {
    const slots = [...halves!.inputs];
    assert.deepEqual(
      slots.flatMap(([name, { half }]) => (half ? [name] : [])),
      ["x"],
    );
    assert.equal(halves!.memberBytes, whole!.memberBytes);
    assert.ok(halves!.sharedBytes < whole!.sharedBytes);
  });
});

suite("a loop over a lattice of 256 sites", () => {
  const step = (x: Tensor) => x.roll(1, 0).add(x.roll(-1, 1)).mul(0.05).add(x.mul(0.9));
  const compiled = (length: number, body: (x: Tensor) => Tensor = step) => {
    const program = latticeProgram([16, 16], (x) => {
      const { carry, outputs } = scan((y: Tensor) => ({ carry: body(y), output: y.sum() }), x, undefined, { length });
      return { next: carry, recorded: { outputs } };
    });
    return compileWgsl(program, { threads: 256, workgroupBytes: 48 * KIB, subgroupSize: 32 });
  };

  test("has four sites for each thread, however long the stack is that it leaves", () => {
    assert.deepEqual(
      [10, 5000].map((length) => compiled(length).threads),
      [64, 64],
    );
  });

  test("works off all sites of a thread by a loop of as many turns, which drivers unroll", () => {
    assert.doesNotMatch(compiled(5000).code, /fn kernel\d+\(\) \{\s+for \(var n = thread; n < 256u/);
  });

  test("waits once in a turn whose carry is shifted, and not at all where each thread keeps its own elements", () => {
    const perTurn = (body: (x: Tensor) => Tensor) => {
      const [short, long] = [10, 1010].map((length) => {
        const next = (x: Tensor) => scan((y: Tensor) => ({ carry: body(y) }), x, undefined, { length }).carry;
        const program = latticeProgram([16, 16], (x) => ({ next: next(x), recorded: {} }));
        return compileWgsl(program, { threads: 256, workgroupBytes: 48 * KIB }).work;
      });
      return [long!.barriers - short!.barriers, long!.workgroupBytes - short!.workgroupBytes].map(
        (more) => more / 1000,
      );
    };
    const field = 4 * 256;
    assert.deepEqual(
      [perTurn(step), perTurn((x) => x.mul(0.9))],
      [
        [1, 3 * field],
        [0, 0],
      ],
    );
  });

  test("finds neighbouring sites in different banks: rows that are shorter than a warp follow one another", () => {
    const { inputs } = compiled(10);
    assert.deepEqual(
      [...inputs.get("x")!.strides].sort((a, b) => a - b),
      [1, 16],
    );
  });

  test("computes the numbers of sites where it needs them", () => {
    const numbered = (x: Tensor) =>
      step(x).add(
        iota([16, 16], 0, "u32")
          .mul(16)
          .add(iota([16, 16], 1, "u32"))
          .cast("f32"),
      );
    const [without, withNumbers] = [compiled(10), compiled(10, numbered)];
    assert.equal(withNumbers.workgroupBytes, without.workgroupBytes);
  });
});
