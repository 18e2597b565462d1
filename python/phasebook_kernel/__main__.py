"""Starts the kernel that this package carries: `python -m phasebook_kernel CONNECTION_FILE`."""

import os
import subprocess
import sys
from pathlib import Path

from .node import NodeNotFoundError, find_node

PACKAGE = Path(__file__).parent / "npm"


def kernel():
    """The program of kernel.json."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m phasebook_kernel CONNECTION_FILE (Jupyter starts kernels this way)")
    _become("kernel/main.js", sys.argv[1:])


def command():
    """The command `phasebook`."""
    _become("cli/main.js", sys.argv[1:])


def _become(program, arguments):
    """Turns this process into Node, so that signals and the process that Jupyter watches are the kernel's own."""
    try:
        argv = [find_node(), "--no-warnings", str(PACKAGE / "dist" / program), *arguments]
    except NodeNotFoundError as error:
        sys.exit(str(error))
    if os.name == "nt":
        sys.exit(subprocess.run(argv).returncode)
    os.execv(argv[0], argv)


if __name__ == "__main__":
    kernel()
