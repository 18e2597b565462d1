import assert from "node:assert/strict";
import { test } from "node:test";
import { planProgram } from "../../src/compile/plan.js";
import { Interpreter } from "../../src/compile/reference.js";
import { Compiled } from "./compiled.js";
import { largestValue, randomNetwork } from "./random-network.js";

const NETWORKS = 40;

test(`${NETWORKS} random networks agree with the reference, by blocks and as a whole`, () => {
  let blocked = 0;
  for (let seed = 1; seed <= NETWORKS; seed++) {
    const { program, start } = randomNetwork(seed);
    if (largestValue(program, start) > 1000) continue;
    blocked += Number(planProgram(program).schedule.stages.some(({ blocks }) => blocks > 0));
    const reference = new Interpreter(program, start).run(1);
    const compiled = new Compiled(program, { relaxed: seed % 2 === 0, revectorize: seed % 3 === 0 });
    for (const [name, values] of Object.entries(start)) compiled.write(name, values);
    compiled.run(1);
    for (const name of ["loss", ...program.updates.map((update) => update.input)]) {
      const expected = reference.read(name);
      compiled.read(name).forEach((value, i) => {
        const error = Math.abs(value - expected[i]!) / (1 + Math.abs(expected[i]!));
        assert.ok(error < 1e-4, `network ${seed}, ${name}[${i}]: ${value}, expected ${expected[i]}`);
      });
    }
  }
  assert.ok(blocked > NETWORKS / 4, `only ${blocked} networks have a blocked stage`);
});
