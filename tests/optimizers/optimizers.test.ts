/** Optimizers against steps worked out by hand and against Optax 0.2.4. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { CpuEngine } from "../../src/engines/index.js";
import { grid, train, zip } from "../../src/ensemble/index.js";
import {
  adam,
  adamW,
  chain,
  clipByGlobalNorm,
  constantRate,
  cosineDecay,
  decayWeights,
  descend,
  exponentialDecay,
  globalNorm,
  linearDecay,
  type Optimizer,
  type Rates,
  scaleByAdam,
  scaleByMomentum,
  scaleByRate,
  sgd,
  stepDecay,
  warmup,
} from "../../src/optimizers/index.js";
import { constant, grad, leavesOf, ones, scalar, type Tensor, zeros } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

/** Positions x₀ … xₙ of a descent on x⁴ + y². */
function trajectory(optimizer: Optimizer, steps: number): number[][] {
  const gradient = grad(({ x, y }: { x: Tensor; y: Tensor }) => x.square().square().add(y.square()));
  let parameters = { x: scalar(1), y: scalar(-2) };
  let state = optimizer.init(parameters);
  return Array.from({ length: steps }, () => {
    ({ parameters, state } = optimizer.update(gradient(parameters), state, parameters));
    return evaluate([parameters.x, parameters.y]).map((data) => data[0]!);
  });
}

/**
 * x and y after 1, 2 and 3 steps of Optax in float64, each by the optimizer in the comment. In its Adam ε is added to
 * the corrected root, here to the one before: 3e-8 of a step of 0.1.
 */
const OPTAX: readonly (readonly [name: string, optimizer: Optimizer, positions: readonly number[]])[] = [
  [
    "Adam", // optax.adam(0.1)
    adam({ learningRate: scalar(0.1) }),
    [0.90000000025, -1.90000000025, 0.802013649605, -1.800166486116, 0.707512815639, -1.700623392046],
  ],
  [
    "AdamW", // optax.adamw(0.1, weight_decay=0.3)
    adamW({ learningRate: scalar(0.1), weightDecay: scalar(0.3) }),
    [0.87000000025, -1.84000000025, 0.7470066455234, -1.685103726857, 0.6328489304359, -1.535385496838],
  ],
  [
    "AdamW with weight decay in one group", // optax.adamw(0.1, weight_decay=0.3, mask={"x": True, "y": False})
    adamW({ learningRate: 0.1, weightDecay: { x: 0.3, y: 0 } }),
    [0.87000000025, -1.90000000025, 0.7470066455234, -1.800166486116, 0.6328489304359, -1.700623392046],
  ],
  [
    "heavy ball", // optax.sgd(0.01, momentum=0.9)
    sgd({ learningRate: 0.01, momentum: 0.9 }),
    [0.96, -1.96, 0.88861056, -1.8848, 0.7962931669761, -1.779424],
  ],
  [
    "Nesterov's momentum", // optax.sgd(0.01, momentum=0.9, nesterov=True)
    sgd({ learningRate: 0.01, momentum: scalar(0.9), nesterov: true }),
    [0.924, -1.924, 0.831644434176, -1.818488, 0.733209815764, -1.689056656],
  ],
  [
    "clipping by the global norm", // optax.chain(optax.clip_by_global_norm(3.5), optax.sgd(0.5))
    chain(clipByGlobalNorm(3.5), sgd({ learningRate: 0.5 })),
    [-0.2374368670765, -0.7625631329235, -0.2106652591961, 0, -0.191966673386, 0],
  ],
  [
    // optax.chain(optax.clip_by_global_norm(5.0), optax.adam(0.1, b1=0.8, b2=0.95))
    "Adam behind clipping",
    chain(clipByGlobalNorm(scalar(5)), adam({ learningRate: 0.1, beta1: scalar(0.8), beta2: scalar(0.95) })),
    [0.9000000002828, -1.900000000283, 0.8012788634619, -1.799757105848, 0.7064663020355, -1.699737699999],
  ],
  [
    // optax.multi_transform({"a": optax.sgd(0.1), "b": optax.sgd(0.01)}, {"x": "a", "y": "b"})
    "a rate for each group",
    sgd({ learningRate: (path) => (path === "x" ? 0.1 : scalar(0.01)) }),
    [0.6, -1.96, 0.5136, -1.9208, 0.4594080178176, -1.882384],
  ],
  [
    // optax.adamw(0.1, weight_decay=0.3)
    "AdamW put together from its parts",
    chain(scaleByAdam(), decayWeights(0.3), scaleByRate(0.1), descend),
    [0.87000000025, -1.84000000025, 0.7470066455234, -1.685103726857, 0.6328489304359, -1.535385496838],
  ],
  [
    // optax.sgd(0.01, momentum=0.9)
    "the heavy ball with the rate before the momentum",
    chain(scaleByRate(0.01), scaleByMomentum(0.9), descend),
    [0.96, -1.96, 0.88861056, -1.8848, 0.7962931669761, -1.779424],
  ],
];

suite("descents", () => {
  test("gradient descent", () => {
    assertClose(trajectory(sgd({ learningRate: 0.1 }), 2).flat(), [0.6, -1.6, 0.6 - 0.4 * 0.6 ** 3, -1.28], {
      relative: 1e-14,
    });
  });

  test("momentum", () => {
    const y = [-2 + 0.4, -1.6 + 0.1 * (3.2 + 0.5 * 4)];
    assertClose(
      trajectory(sgd({ learningRate: 0.1, momentum: 0.5 }), 2).map(([, at]) => at!),
      y,
      { relative: 1e-14 },
    );
  });

  for (const [name, optimizer, positions] of OPTAX) {
    test(name, () => assertClose(trajectory(optimizer, 3).flat(), positions, { relative: 1e-7, absolute: 1e-12 }));
  }
});

test("Adam's first steps have all digits of single precision", async () => {
  const engine = new CpuEngine({ threads: 1 });
  const run = train({
    members: grid({ seed: [0] }),
    init: () => ({ x: scalar(0) }),
    loss: ({ x }) => x, // a gradient of 1, so that every step is the learning rate
    optimizer: () => adam({ learningRate: 0.5, epsilon: 0 }),
    steps: 3,
    engine,
  });
  assertClose((await run.finished).parameters(0)["x"]!.data, [-1.5], { relative: 3e-7 });
  await engine.dispose();
});

test("any hyperparameter may be each member's own", async () => {
  const engine = new CpuEngine({ threads: 1 });
  const rows = { rate: [0.1, 0.02], beta1: [0.8, 0.9], beta2: [0.95, 0.999], decay: [0.3, 0], limit: [5, 0.5] };
  const run = train({
    members: zip(rows),
    init: () => ({ x: scalar(1), y: scalar(-2) }),
    loss: ({ x, y }) => x.square().square().add(y.square()),
    optimizer: ({ rate, beta1, beta2, decay, limit }) =>
      chain(clipByGlobalNorm(limit), adamW({ learningRate: { x: rate, y: 0.1 }, beta1, beta2, weightDecay: decay })),
    steps: 3,
    engine,
  });
  await run.finished;
  for (const member of [0, 1]) {
    const [learningRate, beta1, beta2, weightDecay, limit] = Object.values(rows).map((values) => values[member]!);
    const alone = chain(
      clipByGlobalNorm(limit!),
      adamW({ learningRate: { x: learningRate!, y: 0.1 }, beta1: beta1!, beta2: beta2!, weightDecay: weightDecay! }),
    );
    const { x, y } = run.parameters(member);
    assertClose([x!.data[0]!, y!.data[0]!], trajectory(alone, 3).at(-1)!, { relative: 2e-6 });
  }
  await engine.dispose();
});

suite("a tree of rates", () => {
  const parameters = { embedding: ones([2]), decoder: [{ weight: ones([2]), bias: ones([2]) }] };
  /** How far each tensor moves for a gradient of ones. */
  const moved = (learningRate: Rates) => {
    const optimizer = sgd({ learningRate });
    const after = optimizer.update(parameters, optimizer.init(parameters), parameters).parameters;
    return leavesOf(after).map(({ tensor }) => 1 - evaluate([tensor])[0]![1]!);
  };

  test("one rate may stand for a subtree", () => {
    assertClose(moved({ embedding: 0.5, decoder: 0.25 }), [0.5, 0.25, 0.25], {});
    assertClose(moved({ embedding: 0.5, decoder: [{ weight: scalar(2), bias: 0 }] }), [0.5, 2, 0], {});
    assertClose(moved({ embedding: 1, decoder: (path) => (path === "decoder[0].bias" ? 3 : 4) }), [1, 4, 3], {});
  });

  test("a missing, an excess and a too deep rate are refused", () => {
    const refused = (rates: Rates, message: RegExp) =>
      assert.throws(() => moved(rates), { name: "TypeError", message });
    refused({ embedding: 1 }, /none for "decoder"/);
    refused({ embedding: 1, decoder: [{ weight: 1 }] }, /none for "decoder\[0\]\.bias"/);
    refused(
      { embedding: 1, decoder: 1, encoder: 1 },
      /name "encoder", where the parameters have only embedding, decoder/,
    );
    assert.throws(() => moved({ embedding: 1, decoder: NaN }), { message: /rate of "decoder\[0\].weight" is NaN/ });
    refused({ embedding: { weight: 1 }, decoder: 1 }, /a tree at "embedding"/);
  });
});

suite("clipping", () => {
  const clip = (gradient: Tensor, maximum = 2) => {
    const { updates } = clipByGlobalNorm(maximum).update(gradient, {}, gradient);
    return Array.from(evaluate([updates])[0]!);
  };

  test("short gradients pass, long ones are shortened to the maximum", () => {
    assertClose(clip(constant([1.2, -1.6])), [1.2, -1.6], { relative: 1e-15 });
    assertClose(clip(constant([30, -40])), [1.2, -1.6], { relative: 1e-15 });
    assertClose(clip(zeros([2])), [0, 0], {});
  });

  test("a NaN shows in every parameter", () => assertClose(clip(constant([NaN, 1])), [NaN, NaN], {}));

  test("the norm is that of all leaves", () => {
    assertClose(evaluate([globalNorm({ a: constant([2, 3]), b: [scalar(6)] })])[0]!, [7], { relative: 1e-15 });
  });

  test("only a positive norm is a limit", () => {
    assert.throws(() => clipByGlobalNorm(0), { name: "RangeError", message: /positive norm, got 0/ });
    assert.throws(() => clipByGlobalNorm(NaN), { name: "RangeError", message: /got NaN/ });
  });
});

test("schedules", () => {
  const values = (f: (progress: Tensor) => Tensor) => [0, 0.25, 0.5, 1].map((p) => evaluate([f(scalar(p))])[0]![0]!);
  assertClose(values(cosineDecay), [1, (1 + Math.SQRT1_2) / 2, 0.5, 0], { absolute: 1e-15 });
  assertClose(
    values((progress) => warmup(progress, 0.5)),
    [0, 0.5, 1, 1],
    { absolute: 1e-15 },
  );
});

test("schedules agree with Optax", () => {
  const steps = [0, 1, 2, 3, 4, 5];
  const values = (f: (progress: Tensor) => Tensor) => steps.map((step) => evaluate([f(scalar(step / 4))])[0]![0]!);
  const close = (f: (progress: Tensor) => Tensor, expected: number[]) =>
    assertClose(values(f), expected, { relative: 1e-12 });
  // optax.linear_schedule(1, 0.2, 4)
  for (const end of [0.2, scalar(0.2)]) close((p) => linearDecay(p, end), [1, 0.8, 0.6, 0.4, 0.2, 0.2]);
  // optax.exponential_decay(1, 4, 0.01)
  const falling = [1, 0.31622776601683794, 0.1, 0.03162277660168379, 0.01, 0.0031622776601683794];
  for (const end of [0.01, scalar(0.01)]) close((p) => exponentialDecay(p, end), falling);
  // optax.piecewise_constant_schedule(1, {2: 0.1, 3: 0.1})
  close((p) => stepDecay(p, [0.75, 0.5], 0.1), [1, 1, 0.1, 0.01, 0.01, 0.01]);
  close(constantRate, [1, 1, 1, 1, 1, 1]);
  assert.throws(() => exponentialDecay(scalar(0), 0), { name: "RangeError", message: /positive end, got 0/ });
});
