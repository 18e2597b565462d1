"""Interrupts: every kind of stuck cell ends within a second, and the state is kept."""

import time
import unittest

from kernel_case import KernelCase

ENDLESS_WASM = (
    "new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1,"
    " 0, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11]))).exports.f()"
)

STUCK = {
    "synchronous loop": "while (true) {}",
    "await": "await new Promise(resolve => setTimeout(resolve, 30000))",
    "loop after an await": "await new Promise(resolve => setTimeout(resolve, 10)); while (true) {}",
    "timer callback": "setTimeout(() => { while (true) {} }, 10); await new Promise(() => {})",
    "microtasks": "await (async () => { while (true) await null })()",
    "callback": "[1, 2, 3].forEach(() => { while (true) {} })",
    "try and finally": "for (;;) { try { while (true) {} } catch {} finally {} }",
    "regular expression": "/^(a+)+$/.test('a'.repeat(40) + 'b')",
    "WebAssembly": ENDLESS_WASM,
    "Atomics.wait": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
    "printing loop": "for (;;) console.log('x')",
}


class InterruptTests(KernelCase):
    def interrupt(self, code, after=0.3):
        return super().interrupt(code, after)

    def test_stuck_cells(self):
        self.check("let keep = 5; keep", "5")
        for name, code in STUCK.items():
            with self.subTest(name):
                outcome, seconds = self.interrupt(code)
                self.assertEqual(outcome.reply["status"], "error")
                self.assertEqual(outcome.reply["ename"], "KeyboardInterrupt")
                self.assertLess(seconds, 1)
                self.check("keep + 1", "6")
                self.check("await keep", "5")

    def test_what_a_cell_waits_for_is_not_collected(self):
        litter = "const litter = setInterval(() => Array.from({ length: 3e5 }, () => ({})), 1)"
        self.check(f"let kept = 1; {litter}", None)
        for _ in range(2):
            outcome, _ = self.interrupt("await new Promise(() => {})", after=0.8)
            self.assertEqual(outcome.reply["ename"], "KeyboardInterrupt")
        self.check("clearInterval(litter); await new Promise(resolve => setTimeout(resolve, 5)); kept", "1")

    def test_signal_is_aborted_first_and_the_cell_may_end_by_itself(self):
        code = """
          const signal = globalThis[Symbol.for("phasebook.host")].interruptSignal;
          await new Promise(resolve => signal.addEventListener("abort", () => setTimeout(resolve, 20)));
          "kept what was computed"
        """
        outcome, seconds = self.interrupt(code)
        self.assertEqual(outcome.result, "'kept what was computed'")
        self.assertLess(seconds, 1)
        self.check('globalThis[Symbol.for("phasebook.host")].interruptSignal.aborted', "false")

    def test_cell_that_ignores_the_signal(self):
        outcome, seconds = self.interrupt(
            'globalThis[Symbol.for("phasebook.host")].interruptSignal; await new Promise(() => {})'
        )
        self.assertEqual(outcome.reply["ename"], "KeyboardInterrupt")
        self.assertLess(seconds, 1)

    def test_timers_of_the_interrupted_cell_stop(self):
        self.check("globalThis.ticks = 0", "0")
        self.interrupt("for (;;) { await new Promise(resolve => setTimeout(resolve, 5)); ticks++ }")
        before = self.run_cell("ticks").result
        time.sleep(0.1)
        self.check("ticks", before)
        self.assertGreater(int(before), 1)

    def test_waiting_cells_are_aborted(self):
        first = self.send("console.log('started'); while (true) {}")
        second = self.send("'must not run'")
        self.wait_for_stream("started")
        self.manager.interrupt_kernel()
        self.assertEqual(self.finish(first).reply["ename"], "KeyboardInterrupt")
        self.assertEqual(self.finish(second).reply["status"], "aborted")

    def test_idle_kernel_survives(self):
        self.check("let before = 1; before", "1")
        self.manager.interrupt_kernel()
        self.check("before", "1")

    def test_second_interrupt_of_native_code_restarts(self):
        self.check("let lost = 1; lost", "1")
        msg_id = self.send("console.log('started'); require('child_process').execSync('sleep 30')")
        self.wait_for_stream("started")
        self.manager.interrupt_kernel()
        time.sleep(1.2)
        start = time.monotonic()
        self.manager.interrupt_kernel()
        outcome = self.finish(msg_id)
        self.assertLess(time.monotonic() - start, 1)
        self.assertEqual(outcome.reply["ename"], "KeyboardInterrupt")
        self.assertIn("variables of all cells are gone", outcome.reply["evalue"])
        self.check("typeof lost", "'undefined'")


if __name__ == "__main__":
    unittest.main()
