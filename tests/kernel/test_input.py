"""Questions to the user: prompt, confirm, passwords; and no way to ask."""

import unittest

from kernel_case import TIMEOUT, KernelCase


class InputTests(KernelCase):
    def ask(self, code, answers):
        msg_id = self.send(code, allow_stdin=True)
        questions = []
        for answer in answers:
            questions.append(self.client.get_stdin_msg(timeout=TIMEOUT)["content"])
            self.client.input(answer)
        return self.finish(msg_id), questions

    def test_prompt(self):
        outcome, questions = self.ask("const name: string = prompt('Name?'); name + '!'", ["Ada é😀"])
        self.assertEqual(outcome.result, "'Ada é😀!'")
        self.assertEqual(questions, [{"prompt": "Name?", "password": False}])

    def test_password(self):
        _, questions = self.ask("prompt('Key:', { password: true })", ["secret"])
        self.assertEqual(questions, [{"prompt": "Key:", "password": True}])

    def test_confirm_asks_again(self):
        outcome, questions = self.ask("[confirm('Sure?'), confirm('Really?')]", ["y", "maybe", "N"])
        self.assertEqual(outcome.result, "[ true, false ]")
        self.assertEqual([q["prompt"] for q in questions], ["Sure? [y/n] ", "Really? [y/n] ", "Really? [y/n] "])

    def test_in_a_callback(self):
        outcome, _ = self.ask("await new Promise(resolve => setTimeout(() => resolve(prompt('later')), 5))", ["yes"])
        self.assertEqual(outcome.result, "'yes'")

    def test_interrupt_ends_the_waiting(self):
        msg_id = self.send("prompt('never answered')", allow_stdin=True)
        self.client.get_stdin_msg(timeout=TIMEOUT)
        self.manager.interrupt_kernel()
        self.assertEqual(self.finish(msg_id).reply["ename"], "KeyboardInterrupt")
        outcome, _ = self.ask("prompt('next')", ["fresh"])
        self.assertEqual(outcome.result, "'fresh'")

    def test_without_stdin(self):
        self.assertIn("front end", self.fail_cell("prompt('x')", allow_stdin=False).reply["evalue"])


if __name__ == "__main__":
    unittest.main()
