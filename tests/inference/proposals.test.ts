/** Chains whose proposals come site by site, or all at once from elsewhere, against exact distributions. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { evaluate } from "../../src/compile/reference.js";
import { CpuEngine } from "../../src/engines/index.js";
import { grid, seeds } from "../../src/ensemble/index.js";
import { checkerboardMetropolis, independenceChain, sample } from "../../src/inference/index.js";
import { phi4Action, phi4SiteAction, phi4Virial } from "../../src/physics/index.js";
import { integratedAutocorrelationTime, mean } from "../../src/stats/index.js";
import { Key } from "../../src/tensor/index.js";

const engine = new CpuEngine({ threads: 2 });
after(() => engine.dispose());

test(
  "sweeps over a checkerboard sample the free field and satisfy Schwinger and Dyson",
  { timeout: 60_000 },
  async () => {
    const side = 4;
    const couplings = { massSquared: 0.8, coupling: 0 };
    const { observables } = await sample({
      chains: grid({ seed: seeds(32) }),
      init: ({ key }) => key.normal([side, side]).mul(0.3),
      kernel: () =>
        checkerboardMetropolis({
          action: (phi) => phi4Action(phi, couplings),
          siteAction: (value, phi) => phi4SiteAction(value, phi, couplings),
          stepSize: 1,
        }),
      observe: (phi) => ({ square: phi.square().mean(), virial: phi4Virial(phi, couplings).div(side ** 2) }),
      draws: 1500,
      warmup: 100,
      engine,
    }).finished;
    let exact = 0;
    for (let px = 0; px < side; px++)
      for (let py = 0; py < side; py++) {
        const squared = 4 * Math.sin((Math.PI * px) / side) ** 2 + 4 * Math.sin((Math.PI * py) / side) ** 2;
        exact += 1 / (2 * (squared + couplings.massSquared)) / side ** 2;
      }
    for (const [array, value] of [
      [observables.square, exact],
      [observables.virial, 1],
    ] as const) {
      const chains = Array.from({ length: 32 }, (_, chain) => array.of(chain));
      const { mean: measured, meanError } = integratedAutocorrelationTime(chains);
      assert.ok(
        Math.abs(measured - value) < 4.5 * meanError && meanError < 0.02 * value,
        `${measured} ± ${meanError}, ${value}`,
      );
    }
    const accepted = mean(observables.accepted.data);
    assert.ok(accepted > 0.3 && accepted < 0.7, `acceptance ${accepted}`);
  },
);

test("draws from a wide Gaussian become a narrow one by Metropolis' test", () => {
  const count = 40_000;
  const [x, uniforms] = evaluate([Key.of(1).normal([count]), Key.of(2).uniform([count])]);
  const at = independenceChain(
    Array.from(x!, (value) => -1.5 * value ** 2),
    uniforms!,
  ); // e^(−2x²)
  const squares = Array.from(at, (draw) => x![draw]! ** 2);
  const { mean: measured, meanError } = integratedAutocorrelationTime(squares);
  assert.ok(Math.abs(measured - 0.25) < 4.5 * meanError && meanError < 0.005, `${measured} ± ${meanError}`);
  assert.throws(() => independenceChain([0], []), /1 draws and 0 uniform/);
});
