/** The memory of programs that nobody has any more serves those to come, which do not see what was in it. */
import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { SpareMemories } from "../../src/engines/cpu/spare-memories.js";
import { CpuEngine } from "../../src/engines/index.js";
import { input, type Program } from "../../src/tensor/index.js";

const MIB = 2 ** 20;

suite("spare memories, at most 8 MiB of them", () => {
  const wordsOf = ({ buffer }: WebAssembly.Memory) => new Int32Array(buffer);

  test("are given again, and all that was asked for is zero", () => {
    const memories = new SpareMemories(8 * MIB);
    const first = memories.take(MIB);
    wordsOf(first).fill(7);
    assert.notEqual(memories.take(MIB), first);
    memories.give(first);
    const again = memories.take(MIB - 4);
    assert.equal(again, first);
    assert.ok(
      wordsOf(again)
        .subarray(0, MIB / 4 - 1)
        .every((word) => word === 0),
    );
  });

  test("go to whom they fit best, and not to somebody who needs less than half", () => {
    const memories = new SpareMemories(8 * MIB);
    const [small, large] = [memories.take(MIB), memories.take(1.5 * MIB)];
    memories.give(large);
    memories.give(small);
    assert.ok(![small, large].includes(memories.take(0.4 * MIB)));
    assert.ok(![small, large].includes(memories.take(1.6 * MIB)));
    assert.equal(memories.take(0.9 * MIB), small);
    assert.equal(memories.take(0.9 * MIB), large);
    assert.equal(memories.bytes, 0);
  });

  test("are let go in the order in which they came, once they are too many", () => {
    const memories = new SpareMemories(8 * MIB);
    const [first, second, tooLarge] = [memories.take(5 * MIB), memories.take(5 * MIB), memories.take(9 * MIB)];
    memories.give(first);
    memories.give(second);
    assert.equal(memories.bytes, 5 * MIB);
    assert.equal(memories.take(5 * MIB), second);
    memories.give(tooLarge);
    assert.equal(memories.bytes, 0);
  });
});

/** Adds one to all elements, and tells their sum. */
function counting(size: number): Program {
  const x = input("x", [size]);
  return {
    inputs: [{ name: "x", tensor: x, scope: "member" }],
    updates: [{ input: "x", value: x.add(1) }],
    outputs: [{ name: "sum", value: x.sum() }],
  };
}

suite("programs of a CPU engine, one after the other", () => {
  const engine = new CpuEngine({ threads: 2 });
  after(() => engine.dispose());
  const members = 16;
  const load = () => engine.load(counting(1000), { members });

  test("begin with zeros", async () => {
    for (let time = 0; time < 3; time++) {
      const program = await load();
      assert.deepEqual([program.read("x", 5)[9], program.read("sum", 5)[0]], [0, 0]);
      await program.run(3);
      assert.deepEqual([program.read("x", 5)[9], program.read("sum", 5)[0]], [3, 2000]);
      program.dispose();
    }
  });

  test("do not feel what one that was disposed of in the middle of a run still computes", async () => {
    const former = await load();
    const run = former.run(200_000);
    await new Promise(setImmediate); // the run's turn comes in a microtask
    former.dispose();
    const program = await load();
    await run;
    assert.deepEqual(
      Array.from({ length: members }, (_, member) => program.read("x", member)[0]),
      new Array(members).fill(0),
    );
  });

  test("say so when they are asked after they were disposed of", async () => {
    const program = await load();
    program.dispose();
    program.dispose();
    const message = /The program was disposed; load it again/;
    assert.throws(() => program.read("x", 0), message);
    assert.throws(() => program.write("x", new Array<number>(1000).fill(1), 0), message);
    await assert.rejects(program.run(1), message);
    const [one, other] = [await load(), await load()];
    one.write("x", new Array<number>(1000).fill(1), 0);
    assert.equal(other.read("x", 0)[0], 0);
  });
});
