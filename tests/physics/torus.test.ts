import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { cliffordFromDonut, cliffordTorus, donut, torusGrid, uniformCliffordTorus } from "../../src/physics/index.js";
import { principalComponents } from "../../src/stats/index.js";
import { Key, scalar, type Tensor } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

const valuesOf = (x: Tensor) => Float64Array.from(evaluate([x])[0]!);

/** The mean of a function over points of four coordinates. */
function moment(points: ArrayLike<number>, f: (x: number[]) => number): number {
  let sum = 0;
  for (let i = 0; i < points.length; i += 4) sum += f([points[i]!, points[i + 1]!, points[i + 2]!, points[i + 3]!]);
  return sum / (points.length / 4);
}

test("angles become two circles on the unit sphere, of the given ratio", () => {
  const angles = torusGrid(6);
  for (const ratio of [1, 0.3, scalar(0.3)]) {
    const r = ratio === 1 ? 1 : 0.3;
    const expected = Array.from({ length: 36 }, (_, i) => {
      const [theta, phi] = [Math.floor(i / 6), i % 6].map((step) => (Math.PI * step) / 3);
      return [Math.cos(theta!), Math.sin(theta!), r * Math.cos(phi!), r * Math.sin(phi!)].map(
        (x) => x / Math.hypot(1, r),
      );
    });
    assertClose(valuesOf(cliffordTorus(angles, ratio)), expected.flat(), { absolute: 1e-6 });
  }
});

test("four equal principal components: a linear autoencoder leaves 1/2 with two latent units, 1/4 with three", () => {
  const { variances } = principalComponents({ shape: [144, 4], data: valuesOf(cliffordTorus(torusGrid(12))) });
  assertClose(variances, [0.25, 0.25, 0.25, 0.25], { absolute: 1e-12 });
});

test("uniform points have the torus' moments within 4 standard errors", () => {
  const count = 4000;
  const points = valuesOf(uniformCliffordTorus(Key.of(7), count));
  // ⟨cos²⟩ = 1/2, ⟨cos⁴⟩ = 3/8, ⟨cos² sin²⟩ = 1/8; circles are independent
  const cases: [f: (x: number[]) => number, mean: number, variance: number][] = [
    [([x]) => x!, 0, 1 / 4],
    [([x]) => x! ** 2, 1 / 4, 1 / 32],
    [([x, y]) => x! ** 2 * y! ** 2, 1 / 32, 3 / 2048 - 1 / 1024],
    [([x, , z]) => x! ** 2 * z! ** 2, 1 / 16, 9 / 1024 - 1 / 256],
    [([x, , z]) => x! * z!, 0, 1 / 16],
  ];
  for (const [f, mean, variance] of cases) {
    assertClose([moment(points, f)], [mean], { absolute: 4 * Math.sqrt(variance / count) }, String(f));
  }
  assertClose([moment(points, (x) => Math.abs(Math.hypot(...x) - 1))], [0], { absolute: 1e-6 });
});

test("the donut is a surface of revolution, and forgets nothing of the torus", () => {
  const angles = torusGrid(9);
  for (const radius of [1.5, 2]) {
    const points = valuesOf(donut(angles, radius));
    const off = Array.from({ length: 81 }, (_, i) => {
      const [x, y, z] = points.subarray(3 * i, 3 * i + 3);
      return (Math.hypot(x!, y!) - radius) ** 2 + z! ** 2 - 1;
    });
    assertClose(
      off,
      off.map(() => 0),
      { absolute: 1e-12 },
    );
    const back = valuesOf(cliffordFromDonut(donut(angles, radius), radius));
    assertClose(back, valuesOf(cliffordTorus(angles)), { absolute: 1e-12 });
  }
});

test("what is no torus is refused by name", () => {
  assert.throws(() => donut(torusGrid(2), 1), /donut: the radius is 1; below 1/);
  assert.throws(
    () => cliffordTorus(donut(torusGrid(2))),
    /cliffordTorus takes points of shape \[count, 2\], got \[4, 3\]/,
  );
  assert.throws(() => torusGrid(0), /positive side, got 0/);
});
