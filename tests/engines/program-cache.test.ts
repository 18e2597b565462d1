/** Programs that compute the same are compiled once; any difference in what they compute makes another one. */
import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { compileModule } from "../../src/engines/cpu/compile-module.js";
import { ProgramCache } from "../../src/engines/program-cache.js";
import { CpuEngine } from "../../src/engines/index.js";
import { full, input, type Program, scan, type Tensor } from "../../src/tensor/index.js";

function programOf(value: (x: Tensor) => Tensor, size = 5): Program {
  const x = input("x", [size]);
  return {
    inputs: [{ name: "x", tensor: x, scope: "member" }],
    updates: [{ input: "x", value: value(x) }],
    outputs: [],
  };
}

const looping = (factor: number) =>
  programOf(
    (x) => scan((carry: Tensor, factors: Tensor) => ({ carry: carry.mul(factors) }), x, full([3], factor)).carry,
  );

suite("a cache of programs", () => {
  const cache = new ProgramCache(compileModule);
  const base = cache.get(
    programOf((x) => x.mul(2).add(0)),
    {},
  );

  test("knows a program that was traced again", () => {
    assert.equal(
      cache.get(
        programOf((x) => x.mul(2).add(0)),
        {},
      ),
      base,
    );
    assert.equal(cache.get(looping(3), {}), cache.get(looping(3), {}));
  });

  const others: Record<string, readonly [Program, object]> = {
    "another operation": [programOf((x) => x.add(2).add(0)), {}],
    "another constant": [programOf((x) => x.mul(3).add(0)), {}],
    "a constant of another sign": [programOf((x) => x.mul(2).add(-0)), {}],
    "another shape": [programOf((x) => x.mul(2).add(0), 6), {}],
    "another option": [programOf((x) => x.mul(2).add(0)), { relaxed: true }],
    "another state": [{ ...programOf((x) => x.mul(2).add(0)), updates: [] }, {}],
    "another operand of a loop": [looping(4), {}],
  };
  for (const [difference, [program, options]] of Object.entries(others)) {
    test(`tells ${difference} apart`, () => {
      const found = cache.get(program, options);
      assert.notEqual(found, base);
      assert.notEqual(found, cache.get(looping(3), {}));
    });
  }

  test("keeps what was used, and drops the oldest", () => {
    for (let i = 0; i < 100; i++) {
      cache.get(
        programOf((x) => x.mul(i + 100)),
        {},
      );
      assert.equal(
        cache.get(
          programOf((x) => x.mul(2).add(0)),
          {},
        ),
        base,
      );
    }
    const before = cache.get(looping(3), {});
    for (let i = 0; i < 100; i++)
      cache.get(
        programOf((x) => x.mul(i + 100)),
        {},
      );
    assert.notEqual(cache.get(looping(3), {}), before);
  });
});

suite("an engine that was given a program twice", () => {
  const engine = new CpuEngine({ threads: 1 });
  after(() => engine.dispose());

  test("keeps the members of both apart", async () => {
    const [first, second] = [
      await engine.load(
        programOf((x) => x.mul(2)),
        { members: 2 },
      ),
      await engine.load(
        programOf((x) => x.mul(2)),
        { members: 3 },
      ),
    ];
    first.write("x", [1, 2, 3, 4, 5], 1);
    second.write("x", [5, 6, 7, 8, 9], 2);
    await first.run(2);
    first.dispose();
    await second.run(1);
    assert.deepEqual([...second.read("x", 2)], [10, 12, 14, 16, 18]);
    assert.deepEqual([...second.read("x", 1)], [0, 0, 0, 0, 0]);
  });
});
