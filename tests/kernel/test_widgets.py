"""The Jupyter widgets' protocol, seen from the front end's side, and what a notebook that was run keeps of it."""

import struct
import unittest

import nbformat
from kernel_case import TIMEOUT, KernelCase
from nbclient import NotebookClient

CELL = """
import { widget } from "phasebook";
const shown = widget({ _esm: "export default {}", state: { count: 1, data: { points: new Float32Array([1, 2]), more: [new Uint8Array([7])] } } });
shown
"""


class WidgetTests(KernelCase):
    def open(self):
        outcome = self.run_cell(CELL)
        self.assertEqual(outcome.reply["status"], "ok", outcome)
        (self.opened,) = [m for m in outcome.messages if m["msg_type"] == "comm_open"]
        self.id = self.opened["content"]["comm_id"]
        return outcome

    def comm(self, data, buffers=None, comm_id=None, msg_type="comm_msg", **content):
        session = self.client.session
        message = session.msg(msg_type, {"comm_id": comm_id or self.id, "data": data, **content})
        session.send(self.client.shell_channel.socket, message, buffers=buffers)
        return message["header"]["msg_id"]

    def answer(self, msg_id):
        return self.wait_for_output(lambda m: m["msg_type"] == "comm_msg" and m["parent_header"]["msg_id"] == msg_id)

    def test_opens_and_shows(self):
        outcome = self.open()
        self.assertEqual(self.opened["metadata"], {"version": "2.1.0"})
        content = self.opened["content"]
        self.assertEqual(content["target_name"], "jupyter.widget")
        state = content["data"]["state"]
        self.assertEqual((state["_model_module"], state["_model_name"], state["_view_name"]), ("anywidget", "AnyModel", "AnyView"))
        self.assertEqual(state["data"], {"more": [None]})
        self.assertEqual(content["data"]["buffer_paths"], [["data", "points"], ["data", "more", 0]])
        self.assertEqual([bytes(b) for b in self.opened["buffers"]], [struct.pack("<2f", 1, 2), b"\x07"])
        (result,) = outcome.of_type("execute_result")
        view = {"version_major": 2, "version_minor": 1, "model_id": self.id}
        self.assertEqual(result["data"]["application/vnd.jupyter.widget-view+json"], view)
        self.assertIn("count: 1", result["data"]["text/plain"])

    def test_updates_are_echoed_and_heard(self):
        self.open()
        self.run_cell("shown.on('change:count', (now, before) => console.log('count', before, now));")
        points = struct.pack("<3f", 4, 5, 6)
        state, paths = {"count": 2, "data": {"more": []}}, [["data", "points"]]
        msg_id = self.comm({"method": "update", "state": state, "buffer_paths": paths}, [points])
        echo = self.answer(msg_id)
        self.assertEqual(echo["content"]["data"], {"method": "echo_update", "state": state, "buffer_paths": paths})
        self.assertEqual([bytes(b) for b in echo["buffers"]], [points])
        self.wait_for_stream("count 1 2")
        self.check("[shown.get('count'), shown.get('data').points]", "[ 2, Float32Array(3) [ 4, 5, 6 ] ]")

    def test_what_is_set_leaves_at_the_end_of_the_turn(self):
        self.open()
        sent = self.run_cell("shown.set('count', 3); shown.set({ count: 4 }); shown.set('count', 4);").of_type("comm_msg")
        self.assertEqual([s["data"] for s in sent], [{"method": "update", "state": {"count": 4}, "buffer_paths": []}])
        at_once = "shown.set('count', 5); shown.save_changes(); shown.set('count', 6); shown.send({ a: 1 }, [new Uint8Array([9])]);"
        messages = [m for m in self.run_cell(at_once).messages if m["msg_type"] == "comm_msg"]
        kinds = [(m["content"]["data"]["method"], m["content"]["data"].get("state"), [bytes(b) for b in m["buffers"]]) for m in messages]
        self.assertEqual(kinds, [("update", {"count": 5}, []), ("update", {"count": 6}, []), ("custom", None, [b"\x09"])])

    def test_state_on_request(self):
        self.open()
        update = self.answer(self.comm({"method": "request_state"}))
        self.assertEqual(update["content"]["data"]["method"], "update")
        self.assertEqual(update["content"]["data"]["state"]["count"], 1)
        self.comm({}, comm_id="control", msg_type="comm_open", target_name="jupyter.widget.control")
        states = self.answer(self.comm({"method": "request_states"}, comm_id="control"))
        data = states["content"]["data"]
        self.assertEqual(data["states"][self.id]["model_name"], "AnyModel")
        index = data["buffer_paths"].index([self.id, "state", "data", "points"])
        self.assertEqual(bytes(states["buffers"][index]), struct.pack("<2f", 1, 2))
        self.run_cell("shown.close()")
        states = self.answer(self.comm({"method": "request_states"}, comm_id="control"))
        self.assertNotIn(self.id, states["content"]["data"]["states"])
        self.fail_cell("shown.set('count', 1)", "Error")

    def test_custom_messages(self):
        self.open()
        self.run_cell("shown.on('msg:custom', (content, [bytes]) => console.log(content.say, bytes.getInt16(0)));")
        self.comm({"method": "custom", "content": {"say": "hello"}}, [b"\x01\x02"])
        self.wait_for_stream("hello 258")

    def test_widgets_in_the_state_of_others(self):
        self.open()
        self.run_cell(
            "const names = { _model_module: '@jupyter-widgets/controls', _model_module_version: '2.0.0', _model_name: 'VBoxModel' };"
            "const outer = widget({ ...names, state: { children: [shown] } });"
            "const other = widget({ _esm: 'export default {}', state: { inner: shown, layout: outer } });"
        )
        for name, key, expected in [("outer", "children", f"[ 'IPY_MODEL_{self.id}' ]"), ("other", "inner", f"'anywidget:{self.id}'")]:
            self.check(f"{name}.pack().state.{key}", expected)
        self.check("other.pack().state.layout === `IPY_MODEL_${outer.id}`", "true")

    def test_what_is_wrong_is_said(self):
        self.open()
        for value, message in [
            ("() => 1", 'The widget\'s state "count" is a function'),
            ("[new Map()]", 'The widget\'s state "count.0" is a Map'),
            ("undefined", 'The widget\'s state "count" is undefined'),
        ]:
            self.assertIn(message, self.fail_cell(f"shown.set('count', {value})", "TypeError").traceback)
        self.assertIn("no such file", self.fail_cell("widget({ _esm: 'missing.js' })").traceback)
        self.fail_cell("shown.on('change.count', () => 1)", "RangeError")
        self.comm({"method": "update", "state": {}, "buffer_paths": [["__proto__", "polluted"]]}, [b"x"])
        self.wait_for_output(lambda m: m["msg_type"] == "error" and "no place" in m["content"]["evalue"])
        self.check("({}).polluted", None)

    def test_a_notebook_that_was_run_holds_the_state(self):
        self.write("widget.css", ".a { color: red }")
        cell = nbformat.v4.new_code_cell("import { widget } from 'phasebook';\nwidget({ _esm: 'export default {}', _css: 'widget.css', state: { n: 5 } })")
        metadata = {"kernelspec": {"name": "phasebook", "display_name": "TypeScript"}}
        notebook = nbformat.v4.new_notebook(cells=[cell], metadata=metadata)
        client = NotebookClient(notebook, timeout=TIMEOUT, resources={"metadata": {"path": self.folder.name}})
        executed = client.execute()
        (saved,) = executed.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"].values()
        self.assertEqual((saved["model_name"], saved["state"]["n"], saved["state"]["_css"]), ("AnyModel", 5, ".a { color: red }"))


if __name__ == "__main__":
    unittest.main()
