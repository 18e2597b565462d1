"""Interrupts: every kind of stuck cell ends, and the state is kept. How fast is measured by bench/kernel."""

import os
import signal
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
    "loop after an await": "await new Promise(resolve => setTimeout(resolve, 10)); console.log('started'); while (true) {}",
    "timer callback": "setTimeout(() => { console.log('started'); while (true) {} }, 10); await new Promise(() => {})",
    "microtasks": "await (async () => { console.log('started'); while (true) await null })()",
    "callback": "[1, 2, 3].forEach(() => { console.log('started'); while (true) {} })",
    "try and finally": "for (;;) { try { while (true) {} } catch {} finally {} }",
    "regular expression": "/^(a+)+$/.test('a'.repeat(40) + 'b')",
    "WebAssembly": ENDLESS_WASM,
    "Atomics.wait": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
    "printing loop": "for (;;) console.log('x')",
}

BLOCKED = "console.log('started'); require('child_process').execSync('sleep {}')"


class InterruptTests(KernelCase):
    def interrupted(self, code):
        outcome = self.interrupt(code)
        self.assertEqual(outcome.reply.get("ename"), "KeyboardInterrupt", f"{code}\n{outcome}")
        self.assertNotIn("restarted", outcome.reply["evalue"], f"{code}\n{outcome}")

    def test_stuck_cells(self):
        self.check("let keep = 5; keep", "5")
        for name, code in STUCK.items():
            with self.subTest(name):
                self.interrupted(code)
                self.check("keep + 1", "6")
                self.check("await keep", "5")

    def test_what_a_cell_waits_for_is_not_collected(self):
        self.check("let kept = 1; const litter = setInterval(() => Array.from({ length: 3e5 }, () => ({})), 1)", None)
        for _ in range(2):
            self.interrupted("setTimeout(() => console.log('started'), 800); await new Promise(() => {})")
        self.check("clearInterval(litter); kept", "1")

    def test_signal_is_aborted_first_and_the_cell_may_end_by_itself(self):
        outcome = self.interrupt("""
          const signal = globalThis[Symbol.for("phasebook.host")].interruptSignal;
          await new Promise(resolve => {
            signal.addEventListener("abort", () => setTimeout(resolve, 20));
            console.log('started');
          });
          "kept what was computed"
        """)
        self.assertEqual(outcome.result, "'kept what was computed'", str(outcome))
        self.check('globalThis[Symbol.for("phasebook.host")].interruptSignal.aborted', "false")

    def test_cell_that_ignores_the_signal(self):
        self.interrupted('globalThis[Symbol.for("phasebook.host")].interruptSignal; console.log(\'started\'); await new Promise(() => {})')

    def test_timers_of_the_interrupted_cell_stop(self):
        self.check("globalThis.ticks = 0", "0")
        self.interrupted("for (;;) { await new Promise(resolve => setTimeout(resolve, 5)); if (++ticks === 3) console.log('started') }")
        before = self.run_cell("ticks").result
        self.check("await new Promise(resolve => setTimeout(resolve, 100)); ticks", before)

    def test_waiting_cells_are_aborted(self):
        first = self.send("console.log('started'); while (true) {}")
        second = self.send("'must not run'")
        self.wait_for_stream("started", first)
        self.manager.interrupt_kernel()
        self.assertEqual(self.finish(first).reply["ename"], "KeyboardInterrupt")
        self.assertEqual(self.finish(second).reply["status"], "aborted")

    def test_idle_kernel_survives(self):
        self.check("let before = 1; before", "1")
        for _ in range(5):
            self.manager.interrupt_kernel()
            self.check("before", "1")

    def test_cell_whose_types_are_being_checked(self):
        # Loading the checker takes long enough, unless the machine stops just then.
        for name in ("first", "second", "third", "fourth"):
            self.check("%typecheck off", None)
            msg_id = self.send(f"%typecheck error\nlet {name} = 1")
            self.wait_for_output(lambda m: m["msg_type"] == "execute_input" and m["parent_header"].get("msg_id") == msg_id)
            self.manager.interrupt_kernel()
            outcome = self.finish(msg_id)
            if outcome.reply["status"] == "error":
                break
        self.assertEqual(outcome.reply.get("ename"), "KeyboardInterrupt", str(outcome))
        self.check(f"%typecheck off\ntypeof {name}", "'undefined'")

    def test_signal_to_the_process_group(self):
        self.check("let group = 1; group", "1")
        msg_id = self.send("console.log('started'); while (true) {}")
        self.wait_for_stream("started", msg_id)
        os.killpg(self.manager.provisioner.pgid, signal.SIGINT)
        self.assertEqual(self.finish(msg_id).reply.get("ename"), "KeyboardInterrupt")
        self.check("group", "1")

    def test_cell_ends_when_native_code_returns(self):
        # Long enough for the control thread to try several times.
        self.interrupted(BLOCKED.format(0.7) + "; console.log('went on')")
        self.check("1", "1")

    def test_second_interrupt_of_native_code_restarts(self):
        self.check("let lost = 1; lost", "1")
        # Whatever is still to be heard of this one, it is not what the next cell waits for.
        self.manager.interrupt_kernel()
        msg_id = self.send(BLOCKED.format(60))
        self.wait_for_stream("started", msg_id)
        self.manager.interrupt_kernel()
        time.sleep(1.2)
        self.manager.interrupt_kernel()
        outcome = self.finish(msg_id)
        self.assertEqual(outcome.reply.get("ename"), "KeyboardInterrupt", str(outcome))
        self.assertIn("variables of all cells are gone", outcome.reply["evalue"])
        self.check("typeof lost", "'undefined'")

    def test_second_interrupt_that_follows_at_once_restarts_too(self):
        msg_id = self.send(BLOCKED.format(60))
        self.wait_for_stream("started", msg_id)
        self.manager.interrupt_kernel()
        self.manager.interrupt_kernel()
        outcome = self.finish(msg_id)
        self.assertIn("variables of all cells are gone", outcome.reply.get("evalue", ""), str(outcome))


if __name__ == "__main__":
    unittest.main()
