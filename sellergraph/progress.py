"""Progress on stderr: a bar where something can be counted, a spinner where not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from sellergraph.output import err, printable, say

# Between two lines of progress in a log.
LOG_SECONDS = 10.0


@contextmanager
def ingest_progress() -> Iterator[Callable[[str, int, int], None]]:
    """Yield a callback (file, bytes read, bytes in all) that draws one bar a file; a log gets a line now and then."""
    if not err.is_terminal:
        yield _logged()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err) as bars:
        tasks = dict[str, TaskID]()

        def update(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(printable(name).replace("[", r"\["), total=max(total, 1))
            bars.update(tasks[name], completed=min(done, total) if total else 1)

        yield update


def _logged() -> Callable[[str, int, int], None]:
    last = time.monotonic()

    def update(name: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= LOG_SECONDS:
            last = time.monotonic()
            say(f"{name}: {min(done, total) / max(total, 1):.0%} read")

    return update


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show that something of unknown length is under way, and for how long; nothing in a log."""
    if not err.is_terminal:
        yield
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bars:
        bars.add_task(what, total=None)
        yield
