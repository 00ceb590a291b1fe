"""Forms in which agencies write lists of PDQ hashes, an entry a line.

`hash,quality,name` as PDQ's own programs print it; its detailed form (`hash=…,norm=…,quality=…`); bare hashes, also
`pdq HASH`; tables with a heading, such as `tx dataset -P --csv` writes. Lines that begin with # are comments.
"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader, FileIO, TextIOWrapper
from typing import Any

from graph.hamming256 import MIN_QUALITY
from ingest.sources.table import DELIMITERS, find_encoding
from sellergraph.errors import RejectError, SourceError, UsageError

# What is read of a list to tell its encoding, and how often progress is told, in lines.
_SAMPLE, _LINES = 1 << 20, 4096
_HEX = re.compile(r"[0-9a-f]{64}")
_BEHIND_HASH = re.compile(r"[0-9a-fA-F]{64}[\"']?\s*([,\t;|])")
_HASH = re.compile(r"[0-9a-fA-F]{32,}")
_EXCEL_LINE = re.compile(r"sep=.$", re.IGNORECASE)
# Headings without case and signs, the most telling first; among them the fields of python-threatexchange's CSV and
# of the APIs that it reads, ThreatExchange (raw_indicator) and StopNCII (hashValue, signalType).
_HEADINGS: dict[str, tuple[str, ...]] = {
    "hash": (
        "pdq", "pdqhash", "hashpdq", "imagepdq", "signalstr", "rawindicator", "indicator", "indicatorvalue",
        "hashvalue", "hashdigest", "signal", "signalvalue", "value", "hash", "fingerprint",
    ),
    "type": ("signaltype", "indicatortype", "hashtype", "type", "algorithm", "hashalgorithm"),
    "quality": ("quality", "pdqquality", "hashquality", "qualityscore"),
    "source": ("source", "collab", "agency", "organisation", "organization", "owner", "ownerappid", "privacygroup"),
    "tags": ("tags", "tag", "labels", "label", "category", "opiniontags", "status"),
    "description": ("description", "note", "notes", "comment", "title", "filename", "file", "name", "id", "url"),
}  # fmt: skip
_PDQ_KINDS = frozenset(("pdq", "hashpdq", "pdqhash", "imagepdq", "photopdq"))
# In a column for the type only: beside a bare hash these words are tags.
_PICTURE_KINDS = frozenset(("", "photo", "image", "picture"))
_OTHER_KINDS = frozenset((
    "md5", "hashmd5", "videomd5", "sha1", "hashsha1", "sha256", "hashsha256", "photodna", "hashphotodna", "tmk",
    "hashtmk", "videotmk", "videotmkpdqf", "vpdq", "videovpdq", "pdqocr", "hashpdqocr", "url", "rawtext", "trendquery",
))  # fmt: skip

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """A PDQ hash of a list (64 hex digits), its line from 1, and what else the line tells, '' when it does not."""

    line: int
    hash: str
    source: str
    tags: str
    description: str

    def row(self, bits: int, image: str) -> dict[str, Any]:
        """The columns of MATCHES that a list and a hash tell."""
        told = {"source": self.source, "tags": self.tags, "description": self.description}
        return {"line": self.line, "hash": self.hash, "distance": bits, "image_id": image, **told}


class HashList:
    """A list of another agency; what became of its lines is counted as they are read. See HashMatches."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.compared = self.weak = 0
        self.others, self.rejects = Counter[str](), list[str]()

    def entries(self, progress: Progress | None = None) -> Iterator[Entry]:
        """Yield the PDQ hashes that are good enough to be compared.

        Raises:
            UsageError: the file cannot be read as text.
        """
        form = None
        for number, line in self._lines(progress):
            if form is None:
                form = _Form.told_by(line)
                if form is not None and form.heading:
                    continue
            try:
                if form is None:
                    raise RejectError("", f"neither a heading nor a PDQ hash, which has 64 hex digits: {line[:80]!r}")
                entry = self._entry(number, form.fields(line))
            except (RejectError, csv.Error) as error:
                self.rejects.append(f"{self.file}:{number}: {error}")
                continue
            if entry:
                self.compared += 1
                yield entry

    def _lines(self, progress: Progress | None) -> Iterator[tuple[int, str]]:
        """Numbered lines that are neither blank nor comments."""
        try:
            file = FileIO(0, closefd=False) if self.file == "-" else FileIO(self.file)
            with BufferedReader(file, _SAMPLE) as raw:
                size = os.fstat(raw.fileno()).st_size
                sample = raw.peek()
                stream = TextIOWrapper(raw, find_encoding(sample[: sample.rfind(b"\n") + 1] or sample), "replace")
                for number, line in enumerate(stream, start=1):
                    if progress and size and number % _LINES == 0:
                        progress(self.file, raw.tell(), size)
                    text = line.strip().lstrip("\ufeff")
                    if text and not text.startswith("#") and not _EXCEL_LINE.match(text):
                        yield number, text
        except OSError as error:
            raise UsageError(f"{self.file}: {error.strerror or error}") from error
        except SourceError as error:
            raise UsageError(f"{self.file}: {error}") from error

    def _entry(self, number: int, fields: dict[str, str]) -> Entry | None:
        kind, digits = _told(fields, "type"), _digits(_told(fields, "hash"))
        if _plain(kind) not in _PDQ_KINDS | _PICTURE_KINDS:
            self.others[kind] += 1
            return None
        if not _HEX.fullmatch(digits):
            raise RejectError("", f"no PDQ hash, which has 64 hex digits: {digits[:80]!r} has {len(digits)} characters")
        quality = _told(fields, "quality").partition(".")[0]
        if quality.isdecimal() and int(quality) < MIN_QUALITY:
            self.weak += 1
            return None
        notes = (
            "; ".join(fields[name] for name in _HEADINGS[note] if fields.get(name))
            for note in ("source", "tags", "description")
        )
        return Entry(number, digits, *notes)


@dataclass(frozen=True, slots=True)
class _Form:
    """How the lines of a list are read: at a delimiter (None: at white space), under a heading or () without one."""

    delimiter: str | None
    heading: tuple[str, ...]

    @classmethod
    def told_by(cls, line: str) -> _Form | None:
        """The form that a line tells, when it is a heading or holds a hash."""
        form = cls.of(line)
        return form if form.heading or _HASH.search(line) else None

    @classmethod
    def of(cls, line: str) -> _Form:
        """The form that the first line tells."""
        behind = _BEHIND_HASH.search(line)
        delimiter = behind[1] if behind else max(DELIMITERS, key=line.count)
        bare = cls(delimiter if delimiter in line else None, ())
        names = tuple(map(_plain, bare.cells(line)))
        known = not any(map(_HEX.fullmatch, names)) and not set(names).isdisjoint(_HEADINGS["hash"])
        return cls(bare.delimiter, names) if known and "hash=" not in line else bare

    def cells(self, line: str) -> list[str]:
        """The line's cells; a line is an entry, so that a stray quotation mark costs no other."""
        if self.delimiter is None:
            return line.split()
        return [cell.strip() for cell in next(csv.reader([line], delimiter=self.delimiter, skipinitialspace=True))]

    def fields(self, line: str) -> dict[str, str]:
        """The cells by names of _HEADINGS."""
        cells = self.cells(line)
        if self.heading:
            return dict(zip(self.heading, cells, strict=False))
        if cells[0].startswith("hash="):
            return {name: value for name, _, value in (cell.partition("=") for cell in cells)}
        return _bare_fields(cells)


def _bare_fields(cells: list[str]) -> dict[str, str]:
    """A hash with its kind before or behind it, its quality behind it, and whatever else."""
    kind = next((cell for cell in cells if _plain(cell) in _PDQ_KINDS | _OTHER_KINDS), "")
    rest = [cell for cell in cells if cell != kind]
    place = next((at for at, cell in enumerate(rest) if _HEX.fullmatch(_digits(cell))), 0)
    digits = rest.pop(place) if rest else ""
    graded = place < len(rest) and rest[place].isdecimal() and int(rest[place]) <= 100
    quality = rest.pop(place) if graded else ""
    return {"hash": digits, "type": kind, "quality": quality, "description": "; ".join(filter(None, rest))}


def _digits(cell: str) -> str:
    return cell.lower().removeprefix("0x")


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _told(fields: dict[str, str], what: str) -> str:
    return next((fields[name] for name in _HEADINGS[what] if fields.get(name)), "")
