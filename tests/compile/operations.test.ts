import assert from "node:assert/strict";
import { test } from "node:test";
import type { OperationName } from "../../src/tensor/operation.js";
import { operations } from "../../src/tensor/operations/index.js";
import { check, MODES } from "./case.js";
import { operationCases } from "./operation-cases.js";

for (const name of Object.keys(operations) as OperationName[]) {
  for (const [mode, options] of MODES) {
    test(`${name} compiled agrees with the reference${mode}`, () => {
      assert.ok(operationCases[name].length > 0);
      for (const one of operationCases[name]) check(one, options);
    });
  }
}
