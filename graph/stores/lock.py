"""Several readers or one writer of the embedded graph, across processes.

The lock is filelock's ReadWriteLock, an SQLite file: the system frees it when its holder dies, on
Windows too. A small JSON file a holder says who it is, for the message when the wait is over.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import ReadWriteLock, Timeout

from sellergraph.errors import StoreLocked, StoreUnavailable

WAIT_SECONDS = 10.0
# Another command's read is over in this time; who waits longer should know why.
_PATIENCE = 1.0
# Without a handler Python prints warnings to stderr as they are.
_LOG = logging.getLogger(__name__)


class StoreLock:
    """Held from construction to `release`, by whichever thread calls that.

    Raises:
        StoreLocked: others held it for all of `seconds`. StoreUnavailable: the folder cannot be written.
    """

    def __init__(self, graph: Path, *, shared: bool, seconds: float = WAIT_SECONDS) -> None:
        self._graph = graph
        self._note = graph.with_name(f"{graph.name}.holder.{os.getpid()}.json")
        self._lock: ReadWriteLock | None = None
        if shared and not os.access(graph.parent, os.W_OK):
            # A case on a medium that cannot be written: nobody writes to it, and no lock could be kept there.
            return
        # Not the singleton: its hold would be bound to the thread that opened the store.
        try:
            self._lock = ReadWriteLock(graph.with_name(f"{graph.name}.lock"), is_singleton=False)
        except (OSError, sqlite3.Error, ValueError) as error:
            raise StoreUnavailable(f"cannot lock {graph}: {error}") from error
        try:
            self._acquire(self._lock, shared, seconds)
            self._write_note(shared)
        except Timeout as error:
            self._lock.close()
            raise StoreLocked(_held(graph, shared, seconds)) from error
        except (OSError, sqlite3.Error, ValueError) as error:
            # ValueError: the lock's file is a database of something else.
            self._lock.close()
            raise StoreUnavailable(f"cannot lock {graph}: {error}") from error

    def _acquire(self, lock: ReadWriteLock, shared: bool, seconds: float) -> None:
        """Wait in silence for a moment, then say for whom. Raises Timeout."""
        acquire = lock.acquire_read if shared else lock.acquire_write
        try:
            acquire(timeout=min(seconds, _PATIENCE))
        except Timeout:
            if seconds <= _PATIENCE:
                raise
            _LOG.warning("Waiting up to %.2g s for %s", seconds, _holders(self._graph))
            acquire(timeout=seconds - _PATIENCE)

    def _write_note(self, shared: bool) -> None:
        if not shared:
            # Nobody else can hold it now: these were left by processes that were killed.
            for stale in _notes(self._graph):
                stale.unlink(missing_ok=True)
        note = {
            "pid": os.getpid(),
            "command": " ".join(sys.argv) or "python",
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
            "mode": "reads" if shared else "writes",
        }
        self._note.write_text(json.dumps(note), encoding="utf-8")

    def release(self) -> None:
        """Let others in; safe to call twice."""
        if self._lock is not None:
            self._note.unlink(missing_ok=True)
            self._lock.close()


def held_by_this_process(graph: Path, seconds: float) -> StoreLocked:
    """The error of a writer that waited for readers inside its own process."""
    return StoreLocked(f"{graph} is being read by this same process and was not let go within {seconds:.2g} s")


def _held(graph: Path, shared: bool, seconds: float) -> str:
    wanted = "read" if shared else "write to"
    who = _holders(graph)
    return f"cannot {wanted} {graph}: {who}; waited {seconds:.2g} s. Close that program or try again later"


def _holders(graph: Path) -> str:
    return "; ".join(text for path in _notes(graph) if (text := _holder(path))) or "another process"


def _notes(graph: Path) -> list[Path]:
    return sorted(graph.parent.glob(f"{graph.name}.holder.*.json"))


def _holder(path: Path) -> str:
    """Say who wrote the note, or '' when its writer is gone (killed before it could remove it)."""
    try:
        note: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if not _alive(int(note["pid"])):
            path.unlink(missing_ok=True)
            return ""
        return f"process {note['pid']} ({note['command']}) {note['mode']} it since {note['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _alive(pid: int) -> bool:
    if sys.platform == "win32":
        # os.kill(pid, 0) would end the process there; a stale name in the message does less harm.
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
