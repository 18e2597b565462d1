"""Mistakes in tensor programs: the error names the cell's own line, the operation and both shapes."""

import re
import unittest

from kernel_case import KernelCase

FIRST_CELL = """
import { adam, constant, grad, grid, input, scalar, scan, train, valueAndGrad, vmap, zeros } from "phasebook";
import type { Tensor } from "phasebook";
"""

MATMUL = """const x = zeros([4, 3]);
const w = zeros([2, 5]);

const y = x.matmul(w);"""

BROADCAST = """interface Layer {
  readonly bias: Tensor;
}
const layer: Layer = { bias: zeros([3]) };
function apply({ bias }: Layer, x: Tensor) {
  return x.add(bias);
}
apply(layer, zeros([8, 2]))"""

IN_LOSS = """train({
  members: grid({ seed: [0, 1] }),
  init: ({ key }) => ({ w: key.normal([3, 2]) }),
  loss: ({ w }, { key }) => {
    const x = key.normal([16, 4]);
    return x.matmul(w).square().mean();
  },
  optimizer: () => adam({ learningRate: 1e-3 }),
  steps: 10,
})"""

IN_SCAN = """const { carry } = scan(
  (h: Tensor, x: Tensor) => ({
    carry: h.mul(x),
  }),
  zeros([3]),
  zeros([5, 2]),
);"""

IN_VMAP = """const rows = zeros([6, 3]);
vmap((row: Tensor) =>
  row.concat([scalar(1)]))(rows)"""

NO_SCALAR = """const f = (x: Tensor) => x.square();
const first = 1;
grad(f)(constant([1, 2]))"""

NOT_DIFFERENTIABLE = """const step = (p: { threshold: Tensor }) =>
  constant([1, 2, 3]).less(p.threshold).cast("f32").sum();
const parameters = { threshold: scalar(2) };

valueAndGrad(step)(parameters)"""

CASES = [
    (MATMUL, 4, "ShapeError", ["matmul", "[4, 3]", "[2, 5]"]),
    (BROADCAST, 6, "ShapeError", ["add", "[8, 2]", "[3]"]),
    (IN_LOSS, 6, "ShapeError", ["matmul", "[16, 4]", "[3, 2]"]),
    (IN_SCAN, 3, "ShapeError", ["mul", "[3]", "[2]"]),
    (IN_VMAP, 3, "ShapeError", ["concat", "[3]", "[]"]),
    (NO_SCALAR, 3, "ShapeError", ["f32[2]", "Reduce it first"]),
    (NOT_DIFFERENTIABLE, 5, "DerivativeError", ['"threshold"', "only through less"]),
]


class ShapeErrorTests(KernelCase):
    first_cell = FIRST_CELL

    def test_errors_name_line_operation_and_shapes(self):
        for code, line, name, parts in CASES:
            with self.subTest(code):
                outcome = self.run_cell(code)
                reply = outcome.reply
                self.assertEqual((reply["status"], reply.get("ename")), ("error", name), str(outcome))
                for part in parts:
                    self.assertIn(part, reply["evalue"])
                # The innermost frame that is the cell's own, and that line of the source.
                place = re.search(r"Cell\[(\d+)\]:(\d+):", outcome.traceback)
                self.assertEqual(place and place.groups(), (str(reply["execution_count"]), str(line)), outcome.traceback)
                self.assertIn(f"> {line} |", outcome.traceback)
                self.assertEqual(outcome.stream("stderr"), "")


if __name__ == "__main__":
    unittest.main()
