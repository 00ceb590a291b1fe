"""JSON Lines: an advertisement a line, UTF-8."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

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
            if stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                raise SourceError("is UTF-16; save it as UTF-8")
            stream.seek(0)
            number = read = 0
            while raw := stream.readline(MAX_LINE_BYTES):
                number, read = number + 1, read + len(raw)
                if len(raw) == MAX_LINE_BYTES and not raw.endswith(b"\n"):
                    read += _skip_line(stream)
                    yield Line(number, b"", f"is longer than {MAX_LINE_BYTES >> 20} MiB", read=read)
                # A mark may stand in the middle too, where files were joined.
                elif content := raw.strip().removeprefix(_BOM).strip():
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
        RejectError: not UTF-8, not JSON, not an object.
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


# json.loads would make one for each line.
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
