"""CSV and XLSX: an advertisement a row, the fields of the ad record as headings."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ingest.checks import FIELDS, ONE_OF, REQUIRED
from ingest.sources.base import Line
from sellergraph.errors import SourceError

# Encodings that Chinese sheets come in; GB18030 contains GBK and GB2312.
ENCODINGS = ("utf-8", "gb18030", "big5")
DELIMITERS = (",", "\t", ";", "|")
SAMPLE_BYTES = 1 << 20
# Every second byte of Latin text in UTF-16 is zero; in other text hardly one is.
_MANY_NULS = 10
csv.field_size_limit(16 << 20)
# What Excel writes, and reads, above a heading.
_SEPARATOR_LINE = re.compile(r"\ufeff?sep=(.)\r?\n", re.IGNORECASE)


class CsvSource:
    """Comma, tab, semicolon or bar separated text in any of ENCODINGS, with or without a BOM."""

    def lines(self, path: Path, columns: dict[str, str]) -> Iterator[Line]:
        """Yield the rows below the heading. See `Source.lines`."""
        with path.open("rb") as raw:
            sample = raw.read(SAMPLE_BYTES)
            if not sample.strip():
                raise SourceError("is empty")
            encoding = find_encoding(sample)
            raw.seek(0)
            # surrogateescape keeps bytes that are not of the encoding visible, so that only their row is put aside
            stream = io.TextIOWrapper(raw, encoding=encoding, errors="surrogateescape", newline="")
            text = sample.decode(encoding, "replace")
            told = _SEPARATOR_LINE.match(text)
            if told:
                stream.readline()
            delimiter = told[1] if told else find_delimiter(text, columns)
            for line in self._rows(stream, delimiter, encoding, columns, raw):
                yield replace(line, number=line.number + bool(told))

    def _rows(
        self, stream: io.TextIOWrapper, delimiter: str, encoding: str, columns: dict[str, str], raw: io.BufferedReader
    ) -> Iterator[Line]:
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        try:
            heading = _heading(next(reader, []), columns)
        except csv.Error as error:
            raise SourceError(f"the heading cannot be read: {error}") from error
        while True:
            start = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield Line(start, {}, _csv_problem(error), read=raw.tell())
                continue
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield _row(start, heading, cells, encoding, raw.tell())


def _row(number: int, heading: list[str], cells: list[str], encoding: str, read: int) -> Line:
    if len(cells) > len(heading) and any(cell.strip() for cell in cells[len(heading) :]):
        return Line(number, {}, f"has {len(cells)} cells under {len(heading)} headings", read=read)
    content: dict[str, object] = dict(zip(heading, cells, strict=False))
    for name, cell in zip(heading, cells, strict=False):
        if any("\udc80" <= char <= "\udcff" for char in cell):
            return Line(number, {}, f"{name}: holds bytes that are not {encoding.upper()}", read=read)
    content.pop("", None)
    return Line(number, content, read=read)


def _csv_problem(error: csv.Error) -> str:
    if "unexpected end of data" in str(error):
        return "a quotation mark is opened and never closed; everything from here to the end of the file is one cell"
    return f"is not CSV: {error}"


def find_encoding(sample: bytes) -> str:
    """Name the encoding of a sample (bytes from the start of the file).

    A BOM decides; then strict UTF-8; between GB18030 and Big5, whose bytes overlap, the one whose
    text charset-normalizer finds the more coherent.

    Raises:
        SourceError: it is none of ENCODINGS.
    """
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if sample.startswith(mark):
            return name
    whole = sample if len(sample) < SAMPLE_BYTES else sample[: sample.rfind(b"\n") + 1] or sample
    if whole.count(0) * _MANY_NULS > len(whole):
        raise SourceError("looks like UTF-16 or UTF-32 without a mark; save it as UTF-8")
    fitting = [name for name in ENCODINGS if _decodes(whole, name)]
    if not fitting:
        return _mostly(whole)
    if fitting[0] == "utf-8" or len(fitting) == 1:
        return fitting[0]
    return _likelier_chinese(whole, fitting)


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _mostly(sample: bytes) -> str:
    """The encoding that fails least often, for a file with a few broken bytes; none when too many break."""
    broken = {name: sample.decode(name, "replace").count("�") for name in ENCODINGS}
    best = min(ENCODINGS, key=lambda name: broken[name])
    if broken[best] * 50 > len(sample):
        raise SourceError("is neither UTF-8, GB18030 nor Big5 text")
    return best


def _likelier_chinese(sample: bytes, fitting: list[str]) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(sample[:50_000], cp_isolation=fitting).best()
    return best.encoding if best is not None and best.encoding in fitting else fitting[0]


def find_delimiter(text: str, columns: dict[str, str]) -> str:
    """The delimiter that gives the heading the most known field names; ',' when none does."""
    first = re.split(r"[\r\n]", text.lstrip("﻿\r\n"), maxsplit=1)[0]

    def known(delimiter: str) -> int:
        try:
            cells = next(csv.reader([first], delimiter=delimiter), [])
        except csv.Error:
            return 0
        return sum(name in FIELDS for name in _names(cells, columns))

    return max(DELIMITERS, key=known)


def _names(cells: Iterable[object], columns: dict[str, str]) -> list[str]:
    plain = [str(cell).strip().strip("﻿") if cell is not None else "" for cell in cells]
    return [columns.get(name, name.lower() if name.lower() in FIELDS else name) for name in plain]


def _heading(cells: Iterable[object], columns: dict[str, str]) -> list[str]:
    names = _names(cells, columns)
    if REQUIRED not in names:
        raise SourceError(f"no column {REQUIRED!r}; found {_listed(names)}; rename columns with --mapping")
    if not any(name in names for name in ONE_OF):
        raise SourceError(f"no column 'ad_id' or 'url'; found {_listed(names)}; rename columns with --mapping")
    twice = sorted({name for name in names if name in FIELDS and names.count(name) > 1})
    if twice:
        raise SourceError(f"column {', '.join(map(repr, twice))} stands twice in the heading")
    return names


def _listed(names: list[str]) -> str:
    shown = [repr(name[:30]) for name in names if name][:12]
    return ", ".join(shown) or "nothing"


class XlsxSource:
    """Every sheet of a workbook that has the columns; a sheet without them is named and passed over."""

    def lines(self, path: Path, columns: dict[str, str]) -> Iterator[Line]:
        """Yield the rows below each sheet's heading. See `Source.lines`."""
        from python_calamine import CalamineError, load_workbook

        try:
            with path.open("rb") as stream:
                workbook = load_workbook(stream)
                for name in workbook.sheet_names:
                    yield from self._sheet(
                        name, workbook.get_sheet_by_name(name).to_python(skip_empty_area=False), columns
                    )
        except CalamineError as error:
            raise SourceError(f"is not a readable workbook: {error}") from error

    def _sheet(self, name: str, rows: Sequence[Sequence[object]], columns: dict[str, str]) -> Iterator[Line]:
        if not any(_filled(row) for row in rows):
            return
        # A table may begin below blank rows.
        first = next(number for number, row in enumerate(rows) if _filled(row))
        try:
            heading = _heading(rows[first], columns)
        except SourceError as error:
            yield Line(first + 1, {}, str(error), sheet=name)
            return
        for number, row in enumerate(rows[first + 1 :], start=first + 2):
            if _filled(row):
                content = {key: cell for key, cell in zip(heading, row, strict=False) if key and cell != ""}
                yield Line(number, content, sheet=name)


def _filled(row: Sequence[object]) -> bool:
    return any(str(cell).strip() for cell in row if cell is not None)
