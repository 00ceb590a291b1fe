"""`sellergraph figures`: the figures and tables of a monitoring report, counted from the case."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import pyarrow as pa
import typer

from sellergraph.errors import UsageError
from sellergraph.options import CaseOption, CsvOption, JsonOption, LimitOption, StoreOption, reading, settings_of
from sellergraph.output import emit, form_of, say
from sellergraph.summary import emit_first

if TYPE_CHECKING:
    from graph.figures.catalogue import Asked, Figure
    from graph.figures.scope import Period, Scope

_DAY_FORMS = "a year, month or day like 2018, 2018-04 or 2018-04-03"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(figures)


def figures(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Without a name all are listed.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only ads on this kind of platform, e.g. website.")] = None,
    platform: Annotated[str | None, typer.Option(help="Only ads on this platform, e.g. xianyu.")] = None,
    since: Annotated[str | None, typer.Option(help="From this day, month or year on (2018, 2018-04).")] = None,
    until: Annotated[str | None, typer.Option(help="Up to this day, month or year, which is included.")] = None,
    period: Annotated[
        list[str] | None, typer.Option(metavar="FROM:TO", help="A period to compare, both ends included; give several.")
    ] = None,
    days: Annotated[int | None, typer.Option(min=1, max=36_500, help="Days that goods_within_days looks back.")] = None,
    by: Annotated[
        Literal["group", "taxon"] | None, typer.Option(help="Count species by group (all leopards) or one by one.")
    ] = None,
    limit: LimitOption = 1000,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Count the figures and tables of a monitoring report from the case; days and months are the case's local ones.

    Example: sellergraph figures new_ads --kind website --since 2017 --until 2018
    """
    from graph.figures.catalogue import Case, find_figure

    form = form_of(as_json, as_csv)
    if name is None:
        emit(_listed(), form)
        return
    figure, settings = find_figure(name), settings_of(case, store)
    asked = _asked(figure, _scope(kind, platform, since, until), period, days, by)
    with reading(case, store) as opened:
        read = Case(opened, settings.timezone)
        found = figure.draw(read, asked)
        undated = read.facts.ads["day"].null_count
    emit_first(found, limit, form, settings.zone)
    if undated:
        say(f"{undated:,} ads have no time of posting or capture: they are in no month, day or period.")


def _listed() -> pa.Table:
    from graph.figures.catalogue import FIGURES

    return pa.Table.from_pylist([{"figure": figure.name, "what": figure.summary} for figure in FIGURES.values()])


def _asked(
    figure: Figure, scope: Scope, periods: list[str] | None, days: int | None, by: Literal["group", "taxon"] | None
) -> Asked:
    """What was asked for.

    Raises:
        UsageError: an option that this figure does not heed: its answer would not be what was asked for.
    """
    from graph.figures.catalogue import Asked

    given = {"periods": periods, "days": days, "by": by}
    options = {"periods": "--period", "days": "--days", "by": "--by"}
    if unused := [options[name] for name, value in given.items() if value and name not in figure.takes]:
        raise UsageError(f"the figure {figure.name} takes no {' or '.join(unused)}; leave it out")
    parsed = tuple(_period(text) for text in periods or ())
    return Asked(scope, parsed, days, by) if days else Asked(scope, parsed, by=by)


def _scope(kind: str | None, platform: str | None, since: str | None, until: str | None) -> Scope:
    from graph.figures.scope import Scope

    first = _span("--since", since)[0] if since else None
    after = _span("--until", until)[1] if until else None
    if first and after and first >= after:
        raise UsageError(f"--since {since} is after --until {until}")
    return Scope(kind, platform, first, after)


def _period(text: str) -> Period:
    """FROM:TO, or one year, month or day."""
    from graph.figures.scope import Period

    start, colon, last = text.partition(":")
    first, after = _span("--period", start)[0], _span("--period", last if colon else start)[1]
    if first >= after:
        raise UsageError(f"--period {text} ends before it begins")
    return Period(first, after)


def _span(option: str, text: str) -> tuple[date, date]:
    """First day of a year, month or day, and the day after its last."""
    parts = text.strip().split("-")
    try:
        numbers = [int(part) for part in parts]
        first = date(*(numbers + [1, 1])[:3]) if len(numbers) < 3 else date.fromisoformat(text.strip())
        return first, _next(first, len(numbers))
    except (ValueError, OverflowError, TypeError) as error:
        raise UsageError(f"{option}: {text!r} is not {_DAY_FORMS}") from error


def _next(first: date, precision: int) -> date:
    """The day after the year (1), month (2) or day (3) that begins on this one."""
    if precision == 1:
        return first.replace(year=first.year + 1)
    if precision == 2:
        return (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first + timedelta(days=1)
