/**
 * The one table of tests over all operations: what every engine computes of their values and derivatives. An operation that
 * is missing in it does not compile, one without cases fails.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { OperationName } from "../../src/tensor/operation.js";
import { operationOf, operations } from "../../src/tensor/operations/index.js";
import type { Case } from "./case.js";
import { type DerivativeCase, operationDerivatives } from "./derivative-cases.js";
import { engineCase } from "./derivative-check.js";
import { operationCases } from "./operation-cases.js";

/** An engine in some mode. */
export interface EngineRow {
  /** As in "add, <name>, agrees with the reference". */
  readonly name: string;
  /** Compares what it computes of cases with the reference. */
  check(cases: readonly Case[]): void | Promise<void>;
}

/** All that is tested of an operation. */
export interface OperationTests {
  readonly name: OperationName;
  /** Values, of shapes at the edges, too. */
  readonly values: readonly Case[];
  readonly derivatives: readonly DerivativeCase[];
}

export const OPERATIONS: readonly OperationTests[] = (Object.keys(operations) as OperationName[]).map((name) => {
  const derivatives = operationDerivatives[name];
  return { name, values: operationCases[name], derivatives: derivatives === "none" ? [] : [derivatives].flat() };
});

/** Operations whose derivative is another's: of the loop's results, or what the user says. */
const ELSEWHERE: ReadonlySet<OperationName> = new Set(["parameter", "customGradient"]);

/** Whether the table of operations says how to differentiate one. */
export function isDifferentiable(name: OperationName): boolean {
  const operation = operationOf(name);
  if (ELSEWHERE.has(name)) return false;
  if (operation.kind === "loop") return true;
  return operation.kind === "elementwise" ? operation.partials !== undefined : operation.pullback !== undefined;
}

/** Tests the values of all operations on an engine. */
export function testValues({ name: engine, check }: EngineRow): void {
  for (const { name, values } of OPERATIONS) {
    test(`${name}, ${engine}, agrees with the reference`, async () => {
      assert.ok(values.length > 0, "the operation has cases");
      await check(values);
    });
  }
}

/** Tests first and second derivatives of all operations on an engine. */
export function testDerivatives({ name: engine, check }: EngineRow): void {
  for (const { name, derivatives } of OPERATIONS) {
    if (derivatives.length === 0) continue;
    test(`derivatives of ${name}, ${engine}, agree with the reference`, () =>
      check(derivatives.map((one, i) => engineCase(`derivatives of ${name} ${i}`, one))));
  }
}
