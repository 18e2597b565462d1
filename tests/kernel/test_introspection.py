"""Completion, inspection, type errors, history and the pager."""

import unittest

from kernel_case import KernelCase


class IntrospectionTests(KernelCase):
    def complete(self, code, cursor=None):
        return self.reply(self.client.complete(code, cursor))

    def inspect(self, code, cursor=None):
        return self.reply(self.client.inspect(code, cursor))

    def complete_live(self, code, matches):
        """Completes from values. What does not come in time is left out: a busy machine is asked again."""
        self.eventually(lambda: self.complete(code)["matches"] == matches, f"{code} is completed by {matches}")

    def test_static_completion(self):
        reply = self.complete("const text = 'a'; text.toUpperC")
        self.assertEqual(reply["matches"], ["toUpperCase"])
        self.assertEqual((reply["cursor_start"], reply["cursor_end"]), (23, 31))
        self.assertIn("readFileSync", self.complete('import { readFileS } from "node:fs"', 18)["matches"])
        self.assertEqual(self.complete("display(Jupyter.cl")["matches"], ["clearOutput"])

    def test_names_of_earlier_cells(self):
        self.check("const alphaBeta: { inner: number } = { inner: 1 }; function alphaGamma() {}", None)
        self.assertEqual(set(self.complete("alphaB + alpha")["matches"]), {"alphaBeta", "alphaGamma"})
        self.assertEqual(self.complete("alphaBeta.in")["matches"], ["inner"])

    def test_code_points(self):
        code = "const a = '😀😀'; a.codeP; 1"
        reply = self.complete(code, code.index(";", 15))
        self.assertEqual(reply["matches"], ["codePointAt"])
        self.assertEqual(code[reply["cursor_start"] : reply["cursor_end"]], "codeP")

    def test_keys_known_only_at_run_time(self):
        self.check("const parsed = JSON.parse('{\"runtimeKey\": {\"deeper\": 1}}'); void (globalThis.madeUp = { madeField: 1 })", None)
        self.complete_live("parsed.run", ["runtimeKey"])
        self.complete_live("parsed.runtimeKey.d", ["deeper"])
        self.complete_live("madeUp.madeF", ["madeField"])
        self.check("globalThis.reads = 0; const lazy = { get field() { reads++; return { x: 1 } } }", None)
        self.complete("lazy.field.")
        self.check("reads", "0")

    def test_while_a_cell_computes(self):
        self.check("const busyKeys: any = { whileBusy: 1 }", None)
        self.complete("busyKeys.")
        for code in ("for (;;);", "await new Promise(() => {})", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)"):
            with self.subTest(code):
                msg_id = self.send(f"console.log('started'); {code}")
                self.wait_for_stream("started")
                for _ in range(5):
                    self.complete_live("busyKeys.wh", ["whileBusy"])
                    self.assertTrue(self.inspect("busyKeys", 3)["found"])
                self.manager.interrupt_kernel()
                self.finish(msg_id)

    def test_inspection(self):
        self.check("/** Doubles a number.\n * @param x What to double. */\nfunction double(x: number): number { return 2 * x }", None)
        data = self.inspect("double(1)", 3)["data"]
        self.assertIn("double(x: number): number", data["text/plain"])
        self.assertIn("Doubles a number.", data["text/markdown"])
        self.assertIn("```typescript", data["text/markdown"])
        self.assertIn("*@param* `x` — What to double.", data["text/markdown"])
        self.check("/** See {@link double}.\n * @example\n * half(2)\n */\nfunction half(x: number): number { return x / 2 }", None)
        markdown = self.inspect("half(1)", 3)["data"]["text/markdown"]
        self.assertIn("See `double`.", markdown)
        self.assertIn("*@example*\n\n```typescript\nhalf(2)\n```", markdown)
        self.assertIn("x: number", self.inspect("double(", 7)["data"]["text/plain"])
        self.check("const values = [1, 2, 3]", None)
        self.eventually(lambda: "(3) [1, 2, 3]" in self.inspect("values")["data"]["text/plain"], "the value is shown")
        self.assertEqual(self.inspect("noSuchNameAnywhere")["found"], False)

    def test_pager(self):
        payload = self.run_cell("Math.hypot?").reply["payload"]
        self.assertEqual(payload[0]["source"], "page")
        self.assertIn("hypot", payload[0]["data"]["text/plain"])

    def test_phasebook_types_from_any_folder(self):
        self.assertGreater(len(self.complete('import { } from "phasebook"', 9)["matches"]), 3)


class TypeCheckTests(KernelCase):
    environment = {"PHASEBOOK_TYPECHECK": "warn"}

    def next_problems(self, msg_id):
        message = self.wait_for_output(lambda m: m["msg_type"] == "display_data")
        self.assertEqual(message["parent_header"]["msg_id"], msg_id)
        return message["content"]["data"]["text/plain"]

    def test_warn(self):
        msg_id = self.send("const n: number =\n  'text'; n")
        self.assertEqual(self.finish(msg_id).result, "'text'")
        text = self.next_problems(msg_id)
        self.assertIn(":1:7 - error TS2322", text)
        self.assertIn("> 1 | const n: number =\n    |       ^", text)

    def test_later_cells_know_types(self):
        self.check("interface Point { x: number } const point: Point = { x: 1 }; class Base<T> { value!: T } enum Side { L, R }", None)
        msg_id = self.send("point.x = 'no'; const made: Base<Point> = new Base(); made.value.y; Side.L; point.x")
        self.finish(msg_id)
        text = self.next_problems(msg_id)
        self.assertIn(":1:1 - error TS2322", text)
        self.assertIn("TS2339", text)
        self.assertEqual(text.count(" - error "), 2)
        self.check("const point = 5; point + 1", "6")
        self.check("let point: string = 's'; point.length", "1")
        self.no_output(1)

    def test_names_of_browsers_are_unknown(self):
        msg_id = self.send("typeof document === 'undefined' ? 0 : document.title")
        self.assertEqual(self.finish(msg_id).result, "0")
        self.assertIn("Cannot find name 'document'", self.next_problems(msg_id))

    def test_modes(self):
        self.check("%typecheck error\nlet ran = 'before'; ran", "'before'")
        outcome = self.fail_cell("ran = 5", "TypeCheckError")
        self.assertIn(":1:1 - error TS2322", outcome.traceback)
        self.check("ran", "'before'")
        self.check("%typecheck off\n(ran as any) = 5; ran", "5")
        self.assertIn("off, warn or error", self.fail_cell("%typecheck maybe").reply["evalue"])
        self.check("%typecheck warn", None)


class TsconfigCheckTests(TypeCheckTests):
    """The same, beside a tsconfig.json that asks for less and for a browser's names."""

    @classmethod
    def start(cls):
        with open(f"{cls.folder.name}/tsconfig.json", "w", encoding="utf-8") as file:
            file.write('{ "compilerOptions": { "strict": false, "lib": ["esnext", "dom"] } }')
        super().start()

    def test_names_of_browsers_are_unknown(self):
        self.check("%typecheck error\nfunction title() { return document.title }", None)
        self.check("%typecheck warn", None)

    def test_options(self):
        self.check("%typecheck error\nfunction half(x) { return x / 2 }; const none: number = null; none", "null")
        self.check("%typecheck warn", None)


class HistoryTests(KernelCase):
    def history(self, **query):
        reply = self.reply(self.client.history(raw=True, output=False, **query))
        return [source for _session, _line, source in reply["history"]]

    def test_history_over_restarts(self):
        for code in ("1 // first", "2 // second", "1 // first", "3 // third"):
            self.run_cell(code)
        search = {"hist_access_type": "search", "pattern": "* // *", "n": 10}
        self.assertEqual(self.history(**search), ["1 // first", "2 // second", "1 // first", "3 // third"])
        self.assertEqual(self.history(**search, unique=True), ["2 // second", "1 // first", "3 // third"])
        self.client.stop_channels()
        self.manager.shutdown_kernel()
        self.start()
        self.assertEqual(self.history(hist_access_type="tail", n=2), ["1 // first", "3 // third"])
        self.assertEqual(self.history(hist_access_type="range", session=-1, start=2, stop=3), ["2 // second"])
        self.assertEqual(self.history(hist_access_type="range", session=0, start=1, stop=9), [])


if __name__ == "__main__":
    unittest.main()
