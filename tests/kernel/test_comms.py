"""Comms in both directions, with binary buffers."""

import unittest

from kernel_case import TIMEOUT, KernelCase

ECHO = """
const host = globalThis[Symbol.for("phasebook.host")];
host.registerCommTarget("echo", (comm, data, buffers) => {
  console.log("opened", JSON.stringify(data), buffers.length);
  comm.onMessage = (data, buffers) => comm.send({ echo: data }, buffers.map(buffer => buffer.map(byte => 255 - byte)));
  comm.onClose = data => console.log("closed", JSON.stringify(data));
});
"""


class CommTests(KernelCase):
    first_cell = ECHO

    def comm(self, msg_type, comm_id, data, buffers=None, **content):
        session = self.client.session
        message = session.msg(msg_type, {"comm_id": comm_id, "data": data, **content})
        session.send(self.client.shell_channel.socket, message, buffers=buffers)
        return message["header"]["msg_id"]

    def open(self, comm_id, target="echo", data=None):
        self.comm("comm_open", comm_id, data or {}, target_name=target)

    def info(self, **content):
        message = self.client.session.msg("comm_info_request", content)
        self.client.shell_channel.send(message)
        return self.reply(message["header"]["msg_id"])["comms"]

    def next_comm(self, msg_type, comm_id):
        return self.wait_for_output(lambda m: m["msg_type"] == msg_type and m["content"]["comm_id"] == comm_id)

    def test_echo_with_buffers(self):
        self.open("a", data={"figure": "f1"})
        self.wait_for_stream('opened {"figure":"f1"} 0')
        for size in (0, 1, 7, 1 << 20):
            payload = bytes(i % 251 for i in range(size))
            self.comm("comm_msg", "a", {"size": size}, [payload, b"xyz"])
            message = self.next_comm("comm_msg", "a")
            self.assertEqual(message["content"]["data"], {"echo": {"size": size}})
            self.assertEqual(bytes(message["buffers"][0]), bytes(255 - byte for byte in payload))
            self.assertEqual(bytes(message["buffers"][1]), bytes(255 - byte for byte in b"xyz"))

    def test_answers_name_the_message_that_they_answer(self):
        self.open("f")
        self.wait_for_stream("opened")
        msg_id = self.comm("comm_msg", "f", "question")
        answer = self.next_comm("comm_msg", "f")
        self.assertEqual(answer["parent_header"]["msg_id"], msg_id)
        # Only now is the kernel idle: what throttles itself by that, as widgets do, waits for the answer.
        self.wait_for_output(lambda m: self.is_idle(m, msg_id))
        self.run_cell("var last; host.registerCommTarget('late', comm => last = comm)")
        self.open("g", target="late")
        self.check("last.id", "'g'")
        sent = self.run_cell("last.send('by a cell')").of_type("comm_msg")
        self.assertEqual(sent, [{"comm_id": "g", "data": "by a cell"}])

    def test_an_interrupt_ends_the_handling_of_a_message(self):
        self.run_cell("host.registerCommTarget('loop', () => { console.log('started'); while (true); })")
        self.open("h", target="loop")
        self.wait_for_stream("started")
        self.manager.interrupt_kernel()
        self.wait_for_output(lambda m: m["parent_header"].get("msg_type") == "comm_open" and self.is_idle(m))
        self.check("1 + 1", "2")

    def is_idle(self, message, msg_id=None):
        parent = message["parent_header"].get("msg_id")
        return message["content"].get("execution_state") == "idle" and msg_id in (None, parent)

    def test_while_a_cell_awaits(self):
        msg_id = self.send("console.log('waiting'); await new Promise(resolve => globalThis.release = resolve)")
        self.wait_for_stream("waiting")
        self.open("b")
        self.comm("comm_msg", "b", 1)
        self.assertEqual(self.next_comm("comm_msg", "b")["content"]["data"], {"echo": 1})
        self.manager.interrupt_kernel()
        self.finish(msg_id)

    def test_messages_queue_while_a_cell_blocks(self):
        self.open("c")
        self.wait_for_stream("opened")
        msg_id = self.send("console.log('blocking'); { const end = Date.now() + 300; while (Date.now() < end); } 'done'")
        self.wait_for_stream("blocking")
        for i in range(5):
            self.comm("comm_msg", "c", i)
        # The echoes and the end of the cell may come in any order.
        echoes, ended = [], False
        while len(echoes) < 5 or not ended:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["msg_type"] == "comm_msg":
                echoes.append(message["content"]["data"]["echo"])
            ended |= message["content"].get("execution_state") == "idle" and message["parent_header"]["msg_id"] == msg_id
        self.assertEqual(echoes, list(range(5)))
        self.assertEqual(self.reply(msg_id)["status"], "ok")

    def test_close_by_the_front_end(self):
        self.open("d")
        self.wait_for_stream("opened")
        self.assertEqual(self.info(target_name="echo").get("d"), {"target_name": "echo"})
        self.assertEqual(self.info(target_name="other"), {})
        self.comm("comm_close", "d", {"why": "tab"})
        self.wait_for_stream('closed {"why":"tab"}')
        self.assertNotIn("d", self.info())

    def test_unknown_target_is_closed(self):
        self.open("e", target="nobody")
        self.next_comm("comm_close", "e")
        self.assertNotIn("e", self.info())

    def test_kernel_opens_and_closes(self):
        code = 'const own = host.openComm("front", { a: 1 }, [new Uint8Array([1, 2])], { v: "2" }); own.send("hello"); own.id'
        outcome = self.run_cell(code)
        comm_id = outcome.result.strip("'")
        opened, sent = [m for m in outcome.messages if m["msg_type"].startswith("comm")]
        self.assertEqual(opened["metadata"], {"v": "2"})
        self.assertEqual(opened["content"], {"comm_id": comm_id, "target_name": "front", "data": {"a": 1}})
        self.assertEqual(bytes(opened["buffers"][0]), b"\x01\x02")
        self.assertEqual(sent["content"], {"comm_id": comm_id, "data": "hello"})
        self.assertIn(comm_id, self.info())
        closed = self.run_cell("own.close({ bye: 1 })").of_type("comm_close")
        self.assertEqual(closed, [{"comm_id": comm_id, "data": {"bye": 1}}])
        self.assertNotIn(comm_id, self.info())
        self.fail_cell("own.send(1)", "Error")


if __name__ == "__main__":
    unittest.main()
