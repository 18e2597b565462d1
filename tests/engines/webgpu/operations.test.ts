/** Every operation of the table as a shader, on the same cases as the CPU engine's code. */
import { after } from "node:test";
import { WebgpuEngine } from "../../../src/engines/index.js";
import type { Case } from "../../compile/case.js";
import { checkOn } from "../../compile/engine-check.js";
import { testValues } from "../../compile/operation-suite.js";
import { testGpu } from "../../support/software-gpu.js";

const engine = new WebgpuEngine({ gpu: testGpu, threads: 64 });
after(() => engine.dispose());

/** Most cases of an operation that are compiled, evenly spread: a shader of many takes long. */
const MOST_CASES = 16;

const spread = (cases: readonly Case[]): Case[] => {
  const every = Math.max(1, Math.ceil(cases.length / MOST_CASES));
  return cases.filter((_, i) => i % every === 0);
};

testValues({ name: "as a shader", check: (cases) => checkOn(engine, spread(cases)) });
