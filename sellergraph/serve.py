"""Start the Streamlit app for one case, and stop it when the command stops."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from sellergraph.case import Settings
from sellergraph.errors import UsageError
from sellergraph.output import say
from sellergraph.resources import data_path

ADDRESS = "127.0.0.1"
# A laptop's first start compiles Python files.
START_SECONDS = 60


def serve(settings: Settings, port: int) -> int:
    """Run the app until it ends or the command is stopped; return the exit code.

    Raises:
        UsageError: the port is taken.
    """
    _check_port(port)
    child = subprocess.Popen(_command(port), env=_environment(settings), stdout=subprocess.DEVNULL)
    with _stopping(child):
        if _answers(child, port):
            say(f"The app is at http://localhost:{port} (case {settings.folder}). Stop it with Ctrl-C.")
        return _exit_code(child)


def _command(port: int) -> list[str]:
    return [
        sys.executable, "-m", "streamlit", "run", str(data_path("app.py")),
        # On the command line: Streamlit reads its config.toml from the current folder only.
        f"--server.address={ADDRESS}", f"--server.port={port}", "--server.headless=true",
        "--browser.gatherUsageStats=false", "--server.fileWatcherType=none", "--client.toolbarMode=viewer",
        "--client.showErrorDetails=none", "--logger.level=error",
    ]  # fmt: skip


def _environment(settings: Settings) -> dict[str, str]:
    return os.environ | {"SELLERGRAPH_CASE": str(settings.folder.resolve()), "SELLERGRAPH_STORE": settings.store}


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        # As Streamlit's server does, or a port that closed a moment ago counts as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            raise UsageError(f"port {port} is in use; choose another with --port") from error


def _answers(child: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while child.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://{ADDRESS}:{port}/_stcore/health", timeout=2):
                return True
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)  # the server is still starting
    return False


@contextmanager
def _stopping(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """Whatever ends the command ends its child: SIGTERM is an exit that runs this clean-up (sellergraph.ending)."""
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _exit_code(child: subprocess.Popen[bytes]) -> int:
    try:
        return 0 if child.wait() == 0 else 2
    except KeyboardInterrupt:
        return 0
