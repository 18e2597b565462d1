"""A test case that talks to a real kernel through Jupyter's own client."""

import os
import tempfile
import time
import unittest
from dataclasses import dataclass, field
from queue import Empty

from jupyter_client.manager import start_new_kernel

TIMEOUT = 20


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


class KernelCase(unittest.TestCase):
    """Starts one kernel for the class, in an empty folder."""

    environment: dict = {}

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="phasebook-kernel-")
        cls.start()

    @classmethod
    def start(cls):
        cls.manager, cls.client = start_new_kernel(
            kernel_name="phasebook", cwd=cls.folder.name, env={**os.environ, "PHASEBOOK_TYPECHECK": "off", **cls.environment}
        )

    @classmethod
    def tearDownClass(cls):
        cls.client.stop_channels()
        cls.manager.shutdown_kernel(now=True)
        cls.folder.cleanup()

    def write(self, path, text):
        full = os.path.join(self.folder.name, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)

    def send(self, code, **options):
        return self.client.execute(code, **options)

    def finish(self, msg_id, timeout=TIMEOUT):
        """Waits for the reply and for the idle status of a request; messages of other requests are left out."""
        messages = []
        end = time.monotonic() + timeout
        while True:
            message = self.client.get_iopub_msg(timeout=end - time.monotonic())
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            if message["msg_type"] == "status":
                if message["content"]["execution_state"] == "idle":
                    break
            elif message["msg_type"] != "execute_input":
                messages.append(message)
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
        self.assertEqual(outcome.reply["status"], "ok", outcome.reply)
        self.assertEqual(outcome.result, result, code)
        return outcome

    def fail_cell(self, code, ename=None, **options):
        outcome = self.run_cell(code, **options)
        self.assertEqual(outcome.reply["status"], "error", code)
        if ename is not None:
            self.assertEqual(outcome.reply["ename"], ename)
        return outcome

    def wait_for_output(self, predicate, timeout=TIMEOUT):
        """The first iopub message for which the predicate holds."""
        end = time.monotonic() + timeout
        while True:
            message = self.client.get_iopub_msg(timeout=end - time.monotonic())
            if predicate(message):
                return message

    def interrupt(self, code, after):
        """Interrupts a cell so many seconds after it began: what came of it, and the seconds until its end."""
        msg_id = self.send(f"console.log('started'); {code}")
        self.wait_for_stream("started")
        time.sleep(after)
        start = time.monotonic()
        self.manager.interrupt_kernel()
        outcome = self.finish(msg_id)
        return outcome, time.monotonic() - start

    def wait_for_stream(self, text):
        return self.wait_for_output(lambda m: m["msg_type"] == "stream" and text in m["content"]["text"])

    def no_output(self, seconds=0.2):
        try:
            message = self.client.get_iopub_msg(timeout=seconds)
        except Empty:
            return
        self.fail(f"unexpected message {message['msg_type']}: {message['content']}")
