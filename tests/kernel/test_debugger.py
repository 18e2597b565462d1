"""The debugger, as JupyterLab's panel speaks to it: DAP in `debug_request` on the control channel, `debug_event` on iopub."""

import os
import unittest

from kernel_case import TIMEOUT, KernelCase

CELL = """interface Point { x: number; y: number }
const scale: number = 2;
function norm({ x, y }: Point): number {
  const square: number = x * x + y * y;
  return Math.sqrt(square) * scale;
}
let total = 0;
for (const point of [{ x: 3, y: 4 }, { x: 6, y: 8 }] as Point[]) {
  total += norm(point);
}
total"""


class DebuggerCase(KernelCase):
    def setUp(self):
        super().setUp()
        self.sequence = 0

    def send_request(self, command, **arguments):
        self.sequence += 1
        content = {"type": "request", "seq": self.sequence, "command": command, "arguments": arguments}
        message = self.client.session.msg("debug_request", content)
        self.client.control_channel.send(message)
        return message["header"]["msg_id"]

    def respond(self, command, **arguments):
        """The response to a request, whatever it is."""
        response = self.reply(self.send_request(command, **arguments), "control")
        self.assertEqual((response["type"], response["command"]), ("response", command), response)
        self.assertEqual(response["request_seq"], self.sequence)
        return response

    def request(self, command, **arguments):
        """The body of a response that must be a success."""
        response = self.respond(command, **arguments)
        self.assertTrue(response["success"], f"{command} {arguments}: {response}")
        return response["body"]

    def attach(self):
        self.request("initialize", clientID="test", adapterID="", linesStartAt1=True, columnsStartAt1=True, pathFormat="path")
        self.request("attach")
        self.addCleanup(self.detach)

    def detach(self):
        self.request("disconnect", restart=False, terminateDebuggee=False)

    def break_at(self, code, *lines):
        """Sets breakpoints in a cell; its path, and the lines where they are."""
        path = self.request("dumpCell", code=code)["sourcePath"]
        breakpoints = self.request(
            "setBreakpoints", source={"path": path}, breakpoints=[{"line": line} for line in lines], sourceModified=False
        )["breakpoints"]
        return path, [point["line"] if point["verified"] else None for point in breakpoints]

    def wait_for_event(self, event):
        message = self.wait_for_output(lambda m: m["msg_type"] == "debug_event" and m["content"]["event"] == event)
        return message["content"]["body"]

    def stopped(self, reason):
        body = self.wait_for_event("stopped")
        self.assertEqual((body["reason"], body["threadId"]), (reason, 1), body)
        return self.frames()

    def frames(self):
        return self.request("stackTrace", threadId=1)["stackFrames"]

    def where(self, frames=None):
        return [(frame["name"], frame["line"]) for frame in (self.frames() if frames is None else frames)]

    def scopes(self, frame):
        return {
            scope["name"]: {
                variable["name"]: variable["value"]
                for variable in self.request("variables", variablesReference=scope["variablesReference"])["variables"]
            }
            for scope in self.request("scopes", frameId=frame["id"])["scopes"]
        }

    def step(self, command="next"):
        self.request(command, threadId=1)
        return self.where(self.stopped("step"))

    def go_on(self, msg_id):
        self.request("continue", threadId=1)
        return self.finish(msg_id)


class DebuggerTests(DebuggerCase):
    def test_kernel_info(self):
        info = self.reply(self.client.kernel_info())
        self.assertTrue(info["debugger"])
        self.assertIn("debugger", info["supported_features"])

    def test_breakpoints_steps_and_variables(self):
        self.attach()
        path, lines = self.break_at(CELL, 4, 7)
        self.assertEqual(lines, [4, 7])
        info = self.request("debugInfo")
        self.assertTrue(info["isStarted"])
        self.assertEqual(info["breakpoints"], [{"source": path, "breakpoints": [{"line": 4}, {"line": 7}]}])
        self.assertTrue(path.startswith(info["tmpFilePrefix"]) and path.endswith(info["tmpFileSuffix"]), path)

        msg_id = self.send(CELL)
        frames = self.stopped("breakpoint")
        cell = frames[0]["source"]["name"]
        self.assertEqual(self.where(frames), [(cell, 7)])
        self.assertEqual(frames[0]["source"]["path"], path)
        self.assertEqual(self.request("debugInfo")["stoppedThreads"], [1])
        self.request("continue", threadId=1)
        self.wait_for_event("continued")

        frames = self.stopped("breakpoint")
        self.assertEqual(self.where(frames), [("norm", 4), (cell, 9)])
        self.assertEqual(frames[0]["column"], 26)  # x * x, behind the type
        scopes = self.scopes(frames[0])
        self.assertEqual([scopes["Locals"][name] for name in ("x", "y")], ["3", "4"])
        self.assertEqual((scopes["Notebook"]["scale"], scopes["Notebook"]["total"]), ("2", "0"))
        self.assertEqual(self.scopes(frames[1])["Locals"]["point"], "Object {x: 3, y: 4}")

        self.assertEqual(self.step(), [("norm", 5), (cell, 9)])
        self.assertEqual(self.scopes(self.frames()[0])["Locals"]["square"], "25")
        self.assertEqual(self.request("evaluate", expression="(square as number) + 1", frameId=1, context="repl")["result"], "26")
        self.assertFalse(self.respond("evaluate", expression="nobody", frameId=1)["success"])
        self.assertEqual(self.step("stepOut"), [(cell, 8)])
        self.request("setBreakpoints", source={"path": path}, breakpoints=[])
        outcome = self.go_on(msg_id)
        self.assertEqual(outcome.result, "30")
        self.assertEqual(self.request("debugInfo")["stoppedThreads"], [])

    def test_step_into_and_off_the_end(self):
        self.attach()
        code = "function twice(n: number) {\n  return 2 * n;\n}\nconst four = twice(2);\nawait Promise.resolve();\n'end' + four"
        self.break_at(code, 4)
        msg_id = self.send(code)
        cell = self.stopped("breakpoint")[0]["name"]
        self.assertEqual(self.step("stepIn")[0], ("twice", 2))
        self.assertEqual(self.step("stepOut")[0], (cell, 5))
        self.assertEqual(self.step()[0], (cell, 6))
        self.request("next", threadId=1)
        self.assertEqual(self.finish(msg_id).result, "'end4'")
        # A step that has left its cell does not stop the next one.
        self.check("const after = 1;\nafter", "1")

    def test_a_function_of_an_earlier_cell(self):
        self.check("const later = (n: number): number => {\n  const m = n + 1;\n  return m;\n};", None)
        self.attach()
        path, lines = self.break_at("const later = (n: number): number => {\n  const m = n + 1;\n  return m;\n};", 3)
        self.assertEqual(lines, [3])
        msg_id = self.send("// other cell\nlater(5)")
        frames = self.stopped("breakpoint")
        self.assertEqual(self.where(frames), [("later", 3), (frames[1]["name"], 2)])
        self.assertEqual(frames[0]["source"]["path"], path)
        self.assertEqual(self.go_on(msg_id).result, "6")

    def test_lines_without_code_and_cells_that_are_none(self):
        self.attach()
        code = "// nothing\ntype T = string;\n\nconst a: T = 'a';\n// end"
        self.assertEqual(self.break_at(code, 1, 4, 5)[1], [4, 4, None])
        self.assertEqual(self.break_at("const = ;", 1)[1], [None])
        self.assertIn("neither a cell nor a file", self.request("setBreakpoints", source={"path": "/no/such.ts"}, breakpoints=[{"line": 1}])["breakpoints"][0]["message"])

    def test_typescript_that_is_translated(self):
        self.attach()
        code = "enum Color { Red = 1, Green }\n\nclass Dot {\n  constructor(readonly color: Color) {}\n  name(): string {\n    const name = Color[this.color]!;\n    return name;\n  }\n}\nnew Dot(Color.Green).name()"
        self.assertEqual(self.break_at(code, 7)[1], [7])
        msg_id = self.send(code)
        frames = self.stopped("breakpoint")
        self.assertEqual(self.where(frames), [("name", 7), (frames[1]["name"], 10)])
        scopes = self.scopes(frames[0])
        self.assertEqual((scopes["Locals"]["name"], scopes["Locals"]["this"]), ('"Green"', "Dot {color: 2}"))
        self.assertEqual(self.go_on(msg_id).result, "'Green'")

    def test_local_file(self):
        self.write("helper.ts", "export type N = number;\n\nexport function half(n: N): N {\n  const h: N = n / 2;\n  return h;\n}\n")
        path = os.path.join(os.path.realpath(self.folder.name), "helper.ts")
        self.attach()
        # A function's first line is no place to stop at: the module has it before it runs.
        set_at = lambda *lines: [b["line"] for b in self.request("setBreakpoints", source={"path": path}, breakpoints=[{"line": line} for line in lines])["breakpoints"]]
        self.assertEqual(set_at(3), [4])
        self.assertEqual(set_at(5), [5])
        msg_id = self.send("import { half } from './helper.ts';\nhalf(5)")
        frames = self.stopped("breakpoint")
        self.assertEqual(self.where(frames), [("half", 5), (frames[1]["name"], 2)])
        self.assertEqual((frames[0]["source"]["path"], self.scopes(frames[0])["Locals"]["h"]), (path, "2.5"))
        self.assertIn("const h: N", self.request("source", source={"path": path})["content"])
        self.assertIn(path, [module["path"] for module in self.request("modules")["modules"]])
        self.assertEqual(self.go_on(msg_id).result, "2.5")
        # After an edit the breakpoint keeps its line, in the module that is loaded anew.
        self.write("helper.ts", "export enum E { A }\nexport type N = number;\nexport function half(n: N): N {\n  const h: N = n / 2 + E.A;\n  return h;\n}\n")
        msg_id = self.send("import { half as again } from './helper.ts';\nagain(6)")
        self.assertEqual(self.where(self.stopped("breakpoint"))[0], ("half", 5))
        self.assertEqual(self.go_on(msg_id).result, "3")

    def test_interrupt_while_paused(self):
        self.attach()
        for code in "let i = 0;\nfor (;;) {\n  i++;\n}", "await new Promise(r => setTimeout(r, 1));\nlet i = 0;\nfor (;;) i++;", "await new Promise(resolve => setTimeout(() => {\n  let i = 0;\n  for (;;) i++;\n}, 1));":
            with self.subTest(code):
                self.break_at(code, 3)
                msg_id = self.send(code)
                self.stopped("breakpoint")
                self.manager.interrupt_kernel()
                self.assertEqual(self.finish(msg_id).reply["ename"], "KeyboardInterrupt")
                self.wait_for_event("continued")
        self.check("typeof i", "'number'")

    def test_exceptions(self):
        self.attach()
        caught = "try {\n  JSON.parse('{');\n} catch {}\nasync function fails() {\n  await null;\n  throw new RangeError('late');\n}\n"
        inside = caught + "try {\n  await fails();\n} catch {}\n'passed'"
        self.request("setExceptionBreakpoints", filters=["uncaught"])
        self.check(inside, "'passed'")
        for code, line in (caught + "await fails();", 6), (caught + "function now(): never {\n  throw new TypeError('now');\n}\nnow();", 9):
            msg_id = self.send(code)
            body = self.wait_for_event("stopped")
            self.assertEqual(body["reason"], "exception")
            self.assertEqual(self.frames()[0]["line"], line)
            self.assertIn(body["text"], ("RangeError: late", "TypeError: now"))
            self.assertEqual(self.go_on(msg_id).reply["status"], "error")
        self.request("setExceptionBreakpoints", filters=["all"])
        msg_id = self.send(inside)
        self.assertEqual([(self.stopped("exception")[0]["line"], self.request("continue", threadId=1))[0] for _ in range(2)], [2, 6])
        self.assertEqual(self.finish(msg_id).result, "'passed'")
        self.request("setExceptionBreakpoints", filters=[])
        self.check(inside, "'passed'")

    def test_variables_of_all_cells(self):
        self.check("let count = 3; const big = new Float64Array(12345).fill(0.5); const list = new Map([['a', { deep: [1] }]]); const URL = 'mine'; globalThis.shared = 1n", "1n")
        self.attach()
        variables = {variable["name"]: variable for variable in self.request("inspectVariables")["variables"]}
        values = {name: variable["value"] for name, variable in variables.items()}
        self.assertEqual((values["count"], values["URL"], values["shared"]), ("3", '"mine"', "1n"))
        self.assertFalse({"$$cell", "_", "console", "process", "URL$cell"} & set(values), values)
        open_up = lambda variable: self.request("variables", variablesReference=variable["variablesReference"])["variables"]
        ranges = open_up(variables["big"])
        self.assertEqual([ranges[0]["name"], ranges[-1]["name"], len(ranges)], ["[0 … 9999]", "[10000 … 12344]", 2])
        inner = open_up(ranges[1])
        self.assertEqual([inner[-1]["name"], len(inner)], ["[12300 … 12344]", 24])
        self.assertEqual([(v["name"], v["value"]) for v in open_up(inner[-1])][-1], ("12344", "0.5"))
        [entries] = [v for v in open_up(variables["list"]) if v["name"] == "[[Entries]]"]
        self.assertIn("a", open_up(entries)[0]["value"])
        data = self.request("richInspectVariables", variableName="big")["data"]
        self.assertIn("text/plain", data)
        self.assertEqual(self.request("richInspectVariables", variableName="URL")["data"], {"text/plain": "'mine'"})

    def test_copy_to_globals_and_rich_values_of_a_frame(self):
        self.attach()
        code = "function hidden() {\n  const secret = { html: 1, [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<b>1</b>' }) };\n  return secret.html;\n}\nhidden()"
        self.break_at(code, 3)
        msg_id = self.send(code)
        self.stopped("breakpoint")
        self.assertEqual(self.request("richInspectVariables", variableName="secret", frameId=1)["data"], {"text/html": "<b>1</b>"})
        self.request("copyToGlobals", srcVariableName="secret", dstVariableName="found", srcFrameId=1)
        self.go_on(msg_id)
        self.check("found.html", "1")

    def test_output_before_a_pause_is_shown_in_it(self):
        self.attach()
        code = "for (let i = 0; i < 200; i++) console.log('line', i);\nconst x = 1;"
        self.break_at(code, 2)
        msg_id = self.send(code)
        seen = set()

        def both(message):
            if message["msg_type"] == "stream" and "line 199" in message["content"]["text"]:
                seen.add("text")
            if message["msg_type"] == "debug_event" and message["content"]["event"] == "stopped":
                seen.add("stop")
            return len(seen) == 2

        self.wait_for_output(both)
        self.go_on(msg_id)

    def test_disconnect_while_paused_and_attach_again(self):
        self.attach()
        code = "let n = 1;\nn += 1;\nn"
        self.break_at(code, 2)
        msg_id = self.send(code)
        self.stopped("breakpoint")
        self.detach()
        self.assertEqual(self.finish(msg_id).result, "2")
        self.assertEqual(self.request("debugInfo")["breakpoints"], [])
        self.check(code, "2")
        self.request("attach")
        self.check(code, "2")
        self.break_at(code, 3)
        msg_id = self.send(code)
        self.assertEqual(self.where(self.stopped("breakpoint"))[0][1], 3)
        self.assertEqual(self.go_on(msg_id).result, "2")

    def test_evaluator_that_ends_keeps_its_debugger(self):
        self.attach()
        code = "const one = 1;\none"
        self.break_at(code, 2)
        self.fail_cell("process.exit(1)", "EvaluatorExit")
        msg_id = self.send(code)
        self.stopped("breakpoint")
        self.assertEqual(self.go_on(msg_id).result, "1")

    def test_state_before_attach(self):
        # JupyterLab asks for the state while it starts, and would take one from before `attach` for the last word.
        self.assertFalse(self.request("debugInfo")["isStarted"])
        self.request("initialize")
        self.assertTrue(self.request("debugInfo")["isStarted"])
        self.request("inspectVariables")
        self.request("disconnect")
        self.assertFalse(self.request("debugInfo")["isStarted"])

    def test_pause_of_a_loop(self):
        self.attach()
        msg_id = self.send("let spin = true, turns = 0;\nwhile (spin) {\n  turns++;\n}\n'out'")
        self.wait_for_output(lambda m: m["msg_type"] == "execute_input")
        self.eventually(lambda: "turns" in [v["name"] for v in self.request("inspectVariables")["variables"]], "the loop runs")
        self.request("pause", threadId=1)
        self.assertIn(self.stopped("pause")[0]["line"], (2, 3, 4))
        self.request("evaluate", expression="spin = false", frameId=1)
        self.assertEqual(self.go_on(msg_id).result, "'out'")

    def test_requests_that_are_refused(self):
        self.assertIn("not attached", self.respond("setBreakpoints", source={"path": "a"})["message"])
        self.attach()
        for command, message in ("launch", "does not know"), ("next", "not paused"), ("dumpCell", '"code"'), ("scopes", "no frame"):
            response = self.respond(command)
            self.assertFalse(response["success"])
            self.assertIn(message, response["message"])


if __name__ == "__main__":
    unittest.main()
