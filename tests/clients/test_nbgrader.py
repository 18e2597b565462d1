"""nbgrader grades what students hand in: its own program, with the settings that the kernel's documentation gives."""

import os
import re
import sqlite3
import unittest
from pathlib import Path

from client_case import ClientCase, notebook
from nbformat.v4 import new_code_cell
from traitlets.config import Config

from phasebook_kernel.nbgrader import configure

SETTINGS = "from phasebook_kernel.nbgrader import configure\nc = get_config()\nconfigure(c)\n"
TIMEOUT = 8


def cell(grade_id, source, points=0, solution=False):
    marks = {"schema_version": 3, "grade_id": grade_id, "grade": points > 0, "solution": solution, "locked": not solution, "task": False}
    if points > 0:
        marks["points"] = points
    return new_code_cell(source, metadata={"nbgrader": marks})


SOURCE = notebook(
    cell("imports", "import { tolerance } from './course.ts';\nconst near = (a: number, b: number) => Math.abs(a - b) < tolerance;"),
    cell("mean", "function mean(x: number[]): number {\n  /// BEGIN SOLUTION\n  return x.reduce((a, b) => a + b) / x.length;\n  /// END SOLUTION\n}", solution=True),
    cell("test-mean", "if (!near(mean([1, 2, 6]), 3)) throw new Error('mean([1, 2, 6]) is not 3');\n/// BEGIN HIDDEN TESTS\nif (!near(mean([5]), 5)) throw new Error('mean([5]) is not 5');\n/// END HIDDEN TESTS", 2),
    cell("partial", "// half of the credit for the right sign alone\nnear(mean([-1, -3]), -2) ? 1 : mean([-1, -3]) < 0 ? 0.5 : 0", 1),
    cell("test-after", "if (typeof mean !== 'function') throw new Error('no mean');", 1),
)

RIGHT = "function mean(x: number[]): number {\n  console.log('a word on stdout costs nothing');\n  return x.reduce((a, b) => a + b) / x.length;\n}"
SUBMISSIONS = {
    "right": RIGHT,
    "wrong": "function mean(x: number[]): number {\n  return x[0]!;\n}",
    "crashing": "function mean(x: number[]): number {\n  return process.exit(3);\n}",
    "looping": "function mean(x: number[]): number {\n  for (;;);\n}",
    "native": "function mean(x: number[]): number {\n  process.kill(process.pid, 'SIGSEGV');\n  return 0;\n}",
    "untouched": None,
}
EXPECTED = {
    "right": (2, 1, 1),
    # -1 has the right sign.
    "wrong": (0, 0.5, 1),
    # The process has ended, and with it the function.
    "crashing": (0, 0, 0),
    "looping": (0, 0, 1),
    "native": (0, 0, 0),
    "untouched": (0, 0, 1),
}


class NbgraderTests(ClientCase):
    def nbgrader(self, *arguments):
        return self.run_module("nbgrader", *arguments)

    def test_autograde(self):
        self.write("nbgrader_config.py", f"{SETTINGS}c.CourseDirectory.course_id = 'course'\nc.Execute.timeout = {TIMEOUT}\n")
        self.write("source/ps1/problem.ipynb", SOURCE)
        self.write("source/ps1/course.ts", "export const tolerance: number = 1e-9;\n")
        self.nbgrader("generate_assignment", "ps1")
        release = self.read("release/ps1/problem.ipynb")
        self.assertEqual(
            release.cells[1].source, "function mean(x: number[]): number {\n  // YOUR CODE HERE\n  throw new Error('not implemented');\n}"
        )
        self.assertNotIn("HIDDEN", release.cells[2].source)
        self.assertNotIn("mean([5])", release.cells[2].source)
        for student, answer in SUBMISSIONS.items():
            handed_in = self.read("release/ps1/problem.ipynb")
            if answer is not None:
                handed_in.cells[1].source = answer
            self.write(f"submitted/{student}/ps1/problem.ipynb", handed_in)
            self.write(f"submitted/{student}/ps1/course.ts", (self.folder / "source/ps1/course.ts").read_text())
        self.nbgrader("autograde", "ps1")
        self.assertEqual(self.grades(), EXPECTED)
        self.nbgrader("generate_feedback", "ps1")
        self.assertIn("mean([1, 2, 6]) is not 3", (self.folder / "feedback/wrong/ps1/problem.html").read_text())
        looped = self.read("autograded/looping/ps1/problem.ipynb").cells[2]
        self.assertIn("KeyboardInterrupt", [output.get("ename") for output in looped.outputs])

    def grades(self):
        """The automatic scores of each student's three graded cells, from nbgrader's own database."""
        database = sqlite3.connect(self.folder / "gradebook.db")
        rows = database.execute(
            """select student.id, base_cell.name, grade.auto_score
               from grade join base_cell on base_cell.id = grade.cell_id
               join submitted_notebook on submitted_notebook.id = grade.notebook_id
               join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
               join student on student.id = submitted_assignment.student_id"""
        ).fetchall()
        scores = {(student, name): score for student, name, score in rows}
        names = ("test-mean", "partial", "test-after")
        return {student: tuple(scores[student, name] for name in names) for student in SUBMISSIONS}

    def test_the_documented_settings_are_these(self):
        documentation = Path(os.environ["PHASEBOOK_ROOT"], "docs", "kernel.md").read_text(encoding="utf-8")
        [block] = [code for code in re.findall(r"```python\n(.*?)```", documentation, re.S) if "code_stub" in code]
        documented, shipped = Config(), Config()
        exec(block, {"get_config": lambda: documented})
        configure(shipped)
        self.assertEqual(documented, shipped)


if __name__ == "__main__":
    unittest.main()
