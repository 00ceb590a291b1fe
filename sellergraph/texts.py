"""`sellergraph extract`: texts in, mentions out, a line each."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ingest.checks import mend
from ingest.extract import extract
from ingest.sources.jsonl import parse_json_line
from sellergraph.errors import RejectError, UsageError


def extract_lines(file: str, regions: tuple[str, ...], rejects: list[str]) -> Iterator[dict[str, Any]]:
    """Yield one record a mention; unusable lines are added to `rejects`, in words.

    Raises:
        UsageError: the file cannot be read.
    """
    with _open(file) as lines:
        for number, line in enumerate(lines, start=1):
            if content := line.strip():
                try:
                    yield from _mentions(content, regions)
                except RejectError as error:
                    rejects.append(f"{file}:{number}: {error}")


@contextmanager
def _open(file: str) -> Iterator[IO[bytes]]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(file).open("rb") as stream:
            yield stream
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from error


def _mentions(content: bytes, regions: tuple[str, ...]) -> list[dict[str, Any]]:
    record = parse_json_line(content.removeprefix(b"\xef\xbb\xbf"), {})
    text, key = record.get("text"), record.get("id")
    if text is None:
        raise RejectError("text", "is missing")
    if not isinstance(text, str):
        raise RejectError("text", f"is {json.dumps(text)[:40]}, not text")
    return [
        {
            "id": key,
            "kind": m.kind,
            "service": m.service,
            "value": m.value,
            "raw": m.raw,
            "start": m.start,
            "end": m.end,
            "method": m.method,
            "role": m.role,
            "confidence": m.confidence,
        }
        for m in extract(mend(text), regions=regions)
    ]
