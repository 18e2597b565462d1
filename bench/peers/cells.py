"""A Jupyter client for `npm run bench -- kernels`: python cells.py KERNEL

Starts the kernel, runs one cell, prints "ready"; then answers each line on stdin, a cell, with the milliseconds from
sending it until the kernel is idle again.
"""

import json
import sys
import time

from jupyter_client.manager import start_new_kernel

manager, client = start_new_kernel(kernel_name=sys.argv[1])


def run(code):
    start = time.perf_counter()
    client.execute_interactive(code, output_hook=lambda message: None)
    return 1000 * (time.perf_counter() - start)


run("1")
print("ready", flush=True)
for line in sys.stdin:
    print(run(json.loads(line)), flush=True)
client.stop_channels()
manager.shutdown_kernel(now=True)
