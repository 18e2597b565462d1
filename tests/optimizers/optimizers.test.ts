/** Optimizers against steps worked out by hand and against Optax 0.2.4. */
import { suite, test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { adam, cosineDecay, type Optimizer, sgd, warmup } from "../../src/optimizers/index.js";
import { grad, scalar, type Tensor } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

/** Positions x₀ … xₙ of a descent on x⁴ + y². */
function descend(optimizer: Optimizer, steps: number): number[][] {
  const gradient = grad(({ x, y }: { x: Tensor; y: Tensor }) => x.square().square().add(y.square()));
  let parameters = { x: scalar(1), y: scalar(-2) };
  let state = optimizer.init(parameters);
  return Array.from({ length: steps }, () => {
    ({ parameters, state } = optimizer.update(gradient(parameters), state, parameters));
    return evaluate([parameters.x, parameters.y]).map((data) => data[0]!);
  });
}

suite("descents", () => {
  test("gradient descent", () => {
    assertClose(descend(sgd({ learningRate: 0.1 }), 2).flat(), [0.6, -1.6, 0.6 - 0.4 * 0.6 ** 3, -1.28], {
      relative: 1e-14,
    });
  });

  test("momentum", () => {
    const y = [-2 + 0.4, -1.6 + 0.1 * (3.2 + 0.5 * 4)];
    assertClose(
      descend(sgd({ learningRate: 0.1, momentum: 0.5 }), 2).map(([, at]) => at!),
      y,
      { relative: 1e-14 },
    );
  });

  test("Adam", () => {
    const positions = descend(adam({ learningRate: scalar(0.1) }), 3).flat();
    assertClose(positions, ADAM, { relative: 1e-6 });
  });
});

/** optax.adam(0.1) in float64: x and y after 1, 2 and 3 steps. */
const ADAM = [0.90000000025, -1.90000000025, 0.802013649605, -1.800166486116, 0.707512815639, -1.700623392046];

test("schedules", () => {
  const values = (f: (progress: Tensor) => Tensor) => [0, 0.25, 0.5, 1].map((p) => evaluate([f(scalar(p))])[0]![0]!);
  assertClose(values(cosineDecay), [1, (1 + Math.SQRT1_2) / 2, 0.5, 0], { absolute: 1e-15 });
  assertClose(
    values((progress) => warmup(progress, 0.5)),
    [0, 0.5, 1, 1],
    { absolute: 1e-15 },
  );
});
