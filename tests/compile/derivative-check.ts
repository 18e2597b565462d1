import { evaluate } from "../../src/compile/reference.js";
import { grad, hessianVectorProduct, input, jvp, Key, type Tensor } from "../../src/tensor/index.js";
import { constant } from "../../src/tensor/tensor.js";
import { assertClose } from "../support/close.js";
import type { Case } from "./case.js";
import type { DerivativeCase } from "./derivative-cases.js";

/** A scalar that weighs all elements of the result differently. */
const weighed =
  ({ of }: DerivativeCase) =>
  (x: Tensor): Tensor => {
    const y = of(x);
    return y.mul(Key.of(1).uniform(y.shape, 0.5, 1.5)).sum();
  };

const directionOf = ({ shape }: DerivativeCase): Tensor => Key.of(2).uniform(shape, -1, 1);

/**
 * By the reference: first derivatives in both modes and second ones in both mixed orders, each against central differences
 * of what is one order below.
 */
export function checkDifferences(one: DerivativeCase): void {
  const { of, at, shape } = one;
  const x = input("x", shape);
  const f = weighed(one);
  const direction = directionOf(one);
  const [along] = evaluate([direction]);
  const run = (tensor: Tensor, point: readonly number[]) => Array.from(evaluate([tensor], new Map([["x", point]]))[0]!);
  /** Of a tensor's values, when x moves along a direction. */
  const differences = (tensor: Tensor, step: ArrayLike<number>, h = 1e-5) => {
    const [above, below] = [h, -h].map((s) =>
      run(
        tensor,
        at.map((value, i) => value + s * step[i]!),
      ),
    );
    return above!.map((value, i) => (value - below![i]!) / (2 * h));
  };
  const tolerance = { relative: 1e-7, absolute: 1e-8 };
  const partials = at.flatMap((_, i) =>
    differences(
      f(x),
      at.map((_, k) => Number(k === i)),
    ),
  );
  const gradient = grad(f)(x);
  assertClose(run(gradient, at), partials, tolerance, "derivative");
  const { value, tangent } = jvp(of)(x, direction);
  assertClose(run(value, at), run(of(x), at), {}, "value");
  assertClose(run(tangent, at), differences(of(x), along!), tolerance, "tangent");
  const second = differences(gradient, along!);
  assertClose(run(hessianVectorProduct(f)(x, direction), at), second, tolerance, "forward over reverse");
  const reverseOverForward = grad((y: Tensor) => jvp(f)(y, direction).tangent)(x);
  assertClose(run(reverseOverForward, at), second, tolerance, "reverse over forward");
}

/** Gradient and Hessian times vector at the points, for an engine to compute. */
export function engineCase(name: string, one: DerivativeCase): Case {
  const nothing = input("nothing", []);
  const x = constant(one.at.map(Math.fround), one.shape).add(nothing);
  const f = weighed(one);
  const parts = [grad(f)(x), hessianVectorProduct(f)(x, directionOf(one))].map((part) => part.reshape([part.size]));
  return { name, tensor: parts[0]!.concat([parts[1]!]), tolerance: 1e-5, draw: { low: 0, high: 0 } };
}
