"""Running cells: values, outputs, errors at exact positions, redeclarations, all of TypeScript."""

import unittest

from kernel_case import KernelCase


class ExecutionTests(KernelCase):
    def test_values(self):
        for code, result in {
            "1 + 1": "2",
            "undefined": None,
            "const a = 3": None,
            "let b = 4\nb": "4",
            "null": "null",
            "-0": "-0",
            "12n": "12n",
            "Symbol('s')": "Symbol(s)",
            "'é😀'": "'é😀'",
            "Promise.resolve(1)": "Promise { 1 }",
            "5 // comment": "5",
            "if (true) { 7 }": None,
            "for await (const x of (async function* () { yield 1 })()) b = x\nb": "1",
            "(await import('node:path')).sep": "'/'",
            "": None,
            "// only a comment": None,
            "({ a: 1 })": "{ a: 1 }",
        }.items():
            with self.subTest(code):
                self.check(code, result)

    def test_redeclarations_with_live_closures(self):
        self.check("let kind = 'let'; const read = () => kind; read()", "'let'")
        for code, result in {
            "const kind = 'const'; read()": "'const'",
            "var kind = 'var'; read()": "'var'",
            "function kind() {} read().name": "'kind'",
            "class kind {} read().name": "'kind'",
            "import kind from 'node:path'; typeof read().join": "'function'",
            "import * as kind from 'node:path'; typeof read().join": "'function'",
            "import { sep as kind } from 'node:path'; read()": "'/'",
            "enum kind { A } read().A": "0",
            "namespace kind { export const x = 5 } read().x": "5",
            "export const kind = 'exported'; read()": "'exported'",
            "for (var kind = 0; kind < 3; kind++); read()": "3",
            "if (true) { var { kind } = { kind: 'nested' } } read()": "'nested'",
            "let [kind] = ['pattern']; read()": "'pattern'",
            "var kind = 1; var kind = 2; read()": "2",
            "let kind = 'again'; read()": "'again'",
        }.items():
            with self.subTest(code):
                self.check(code, result)

    def test_functions_are_hoisted(self):
        self.check("twice(4)\nfunction twice(x: number): number { return 2 * x }", None)
        self.check("isEven(10)\n;function isEven(n) { return n === 0 || isOdd(n - 1) }\nfunction isOdd(n) { return n !== 0 && isEven(n - 1) }\nisEven(7)", "false")

    def test_all_of_typescript(self):
        for code, result in {
            "enum Color { Red, Green = 5 } Color[5]": "'Green'",
            "const enum Size { S = 1, L } Size.L": "2",
            "namespace Space { export namespace Inner { export const v = 3 } } Space.Inner.v": "3",
            "class Point { constructor(readonly x: number, private y = 2) {} sum() { return this.x + this.y } } new Point(1).sum()": "3",
            "function logged(value: Function, { name }: ClassMethodDecoratorContext) { return function () { return String(name) } }\nclass Decorated { @logged m() {} }\nnew Decorated().m()": "'m'",
            "const order: string[] = []; { using r = { [Symbol.dispose]() { order.push('disposed') } }; order.push('body') }\norder": "[ 'body', 'disposed' ]",
            "using held = { v: 5, [Symbol.dispose]() { console.log('gone') } }; held.v + 1": "6",
            "await using far = { async [Symbol.asyncDispose]() { await null; console.log('gone') } };\nconst kept = 7\nkept": "7",
            "using none = null; if (true) { 8 }": None,
            "kept": "7",
            "abstract class Shape<T extends object = {}> { abstract area(): number }\nclass Square extends Shape { area() { return 4 } }\nnew Square().area()": "4",
            "const satisfied = { a: 1 } satisfies Record<string, number>; satisfied!.a as unknown as number": "1",
            "const cast = <number>(5 as unknown); cast": "5",
            "function over(x: string): string\nfunction over(x: number): number\nfunction over(x: any) { return x }\nover(8)": "8",
            "declare const ghost: number; interface I { a: 1 } type T = I; 6": "6",
            "class Auto { accessor size = 3 } new Auto().size": "3",
            "import type { Stats } from 'node:fs'; import { type PathLike, existsSync } from 'node:fs'; existsSync('/')": "true",
            "const identity = <T,>(x: T): T => x; identity(1)": "1",
            "import legacy = require('node:path'); legacy.sep": "'/'",
        }.items():
            with self.subTest(code):
                self.check(code, result)

    def test_jsx(self):
        self.write("node_modules/react/jsx-runtime.js", "exports.jsx = (type, props) => ({ type, props })")
        self.write("node_modules/react/package.json", '{ "name": "react", "exports": { "./jsx-runtime": "./jsx-runtime.js" } }')
        self.check("const element = <b id={1 + 1}>text</b>; element", "{ type: 'b', props: { id: 2, children: 'text' } }")

    def test_exact_positions(self):
        self.check("const pad: string = 'é😀'; function bad(q: number): never {\n\n  throw new RangeError(`q ${q}`)\n}", None)
        count = self.run_cell("0").reply["execution_count"]
        traceback = self.fail_cell("/* 😀 */ const x: number = 1; bad(x)", "RangeError").traceback
        self.assertIn(f"at bad (Cell[{count - 1}]:3:9)", traceback)
        self.assertIn(f"at Cell[{count + 1}]:1:31", traceback)
        self.assertIn("> 3 |   throw new RangeError", traceback)
        self.assertNotIn("node:", traceback)
        self.assertNotIn("dist/kernel", traceback)
        for code, position in {
            "enum E { A }\nclass K { constructor(private x: number) {\n  if (x) throw new Error('k') } }\n    new K(1)": "3:16",
            "function f() { throw new Error('f') }\n  f()": "1:22",
            "import { sep } from 'node:path'; throw new Error(sep)": "1:40",
            "export const q: number = (() => { throw new Error() })()": "1:41",
            "await null\n  ;undefined.x": "2:14",
            "let twice = 1; let twice = 2": "1:20",
            "const text = `\n${1}` as string; null!.x": "2:24",
            "let a = 1 +": "1:12",
            "const b = {\n  c: )\n}": "2:6",
        }.items():
            with self.subTest(code):
                outcome = self.fail_cell(code)
                self.assertIn(f"Cell[{outcome.reply['execution_count']}]:{position}", outcome.traceback)

    def test_error_shape(self):
        outcome = self.fail_cell("const cause = new Error('inner'); throw new TypeError('outer', { cause })", "TypeError")
        self.assertEqual(outcome.reply["evalue"], "outer")
        [message] = outcome.of_type("error")
        for field in ("ename", "evalue", "traceback"):
            self.assertEqual(message[field], outcome.reply[field])
        self.assertIn("inner", outcome.traceback)
        self.assertEqual(self.fail_cell("throw 'text'").reply["evalue"], "'text'")
        self.fail_cell("await Promise.reject(new SyntaxError('mine'))", "SyntaxError")

    def test_streams_keep_their_order(self):
        outcome = self.run_cell("console.log('a'); console.error('b'); process.stdout.write('c'); display(1); console.log('d')")
        order = [m["content"].get("text", m["msg_type"]) for m in outcome.messages]
        self.assertEqual(order, ["a\n", "b\n", "c", "display_data", "d\n"])

    def test_output_of_child_processes(self):
        self.assertEqual(self.run_cell("require('child_process').execSync('echo child', { stdio: 'inherit' })").stream(), "child\n")

    def test_text_appears_before_a_long_computation(self):
        msg_id = self.send("for (let i = 0; i < 100; i++) console.log(i); { const end = Date.now() + 1500; while (Date.now() < end); } console.log('end')")
        seen = self.wait_for_stream("99\n")
        self.assertNotIn("end", seen["content"]["text"])
        self.assertEqual(self.finish(msg_id).stream(), "end\n")

    def test_many_lines(self):
        outcome = self.run_cell("for (let i = 0; i < 2e4; i++) console.log(i)")
        self.assertEqual(outcome.stream(), "".join(f"{i}\n" for i in range(20000)))

    def test_output_that_is_too_fast_keeps_its_end(self):
        outcome = self.run_cell("for (let i = 0; i < 1e6; i++) console.log(i); console.log('the end')", timeout=60)
        text = outcome.stream()
        self.assertTrue(text.startswith("0\n1\n2\n"))
        self.assertTrue(text.endswith("999998\n999999\nthe end\n"))
        self.assertRegex(text, r"\[… \d+ characters were printed too fast to be shown …\]")

    def test_late_output_belongs_to_its_cell(self):
        first = self.send("globalThis.later = () => { console.log('late'); Promise.reject(new Error('unhandled')); setTimeout(() => { throw new Error('thrown late') }, 5) }; const waiting = setInterval(() => { if (globalThis.go) { clearInterval(waiting); later() } }, 5); 1")
        self.finish(first)
        second = self.run_cell("console.log('second'); await new Promise(resolve => setTimeout(resolve, 50)); console.log('still second'); globalThis.go = true; 2")
        self.assertEqual(second.stream(), "second\nstill second\n")
        late = [self.wait_for_output(lambda m: m["msg_type"] in ("stream", "error")) for _ in range(3)]
        self.assertEqual({m["parent_header"]["msg_id"] for m in late}, {first})
        self.assertEqual([m["content"].get("evalue") for m in late], [None, "unhandled", "thrown late"])
        self.check("1", "1")

    def test_silent_and_history(self):
        count = self.run_cell("1").reply["execution_count"]
        silent = self.run_cell("console.log('x'); 5", silent=True)
        self.assertEqual((silent.result, silent.reply["execution_count"]), (None, count))
        unstored = self.run_cell("6", store_history=False)
        self.assertEqual((unstored.result, unstored.reply["execution_count"]), ("6", count))
        self.assertEqual(self.run_cell("7").reply["execution_count"], count + 1)

    def test_user_expressions(self):
        reply = self.run_cell("const seven = 7", user_expressions={"good": "seven * 6", "bad": "nowhere"}).reply
        self.assertEqual(reply["user_expressions"]["good"]["data"]["text/plain"], "42")
        self.assertEqual(reply["user_expressions"]["bad"]["ename"], "ReferenceError")

    def test_stop_on_error(self):
        fails = "await new Promise(resolve => setTimeout(resolve, 1000)); throw new Error('first')"
        ids = [self.send(fails), self.send("'second'")]
        self.assertEqual([self.finish(msg_id).reply["status"] for msg_id in ids], ["error", "aborted"])
        ids = [self.send(fails, stop_on_error=False), self.send("'second'")]
        self.assertEqual([self.finish(msg_id).reply["status"] for msg_id in ids], ["error", "ok"])

    def test_earlier_results(self):
        first = self.run_cell("'one'").reply["execution_count"]
        self.check("_ + '!'", "'one!'")
        self.check(f"_{first}", "'one'")
        self.check("[_, __, ___]", "[ 'one', 'one!', 'one' ]")
        self.check("undefined", None)
        self.check("_.length", "3")


class OwnGlobalsTests(KernelCase):
    def test_own_definitions_of_globals_break_nothing(self):
        self.check("class URL { own = 1 }\nfunction Event() {}\nconst process = 5, performance = 6, Map = 7, Error = 8, Promise = 9\nnew URL().own + process + Map", "13")
        self.check("import path from 'node:path'; path.basename('/a/b')", "'b'")
        self.check("await 5; console.log(new URL()); [new URL(), { Map, URL }.Map]", "[ URL { own: 1 }, 7 ]")
        self.check("new (require('node:url').URL)('http://a/b').pathname", "'/b'")
        self.assertIn("TypeError", self.fail_cell("null.x").reply["ename"])


if __name__ == "__main__":
    unittest.main()
