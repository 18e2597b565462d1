"""Programs that run notebooks or talk to kernels, as their users start them."""

import json
import math
import unittest

from client_case import ClientCase, notebook, outputs
from nbformat.v4 import new_code_cell
from papermill.exceptions import PapermillException
from papermill.execute import parameterize_notebook  # noqa: F401 (loads the translators as papermill does)
from papermill.translators import translate_parameters

PARAMETERS = new_code_cell(
    "const epochs: number = 1; // how long\nlet name = 'none';\nconst rates: number[] = [];\nlet nested = {}, untouched = 7;",
    metadata={"tags": ["parameters"]},
)


class PapermillTests(ClientCase):
    def test_parameters(self):
        self.write("in.ipynb", notebook(PARAMETERS, "[epochs + 1, name, rates, nested, untouched]"))
        values = {"epochs": 20, "name": 'ünï "q" \\ ${x}\n', "rates": [0.1, 1e-7, True, None], "nested": {"__proto__": {"a": 1}, "b-c": "d"}}
        self.run_module("papermill", "in.ipynb", "out.ipynb", "--no-progress-bar", "-y", json.dumps(values).replace("1e-07", "1.0e-07"))
        done = self.read("out.ipynb")
        self.assertEqual(done.cells[1].metadata.tags, ["injected-parameters"])
        shown = r"""[
  21,
  'ünï "q" \\ ${x}\n',
  [ 0.1, 1e-7, true, null ],
  { ['__proto__']: { a: 1 }, 'b-c': 'd' },
  7
]"""
        self.assertEqual(outputs(done.cells[2]), [shown])

    def test_numbers_that_json_lacks_and_what_typescript_cannot_say(self):
        translate = lambda **values: translate_parameters("phasebook", "typescript", values)
        self.assertEqual(translate(a=-math.inf, b=math.nan, c=2**53 - 1), "// Parameters\nlet a = -Infinity;\nlet b = NaN;\nlet c = 9007199254740991;\n")
        with self.assertRaisesRegex(PapermillException, "no exact number of JavaScript"):
            translate(n=2**53)
        with self.assertRaisesRegex(PapermillException, '"learning-rate" is no name of a variable'):
            translate(**{"learning-rate": 1})

    def test_help_lists_the_notebooks_parameters(self):
        self.write("in.ipynb", notebook(PARAMETERS))
        shown = self.run_module("papermill", "--help-notebook", "in.ipynb")
        self.assertIn("epochs: number (default 1)", shown)
        self.assertIn("how long", shown)

    def test_a_cell_that_fails_ends_the_run(self):
        self.write("in.ipynb", notebook("throw new RangeError('no such epoch')", "'never'"))
        shown = self.run_module("papermill", "in.ipynb", "out.ipynb", "--no-progress-bar", status=1)
        self.assertIn("RangeError: no such epoch", shown)
        self.assertIn("RangeError", outputs(self.read("out.ipynb").cells[-2]))


class ConsoleTests(ClientCase):
    def test_jupyter_console(self):
        program = "let total: number = 0;\nfor (const i of [1, 2, 3]) total += i;\n`total ${total}`\n"
        shown = self.run_module("jupyter_console", "--kernel", "phasebook", "--simple-prompt", input=program)
        self.assertIn("Phasebook", shown)
        self.assertIn("'total 6'", shown)

    def test_jupyter_run(self):
        script = self.write("script.ts", "const x: number = 20;\nconsole.log('ran', await Promise.resolve(x + 1));\n")
        self.assertIn("ran 21\n", self.run_module("jupyter_client.runapp", "--kernel", "phasebook", script))


class NotebookTests(ClientCase):
    def test_nbconvert(self):
        self.write("a.ipynb", notebook("const x: number = 6;", "x * 7"))
        self.run_module("nbconvert", "--to", "notebook", "--execute", "--output", "done.ipynb", "a.ipynb")
        self.assertEqual(outputs(self.read("done.ipynb").cells[1]), ["42"])

    def test_exports_of_nbconvert(self):
        self.write("a.ipynb", notebook("const x: number = 6;", "x * 7"))
        self.run_module("nbconvert", "--to", "script", "a.ipynb")
        self.assertEqual((self.folder / "a.ts").read_text().split(), "const x: number = 6; x * 7".split())
        self.run_module("nbconvert", "--to", "html", "--output", "done.html", "a.ipynb")
        # The page colours TypeScript.
        self.assertTrue('<span class="kd">const</span>' in (self.folder / "done.html").read_text())

    def test_nbmake(self):
        self.write("good.ipynb", notebook("import { strict as assert } from 'node:assert';", "assert.equal(1 + 1, 2)"))
        self.write("bad.ipynb", notebook("import { strict as assert } from 'node:assert';", "assert.equal(1 + 1, 3)"))
        self.assertIn("1 passed", self.run_module("pytest", "-p", "no:cacheprovider", "--nbmake", "good.ipynb"))
        shown = self.run_module("pytest", "-p", "no:cacheprovider", "--nbmake", "bad.ipynb", status=1)
        self.assertIn("AssertionError", shown)

    def test_jupytext(self):
        script = "// %% [markdown]\n// # A title\n\n// %%\nconst x: number = 6;\n\n// %%\nconsole.log(x * 7);\n"
        self.write("a.ts", script)
        self.run_module("jupytext", "--to", "ipynb", "--set-kernel", "phasebook", "--execute", "a.ts")
        done = self.read("a.ipynb")
        self.assertEqual([cell.cell_type for cell in done.cells], ["markdown", "code", "code"])
        self.assertEqual((done.cells[0].source, outputs(done.cells[2])), ("# A title", ["42\n"]))
        self.run_module("jupytext", "--to", "ts:percent", "--opt", "notebook_metadata_filter=-all", "--output", "back.ts", "a.ipynb")
        self.assertEqual((self.folder / "back.ts").read_text().strip(), script.strip())


if __name__ == "__main__":
    unittest.main()
