"""Commands that put sellers, accounts, contacts and platforms in order, and tell how concentrated the market is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import pyarrow as pa
import typer

from sellergraph.options import (
    CaseOption,
    CsvOption,
    JsonOption,
    KindOption,
    LimitOption,
    PlaceOption,
    PlatformOption,
    SinceOption,
    SpeciesOption,
    StoreOption,
    UntilOption,
    period_of,
    reading,
    settings_of,
)
from sellergraph.output import Form, emit, emit_record, form_of

SchemeOption = Annotated[str, typer.Option(help="volume, harm, connectors, rising, balanced, or one of --schemes.")]
SchemesOption = Annotated[Path | None, typer.Option(help="YAML with schemes of your own, like graph/schemes.yaml.")]
# What a terminal has room for beside the parts that the scheme weighs; --json and --csv give all.
_BEFORE, _AFTER = ("ads",), ("active_days", "platforms", "accounts", "first_ad", "last_ad")
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
        Literal["sellers", "networks", "accounts", "contacts", "platforms"] | None,
        typer.Argument(metavar="sellers|networks|accounts|contacts|platforms"),
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
    """Rank sellers, networks, accounts, contacts or platforms by a scheme.

    Example: sellergraph rank contacts --scheme connectors --limit 10
    """
    form = form_of(as_json, as_csv)
    if list_all or what is None:
        emit(_scheme_list(schemes), form, "Schemes")
        if form is Form.TABLE:
            emit(_part_list(schemes), form, "Parts, each scaled against the largest of the case")
        return
    asked = {"scheme": scheme, "schemes": schemes, "species": species, "platform": platform, "kind": kind}
    _rank(what.removesuffix("s"), asked | {"place": place}, {"since": since, "until": until}, limit, form, case, store)


def concentration(
    by: Annotated[Literal["seller", "account"], typer.Option(help="Whose ads are counted.")] = "seller",
    curve: Annotated[bool, typer.Option("--curve", help="The whole cumulative curve.")] = False,
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
    found = run(facts, by=by, species=species, platform=platform, kind=kind, place=place, **days)
    if curve or form is Form.CSV:
        emit(found, form)
        return
    emit_record(_summed(found, by), form)


def _rank(
    by: Any,
    asked: dict[str, Any],
    days: dict[str, str | None],
    limit: int,
    form: Form,
    case: Path | None,
    store: str | None,
) -> None:
    from graph.market import coming_market
    from graph.ranking import rank_read, unresolved
    from sellergraph.summary import emit_first, say_next

    settings = settings_of(case, store)
    asked |= period_of(days["since"], days["until"], settings.zone)
    with reading(case, store) as opened, coming_market(opened, settings.timezone, narrow=not asked["place"]) as market:
        found = rank_read(opened, market, by, limit=None, **asked)
    emit_first(_for_people(found) if form is Form.TABLE else found, limit, form, settings.zone)
    say_next(settings, unresolved(market.facts))


def _for_people(ranked: pa.Table) -> pa.Table:
    """What fits on a screen: the span of ranks and the points in a column each."""
    rows = ranked.select(["rank_best", "rank_worst"]).to_pylist()
    spans = [f"{row['rank_best']}-{row['rank_worst']}" for row in rows]
    parts = [name for name in ranked.column_names if name.endswith("_points")]
    points = [_points(row) for row in ranked.select(parts).to_pylist()]
    weighed = [name.removesuffix("_points") for name in parts]
    columns = dict.fromkeys([*_BEFORE, *weighed, *_AFTER])
    shown = ranked.select(["rank", ranked.column_names[3], "name", "score", *columns])
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
            "weights": ", ".join(f"{part} {weight:g}" for part, weight in scheme.weights.items()),
        }
        for scheme in load_schemes(path).schemes.values()
    ]
    return pa.Table.from_pylist(rows)


def _part_list(path: Path | None) -> pa.Table:
    from graph.schemes import load_schemes

    known = load_schemes(path)
    scales = {"log": "by logarithm: ten times as much is not ten times the points", "linear": "evenly"}
    rows = [
        {"part": part.name, "meaning": part.meaning.replace("`period_days`", str(known.period_days)),
         "scaled": scales[part.scale]}
        for part in known.parts.values()
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def _summed(curve: pa.Table, by: str) -> dict[str, Any]:
    from graph.concentration import gini, share_of_top

    shares = {f"share of the top {k}": round(share_of_top(curve, k), 4) for k in TOPS if k <= max(curve.num_rows, 1)}
    known, share = sum(curve["ads"].to_pylist()), float(curve["cumulative"][-1].as_py()) if curve.num_rows else 1.0
    # Shares are of all ads, those of nobody known included.
    ads = round(known / share) if share else 0
    whole = {f"{by}s": curve.num_rows, "ads": ads, f"ads without a known {by}": ads - known}
    return {**whole, **shares, "gini": round(gini(curve), 4)}
