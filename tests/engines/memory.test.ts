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

suite("a CPU engine of two threads", () => {
  const engine = new CpuEngine({ threads: 2 });
  after(() => engine.dispose());

  async function refusal(program: Program, members: number): Promise<string> {
    const before = process.memoryUsage().arrayBuffers;
    try {
      await engine.load(program, { members });
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
      await refusal(squaring(30_000), 1),
      /needs \d+ MiB before the first member: \d+ MiB of scratch memory for each thread/,
    );
  });

  test("still runs what fits afterwards", async () => {
    const program = await engine.load(squaring(3), { members: 2 });
    program.write("x", [1, 2, 0, 0, 1, 0, 0, 0, 1], 1);
    assert.deepEqual(await program.run(1), { failures: [] });
    assert.deepEqual([...program.read("x", 1)], [2, 4, 0, 4, 2, 0, 0, 0, 2]);
  });
});
