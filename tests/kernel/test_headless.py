"""What programs run: each cell's outputs have its type errors, by nbclient and by `nbconvert --execute`; `jupyter run`."""

import os
import subprocess
import sys
import tempfile
import unittest

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert.preprocessors import ExecutePreprocessor
from nbformat.v4 import new_code_cell, new_notebook

CELLS = [
    "interface Point { x: number }\nconst p: Point = { x: 1 };\np.x",
    "const bad: number = 'text';\nbad",
    "console.log('no problem'); p.x = 2",
    "await new Promise(resolve => setTimeout(resolve, 50)); p.y",
    "'last'; let z: number = 'q'",
]


def notebook(cells):
    return new_notebook(cells=[new_code_cell(cell) for cell in cells])


def problems(cell):
    texts = [output["data"]["text/plain"] for output in cell.outputs if output["output_type"] == "display_data"]
    return [text.split(":", 1)[0] + text[text.index(" TS") : text.index(" TS") + 7] for text in texts]


class HeadlessTests(unittest.TestCase):
    def setUp(self):
        # The suite's other cases run without the checker.
        before = os.environ.pop("PHASEBOOK_TYPECHECK", None)
        if before is not None:
            self.addCleanup(os.environ.__setitem__, "PHASEBOOK_TYPECHECK", before)

    def check(self, cells):
        expected = [[], ["Cell[2] TS2322"], [], ["Cell[4] TS2339"], ["Cell[5] TS2322"]]
        self.assertEqual([problems(cell) for cell in cells], expected)
        self.assertEqual([cell.outputs[0]["output_type"] for cell in cells[:3]], ["execute_result", "execute_result", "stream"])

    def test_nbclient(self):
        self.check(NotebookClient(notebook(CELLS), kernel_name="phasebook", timeout=60).execute().cells)

    def test_nbconvert(self):
        executed, _ = ExecutePreprocessor(kernel_name="phasebook", timeout=60).preprocess(notebook(CELLS))
        self.check(executed.cells)

    def test_jupyter_run(self):
        with tempfile.NamedTemporaryFile("w", suffix=".ts") as script:
            script.write("const x: number = 20;\nconsole.log('ran', await Promise.resolve(x + 1));\n")
            script.flush()
            command = [sys.executable, "-m", "jupyter_client.runapp", "--kernel", "phasebook", script.name]
            done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        self.assertEqual((done.returncode, done.stdout), (0, "ran 21\n"), done.stderr)

    def test_typecheck_error_ends_the_notebook(self):
        cells = notebook(["%typecheck error\nlet n = 1", "n = 'text'", "'never'"])
        with self.assertRaisesRegex(CellExecutionError, "TS2322"):
            NotebookClient(cells, kernel_name="phasebook", timeout=60).execute()
        self.assertEqual(cells.cells[2].outputs, [])

    def test_typecheck_off(self):
        cells = NotebookClient(notebook(["%typecheck off", CELLS[1]]), kernel_name="phasebook", timeout=60).execute().cells
        self.assertEqual([problems(cell) for cell in cells], [[], []])


if __name__ == "__main__":
    unittest.main()
