/** The action of lattice φ⁴ against the sum written out, and against its own derivative. */
import { test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { fromCheckerboard, phi4Action, phi4Gradient, phi4SiteAction, phi4Virial } from "../../src/physics/index.js";
import { constant, grad, Key, scalar } from "../../src/tensor/index.js";
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

test("a site's terms change as the action does when that site alone changes", () => {
  const phi = Array.from(evaluate([Key.of(8).normal([4, 4])])[0]!);
  const moved = phi.map((value, site) => (site === 6 ? value + 0.7 : value));
  const [before, after] = [phi, moved].map((values) => constant(values, [4, 4]));
  const total = [before!, after!].map((field) => evaluate([phi4Action(field, couplings)])[0]![0]!);
  const own = [before!, after!].map((value) => evaluate([phi4SiteAction(value, before!, couplings)])[0]![6]!);
  assertClose([own[1]! - own[0]!], [total[1]! - total[0]!], { absolute: 1e-9 });
});

test("the virial counts kinetic and mass terms twice, the quartic one four times", () => {
  const field = Key.of(4).normal([4, 4]);
  const [virial, all, quartic] = evaluate([
    phi4Virial(field, couplings),
    phi4Action(field, couplings),
    field.square().square().sum().mul(couplings.coupling),
  ]);
  assertClose(virial!, [2 * all![0]! + 2 * quartic![0]!], { relative: 1e-9 });
});

test("vectors in the order of a checkerboard have the even sites in their first half", () => {
  const vector = Array.from({ length: 16 }, (_, i) => (i < 8 ? 1 : -1) * (1 + (i % 8)));
  const field = evaluate([fromCheckerboard(constant([vector]), 4)])[0]!;
  assertClose(field, [1, -1, 2, -2, -3, 3, -4, 4, 5, -5, 6, -6, -7, 7, -8, 8], {});
});
