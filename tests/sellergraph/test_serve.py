"""The app starts on this machine only, answers, and stops with its command."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from sellergraph.case import create_case
from sellergraph.errors import UsageError
from sellergraph.serve import serve


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    settings = create_case(tmp_path / "case")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="in use; choose another with --port"):
            serve(settings, int(taken.getsockname()[1]))


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_stopping_the_command_stops_the_server(tmp_path: Path) -> None:
    settings, port = create_case(tmp_path / "case"), _free_port()
    command = [sys.executable, "-c", "from sellergraph.cli import main; main()", "app", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--case", str(settings.folder)], stderr=subprocess.PIPE, text=True, env=os.environ
    )
    with process:
        assert process.stderr is not None
        assert f"http://localhost:{port}" in process.stderr.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
            assert answer.read() == b"ok"
        children = psutil.Process(process.pid).children(recursive=True)
        listening = {c.laddr.ip for child in children for c in child.net_connections("tcp") if c.status == "LISTEN"}
        assert listening == {"127.0.0.1"}
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
    deadline = time.monotonic() + 10
    while any(child.is_running() for child in children) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [child for child in children if child.is_running()]
