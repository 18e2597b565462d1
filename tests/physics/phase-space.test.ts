import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { masslessPhaseSpace, pairMassSquared, relativeMomenta, toMasslessEvent } from "../../src/physics/index.js";
import { principalComponents } from "../../src/stats/index.js";
import { constant, Key, type Tensor } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

const valuesOf = (x: Tensor) => Float64Array.from(evaluate([x])[0]!);
const average = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

const count = 10_000;
const events = new Map([3, 4].map((n) => [n, valuesOf(masslessPhaseSpace(Key.of(3), count, n))]));
const momentaOf = (n: number) => constant(Array.from(events.get(n)!), [count, n, 3]);

/** Lengths of the momenta, [count, particles]. */
const energiesOf = (momenta: Float64Array) =>
  Array.from({ length: momenta.length / 3 }, (_, i) => Math.hypot(...momenta.subarray(3 * i, 3 * i + 3)));

test("energy and momentum are conserved", () => {
  for (const [n, momenta] of events) {
    const energies = energiesOf(momenta);
    for (let event = 0; event < 200; event++) {
      assertClose([energies.slice(n * event, n * event + n).reduce((a, b) => a + b)], [2], { absolute: 1e-5 });
      for (let axis = 0; axis < 3; axis++) {
        const sum = Array.from({ length: n }, (_, i) => momenta[3 * (n * event + i) + axis]!).reduce((a, b) => a + b);
        assertClose([sum], [0], { absolute: 1e-5 });
      }
    }
  }
});

test("energies have the density x (1 − x)^(n − 3), whose moments are exact", () => {
  // Beta(2, n − 2): mean 2/n, and the variance
  for (const [n, variance] of [
    [3, 1 / 18],
    [4, 1 / 20],
  ] as const) {
    const energies = energiesOf(events.get(n)!).filter((_, i) => i % n === 0);
    assertClose([average(energies)], [2 / n], { absolute: 4 * Math.sqrt(variance / count) });
    const spread = average(energies.map((x) => (x - 2 / n) ** 2));
    assertClose([spread], [variance], { absolute: (4 * 0.06) / Math.sqrt(count) });
  }
});

test("three bodies: the Dalitz plot is flat, and a window of the pair's mass holds what the triangle says", () => {
  const [m12, m13] = [2, 1].map((other) => valuesOf(pairMassSquared(momentaOf(3), 0, other === 2 ? 1 : 2)));
  const share = average(Array.from(m12!, (m) => (m > 0.45 && m < 0.55 ? 1 : 0)));
  assertClose([share], [0.1], { absolute: 4 * Math.sqrt(0.09 / count) });
  // Uniform on the triangle x, y > 0, x + y < 1: ⟨xy⟩ = 1/12 and ⟨x²y²⟩ = 1/90.
  assertClose([average(m12!.map((m, i) => m * m13![i]!))], [1 / 12], {
    absolute: 4 * Math.sqrt((1 / 90 - 1 / 144) / count),
  });
});

test("six coordinates of equal variance 1/4, with the length of the momenta", () => {
  const coordinates = valuesOf(relativeMomenta(momentaOf(3)));
  const energies = energiesOf(events.get(3)!);
  for (let event = 0; event < 100; event++) {
    const squares = [...coordinates.subarray(6 * event, 6 * event + 6)].map((x) => x * x);
    const expected = energies.slice(3 * event, 3 * event + 3).map((e) => e * e);
    assertClose([squares.reduce((a, b) => a + b)], [expected.reduce((a, b) => a + b)], { relative: 1e-5 });
  }
  const { variances } = principalComponents({ shape: [count, 6], data: coordinates });
  assertClose(
    variances,
    variances.map(() => 1 / 4),
    { absolute: 0.02 },
  );
});

test("events are their own nearest events, and others become events", () => {
  const momenta = events.get(3)!.slice(0, 90);
  const same = toMasslessEvent(constant(Array.from(momenta), [10, 3, 3]));
  assertClose(valuesOf(same), momenta, { absolute: 1e-5 });
  const made = valuesOf(
    toMasslessEvent(
      constant([
        [
          [1, 0, 0],
          [0, 3, 0],
          [0, 0, -2],
        ],
      ]),
    ),
  );
  assertClose([energiesOf(made).reduce((a, b) => a + b)], [2], { absolute: 1e-6 });
  assertClose(
    [0, 1, 2].map((axis) => made[axis]! + made[3 + axis]! + made[6 + axis]!),
    [0, 0, 0],
    { absolute: 1e-6 },
  );
});

test("shapes and counts that do not fit are refused by name", () => {
  assert.throws(() => masslessPhaseSpace(Key.of(0), 5, 1), /two or more particles, got 1/);
  assert.throws(
    () => relativeMomenta(constant([[1, 2]])),
    /relativeMomenta takes momenta of shape \[count, particles, 3\], got \[1, 2\]/,
  );
});
