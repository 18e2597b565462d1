/** All operations on all modes of the CPU engine's code, and their derivatives. Of the GPU: engines/webgpu/operations.test.ts. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { check, MODES } from "./case.js";
import { compositionDerivatives } from "./derivative-cases.js";
import { checkDifferences } from "./derivative-check.js";
import { type EngineRow, isDifferentiable, OPERATIONS, testDerivatives, testValues } from "./operation-suite.js";

const ENGINES: readonly EngineRow[] = MODES.map(([mode, options]) => ({
  name: `compiled${mode}`,
  check: (cases) => {
    for (const one of cases) check(one, options);
  },
}));

for (const engine of ENGINES) {
  suite(`values, ${engine.name}`, () => testValues(engine));
  suite(`derivatives, ${engine.name}`, () => testDerivatives(engine));
}

test("every operation that has a derivative has cases of it, and no other one has", () => {
  for (const { name, derivatives } of OPERATIONS) {
    const expected = name === "input" || isDifferentiable(name);
    assert.equal(derivatives.length > 0, expected, `${name} has ${derivatives.length} cases of derivatives`);
  }
});

suite("derivatives by the reference are central differences, first and second", () => {
  for (const { name, derivatives } of OPERATIONS)
    for (const [i, one] of derivatives.entries()) test(`${name} ${i}`, () => checkDifferences(one));
  for (const [name, cases] of Object.entries(compositionDerivatives))
    for (const [i, one] of [cases].flat().entries()) test(`${name} ${i}`, () => checkDifferences(one));
});
