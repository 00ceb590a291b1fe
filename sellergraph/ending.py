"""How a command ends: one line for what went wrong, and the exit code that a script can rely on."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from sellergraph.errors import SellergraphError, unforeseen
from sellergraph.output import say

# 128 and the number of the signal, as shells say it.
INTERRUPTED, TERMINATED = 130, 143


@contextmanager
def ending_well() -> Iterator[None]:
    """Errors become one line and exit code 2 (1 means 'done with rejects'); of a signal it is said what stands."""
    _open_streams()
    signal.signal(signal.SIGTERM, _terminated)
    try:
        yield
    except SellergraphError as error:
        say(f"Error: {error}")
        sys.exit(2)
    except (SystemExit, KeyboardInterrupt) as end:
        # Typer turns Ctrl-C into an exit of this code.
        code = end.code if isinstance(end, SystemExit) else INTERRUPTED
        if code in (INTERRUPTED, TERMINATED):
            say("Stopped. What was written stands; run the same command again (ingest goes on, the others start anew).")
        sys.exit(code)
    except Exception as error:  # a traceback helps no analyst
        if os.environ.get("SELLERGRAPH_DEBUG"):
            raise
        say(f"Error: {unforeseen(error)}; SELLERGRAPH_DEBUG=1 shows all of it")
        sys.exit(2)


def _open_streams() -> None:
    """Captured text is Chinese and emoji: a terminal's own code page must not stop a run."""
    for name in ("stdout", "stderr"):
        # A closed stream is None; what is written to it goes nowhere.
        stream = getattr(sys, name) or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # open to the end
        stream.reconfigure(encoding="utf-8", errors="replace")
        setattr(sys, name, stream)


def _terminated(number: int, frame: FrameType | None) -> None:
    raise SystemExit(TERMINATED)
