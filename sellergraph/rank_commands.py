"""Commands that put sellers, accounts, contacts and platforms in order, and tell how concentrated the market is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import pyarrow as pa
import typer

from sellergraph.errors import UsageError
from sellergraph.options import (
    CaseOption,
    CsvOption,
    JsonOption,
    LimitOption,
    StoreOption,
    day_of,
    reading,
    settings_of,
)
from sellergraph.output import Form, emit, emit_record, form_of

SpeciesOption = Annotated[str | None, typer.Option(help="Only ads for this taxon, e.g. elephant.")]
PlatformOption = Annotated[str | None, typer.Option(help="Only ads on this platform, e.g. xianyu.")]
KindOption = Annotated[str | None, typer.Option(help="Only ads on this kind of platform, e.g. short_video.")]
PlaceOption = Annotated[str | None, typer.Option(help="Only ads whose place holds these words, e.g. 莆田.")]
SinceOption = Annotated[str | None, typer.Option(help="From this day on (2018-01-01).")]
UntilOption = Annotated[str | None, typer.Option(help="Up to this day, which is included (2018-06-30).")]
SchemeOption = Annotated[str, typer.Option(help="volume, harm, connectors, rising, balanced, or one of --schemes.")]
SchemesOption = Annotated[Path | None, typer.Option(help="YAML with schemes of your own, like graph/schemes.yaml.")]
# What a terminal has room for; --json and --csv give all.
_ON_SCREEN = (
    "ads", "new_ads", "active_days", "platforms", "accounts", "protection", "wild_claims", "hub", "first_ad", "last_ad",
)  # fmt: skip
TOPS = (1, 5, 10, 20, 50)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (sellers, rank, concentration):
        app.command()(command)


def sellers(
    limit: LimitOption = 20,
    scheme: SchemeOption = "volume",
    schemes: SchemesOption = None,
    species: SpeciesOption = None,
    platform: PlatformOption = None,
    kind: KindOption = None,
    place: PlaceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Rank sellers: whom to look at first, with each part of the score and how far the rank can be relied on.

    Example: sellergraph sellers --scheme harm --species elephant --since 2018-01-01 --limit 10
    """
    asked = {"scheme": scheme, "schemes": schemes, "species": species, "platform": platform, "kind": kind}
    days = {"since": since, "until": until}
    _rank("seller", asked | {"place": place}, days, limit, form_of(as_json, as_csv), case, store)


def rank(
    what: Annotated[
        Literal["sellers", "accounts", "contacts", "platforms"] | None,
        typer.Argument(metavar="sellers|accounts|contacts|platforms"),
    ] = None,
    limit: LimitOption = 20,
    scheme: SchemeOption = "volume",
    schemes: SchemesOption = None,
    list_all: Annotated[bool, typer.Option("--list", help="Name the schemes and what they weigh.")] = False,
    species: SpeciesOption = None,
    platform: PlatformOption = None,
    kind: KindOption = None,
    place: PlaceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Rank sellers, accounts, contacts or platforms by a scheme.

    Example: sellergraph rank contacts --scheme connectors --limit 10
    """
    form = form_of(as_json, as_csv)
    if list_all or what is None:
        emit(_scheme_list(schemes), form)
        return
    asked = {"scheme": scheme, "schemes": schemes, "species": species, "platform": platform, "kind": kind}
    _rank(what.removesuffix("s"), asked | {"place": place}, {"since": since, "until": until}, limit, form, case, store)


def concentration(
    by: Annotated[Literal["seller", "account"], typer.Option(help="Whose ads are counted.")] = "seller",
    curve: Annotated[bool, typer.Option("--curve", help="The whole cumulative curve.")] = False,
    species: SpeciesOption = None,
    platform: PlatformOption = None,
    kind: KindOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Tell how few sellers or accounts post most of the ads: shares of the top, Gini coefficient.

    Example: sellergraph concentration --by account --kind social_media
    """
    from graph.concentration import concentration as run
    from graph.facts import read_facts
    from graph.ranking import require_sellers

    form, settings = form_of(as_json, as_csv), settings_of(case, store)
    days = period_of(since, until, settings.zone)
    with reading(case, store) as opened:
        facts = read_facts(opened, settings.timezone)
    if by == "seller":
        require_sellers(facts)
    found = run(facts, by=by, species=species, platform=platform, kind=kind, **days)
    if curve or form is Form.CSV:
        emit(found, form)
        return
    emit_record(_summed(found, by), form)


def period_of(since: str | None, until: str | None, zone: ZoneInfo) -> dict[str, Any]:
    """`since` and `until` (exclusive) as UTC without offset, from days that are both included.

    Raises:
        UsageError: one is no day, or the first is after the last.
    """
    first, end = day_of("--since", since, zone), day_of("--until", until, zone, end=True)
    if first and end and first >= end:
        raise UsageError(f"--since {since} is after --until {until}")
    return {"since": first, "until": end}


def _rank(
    by: Any,
    asked: dict[str, Any],
    days: dict[str, str | None],
    limit: int,
    form: Form,
    case: Path | None,
    store: str | None,
) -> None:
    from graph.market import read_market
    from graph.ranking import rank_read, unresolved
    from sellergraph.summary import emit_first, say_next

    settings = settings_of(case, store)
    asked |= period_of(days["since"], days["until"], settings.zone)
    with reading(case, store) as opened:
        market = read_market(opened, settings.timezone)
        found = rank_read(opened, market, by, limit=None, **asked)
    emit_first(_for_people(found) if form is Form.TABLE else found, limit, form, settings.zone)
    say_next(settings, unresolved(market.facts))


def _for_people(ranked: pa.Table) -> pa.Table:
    """What fits on a screen: the span of ranks and the points in a column each."""
    rows = ranked.select(["rank_best", "rank_worst"]).to_pylist()
    spans = [f"{row['rank_best']}-{row['rank_worst']}" for row in rows]
    parts = [name for name in ranked.column_names if name.endswith("_points")]
    points = [_points(row) for row in ranked.select(parts).to_pylist()]
    shown = ranked.select(["rank", ranked.column_names[3], "name", "score", *_ON_SCREEN])
    shown = shown.add_column(1, "ranks", pa.array(spans, pa.string()))
    return shown.append_column("points", pa.array(points, pa.string())) if len(parts) > 1 else shown


def _points(row: dict[str, float]) -> str:
    """The parts with the most points, largest first."""
    parts = sorted(((-value, name.removesuffix("_points")) for name, value in row.items() if value >= 0.5))
    return ", ".join(f"{name.replace('_', ' ')} {-value:.0f}" for value, name in parts)


def _scheme_list(path: Path | None) -> pa.Table:
    from graph.schemes import load_schemes

    rows = [
        {
            "scheme": scheme.name,
            "meaning": scheme.meaning,
            "weights": [f"{part} {weight:g}" for part, weight in scheme.weights.items()],
        }
        for scheme in load_schemes(path).schemes.values()
    ]
    return pa.Table.from_pylist(rows)


def _summed(curve: pa.Table, by: str) -> dict[str, Any]:
    from graph.concentration import gini, share_of_top

    shares = {f"share of the top {k}": round(share_of_top(curve, k), 4) for k in TOPS if k <= max(curve.num_rows, 1)}
    whole = {f"{by}s": curve.num_rows, "ads": sum(curve["ads"].to_pylist())}
    return {**whole, **shares, "gini": round(gini(curve), 4)}
