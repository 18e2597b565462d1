"""Messages that no client should send, through the kernel's real sockets: they run no code and break nothing.

PHASEBOOK_FUZZ_MESSAGES is their number (default 3000); PHASEBOOK_FUZZ_SEED makes them others.
"""

import hashlib
import hmac
import json
import os
import random
import socket
import stat
import unittest
import uuid

import zmq
from kernel_case import TIMEOUT, KernelCase

MESSAGES = int(os.environ.get("PHASEBOOK_FUZZ_MESSAGES", "3000"))
SEED = int(os.environ.get("PHASEBOOK_FUZZ_SEED", "1"))
CHANNELS = ("shell", "control", "stdin")
TYPES = (
    "execute_request complete_request inspect_request is_complete_request history_request kernel_info_request "
    "comm_info_request comm_open comm_msg comm_close input_reply interrupt_request debug_request "
    "unknown_request constructor __proto__ toString"
).split()
#: The cell that must never run.
CODE = "require('fs').appendFileSync('executed', 'x')"
FIELDS = (
    "silent store_history user_expressions allow_stdin stop_on_error cursor_pos detail_level hist_access_type "
    "output raw session start stop n pattern unique target_name comm_id data value"
).split()
DEEP = b'{"a":' * 20000 + b"1" + b"}" * 20000


class FuzzTests(KernelCase):
    @classmethod
    def start(cls):
        super().start()
        cls.random = random.Random(SEED)
        cls.context = zmq.Context()
        cls.key = cls.client.session.key
        cls.sockets = {}
        for channel in (*CHANNELS, "hb"):
            dealer = cls.context.socket(zmq.DEALER)
            dealer.linger = 0
            # The heart echoes whatever it is sent, and drops echoes that nobody takes.
            dealer.rcvhwm = 0
            dealer.connect(cls.client._make_url(channel))
            cls.sockets[channel] = dealer

    @classmethod
    def stop(cls):
        for dealer in cls.sockets.values():
            dealer.close()
        cls.context.term()
        super().stop()

    def tearDown(self):
        self.drain()
        self.assertFalse(os.path.exists(os.path.join(self.folder.name, "executed")), "a damaged message ran its code")
        self.assertTrue(self.manager.is_alive())
        self.check("6 * 7", "42")
        self.sockets["hb"].send_multipart([b"", b"alive"])
        replies = []
        while b"alive" not in replies:
            self.assertTrue(self.sockets["hb"].poll(5000), "the heart beats")
            replies = self.sockets["hb"].recv_multipart()

    def drain(self):
        """Waits until all that was sent before has been taken, and throws the answers away."""
        while self.sockets["hb"].poll(0):
            self.sockets["hb"].recv_multipart()
        for channel in CHANNELS:
            msg_id = uuid.uuid4().hex
            self.send_signed(channel, self.parts("kernel_info_request", {}, msg_id))
            while True:
                self.assertTrue(self.sockets[channel].poll(20000), f"{channel} answers")
                if msg_id.encode() in b"".join(self.sockets[channel].recv_multipart()):
                    break

    def parts(self, msg_type, content, msg_id=None):
        header = {"msg_id": msg_id or uuid.uuid4().hex, "msg_type": msg_type, "session": "s", "username": "u", "date": "", "version": "5.4"}
        return [json.dumps(part).encode() for part in (header, {}, {}, content)]

    def sign(self, parts):
        return hmac.new(self.key, b"".join(parts), hashlib.sha256).hexdigest().encode()

    def send_signed(self, channel, parts):
        self.sockets[channel].send_multipart([b"<IDS|MSG>", self.sign(parts[:4]), *parts])

    def noise(self, most=64):
        return self.random.randbytes(self.random.randrange(most))

    def damaged(self):
        """A message that would run the cell, with one thing wrong."""
        rng = self.random
        frames = [b"<IDS|MSG>", None, *self.parts("execute_request", {"code": CODE})]
        frames[1] = self.sign(frames[2:])
        index = rng.randrange(len(frames))
        kind = rng.randrange(6)
        if kind == 0:
            del frames[index]
        elif kind == 1:
            frames.insert(max(1, index), self.noise() + b"?")
        elif kind == 2:
            frames[index] = frames[index][: rng.randrange(len(frames[index]))]
        elif kind == 3:
            at = rng.randrange(len(frames[index]))
            frames[index] = frames[index][:at] + bytes([frames[index][at] ^ rng.randrange(1, 256)]) + frames[index][at + 1 :]
        elif kind == 4:
            frames[1] = rng.choice([b"", b"0" * 64, self.sign([b"other"]), self.sign(frames[2:]).upper(), self.noise()])
        else:
            frames = frames[: rng.randrange(len(frames))] * rng.randrange(1, 4) or [b""]
        return frames

    def value(self, depth=0):
        rng = self.random
        kinds = [None, True, -1, 1e308, 2**53, "", "x" * 100, "\ud800", "__proto__", self.noise().decode("latin1")]
        if depth < 3 and rng.random() < 0.4:
            return [self.value(depth + 1)] if rng.random() < 0.5 else {rng.choice(FIELDS): self.value(depth + 1)}
        return rng.choice(kinds)

    def test_damaged_and_random_frames(self):
        for i in range(MESSAGES):
            dealer = self.sockets[self.random.choice((*CHANNELS, "hb"))]
            if self.random.random() < 0.7:
                dealer.send_multipart(self.damaged())
            else:
                dealer.send_multipart([self.noise(300) for _ in range(self.random.randrange(1, 12))])
            if i % 500 == 499:
                self.drain()

    def test_signed_messages_with_wrong_contents(self):
        for i in range(MESSAGES // 6):
            msg_type = self.random.choice(TYPES)
            content = {name: self.value() for name in self.random.sample(FIELDS, self.random.randrange(6))}
            if msg_type == "execute_request":
                content["code"] = self.random.choice([None, 5, [CODE], {"code": CODE}])
            self.send_signed(self.random.choice(CHANNELS), self.parts(msg_type, content))
            if i % 100 == 99:
                self.drain()

    def test_signed_parts_that_are_no_objects(self):
        good = self.parts("execute_request", {"code": CODE})
        for part in (b"", b"null", b"[]", b"5", b'"text"', b"{", b"\xff\xfe", b'{"code":', DEEP[:-1], b"[" * 100000):
            for index in range(4):
                if index != 1:
                    self.send_signed("shell", [*good[:index], part, *good[index + 1 :]])
        for header in (b"{}", b'{"msg_id":"1"}', b'{"msg_id":1,"msg_type":"execute_request"}', b'{"msg_id":"1","msg_type":["execute_request"]}'):
            self.send_signed("shell", [header, *good[1:]])

    def test_deep_and_large(self):
        header, _, _, _ = self.parts("comm_info_request", {})
        for channel in CHANNELS:
            self.send_signed(channel, [header, b"{}", b"{}", DEEP])
            self.send_signed(channel, [header[:-1] + b',"deep":' + DEEP + b"}", b"{}", DEEP, b"{}"])
            self.send_signed(channel, self.parts("comm_msg", {"comm_id": DEEP.decode()[:1000], "data": {}})[:3] + [b'{"comm_id":"x","data":' + DEEP + b"}"])
            self.sockets[channel].send_multipart([b"<IDS|MSG>", b"0" * 64, bytes(1 << 26), b"{}", b"{}", b"{}"])
            self.sockets[channel].send_multipart([b"x"] * 5000)

    def test_a_message_sent_again(self):
        """Whoever records a message without knowing the key must not be able to run its code again."""
        parts = self.parts("execute_request", {"code": "require('fs').appendFileSync('replayed', 'x')"})
        for channel in ("shell", "shell", "control"):
            self.send_signed(channel, parts)
        self.drain()
        # Runs after it.
        self.check("1", "1")
        with open(os.path.join(self.folder.name, "replayed"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "x")

    def test_what_is_not_zeromq(self):
        claims_too_much = bytes([0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0]) + b"NULL".ljust(20, b"\0") + bytes(32) + b"\x02" + b"\x7f" * 8
        for port in ("shell_port", "control_port", "stdin_port", "iopub_port", "hb_port"):
            for data in (b"GET / HTTP/1.1\r\n\r\n", b"\x05" + self.noise(4000), bytes(64), claims_too_much):
                with socket.create_connection((self.manager.ip, getattr(self.manager, port)), timeout=TIMEOUT) as connection:
                    connection.sendall(data)

    def test_a_reply_for_requests_only(self):
        for msg_type in ("comm_msg", "comm_open", "comm_close", "input_reply"):
            self.send_signed("shell", self.parts(msg_type, {"comm_id": 5, "value": 5}))
        self.send_signed("shell", self.parts("inspect_request", {"code": 5}, "last"))
        answer = self.sockets["shell"].recv_multipart()
        self.assertIn(b"inspect_reply", b"".join(answer))
        self.assertIn(b'field \\"code\\" is 5; expected a string', b"".join(answer))


class PrivacyTests(KernelCase):
    def test_sockets_bind_where_the_connection_file_says(self):
        pid = self.manager.provisioner.process.pid
        inodes = {os.readlink(f"/proc/{pid}/fd/{fd}")[8:-1] for fd in os.listdir(f"/proc/{pid}/fd") if os.path.exists(f"/proc/{pid}/fd/{fd}")}
        listening = set()
        for table in ("tcp", "tcp6"):
            with open(f"/proc/{pid}/net/{table}", encoding="ascii") as file:
                rows = [line.split() for line in file.readlines()[1:]]
            listening |= {row[1] for row in rows if row[3] == "0A" and row[9] in inodes}
        ports = [getattr(self.manager, f"{name}_port") for name in ("shell", "control", "stdin", "iopub", "hb")]
        self.assertEqual(listening, {f"0100007F:{port:04X}" for port in ports})

    def test_the_key_stays_where_it_is(self):
        """The connection file keeps its mode; the key is in no other file, command line or environment."""
        path = self.manager.connection_file
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode) & 0o077, 0)
        self.check("1", "1")
        key = self.client.session.key
        front = self.manager.provisioner.process.pid
        evaluator = int(self.run_cell("process.pid").result)
        for pid in (front, evaluator):
            for name in ("cmdline", "environ"):
                with open(f"/proc/{pid}/{name}", "rb") as file:
                    self.assertNotIn(key, file.read())
        for folder, _, names in os.walk(self.folder.name):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertNotIn(key, file.read())
        shown = self.run_cell("JSON.stringify([process.argv, process.env, Object.keys(globalThis)])").result
        self.assertNotIn(key.decode(), shown)


if __name__ == "__main__":
    unittest.main()
