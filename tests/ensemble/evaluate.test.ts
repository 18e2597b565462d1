/** Functions of members without a training: random networks, flows of differential equations, a million members. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CpuEngine, MemoryError } from "../../src/engines/index.js";
import { evaluate, grid, linspace, seeds } from "../../src/ensemble/index.js";
import { mean, standardError } from "../../src/stats/index.js";
import { grad, scan, type Tensor, zeros } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

const engine = new CpuEngine({ threads: 2 });
after(() => engine.dispose());

test("10⁵ random networks have the four-point function of their width", { timeout: 300_000 }, async () => {
  const members = grid({ width: [4, 32], seed: seeds(50_000) });
  const { output } = await evaluate({
    members,
    structural: ["width"],
    compute: ({ width, key }) => {
      const hidden = key.fold(0).normal([width]).relu();
      return {
        output: hidden
          .mul(key.fold(1).normal([width]))
          .sum()
          .div(Math.sqrt(width)),
      };
    },
    engine,
  });
  for (const [group, width] of [4, 32].entries()) {
    const outputs = output.data.subarray(50_000 * group, 50_000 * (group + 1));
    // ⟨f²⟩ = ⟨φ²⟩ and ⟨f⁴⟩ = 3 [⟨φ²⟩² + (⟨φ⁴⟩ − ⟨φ²⟩²) / n], with ⟨φ²⟩ = ½ and ⟨φ⁴⟩ = 3/2 for ReLU: exact at every width n.
    for (const [power, exact] of [
      [2, 0.5],
      [4, 3 * (0.25 + 1.25 / width)],
    ] as const) {
      const values = outputs.map((f) => f ** power);
      const error = standardError(values);
      assert.ok(
        Math.abs(mean(values) - exact) < 4.5 * error,
        `width ${width}: ⟨f^${power}⟩ ${mean(values)} ± ${error}, ${exact}`,
      );
      assert.ok(error < 0.05 * exact);
    }
  }
});

/** A Runge-Kutta flow of fourth order (Kutta 1901) of y' = f(y) over a time, from y. */
function flow(f: (y: Tensor) => Tensor, y: Tensor, time: number, steps: number): Tensor {
  const h = time / steps;
  const step = (at: Tensor) => {
    const k1 = f(at);
    const k2 = f(at.add(k1.mul(h / 2)));
    const k3 = f(at.add(k2.mul(h / 2)));
    const k4 = f(at.add(k3.mul(h)));
    return {
      carry: at.add(
        k1
          .add(k2.add(k3).mul(2))
          .add(k4)
          .mul(h / 6),
      ),
    };
  };
  return scan(step, y, undefined, { length: steps }).carry;
}

test("the flow of an oscillator and its derivative by the frequency are the exact ones", async () => {
  const [time, frequencies] = [2, linspace(0.5, 2, 7)];
  const position = (frequency: Tensor) => {
    const force = (y: Tensor) =>
      y
        .at(1)
        .mul(frequency)
        .reshape([1])
        .concat([y.at(0).mul(frequency).neg().reshape([1])]);
    return flow(force, zeros([2]).add(zeros([2]).indices().equal(0).cast("f32")), time, 100).at(0);
  };
  const { x, slope } = await evaluate({
    members: grid({ frequency: frequencies }),
    compute: ({ frequency }) => ({ x: position(frequency), slope: grad(position)(frequency) }),
    engine,
  });
  assertClose(
    x.data,
    frequencies.map((w) => Math.cos(w * time)),
    { absolute: 3e-6 },
  );
  assertClose(
    slope.data,
    frequencies.map((w) => -time * Math.sin(w * time)),
    { absolute: 1e-5 },
  );
});

test("a flow of Lotka and Volterra keeps its invariant", async () => {
  const [alpha, beta, gamma, delta] = [1, 0.5, 0.75, 0.25];
  const { start, end } = await evaluate({
    members: grid({ prey: linspace(1, 4, 4) }),
    compute: ({ prey }) => {
      const y0 = prey.reshape([1]).concat([prey.zerosLike().add(1).reshape([1])]);
      const rates = (y: Tensor) => {
        const [x, z] = [y.at(0), y.at(1)];
        const [dx, dz] = [x.mul(z.mul(-beta).add(alpha)), z.mul(x.mul(delta).sub(gamma))];
        return dx.reshape([1]).concat([dz.reshape([1])]);
      };
      return { start: y0, end: flow(rates, y0, 5, 200) };
    },
    engine,
  });
  const invariant = (y: Float64Array) =>
    delta * y[0]! - gamma * Math.log(y[0]!) + beta * y[1]! - alpha * Math.log(y[1]!);
  for (const member of [0, 1, 2, 3]) {
    assertClose([invariant(end.of(member))], [invariant(start.of(member))], { absolute: 1e-5 });
    assert.ok(Math.abs(end.of(member)[0]! - start.of(member)[0]!) > 0.01, "it went somewhere");
  }
});

test(
  "a million members are computed where they fit, else refused with the memory they need",
  { timeout: 300_000 },
  async () => {
    const members = grid({ x: linspace(0, 1, 1_000_000) });
    const squares = await evaluate({ members, compute: ({ x }) => x.square(), engine });
    assertClose([squares.data[999_999]!, squares.data[500_000]!], [1, members.values.x[500_000]! ** 2], {
      relative: 1e-6,
    });
    await assert.rejects(
      evaluate({ members, compute: ({ x }) => x.broadcast([10_000]).add(1), engine }),
      (error: Error) => {
        assert.ok(error instanceof MemoryError, String(error));
        assert.match(error.message, /1000000 members need \d{5} MiB/);
        return true;
      },
    );
  },
);
