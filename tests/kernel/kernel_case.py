"""A test case that talks to a real kernel through Jupyter's own client."""

import os
import tempfile
import time
import unittest
from collections import deque
from dataclasses import dataclass, field
from queue import Empty

from jupyter_client.manager import start_new_kernel

TIMEOUT = 60


@dataclass
class Outcome:
    """What one execution gave: the reply's content and the iopub messages between busy and idle."""

    reply: dict
    messages: list = field(default_factory=list)

    def of_type(self, msg_type):
        return [m["content"] for m in self.messages if m["msg_type"] == msg_type]

    @property
    def result(self):
        results = self.of_type("execute_result")
        return results[0]["data"]["text/plain"] if results else None

    def stream(self, name="stdout"):
        return "".join(c["text"] for c in self.of_type("stream") if c["name"] == name)

    @property
    def traceback(self):
        return "\n".join(self.reply["traceback"])

    def __str__(self):
        return "\n".join([f"reply: {self.reply}", *map(summary, self.messages)])


def summary(message):
    return f"{message['msg_type']}: {str(message['content'])[:2000]}"


class KernelCase(unittest.TestCase):
    """Starts one kernel for the class, in an empty folder."""

    environment: dict = {}
    first_cell = ""
    failed = False

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="phasebook-kernel-")
        cls.start()

    @classmethod
    def start(cls):
        cls.manager, cls.client = start_new_kernel(
            kernel_name="phasebook", cwd=cls.folder.name, env={**os.environ, "PHASEBOOK_TYPECHECK": "off", **cls.environment}
        )
        if cls.first_cell:
            cls.client.execute_interactive(cls.first_cell, output_hook=lambda message: None)

    @classmethod
    def stop(cls):
        cls.client.stop_channels()
        cls.manager.shutdown_kernel(now=True)

    @classmethod
    def tearDownClass(cls):
        cls.stop()
        cls.folder.cleanup()

    def setUp(self):
        self.left_out = deque()

    def run(self, result=None):
        """Runs the test; in a fresh kernel if the one before it failed, which may have left a cell running."""
        cls = type(self)
        if cls.failed:
            cls.stop()
            cls.start()
        count = len(result.failures) + len(result.errors)
        super().run(result)
        cls.failed = len(result.failures) + len(result.errors) > count
        return result

    def write(self, path, text):
        full = os.path.join(self.folder.name, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)

    def send(self, code, **options):
        return self.client.execute(code, **options)

    def finish(self, msg_id, timeout=TIMEOUT):
        """Waits for the reply and for the idle status of a request; what others send meanwhile waits for wait_for_output."""
        messages, others = [], deque()

        def is_idle(message):
            if message["parent_header"].get("msg_id") != msg_id:
                others.append(message)
                return False
            if message["msg_type"] not in ("status", "execute_input"):
                messages.append(message)
            return message["content"].get("execution_state") == "idle"

        self.wait_for_output(is_idle, timeout)
        self.left_out = others
        return Outcome(self.reply(msg_id), messages)

    def reply(self, msg_id, channel="shell", timeout=TIMEOUT):
        get = self.client.get_shell_msg if channel == "shell" else self.client.get_control_msg
        while True:
            message = get(timeout=timeout)
            if message["parent_header"].get("msg_id") == msg_id:
                return message["content"]

    def run_cell(self, code, timeout=TIMEOUT, **options):
        return self.finish(self.send(code, **options), timeout)

    def check(self, code, result, **options):
        """Runs a cell that must succeed, and compares the text of its value; None for a cell without one."""
        outcome = self.run_cell(code, **options)
        self.assertEqual(outcome.reply["status"], "ok", f"{code}\n{outcome}")
        self.assertEqual(outcome.result, result, f"{code}\n{outcome}")
        return outcome

    def fail_cell(self, code, ename=None, **options):
        outcome = self.run_cell(code, **options)
        self.assertEqual(outcome.reply["status"], "error", f"{code}\n{outcome}")
        if ename is not None:
            self.assertEqual(outcome.reply["ename"], ename, f"{code}\n{outcome}")
        return outcome

    def wait_for_output(self, predicate, timeout=TIMEOUT):
        """The first iopub message for which the predicate holds."""
        seen = []
        end = time.monotonic() + timeout
        while True:
            try:
                message = self.next_output(max(0, end - time.monotonic()))
            except Empty:
                self.fail("\n".join([f"what was waited for did not come within {timeout} s; instead:", *map(summary, seen[-50:])]))
            if predicate(message):
                return message
            seen.append(message)

    def next_output(self, timeout):
        """The next iopub message; first those that a finished request left out."""
        return self.left_out.popleft() if self.left_out else self.client.get_iopub_msg(timeout=timeout)

    def eventually(self, condition, description):
        """Asks until the condition holds."""
        end = time.monotonic() + TIMEOUT
        while not condition():
            self.assertLess(time.monotonic(), end, f"within {TIMEOUT} s: {description}")

    def interrupt(self, code):
        """Interrupts a cell when it has printed "started", as it does first of all unless its code says where."""
        msg_id = self.send(code if "'started'" in code else f"console.log('started'); {code}")
        self.wait_for_stream("started", msg_id)
        self.manager.interrupt_kernel()
        return self.finish(msg_id)

    def wait_for_stream(self, text, msg_id=None):
        """Waits until text is printed; by one request, where that is given."""
        return self.wait_for_output(
            lambda m: m["msg_type"] == "stream"
            and text in m["content"]["text"]
            and msg_id in (None, m["parent_header"].get("msg_id"))
        )

    def no_output(self, seconds=0.2):
        try:
            message = self.next_output(seconds)
        except Empty:
            return
        self.fail(f"unexpected message {message['msg_type']}: {message['content']}")
