"""The Node that runs cells: PHASEBOOK_NODE chooses it; of one that does not work the first cell tells, and runs."""

import os
import tempfile
import unittest

from kernel_case import KernelCase

#: The head of a program for another kind of processor.
FOREIGN = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xf3\x00" + bytes(44)

PROGRAMS = {
    "absent": None,
    "foreign": FOREIGN,
    "failing": b"#!/bin/sh\necho this is not Node >&2\nexit 3\n",
    "silent": b"#!/bin/sh\nexit 0\n",
    "old": b'#!/bin/sh\necho "node: bad option: $1" >&2\nexit 9\n',
}


class NodeTests(KernelCase):
    """Starts a kernel for each test."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="phasebook-kernel-")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def start_on(self, path):
        type(self).environment = {"PHASEBOOK_NODE": path}
        self.start()
        self.addCleanup(self.manager.shutdown_kernel, now=True)
        self.addCleanup(self.client.stop_channels)

    def program(self, name, content):
        path = os.path.join(self.folder.name, name)
        if content is not None:
            with open(path, "wb") as file:
                file.write(content)
            os.chmod(path, 0o755)
        return path

    def test_one_that_does_not_work(self):
        for name, content in PROGRAMS.items():
            with self.subTest(name):
                path = self.program(name, content)
                self.start_on(path)
                outcome = self.check("process.execPath !== '' && 6 * 7", "42")
                [notice] = [content["data"]["text/plain"] for content in outcome.of_type("display_data")]
                self.assertIn(f"Cells cannot run on {path}", notice)
                self.assertIn("PHASEBOOK_NODE", notice)
                self.assertEqual(outcome.stream("stderr"), "")
                self.assertEqual(self.check("1", "1").messages[0]["msg_type"], "execute_result")
                self.fail_cell("process.exit(1)", "EvaluatorExit")
                self.assertEqual(self.check("2", "2").of_type("display_data"), [])

    def test_reason(self):
        self.start_on(self.program("failing", PROGRAMS["failing"]))
        [notice] = self.run_cell("1").of_type("display_data")
        self.assertIn("exit code 3: this is not Node", notice["data"]["text/plain"])

    def test_one_that_works(self):
        node = os.environ["PHASEBOOK_NODE"]
        path = self.program("wrapper", f'#!/bin/sh\nexport WRAPPED=yes\nexec "{node}" "$@"\n'.encode())
        self.start_on(path)
        outcome = self.check("process.env.WRAPPED", "'yes'")
        self.assertEqual(outcome.of_type("display_data"), [])
        version = self.run_cell("process.versions.node").result.strip("'")
        self.assertIn(f"Node {version}", self.reply(self.client.kernel_info())["banner"])


if __name__ == "__main__":
    unittest.main()
