"""One ladybug Database a file a process, shared by threads and counted.

Measured on ladybug 0.22: a second Database on the same file in one process drops the lock when it
closes; after the rollback of a COPY the key index keeps entries of rows that are gone, and a
checkpoint then writes them to the file (or grows a shadow file without end). So a failed batch is
never rolled back in place: the Database is closed without a checkpoint and opened anew.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from graph.stores.lock import WAIT_SECONDS, StoreLock, held_by_this_process
from sellergraph.errors import StoreUnavailable

# Small enough for a laptop. It is what may be used, not what is: only a graph of millions of advertisements comes near
# the most, while it is resolved. Writing the sellers of a million accounts into a file of .7 GiB takes 1 GiB.
LEAST_POOL_BYTES, MOST_POOL_BYTES, OF_FILE = 512 << 20, 2048 << 20, 2


def pool_bytes(path: Path) -> int:
    """Size of the engine's buffer pool for the graph at `path`."""
    size = path.stat().st_size if path.exists() else 0
    return min(max(OF_FILE * size, LEAST_POOL_BYTES), MOST_POOL_BYTES)


# A checkpoint writes out all that was touched of the tables: 12 s after a thousand new advertisements in a graph of
# 1.3 GiB, whose log of 10 MiB takes 1.7 s to read at the next start. So a log of less than a hundredth of a large graph
# is left where it is; a small graph is one file.
LARGE_BYTES, LOG_OF_FILE = 256 << 20, 100
_RECOVERY = "checkpoint recovery is pending"
_FREED = threading.Condition(threading.RLock())
_HANDLES: dict[Path, Handle] = {}


class _NeedsRecovery(StoreUnavailable):
    """A writer was killed in the middle of a checkpoint; only a writer can finish it."""


class Handle:
    """An open Database with its file lock; `generation` grows when it is opened anew."""

    def __init__(self, path: Path, *, read_only: bool, seconds: float) -> None:
        self.path = path
        self.read_only = read_only
        self.users = 1
        self.generation = 0
        self.guard = threading.RLock()
        self.dirty = False
        self._lock = StoreLock(path, shared=read_only, seconds=seconds)
        try:
            self._open()
        except StoreUnavailable:
            self._lock.release()
            raise

    def _open(self) -> None:
        import ladybug

        try:
            self._database = ladybug.Database(
                self.path,
                buffer_pool_size=pool_bytes(self.path),
                read_only=self.read_only,
                throw_on_wal_replay_failure=True,
            )
            if not self.read_only:
                with ladybug.Connection(self._database) as link:
                    link.execute("CALL force_checkpoint_on_close=false")
        except (RuntimeError, OSError) as error:
            if _RECOVERY in str(error):
                raise _NeedsRecovery from error
            raise StoreUnavailable(f"cannot open the graph {self.path}: {' '.join(str(error).split())}") from error

    def connect(self) -> Any:
        """A new ladybug Connection; close it before the handle is released."""
        import ladybug

        return ladybug.Connection(self._database)

    def discard(self) -> None:
        """Forget everything that is not committed: close without a checkpoint and open anew."""
        self._database.close()
        self.generation += 1
        self._open()

    def _log_may_stay(self) -> bool:
        log, size = self.path.with_name(f"{self.path.name}.wal"), self.path.stat().st_size
        return size >= LARGE_BYTES and (not log.exists() or log.stat().st_size * LOG_OF_FILE < size)

    def shut(self) -> None:
        """Write what is in the log into the file unless that is not worth it, close, and let others in."""
        try:
            if self.dirty and not self._log_may_stay():
                with self.connect() as link:
                    link.execute("CHECKPOINT")
        except RuntimeError as error:
            raise StoreUnavailable(
                f"cannot tidy up {self.path} (is the disk full?), a later start will: {error}"
            ) from error
        finally:
            self._database.close()
            self._lock.release()


def acquire(path: Path, *, read_only: bool, seconds: float = WAIT_SECONDS) -> Handle:
    """Share this process's handle on the file, or open one; a writer waits for this process's readers.

    Raises:
        StoreLocked: another process, or a reader in this one, holds the file. StoreUnavailable: it cannot be opened.
    """
    key = path.resolve()
    until = time.monotonic() + seconds
    with _FREED:
        while (handle := _HANDLES.get(key)) is not None:
            if read_only or not handle.read_only:
                handle.users += 1
                return handle
            if not _FREED.wait(max(0.0, until - time.monotonic())) and time.monotonic() >= until:
                raise held_by_this_process(path, seconds)
        _HANDLES[key] = _opened(key, read_only, until)
        return _HANDLES[key]


def _opened(path: Path, read_only: bool, until: float) -> Handle:
    def attempt(shared: bool) -> Handle:
        return Handle(path, read_only=shared, seconds=max(0.0, until - time.monotonic()))

    try:
        return attempt(read_only)
    except _NeedsRecovery:
        writer = attempt(False)
        writer.dirty = True
        writer.shut()
        return attempt(read_only)


def release(handle: Handle) -> None:
    """Give a handle back; the last user closes the Database and lets the lock go."""
    with _FREED:
        handle.users -= 1
        if handle.users:
            return
        try:
            handle.shut()
        finally:
            _HANDLES.pop(handle.path, None)
            _FREED.notify_all()
