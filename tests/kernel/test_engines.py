"""Interrupting cells whose work is done by the library's engines: their threads stop, and go on working afterwards."""

import unittest

from kernel_case import KernelCase

FIRST_CELL = """
import { adam, engine, evaluate, grid, mlp, seeds, train } from "phasebook";
const net = mlp([1, 32, 1]);
const start = (steps: number, batch: number, engine = "cpu") => train({
  members: grid({ seed: seeds(6) }),
  init: ({ key }) => net.init(key),
  loss: (parameters, { key }) => {
    const x = key.uniform([batch, 1], -1, 1);
    return net.apply(parameters, x).sub(x.square()).square().mean();
  },
  optimizer: () => adam({ learningRate: 1e-3 }),
  steps,
  engine,
});
const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));
let keep = 5;
"""

USE = "const again = start(20, 16); await again.finished; again.progress.state"


class EngineTests(KernelCase):
    first_cell = FIRST_CELL

    def interrupted(self, code):
        outcome = self.interrupt(code)
        self.check("keep", "5")
        self.check(USE, "'finished'")
        return outcome

    def test_awaited_training(self):
        self.interrupted("var run = start(1e8, 64); while (run.progress.step < 2) await pause(10); console.log('started'); await run.finished")
        self.eventually(lambda: self.run_cell("run.progress.state").result == "'stopped'", "the training has stopped")
        self.check("run.progress.step > 1", "true")

    def test_training_whose_single_step_is_long(self):
        self.interrupted("var slow = start(1e8, 5e5); await pause(500); console.log('started'); await slow.finished")
        self.eventually(lambda: self.run_cell("slow.progress.state").result == "'stopped'", "the training has stopped")

    def test_evaluation(self):
        code = """const done = evaluate({ members: grid({ seed: seeds(4) }), compute: ({ key }) => {
          let x = key.uniform([1024, 1024], -1, 1);
          for (let i = 0; i < 100; i++) x = x.matmul(x).mul(1e-2);
          return x.mean();
        } });
        await pause(500); console.log('started'); await done"""
        self.assertEqual(self.interrupted(code).reply["status"], "error")

    def test_reference_engine_blocks_the_main_thread(self):
        self.interrupted("var interpreted = start(1e6, 2000, 'reference'); await interpreted.finished")


if __name__ == "__main__":
    unittest.main()
