/** Flows of differential equations with known solutions. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { integrate } from "../../src/physics/index.js";
import { grad, input, scalar, type Tensor } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";
import { Compiled } from "../compile/compiled.js";

const values = (...tensors: Tensor[]): number[] => evaluate(tensors).flatMap((data) => Array.from(data));

const pendulum = ({ x, v }: { x: Tensor; v: Tensor }) => ({ x: v, v: x.neg() });
const swung = (steps: number, duration = 3) => integrate(pendulum, { x: scalar(1), v: scalar(0) }, { duration, steps });

suite("integrate", () => {
  test("is of fifth order, and estimates an error that is not smaller", () => {
    const [coarse, fine] = [30, 60].map((steps) => {
      const { state, error } = swung(steps);
      const [x, estimate] = values(state.x, error);
      return { off: Math.abs(x! - Math.cos(3)), estimate: estimate! };
    });
    assertClose([coarse!.off / fine!.off], [2 ** 5], { relative: 0.1 });
    for (const { off, estimate } of [coarse!, fine!])
      assert.ok(estimate > off && estimate < 100 * off, `${estimate}, ${off}`);
  });

  test("is exact where the field is a polynomial of the time up to the fourth power", () => {
    const field = (_: Tensor, t: Tensor) => t.square().square().mul(5).sub(t.mul(2));
    const { state } = integrate(field, scalar(0.5), { duration: 1.7, steps: 3 });
    assertClose(values(state), [0.5 + 1.7 ** 5 - 1.7 ** 2], { relative: 1e-14 });
  });

  test("goes backwards, and keeps where each step begins", () => {
    const { state, trajectory } = swung(8);
    const back = integrate(pendulum, state, { duration: -3, steps: 8 }).state;
    assertClose(values(back.x, back.v), [1, 0], { absolute: 1e-4 });
    assertClose(
      values(trajectory.x),
      [0, 1, 2, 3, 4, 5, 6, 7].map((i) => Math.cos((3 * i) / 8)),
      { absolute: 1e-4 },
    );
  });

  test("is differentiable in the start and in the duration", () => {
    const end = (x: Tensor, duration: Tensor) =>
      integrate((y: Tensor) => y.mul(y).neg(), x, { duration, steps: 30 }).state;
    // x / (1 + x t): ∂/∂x = 1 / (1 + x t)², ∂/∂t = −x² / (1 + x t)².
    const [x, t] = [scalar(1.5), scalar(2)];
    const gradient = grad(([start, duration]: Tensor[]) => end(start!, duration!))([x, t]);
    assertClose(values(...gradient), [1 / 16, -2.25 / 16], { relative: 1e-6 });
  });

  test("runs compiled, with a duration of each member's own", () => {
    const duration = input("duration", []);
    const { state } = integrate(pendulum, { x: scalar(1), v: scalar(0) }, { duration, steps: 40 });
    const compiled = new Compiled({
      inputs: [{ name: "duration", tensor: duration, scope: "member" }],
      updates: [],
      outputs: [{ name: "x", value: state.x }],
    });
    for (const time of [0.5, 6])
      assertClose(compiled.write("duration", [time]).run().read("x"), [Math.cos(time)], { absolute: 1e-5 });
  });

  test("refuses a number of steps that is none", () => {
    assert.throws(() => swung(0), { name: "RangeError", message: /steps is a positive integer, got 0/ });
  });
});
