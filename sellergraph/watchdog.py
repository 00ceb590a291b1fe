"""A last resort for a read that does not heed its time limit."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Ladybug looks at its limit between steps only; inside `UNWIND range(1, 1000000000)` it does not (CYPHER.md).
GRACE_SECONDS = 2.0


@contextmanager
def stopped_after(seconds: float) -> Iterator[None]:
    """End the whole process, with exit code 2, when the block takes longer than `seconds` and a little.

    Only for a process that writes nothing: its locks end with it, and there is nothing to complete.
    """
    timer = threading.Timer(seconds + GRACE_SECONDS, _end, [seconds])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _end(seconds: float) -> None:
    sys.stderr.write(f"Error: the query took longer than {seconds:g} s and was stopped\n")
    sys.stderr.flush()
    os._exit(2)
