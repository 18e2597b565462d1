"""Interrupting cells whose work is done by the library's engines: their threads stop, and go on working afterwards."""

import time
import unittest

from kernel_case import KernelCase

SETUP = """
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
let keep = 5;
"""

USE = "const again = start(20, 16); await again.finished; again.progress.state"


class EngineTests(KernelCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client.execute_interactive(SETUP, output_hook=lambda message: None)

    def interrupt(self, code, after=0.5):
        outcome, seconds = super().interrupt(code, after)
        self.assertLess(seconds, 1)
        self.check("keep", "5")
        start = time.monotonic()
        self.check(USE, "'finished'")
        self.assertLess(time.monotonic() - start, 3)
        return outcome

    def test_awaited_training(self):
        self.interrupt("var run = start(1e8, 64); await run.finished")
        self.check("run.progress.state", "'stopped'")
        self.check("run.progress.step > 1", "true")

    def test_training_whose_single_step_is_long(self):
        self.interrupt("var slow = start(1e8, 5e5); await slow.finished")

    def test_evaluation(self):
        code = """await evaluate({ members: grid({ seed: seeds(4) }), compute: ({ key }) => {
          let x = key.uniform([1024, 1024], -1, 1);
          for (let i = 0; i < 100; i++) x = x.matmul(x).mul(1e-2);
          return x.mean();
        } })"""
        self.interrupt(code)

    def test_reference_engine_blocks_the_main_thread(self):
        self.interrupt("var interpreted = start(1e6, 2000, 'reference'); await interpreted.finished")


if __name__ == "__main__":
    unittest.main()
