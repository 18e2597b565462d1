/** What a notebook does when the library is imported, so that the first training begins soon. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CpuEngine, type LoadedProgram } from "../src/engines/index.js";
import { rehearse, trainOneStep } from "../src/rehearsal.js";

test("all that a training goes through is gone through once, and its memory given back", async () => {
  const engine = new CpuEngine({ threads: 1 });
  const done: string[] = [];
  const load = engine.load.bind(engine);
  engine.load = async (program, options) => {
    const kind = program.updates.length > 0 ? "step" : "start";
    const loaded = await load(program, options);
    const watched: Pick<LoadedProgram, "run" | "dispose"> = {
      run: async (steps) => {
        const report = await loaded.run(steps);
        done.push(`${steps} ${kind}, ${report.failures.length} failures`);
        return report;
      },
      dispose: () => {
        loaded.dispose();
        done.push(`no ${kind}`);
      },
    };
    return Object.assign(Object.create(loaded) as LoadedProgram, watched);
  };
  await trainOneStep(engine);
  await engine.dispose();
  assert.deepEqual(done, ["1 step, 0 failures", "no step", "1 start, 0 failures", "no start"]);
});

test("a rehearsal says nothing of an engine that does not exist: whoever trains will be told", async () => {
  const before = process.env["PHASEBOOK_ENGINE"];
  process.env["PHASEBOOK_ENGINE"] = "abacus";
  try {
    await rehearse();
  } finally {
    if (before === undefined) delete process.env["PHASEBOOK_ENGINE"];
    else process.env["PHASEBOOK_ENGINE"] = before;
  }
});
