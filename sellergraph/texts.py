"""`sellergraph extract`: texts in, mentions out, a line each; long inputs are read by a process a core."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any

from graph.values import Phone
from ingest.checks import mend
from ingest.extract import extract
from ingest.extract.mention import Mention
from ingest.sources.base import Line
from ingest.sources.jsonl import json_lines, parse_json_line
from ingest.worker import ignoring_interrupts, start_pool
from sellergraph.errors import RejectError, SellergraphError, SourceError, UsageError, unforeseen
from sellergraph.output import json_line

# What starting a process costs; before, the lines are read here.
_INLINE_SECONDS = 2.0
# Lines that a process is given at once.
_BATCH = 500

Numbered = tuple[int, bytes]
Read = tuple[list[str], list[tuple[int, str]]]


def extract_lines(file: str, regions: tuple[str, ...], rejects: list[str], workers: int | None = None) -> Iterator[str]:
    """Yield a line of JSON a mention, in the order of the file; unusable lines are added to `rejects`, in words.

    `workers` is the number of processes (default: one a core).

    Raises:
        UsageError: the file cannot be read.
        SellergraphError: a process died.
    """
    with _open(file) as stream:
        lines = _usable(json_lines(stream), file, rejects)
        try:
            for mentions, refused in _reads(lines, regions, workers or os.cpu_count() or 1):
                rejects += [f"{file}:{number}: {reason}" for number, reason in refused]
                yield from mentions
        except SourceError as error:
            raise UsageError(f"{file}: {error}") from error


def _usable(lines: Iterator[Line], file: str, rejects: list[str]) -> Iterator[Numbered]:
    for line in lines:
        if line.problem:
            rejects.append(f"{file}:{line.number}: {line.problem}")
        elif isinstance(line.content, bytes):
            yield line.number, line.content


def _reads(lines: Iterator[Numbered], regions: tuple[str, ...], workers: int) -> Iterator[Read]:
    start, busy = time.perf_counter(), 0.0
    for line in lines:
        began = time.perf_counter()
        yield read_batch([line], regions)
        now = time.perf_counter()
        busy += now - began
        if workers > 1 and busy > _INLINE_SECONDS:
            if busy > (now - start) / 2:
                yield from _in_processes(lines, regions, workers)
            start, busy = now, 0.0  # lines that trickle in, which a batch would keep waiting


def _in_processes(lines: Iterator[Numbered], regions: tuple[str, ...], workers: int) -> Iterator[Read]:
    pending = deque[Future[Read]]()
    try:
        with start_pool(workers) as pool, _killing(pool):
            while batch := list(islice(lines, _BATCH)):
                pending.append(pool.submit(read_batch, batch, regions))
                while len(pending) > 2 * workers:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
    except BrokenProcessPool as error:
        raise SellergraphError("a process that reads texts died (out of memory?); try --workers 1") from error


@contextmanager
def _killing(pool: ProcessPoolExecutor) -> Iterator[None]:
    """Whoever stops waits for no process, at the second Ctrl-C neither."""
    try:
        yield
    except BaseException:
        with ignoring_interrupts():
            for process in list((pool._processes or {}).values()):
                process.kill()
            pool.shutdown(cancel_futures=True)
        raise


def read_batch(batch: list[Numbered], regions: tuple[str, ...]) -> Read:
    """The mentions of numbered lines in JSON, and the numbers of those that cannot be used with the reasons."""
    mentions, refused = list[str](), list[tuple[int, str]]()
    for number, line in batch:
        try:
            mentions += map(json_line, _mentions(line, regions))
        except RejectError as error:
            refused.append((number, str(error)))
        except Exception as error:  # one line must not cost the others
            refused.append((number, unforeseen(error)))
    return mentions, refused


def _service(mention: Mention) -> str:
    """The mention's service; 'hotline' for lines such as 400 and 800, which are a firm's or a platform's."""
    if mention.kind == "phone" and (phone := Phone.clean(mention.value)) and phone.kind == "hotline":
        return "hotline"
    return mention.service


@contextmanager
def _open(file: str) -> Iterator[IO[bytes]]:
    if file == "-":
        if sys.stdin is None:
            raise UsageError("standard input is closed")
        yield sys.stdin.buffer
        return
    try:
        with Path(file).open("rb") as stream:
            yield stream
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from error


def _mentions(content: bytes, regions: tuple[str, ...]) -> list[dict[str, Any]]:
    record = parse_json_line(content, {})
    text, key, platform = record.get("text"), record.get("id"), record.get("platform")
    if text is None:
        raise RejectError("text", "is missing")
    if not isinstance(text, str):
        raise RejectError("text", f"is {json.dumps(text)[:40]}, not text")
    return [
        {
            "id": key,
            "kind": m.kind,
            "service": _service(m),
            "value": m.value,
            "raw": m.raw,
            "start": m.start,
            "end": m.end,
            "method": m.method,
            "role": m.role,
            "confidence": m.confidence,
        }
        for m in extract(mend(text), regions=regions, platform=platform if isinstance(platform, str) else None)
    ]
