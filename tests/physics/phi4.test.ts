/** The action of lattice φ⁴ against the sum written out, and against its own derivative. */
import { test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { phi4Action, phi4Gradient } from "../../src/physics/index.js";
import { grad, Key, scalar } from "../../src/tensor/index.js";
import { assertClose } from "../support/close.js";

const couplings = { massSquared: -1.5, coupling: 0.7 };

test("the action is the sum over sites and links", () => {
  const field = Key.of(3).normal([3, 4]);
  const phi = evaluate([field])[0]!;
  let action = 0;
  for (let y = 0; y < 3; y++) {
    for (let x = 0; x < 4; x++) {
      const here = phi[4 * y + x]!;
      for (const next of [phi[4 * ((y + 1) % 3) + x]!, phi[4 * y + ((x + 1) % 4)]!]) action += (next - here) ** 2;
      action += couplings.massSquared * here ** 2 + couplings.coupling * here ** 4;
    }
  }
  assertClose(evaluate([phi4Action(field, couplings)])[0]!, [action], { relative: 1e-12 });
});

test("the gradient is the action's derivative, in one to three dimensions", () => {
  for (const shape of [[5], [3, 4], [2, 3, 4]]) {
    const field = Key.of(1).normal(shape);
    const own = { massSquared: scalar(-1.5), coupling: scalar(0.7) };
    const [written, derived] = evaluate([
      phi4Gradient(field, couplings),
      grad((at: typeof field) => phi4Action(at, own))(field),
    ]);
    assertClose(written!, derived!, { absolute: 1e-12, relative: 1e-12 });
  }
});
