"""A Jupyter client for `npm run bench -- kernel`: python kernel-client.py KERNEL

Starts the kernel and prints the milliseconds until the reply to its first cell, as JSON. Then answers each line on
stdin, {"do": NAME, ...}, with a line {"value": ...} or {"error": ...}. It reads jupyter_client's sockets itself, because
the client's own polling would take longer than some kernels.
"""

import json
import sys
import time

import psutil
import zmq
from jupyter_client.manager import KernelManager

# A kernel that has just bound its sockets is to be found at once.
context = zmq.Context()
context.reconnect_ivl = 5
began = time.perf_counter()
manager = KernelManager(kernel_name=sys.argv[1], context=context)
manager.start_kernel(stderr=sys.stderr)
client = manager.blocking_client()
client.start_channels()
iopub, shell = client.iopub_channel.socket, client.shell_channel.socket


class Silence(Exception):
    """The kernel did not answer in time."""


def receive(socket, parent, seconds):
    """The next message that answers `parent`: its type and its content, still as bytes."""
    end = time.perf_counter() + seconds
    while True:
        if not socket.poll(max(0, 1000 * (end - time.perf_counter()))):
            raise Silence(f"no answer within {seconds:g} s")
        frames = socket.recv_multipart()
        start = frames.index(b"<IDS|MSG>") + 2
        if parent in frames[start + 1]:
            return json.loads(frames[start])["msg_type"], frames[start + 3]


def run(code, seconds=100):
    """Milliseconds from request to idle, and the text that was printed."""
    start = time.perf_counter()
    parent = client.execute(code).encode()
    printed = []
    kind, content = receive(iopub, parent, seconds)
    while not (kind == "status" and b'"idle"' in content):
        if kind == "stream":
            printed.append(content)
        elif kind == "error":
            raise RuntimeError(json.loads(content)["evalue"])
        kind, content = receive(iopub, parent, seconds)
    elapsed = 1000 * (time.perf_counter() - start)
    receive(shell, parent, seconds)
    return elapsed, "".join(json.loads(content)["text"] for content in printed)


def cells(code, warm_up, count, limit):
    """Milliseconds of each of `count` cells, fewer if they take more than `limit` seconds."""
    end = time.perf_counter() + limit
    times = []
    for i in range(warm_up + count):
        if time.perf_counter() > end:
            break
        elapsed, _ = run(code)
        if i >= warm_up:
            times.append(elapsed)
    return times


def lines(code, last, limit):
    """Milliseconds until all lines have come."""
    elapsed, text = run(code, limit)
    if last not in text[-100:]:
        raise RuntimeError(f"the output ends with {text[-100:]!r}")
    return elapsed


def value(code):
    return float(run(code)[1])


def memory():
    """Megabytes of all processes of the kernel: resident, and with shared pages divided among their users."""
    kernel = psutil.Process(manager.provisioner.pid)
    uses = [process.memory_full_info() for process in [kernel, *kernel.children(recursive=True)]]
    return {"rss": sum(use.rss for use in uses) / 1e6, "pss": sum(use.pss for use in uses) / 1e6}


def settle(seconds):
    time.sleep(seconds)


def beside(code, request, ask, cursor, count, limit):
    """Milliseconds of each of `count` completions or inspections while the cell `code` runs."""
    send = client.complete if request == "complete" else client.inspect
    running = client.execute(code).encode()
    while b'"busy"' not in receive(iopub, running, limit)[1]:
        pass
    time.sleep(0.5)
    times = []
    for _ in range(count):
        start = time.perf_counter()
        _, content = receive(shell, send(ask, cursor).encode(), limit)
        times.append(1000 * (time.perf_counter() - start))
        reply = json.loads(content)
        if not (reply.get("matches") or reply.get("found")):
            raise RuntimeError(f"the answer to {ask!r} is empty")
    return times


def interrupts(code, count, limit):
    """Milliseconds from the interrupt of the cell `code` to idle, `count` times."""
    times = []
    for _ in range(count):
        running = client.execute(code).encode()
        while b'"busy"' not in receive(iopub, running, limit)[1]:
            pass
        time.sleep(0.3)
        start = time.perf_counter()
        manager.interrupt_kernel()
        while b'"idle"' not in receive(iopub, running, limit)[1]:
            pass
        times.append(1000 * (time.perf_counter() - start))
        receive(shell, running, limit)
    return times


def first_reply():
    parent = client.execute("1").encode()
    receive(shell, parent, 100)
    return 1000 * (time.perf_counter() - began)


def subscribe():
    """Runs cells until one is heard of: what a kernel publishes before the subscription reaches it is lost."""
    for _ in range(20):
        try:
            return run("1", 1)
        except Silence:
            pass
    raise Silence("nothing is published")


print(json.dumps(first_reply()), flush=True)
subscribe()
ACTIONS = {action.__name__: action for action in [cells, lines, value, memory, settle, beside, interrupts]}
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"value": ACTIONS[request.pop("do")](**request)}
    except Exception as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
client.stop_channels()
manager.shutdown_kernel(now=True)
