"""What ends the evaluator must not end the kernel, and what ends the kernel must leave no process behind."""

import os
import signal
import time
import unittest

from jupyter_client.manager import start_new_kernel
from kernel_case import TIMEOUT, KernelCase


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_until_dead(pid, seconds=TIMEOUT):
    end = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not is_alive(pid)


class ResilienceTests(KernelCase):
    environment = {"PHASEBOOK_MEMORY_LIMIT_MB": "600"}

    def lose(self, code, ename, message):
        self.check("let kept = 1; kept", "1")
        outcome = self.fail_cell(code, ename)
        self.assertIn(message, outcome.reply["evalue"])
        self.assertIn("variables of all cells are gone", outcome.reply["evalue"])
        self.assertEqual(outcome.stream("stderr"), "")
        self.assertEqual(len(outcome.of_type("error")), 1)
        self.check("typeof kept", "'undefined'")
        self.check("console.log('prints again'); 1", "1")

    def test_exit(self):
        self.lose("process.exit(3)", "EvaluatorExit", "process.exit(3)")
        self.lose("setTimeout(() => process.exit(), 10); await new Promise(() => {})", "EvaluatorExit", "process.exit(0)")

    def test_killed(self):
        for signal in ["SIGKILL", "SIGTERM"]:
            self.connect_control_thread()
            self.lose(f"process.kill(process.pid, '{signal}'); for (;;);", "EvaluatorExit", signal)
        self.connect_control_thread()
        self.lose("process.kill(process.pid)", "EvaluatorExit", "SIGTERM")

    def test_signals_that_do_not_end(self):
        self.check("process.kill(process.pid, 0)", "true")
        self.check("const heard = new Promise(resolve => process.once('SIGTERM', resolve)); process.kill(process.pid, 15); await heard", "'SIGTERM'")
        self.fail_cell("process.kill(process.pid, 'SIGNONE')", "TypeError")

    def connect_control_thread(self):
        """Waits until the control thread has its inspector session with the main one: live values come through it."""
        self.run_cell("const holder: any = { liveName: 1 }")
        complete = lambda: self.reply(self.client.complete("holder.live"))["matches"]
        self.eventually(lambda: complete() == ["liveName"], "the control thread answers")

    def test_heap_limit(self):
        code = "const heap = []; for (;;) heap.push(new Array(1e5).fill({}))"
        self.lose(code, "MemoryLimitError", "600 MB")

    def test_typed_arrays_count(self):
        code = "const arrays = []; for (;;) { arrays.push(new Float64Array(1e6).fill(1)) }"
        self.lose(code, "MemoryLimitError", "600 MB")

    def test_restart_between_cells(self):
        self.run_cell("setTimeout(() => process.exit(7), 50)")
        message = self.wait_for_output(lambda m: m["msg_type"] == "error")
        self.assertIn("process.exit(7)", message["content"]["evalue"])
        self.check("1", "1")


class OrphanTests(unittest.TestCase):
    def start(self):
        manager, client = start_new_kernel(kernel_name="phasebook")
        pids = {}
        client.execute_interactive(
            "process.pid", output_hook=lambda m: pids.update(evaluator=int(m["content"]["data"]["text/plain"])) if m["msg_type"] == "execute_result" else None
        )
        return manager, client, pids["evaluator"]

    def test_nothing_remains_after_kill(self):
        manager, client, evaluator = self.start()
        client.execute("for (;;);")
        client.get_iopub_msg(timeout=TIMEOUT)
        os.kill(manager.provisioner.process.pid, signal.SIGKILL)
        self.assertTrue(wait_until_dead(evaluator))
        client.stop_channels()
        manager.cleanup_resources()

    def test_shutdown_and_restart(self):
        manager, client, evaluator = self.start()
        front = manager.provisioner.process.pid
        client.shutdown()
        reply = client.get_control_msg(timeout=TIMEOUT)
        self.assertEqual(reply["content"]["status"], "ok")
        self.assertTrue(wait_until_dead(front) and wait_until_dead(evaluator))
        client.stop_channels()
        manager.cleanup_resources()


if __name__ == "__main__":
    unittest.main()
