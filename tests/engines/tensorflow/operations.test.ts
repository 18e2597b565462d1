/**
 * All cases of the table of operations on TensorFlow.js: the reference, which every engine is compared with, is compared
 * with an implementation from elsewhere. Not of what it lacks (integers, bits): there, the engine uses the reference.
 */
import { suite } from "node:test";
import { TensorflowEngine } from "../../../src/engines/index.js";
import { checkOn } from "../../compile/engine-check.js";
import { testDerivatives, testValues } from "../../compile/operation-suite.js";

const engine = new TensorflowEngine();

suite("values", () => testValues({ name: "on TensorFlow", check: (cases) => checkOn(engine, cases, 2) }));
suite("derivatives", () => testDerivatives({ name: "on TensorFlow", check: (cases) => checkOn(engine, cases) }));
