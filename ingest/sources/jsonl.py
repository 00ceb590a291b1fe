"""JSON Lines: an advertisement a line, UTF-8."""

from __future__ import annotations

import codecs
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NoReturn

from ingest.sources.base import Line
from sellergraph.errors import RejectError, SourceError

# A saved advertisement is a few kilobytes; a longer line is a file without line ends.
MAX_LINE_BYTES = 16 << 20
_BOM = b"\xef\xbb\xbf"


class JsonlSource:
    """Yields the raw lines; they are parsed in the worker processes (`parse_json_line`)."""

    def lines(self, path: Path, columns: dict[str, str]) -> Iterator[Line]:
        """Yield every line that is not blank. See `Source.lines`."""
        with path.open("rb") as stream:
            yield from json_lines(stream)


def json_lines(stream: IO[bytes]) -> Iterator[Line]:
    """Yield every line that is not blank, with its number from 1; lines end in LF, CRLF or CR.

    Raises:
        SourceError: the stream is UTF-16.
    """
    number = read = 0
    while raw := stream.readline(MAX_LINE_BYTES):
        if not read and raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise SourceError("is UTF-16; save it as UTF-8")
        read += len(raw)
        if len(raw) == MAX_LINE_BYTES and not raw.endswith(b"\n"):
            read += _skip_line(stream)
            number += 1
            yield Line(number, b"", f"is longer than {MAX_LINE_BYTES >> 20} MiB", read=read)
            continue
        for part in raw.rstrip(b"\r\n").split(b"\r"):  # within JSON no CR stands bare
            number += 1
            # A mark may stand in the middle too, where files were joined.
            if content := part.strip().removeprefix(_BOM).strip():
                yield Line(number, content, read=read)


def _skip_line(stream: object) -> int:
    skipped = 0
    while block := stream.readline(MAX_LINE_BYTES):  # type: ignore[attr-defined]  # a binary file
        skipped += len(block)
        if block.endswith(b"\n"):
            break
    return skipped


def parse_json_line(content: bytes, columns: dict[str, str]) -> dict[str, object]:
    """Return the object of one line, its names changed by `columns`.

    Raises:
        RejectError: not UTF-8, not JSON, not an object, a name is given twice.
    """
    try:
        value = _DECODER.decode(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise RejectError("", f"is not UTF-8 (byte {error.start + 1} of the line)") from error
    except json.JSONDecodeError as error:
        raise RejectError("", f"is not JSON: {error.msg.removesuffix(' at')} at character {error.pos + 1}") from error
    except RecursionError as error:
        raise RejectError("", "is not usable JSON: nested too deeply") from error
    except ValueError as error:
        # A number of thousands of digits, NaN, Infinity.
        raise RejectError("", f"is not usable JSON: {error}") from error
    if not isinstance(value, dict):
        raise RejectError("", "is not a JSON object")
    record: dict[str, object] = value
    return {columns.get(name, name): item for name, item in record.items()} if columns else record


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object, unless one of its names would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise RejectError(twice[:40], "is given twice in one object")
    return found


# json.loads would make one for each line.
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_once)
