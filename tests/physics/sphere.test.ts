import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { angleBetween, fibonacciSphere, sphereWithoutBand, uniformSphere } from "../../src/physics/index.js";
import { Key, scalar } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

/** Moments of the coordinates of points on the unit sphere. */
function moment(points: ArrayLike<number>, f: (x: number, y: number, z: number) => number): number {
  let sum = 0;
  for (let i = 0; i < points.length; i += 3) sum += f(points[i]!, points[i + 1]!, points[i + 2]!);
  return sum / (points.length / 3);
}

test("uniform points have the sphere's moments within 4 standard errors", () => {
  const count = 20_000;
  const [points] = evaluate([uniformSphere(Key.of(11), count)]);
  // exact mean and variance of each monomial on S²
  const cases: [f: (x: number, y: number, z: number) => number, mean: number, variance: number][] = [
    [(x) => x, 0, 1 / 3],
    [(_, y) => y, 0, 1 / 3],
    [(_, __, z) => z * z, 1 / 3, 1 / 5 - 1 / 9],
    [(x, y) => x * y, 0, 1 / 15],
    [(_, __, z) => z ** 4, 1 / 5, 1 / 9 - 1 / 25],
  ];
  for (const [f, mean, variance] of cases) {
    assertClose([moment(points!, f)], [mean], { absolute: 4 * Math.sqrt(variance / count) }, String(f));
  }
  assertClose([moment(points!, (x, y, z) => Math.abs(x * x + y * y + z * z - 1))], [0], { absolute: 1e-12 });
});

test("the spiral integrates low harmonics to 1e-4", () => {
  const { data, shape } = fibonacciSphere(20_000);
  assert.deepEqual(shape, [20_000, 3]);
  assertClose([moment(data, (_, __, z) => z * z), moment(data, (x, y) => x * y)], [1 / 3, 0], { absolute: 1e-4 });
  assert.throws(() => fibonacciSphere(0), /positive count, got 0/);
});

test("angles are accurate near 0 and π", () => {
  assertClose([angleBetween([1, 0, 0], [Math.cos(1e-8), Math.sin(1e-8), 0])], [1e-8], { relative: 1e-8 });
  assertClose([angleBetween([0, 0, 2], [0, 0, -3])], [Math.PI], { relative: 1e-15 });
  assertClose([angleBetween([1, 1, 0], [0, 5, 0])], [Math.PI / 4], { relative: 1e-14 });
});

test("the sphere without a band has nothing in the band, and Archimedes' moments outside", () => {
  const count = 20_000;
  for (const gap of [0, 0.2, 0.7]) {
    const [points] = evaluate([sphereWithoutBand(Key.of(4), count, gap === 0 ? 0 : scalar(gap))]);
    const square = (1 - gap ** 3) / (3 * (1 - gap)); // ⟨z²⟩ of z uniform on [gap, 1]
    const cases: [f: (x: number, y: number, z: number) => number, mean: number, spread: number][] = [
      [(_, __, z) => z, 0, 1],
      [(_, __, z) => z * z, square, 0.3],
      [(x) => x, 0, 0.6],
      [(x) => x * x, (1 - square) / 2, 0.3],
      [(x, y) => x * y, 0, 0.4],
    ];
    for (const [f, mean, spread] of cases)
      assertClose(
        [moment(points!, f)],
        [mean],
        { absolute: (4.5 * spread) / Math.sqrt(count) },
        `${String(f)}, ${gap}`,
      );
    assertClose([moment(points!, (x, y, z) => Math.abs(x * x + y * y + z * z - 1))], [0], { absolute: 1e-6 });
    assert.ok(moment(points!, (_, __, z) => (Math.abs(z) < gap - 1e-6 ? 1 : 0)) === 0);
  }
});
