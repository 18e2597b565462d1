/** Programs and ensembles that do not fit are refused with the numbers, before anything is allocated. */
import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { CpuEngine, MemoryError } from "../../src/engines/index.js";
import { input, type Program } from "../../src/tensor/index.js";

function squaring(size: number): Program {
  const x = input("x", [size, size]);
  const product = x.matmul(x);
  return {
    inputs: [{ name: "x", tensor: x, scope: "member" }],
    updates: [{ input: "x", value: product.add(product.transpose([1, 0])) }],
    outputs: [],
  };
}

function counting(size: number): Program {
  const x = input("x", [size]);
  return {
    inputs: [{ name: "x", tensor: x, scope: "member" }],
    updates: [{ input: "x", value: x.add(1) }],
    outputs: [],
  };
}

suite("a CPU engine of two threads", () => {
  const engine = new CpuEngine({ threads: 2 });
  const fused = new CpuEngine({ threads: 2, mode: "fused" });
  after(() => Promise.all([engine.dispose(), fused.dispose()]));

  async function refusal(program: Program, members: number, by = engine): Promise<string> {
    const before = process.memoryUsage().arrayBuffers;
    try {
      await by.load(program, { members });
    } catch (error) {
      assert.ok(error instanceof MemoryError, String(error));
      assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 26, "memory was allocated");
      return error.message;
    }
    return assert.fail("it was not refused");
  }

  test("refuses a million members, and says how many fit", async () => {
    const message = await refusal(squaring(64), 1_000_000);
    assert.match(message, /^1000000 members need \d+ MiB \(16\.\d KiB a member\), but \d+ MiB (are|is)/);
    const [, fits] = /At most (\d+) members fit/.exec(message)!;
    assert.ok(Number(fits) > 1000 && Number(fits) < 300_000, fits);
  });

  test("refuses a program whose scratch memory alone is too much", async () => {
    assert.match(
      await refusal(squaring(30_000), 1, fused),
      /needs \d+ MiB before the first member: \d+ MiB of scratch memory for each thread/,
    );
  });

  test("still runs what fits afterwards", async () => {
    const program = await engine.load(squaring(3), { members: 2 });
    program.write("x", [1, 2, 0, 0, 1, 0, 0, 0, 1], 1);
    assert.deepEqual(await program.run(1), { failures: [] });
    assert.deepEqual([...program.read("x", 1)], [2, 4, 0, 4, 2, 0, 0, 0, 2]);
  });

  test("has the memory of programs back that nobody has any more", async () => {
    const megabytes = () => process.memoryUsage().rss / 2 ** 20;
    const before = megabytes();
    let most = 0;
    for (let time = 0; time < 60; time++) {
      const program = await engine.load(counting(2 ** 12), { members: 2048 }); // 16 KiB each
      await program.run(1);
      await new Promise(setImmediate); // finalisers are tasks
      most = Math.max(most, megabytes() - before);
    }
    assert.ok(most < 1000, `${most.toFixed(0)} MB more, of 60 times 32`);
  });

  test("refuses a member that is too large for all threads together", async () => {
    assert.match(await refusal(squaring(30_000), 1), /^One member needs \d+ MiB, but \d+ MiB (are|is)/);
  });

  for (const members of [0, -1, 1.5, NaN, 2 ** 31]) {
    test(`refuses ${members} members`, async () => {
      await assert.rejects(async () => engine.load(squaring(3), { members }), {
        name: "RangeError",
        message: `A program is loaded for 1 or more members, fewer than 2³¹; got ${members}.`,
      });
    });
  }

  test("refuses steps that are no count, and members that there are not", async () => {
    const program = await engine.load(squaring(3), { members: 2 });
    for (const steps of [-1, 0.5, NaN, Infinity, 2 ** 31]) {
      await assert.rejects(program.run(steps), {
        name: "RangeError",
        message: /^A run takes 0 or more steps, .* got /,
      });
    }
    for (const member of [2, -1, 0.5, NaN]) {
      const message = `Member ${member} does not exist; there are 2.`;
      await assert.rejects(program.run(1, [0, member]), { name: "RangeError", message });
    }
    assert.deepEqual(await program.run(1, []), { failures: [] });
  });

  test("keeps a NaN to the member that was given it", async () => {
    const program = await engine.load(squaring(3), { members: 2 });
    program.write("x", new Array<number>(9).fill(1), 0);
    program.write("x", [NaN, ...new Array<number>(8).fill(1)], 1);
    assert.deepEqual(await program.run(1), { failures: [] });
    assert.deepEqual([...program.read("x", 0)], new Array(9).fill(6));
    assert.ok(program.read("x", 1).some(Number.isNaN));
  });
});

test("shapes are static and their sizes exact integers", () => {
  assert.throws(() => input("x", [NaN, 3]), /NaN/);
  assert.throws(() => input("x", [2.5]), /2\.5/);
  assert.throws(() => input("x", [2 ** 20, 2 ** 20, 2 ** 20]), /1048576/);
});
