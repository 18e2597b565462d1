"""A folder of notebooks for the programs that run them."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

KERNEL = {"name": "phasebook", "display_name": "TypeScript (Phasebook)", "language": "typescript"}
LANGUAGE = {"name": "typescript", "file_extension": ".ts"}


def notebook(*cells):
    """A notebook of these cells, each a source or a cell."""
    code = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    return new_notebook(cells=code, metadata={"kernelspec": KERNEL, "language_info": LANGUAGE})


def outputs(cell):
    """The text of all outputs of a cell, in order."""
    return [output.get("text") or output.get("data", {}).get("text/plain") or output.get("ename") for output in cell["outputs"]]


class ClientCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="phasebook-clients-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else nbformat.writes(content), encoding="utf-8")
        return path

    def read(self, name):
        return nbformat.read(self.folder / name, as_version=4)

    def run_module(self, module, *arguments, status=0, **options):
        """Runs `python -m module` in the folder, and returns what it printed."""
        command = [sys.executable, "-m", module, *map(str, arguments)]
        done = subprocess.run(
            command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240, env=os.environ, **options
        )
        self.assertEqual(done.returncode, status, f"{' '.join(command)}\n{done.stdout}")
        return done.stdout
