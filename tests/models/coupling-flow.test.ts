import assert from "node:assert/strict";
import { test } from "node:test";
import { determinant, Matrix } from "ml-matrix";
import { evaluate } from "../../src/compile/reference.js";
import { couplingFlow, type CouplingParameters } from "../../src/models/index.js";
import { constant, Key, mapTree } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

/** Parameters that are far from the identity. */
function scrambled(parameters: CouplingParameters): CouplingParameters {
  let leaf = 0;
  return mapTree(parameters, (tensor) => tensor.add(Key.of(++leaf).normal(tensor.shape).mul(0.4)));
}

for (const layers of [1, 4, 5]) {
  const flow = couplingFlow(4, { layers, hidden: [6] });
  const parameters = scrambled(flow.init(Key.of(9)));

  test(`${layers} layers: the inverse undoes the map, and has the opposite Jacobian`, () => {
    const z = Key.of(2).normal([5, 4]);
    const there = flow.forward(parameters, z);
    const back = flow.inverse(parameters, there.x);
    const [start, end, out, home] = evaluate([z, back.x, there.logDetJacobian, back.logDetJacobian]);
    assertClose(end!, start!, { absolute: 1e-9 });
    assertClose(
      home!,
      Array.from(out!, (x) => -x),
      { absolute: 1e-9 },
    );
  });

  test(`${layers} layers: the Jacobian is that of finite differences`, () => {
    const point = [0.3, -0.7, 1.2, 0.1];
    const at = (z: number[]) => evaluate([flow.forward(parameters, constant([z])).x])[0]!;
    const columns = point.map((_, i) => {
      const [above, below] = [1e-5, -1e-5].map((step) => at(point.map((x, k) => (k === i ? x + step : x))));
      return Array.from(above!, (x, k) => (x - below![k]!) / 2e-5);
    });
    const [log] = evaluate([flow.forward(parameters, constant([point])).logDetJacobian]);
    assertClose(log!, [Math.log(Math.abs(determinant(new Matrix(columns))))], { absolute: 1e-7 });
  });
}

test("an untrained flow is the identity, and odd dimensions are refused", () => {
  const flow = couplingFlow(6, { layers: 4, hidden: [8, 8] });
  const z = Key.of(1).normal([3, 6]);
  const { x, logDetJacobian } = flow.forward(flow.init(Key.of(4)), z);
  const [start, end, log] = evaluate([z, x, logDetJacobian]);
  assert.deepEqual(end, start);
  assertClose(log!, [0, 0, 0], {});
  assert.throws(() => couplingFlow(5, { layers: 2, hidden: [4] }), /even dimension.*got 5/);
});
