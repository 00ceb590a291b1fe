"""What a source of advertisements is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

RawRow = bytes | dict[str, object]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a source, not yet checked.

    Attributes:
        number: line in the file, or row in the sheet, from 1.
        content: the bytes of a JSON line, or a row's cells by heading.
        problem: why the row cannot be used, when the format itself is broken there.
        sheet: name of the sheet in a workbook, else ''.
        read: bytes of the file read so far, for progress (0 when unknown).
    """

    number: int
    content: RawRow
    problem: str = ""
    sheet: str = ""
    read: int = 0


class Source(Protocol):
    """Reads one file of one format."""

    def lines(self, path: Path, columns: dict[str, str]) -> Iterator[Line]:
        """Yield the rows; `columns` renames the file's headings to fields of the ad record.

        Raises:
            SourceError: the file as a whole cannot be read.
        """
