/** Methods put together from operations, against JAX 0.10.2 in float64. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { constant, grad, scalar, type Shape, type Tensor } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

const x = constant([
  [0.3, -0.7, 1.1],
  [0.45, -1.3, 0.9],
]);

function gives(tensor: Tensor, shape: Shape, expected: readonly number[]): void {
  assert.deepEqual(tensor.shape, shape);
  assertClose(evaluate([tensor])[0]!, expected, { relative: 1e-13, absolute: 1e-15 });
}

test("logSumExp", () => {
  gives(x.logSumExp(1), [2], [1.57910449813274, 1.45871899163901]); // jax.scipy.special.logsumexp(x, axis=1)
  gives(x.mul(1000).logSumExp(), [], [1100]); // logsumexp(1000 * x)
  gives(constant([-Infinity, -Infinity]).logSumExp(), [], [-Infinity]);
  gives(constant([1, Infinity]).logSumExp(), [], [Infinity]);
  gives(constant([1, NaN]).logSumExp(), [], [NaN]);
});

test("softmax and its logarithm", () => {
  const rows = [
    0.27828639489054, 0.102375843437947, 0.619337761671513, 0.364685846095703, 0.0633728975966125, 0.571941256307684,
  ];
  gives(x.softmax(), [2, 3], rows); // jax.nn.softmax(x, axis=1)
  const columns = [
    0.462570154656251, 0.645656306225795, 0.549833997312478, 0.53742984534375, 0.354343693774204, 0.450166002687522,
  ];
  gives(x.softmax(0), [2, 3], columns); // jax.nn.softmax(x, axis=0)
  gives(x.mul(100).logSoftmax(), [2, 3], [-80, -180, 0, -45, -220, 0]); // jax.nn.log_softmax(100 * x, axis=-1)
  gives(constant([-Infinity, 0]).softmax(), [2], [0, 1]);
  gives(constant([-Infinity, -Infinity]).softmax(), [2], [NaN, NaN]);
});

test("prod", () => {
  gives(x.prod(1), [2], [-0.231, -0.5265]); // jnp.prod(x, axis=1)
  gives(x.prod(), [], [0.1216215]); // jnp.prod(x)
  // jax.grad(jnp.prod)(jnp.array([2., 0., 3., 4., 5.]))
  gives(grad((y: Tensor) => y.prod())(constant([2, 0, 3, 4, 5])), [5], [0, 120, 0, 0, 0]);
});

test("cumulativeSum", () => {
  gives(x.cumulativeSum(0), [2, 3], [0.3, -0.7, 1.1, 0.75, -2, 2]); // jnp.cumsum(x, axis=0)
  gives(x.cumulativeSum(), [2, 3], [0.3, -0.4, 0.7, 0.45, -0.85, 0.05]); // jnp.cumsum(x, axis=1)
  gives(constant([1, NaN, 2]).cumulativeSum(), [3], [1, NaN, NaN]);
});

test("roll", () => {
  gives(x.roll(1), [2, 3], [1.1, 0.3, -0.7, 0.9, 0.45, -1.3]); // jnp.roll(x, 1, axis=1)
  gives(x.roll(-4), [2, 3], [-0.7, 1.1, 0.3, -1.3, 0.9, 0.45]); // jnp.roll(x, -4, axis=1)
  gives(x.roll(2, 0), [2, 3], [0.3, -0.7, 1.1, 0.45, -1.3, 0.9]);
  assert.throws(() => x.roll(0.5), { name: "RangeError", message: /whole number of places, got 0\.5/ });
});

test("argmax and argmin: the first of equals, the first NaN", () => {
  const hard = constant([
    [1, 3, 3],
    [NaN, 5, NaN],
    [-Infinity, -Infinity, -Infinity],
  ]);
  gives(hard.argmax(), [3], [1, 0, 0]); // jnp.argmax(hard, axis=1)
  gives(hard.argmin(), [3], [0, 0, 0]); // jnp.argmin(hard, axis=1)
  gives(x.argmax(0), [3], [1, 0, 0]); // jnp.argmax(x, axis=0)
  gives(x.argmin(0), [3], [0, 1, 1]); // jnp.argmin(x, axis=0)
  assert.equal(x.argmax().dtype, "i32");
});

test("any and all", () => {
  const truth = x.greater(0.4);
  gives(truth.any(1), [2], [1, 1]);
  gives(truth.all(1), [2], [0, 0]);
  gives(truth.all(0), [3], [0, 0, 1]);
  assert.equal(truth.any().dtype, "bool");
});

test("pow", () => {
  gives(constant([0.3, 1.7]).pow(-2.5), [2], [20.2860206483395, 0.265385809289748]); // jnp.array([0.3, 1.7]) ** -2.5
  gives(constant([0.3, -1.7]).pow(-3), [2], [37.037037037037, -0.203541624262162]); // jnp.array([0.3, -1.7]) ** -3
  gives(constant([0.3, -1.7]).pow(7), [2], [0.0002187, -41.0338673]); // jnp.array([0.3, -1.7]) ** 7
  gives(constant([0, -2, NaN]).pow(0), [3], [1, 1, 1]);
  gives(constant([2, 9]).pow(constant([3, 0.5])), [2], [8, 3]);
  gives(grad((y: Tensor) => y.pow(3))(scalar(0)), [], [0]);
  assert.throws(() => x.pow(Infinity), { name: "RangeError", message: /finite exponent, got Infinity/ });
});

test("oneHot", () => {
  gives(constant([2, 0, 5], [3], "i32").oneHot(3), [3, 3], [0, 0, 1, 1, 0, 0, 0, 0, 0]); // jax.nn.one_hot(i, 3)
  assert.throws(() => x.oneHot(3), { name: "DTypeError", message: /u32 or i32 indices, got f32/ });
});

test("an axis named twice is refused by its operation's name", () => {
  assert.throws(() => x.logSumExp([1, -1]), { name: "ShapeError", message: /^logSumExp: .* twice in \[1, -1\]/ });
});
