"""What was read in the pictures and videos of a case: identical bytes are read once in its life."""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

_TABLE = """
CREATE TABLE IF NOT EXISTS reading (
    digest TEXT, reader TEXT, content TEXT NOT NULL, PRIMARY KEY (digest, reader)
) WITHOUT ROWID
"""
# Another process writes for milliseconds.
_WAIT_SECONDS = 30.0


class Readings:
    """A table on disk by (SHA-256 of the bytes, name of the reader with its version); several processes may use it.

    It only saves time: without it, or when it is damaged (it is then removed) or cannot be written, all is
    read again.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._open: sqlite3.Connection | None = None
        self._broken = False

    def get(self, digest: str, reader: str) -> Any | None:
        """What `put` kept, else None."""
        row = self._run("SELECT content FROM reading WHERE digest = ? AND reader = ?", digest, reader)
        try:
            return json.loads(row[0]) if row else None
        except ValueError:
            return None

    def put(self, digest: str, reader: str, content: object) -> None:
        """Keep what JSON can hold."""
        kept = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        self._run("INSERT OR REPLACE INTO reading VALUES (?, ?, ?)", digest, reader, kept)

    def close(self) -> None:
        """Let go of the file."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _run(self, statement: str, *values: str) -> Any | None:
        try:
            return self._opened().execute(statement, values).fetchone() if not self._broken else None
        except (sqlite3.Error, OSError) as error:
            # What it should have held is read anew, and it is asked no more in this run.
            self._broken = True
            self.close()
            if "not a database" in str(error) or "malformed" in str(error):
                with suppress(OSError):
                    self._file.unlink()
            return None

    def _opened(self) -> sqlite3.Connection:
        if self._open is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._open = sqlite3.connect(self._file, timeout=_WAIT_SECONDS, isolation_level=None)
            # Losing the last readings to a power cut costs the time to read them again.
            self._open.execute("PRAGMA synchronous = OFF")
            self._open.execute(_TABLE)
        return self._open
