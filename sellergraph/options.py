"""What several commands take on the command line, and how it is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from sellergraph import __version__
from sellergraph.case import Settings, find_case, load_case
from sellergraph.errors import StoreUnavailable, UsageError
from sellergraph.without_pandas import do_without_pandas

if TYPE_CHECKING:
    from graph.stores.base import GraphStore

CaseOption = Annotated[
    Path | None, typer.Option("--case", help="Case folder (default: SELLERGRAPH_CASE, else the current folder).")
]
StoreOption = Annotated[
    str | None, typer.Option("--store", help="'embedded' or a Neo4j address; overrides case.toml for this call.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="CSV with a heading.")]


def _version(value: bool) -> None:
    if value:
        typer.echo(f"sellergraph {__version__}")
        raise typer.Exit


VersionOption = Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=1_000_000_000, help="Rows at most.")]

SpeciesOption = Annotated[str | None, typer.Option(help="Only ads for these, e.g. elephant or rhino,chelonian.")]
PlatformOption = Annotated[str | None, typer.Option(help="Only ads on this platform, e.g. xianyu.")]
KindOption = Annotated[str | None, typer.Option(help="Only ads on this kind of platform, e.g. short_video.")]
PlaceOption = Annotated[str | None, typer.Option(help="Only ads whose place holds these words, e.g. 莆田.")]
SinceOption = Annotated[str | None, typer.Option(help="From this day on (2018-01-01).")]
UntilOption = Annotated[str | None, typer.Option(help="Up to this day, which is included (2018-06-30).")]


class Chosen:
    """--case and --store given before the command's name."""

    case: Path | None = None
    store: str | None = None


def settings_of(case: Path | None, store: str | None) -> Settings:
    """Settings of the case that the options, the environment or the current folder name."""
    return load_case(find_case(case or Chosen.case), store or Chosen.store)


@contextmanager
def reading(case: Path | None, store: str | None) -> Iterator[GraphStore]:
    """The case's store, open for reading; what reads makes no data frames."""
    from graph.stores import open_store

    do_without_pandas()
    with open_store(settings_of(case, store), read_only=True) as opened:
        yield opened


@contextmanager
def resumable() -> Iterator[None]:
    """What to do when the store goes away in the middle of a run."""
    try:
        yield
    except StoreUnavailable as error:
        raise StoreUnavailable(f"{error}. What was written stands; the same command again completes it") from error


def day_of(option: str, value: str | None, zone: ZoneInfo, *, end: bool = False) -> datetime | None:
    """A day or time in the case's time zone, as UTC without offset; with `end` a day's end, which is the next day."""
    if value is None:
        return None
    try:
        first, after = _span_of(value)
        moment = after if end else first
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        return moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{option}: {value!r} is not a day like 2018-01-01, nor a month or year") from error


def _span_of(value: str) -> tuple[datetime, datetime]:
    """When a year, month, day or time begins, and when it is over. Raises ValueError."""
    parts = value.strip().split("-")
    if len(parts) < 3 and all(part.isdigit() and len(part) <= 4 for part in parts):
        year, month = int(parts[0]), int(parts[1]) if len(parts) == 2 else 0
        after = datetime(year, month + 1, 1) if 0 < month < 12 else datetime(year + 1, 1, 1)
        return datetime(year, month or 1, 1), after
    if len(parts) == 3 and all(part.isdigit() for part in parts):
        day = datetime(int(parts[0]), int(parts[1]), int(parts[2]))
        return day, day + timedelta(days=1)
    moment = datetime.fromisoformat(value)
    return moment, moment + timedelta(days=1) if _is_day(value) else moment


def period_of(since: str | None, until: str | None, zone: ZoneInfo) -> dict[str, Any]:
    """`since` and `until` (exclusive) as UTC without offset, from days that are both included.

    Raises:
        UsageError: one is no day, or the first is after the last.
    """
    first, end = day_of("--since", since, zone), day_of("--until", until, zone, end=True)
    if first and end and first >= end:
        raise UsageError(f"--since {since} is after --until {until}")
    return {"since": first, "until": end}


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def pairs_of(parameters: list[str]) -> dict[str, str]:
    """Parameters of a query, given as key=value."""
    pairs = dict[str, str]()
    for parameter in parameters:
        key, equals, value = parameter.partition("=")
        if not equals or not key.isidentifier():
            raise UsageError(f"{parameter!r} is not of the form key=value")
        if key in pairs:
            raise UsageError(f"the parameter {key} is given twice")
        pairs[key] = value
    return pairs
