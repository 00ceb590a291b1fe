"""Results on stdout as a table for people, or JSON or CSV for scripts; everything else on stderr."""

from __future__ import annotations

import csv
import errno
import json
import math
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sellergraph.errors import UsageError

# Of a list in a table's cell; --json and --csv give all.
SHOWN_ITEMS = 4
PIPE_WIDTH = 200
# Rows by which it is judged whether a table fits.
LOOKED_AT = 100

err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


class Form(StrEnum):
    """How results are written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def form_of(as_json: bool, as_csv: bool) -> Form:
    """The form asked for by --json and --csv.

    Raises:
        UsageError: both are given.
    """
    if as_json and as_csv:
        raise UsageError("choose one of --json and --csv")
    return Form.CSV if as_csv else Form.JSON if as_json else Form.TABLE


def say(message: str) -> None:
    """One line to the user, on stderr, never interpreted as markup."""
    err.print(printable(message), markup=False)


def printable(text: str) -> str:
    """Text without control characters: captured text must not steer the terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "�" for c in text)


@contextmanager
def piped() -> Iterator[None]:
    """A reader that went away (`| head`) has what it wanted: the command ends, and well."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at exit; that must have a place to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise UsageError("the results cannot be written: the disk is full") from error


@piped()
def emit(rows: pa.Table, form: Form, title: str = "", zone: ZoneInfo | None = None) -> None:
    """Write a table of results to stdout.

    Times are UTC without offset; a table for people shows them in `zone`, or as they are and says so.
    """
    if form is Form.JSON:
        for row in rows.to_pylist():
            sys.stdout.write(_json(row) + "\n")
    elif form is Form.CSV:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(rows.column_names)
        writer.writerows([_cell(value) for value in row.values()] for row in rows.to_pylist())
    else:
        _emit_table(rows, title, zone)


def _emit_table(rows: pa.Table, title: str, zone: ZoneInfo | None) -> None:
    # A pipe has no width: there the rows must not be cut.
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    console = Console(file=sys.stdout, width=width, highlight=False, emoji=False)
    if _too_wide(rows, console.width):
        _emit_records(rows, title, zone)
    else:
        _emit_grid(console, rows, title, zone)
    if not rows.num_rows:
        say("Nothing found.")
    elif zone is None and any(pa.types.is_timestamp(field.type) for field in rows.schema):
        say("Times are UTC.")


def _too_wide(rows: pa.Table, width: int) -> bool:
    """Whether ids would be broken, which nobody can copy, or other columns be narrower than their headings."""
    needed = 1
    for field in rows.schema:
        cells = [_shown(value) for value in rows[field.name].slice(0, LOOKED_AT).to_pylist()]
        whole = field.name == "id" or field.name.endswith("_id")
        heading = max(len(word) for word in field.name.split("_"))
        needed += 3 + max([heading, *(len(cell) if whole else min(len(cell), heading) for cell in cells)])
    return needed > width and rows.num_rows > 0


def _emit_records(rows: pa.Table, title: str, zone: ZoneInfo | None) -> None:
    """A line a field, an empty line between rows: what no screen is wide enough for."""
    if title:
        sys.stdout.write(f"{title}\n\n")
    names = [name.replace("_", " ") for name in rows.column_names]
    width = max(map(len, names))
    for place, row in enumerate(rows.to_pylist()):
        sys.stdout.write("\n" if place else "")
        for name, value in zip(names, row.values(), strict=True):
            if value not in ([], (), None):
                sys.stdout.write(f"{name:<{width}}  {printable(_shown(value, zone))}\n")


def _emit_grid(console: Console, rows: pa.Table, title: str, zone: ZoneInfo | None) -> None:
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for field in rows.schema:
        # Folded, never cut: an id that ends in an ellipsis cannot be copied.
        table.add_column(
            field.name.replace("_", " "),
            overflow="fold",
            min_width=max((len(_shown(value)) for value in rows[field.name].to_pylist()), default=0)
            if field.name == "id" or field.name.endswith("_id")
            else None,
            justify="right" if pa.types.is_integer(field.type) else "left",
        )
    for row in rows.to_pylist():
        table.add_row(*(Text(printable(_shown(value, zone))) for value in row.values()))
    console.print(table)


@piped()
def emit_record(record: Mapping[str, Any], form: Form) -> None:
    """Write one result of several fields: a JSON object, or a line a field."""
    if form is Form.JSON:
        sys.stdout.write(_json(record) + "\n")
        return
    width = max((len(name) + 1 for name in record), default=0)
    for name, value in record.items():
        if value in ([], (), None):
            continue
        sys.stdout.write(f"{name.replace('_', ' ') + ':':<{width}} {printable(_shown(value))}\n")


@piped()
def emit_lines(lines: Iterable[str]) -> None:
    """Write lines, such as those of `json_line`."""
    if sys.stdout is None:
        raise UsageError("standard output is closed")
    terminal = sys.stdout.isatty()
    for line in lines:
        sys.stdout.write((printable(line) if terminal else line) + "\n")


def json_line(record: Mapping[str, Any]) -> str:
    """One line of JSON; what JSON has no number for becomes null."""
    try:
        return _ENCODER.encode(record)
    except ValueError:
        return _ENCODER.encode(_finite(record))


def _json(record: Mapping[str, Any]) -> str:
    """One line of JSON by which a terminal is not steered."""
    line = json_line(record)
    return printable(line) if sys.stdout.isatty() else line


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {name: _finite(inner) for name, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, list | tuple) else value


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        # The graph's times are UTC without offset.
        return value.isoformat() + "Z"
    return value.isoformat() if isinstance(value, date) else str(value)


# json.dumps would make one for each record.
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_plain, allow_nan=False)


def _cell(value: object) -> object:
    if isinstance(value, list):
        plain: object = ";".join("" if item is None else str(item) for item in value)
    else:
        plain = "" if value is None else _plain(value) if isinstance(value, date) else value
    # Scripts get what was captured; a terminal must not be steered by it.
    return printable(plain) if isinstance(plain, str) and sys.stdout.isatty() else plain


def _shown(value: object, zone: ZoneInfo | None = None) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC).astimezone(zone) if zone else value
        return moment.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, list | tuple):
        more = [f"and {len(value) - SHOWN_ITEMS} more"] if len(value) > SHOWN_ITEMS else []
        return ", ".join([*map(_shown, value[:SHOWN_ITEMS]), *more])
    return str(value)
