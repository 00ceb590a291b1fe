"""Commands for how buyers are led from platform to platform."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sellergraph.options import (
    CaseOption,
    CsvOption,
    JsonOption,
    LimitOption,
    PlaceOption,
    SinceOption,
    SpeciesOption,
    StoreOption,
    UntilOption,
    period_of,
    reading,
    settings_of,
)
from sellergraph.output import Form, emit, form_of, say

if TYPE_CHECKING:
    from graph.market import Market
    from graph.stores.base import GraphStore

OrderOption = Annotated[
    Literal["ads", "sellers", "protection", "recent"], typer.Option("--by", help="What they are put in order by.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (paths, routes, doors, carriers, connect):
        app.command()(command)


def paths(
    limit: LimitOption = 20,
    by: OrderOption = "ads",
    species: SpeciesOption = None,
    place: PlaceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Rank the ways buyers are led from one platform to another, with the ads that do it.

    Example: sellergraph paths --by protection --limit 10
    """
    from graph.paths import flows
    from sellergraph.summary import emit_first

    form, settings = form_of(as_json, as_csv), settings_of(case, store)
    with _market(case, store, species, place, since, until) as (_, market):
        found = flows(market, limit=None, by=by)
    shown = found.drop_columns(["contacts", "named_accounts", "pictures"]) if form is Form.TABLE else found
    emit_first(shown, limit, form, settings.zone)


def routes(
    start: Annotated[str | None, typer.Argument(metavar="[FROM]", help="A platform or kind, e.g. short_video.")] = None,
    end: Annotated[str | None, typer.Argument(metavar="[TO]", help="A platform or kind, e.g. payment.")] = None,
    limit: LimitOption = 20,
    by: OrderOption = "ads",
    most_hops: Annotated[int, typer.Option(min=1, max=8, help="Hops of a path at most.")] = 4,
    species: SpeciesOption = None,
    place: PlaceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Find the best paths of several hops, e.g. from short videos to a messenger to a payment code.

    Example: sellergraph routes short_video payment --limit 10
    """
    from graph.chains import paths_between
    from sellergraph.summary import emit_first

    form, settings = form_of(as_json, as_csv), settings_of(case, store)
    with _market(case, store, species, place, since, until) as (_, market):
        found = paths_between(market, start=start, end=end, limit=None, by=by, most_hops=most_hops)
    shown = found.drop_columns(["chains", "named_hops", "example_pictures"]) if form is Form.TABLE else found
    emit_first(shown, limit, form, settings.zone)


def doors(
    species: SpeciesOption = None,
    place: PlaceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Tell which platforms are the doors, where buyers are met, and which the tills, where they are brought to.

    Example: sellergraph doors
    """
    from graph.doors import platform_roles

    form = form_of(as_json, as_csv)
    with _market(case, store, species, place, since, until) as (_, market):
        emit(platform_roles(market), form)


def carriers(
    limit: LimitOption = 20,
    species: SpeciesOption = None,
    place: PlaceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Rank the contacts that carry most traffic between platforms.

    Example: sellergraph carriers --limit 10
    """
    from graph.doors import carriers as run
    from sellergraph.summary import emit_first

    form, settings = form_of(as_json, as_csv), settings_of(case, store)
    with _market(case, store, species, place, since, until) as (opened, market):
        found = run(opened, market, limit=None)
    emit_first(found.drop_columns(["carrier_kind"]) if form is Form.TABLE else found, limit, form, settings.zone)


@contextmanager
def _market(
    case: Path | None, store: str | None, species: str | None, place: str | None, since: str | None, until: str | None
) -> Iterator[tuple[GraphStore, Market]]:
    """The store, and the market of the ads that count; people are told that sellers are not known before `resolve`."""
    from graph.filters import Filters, narrowed
    from graph.market import read_market

    settings = settings_of(case, store)
    days = period_of(since, until, settings.zone)
    with reading(case, store) as opened:
        market = read_market(opened, settings.timezone)
        yield opened, narrowed(market, Filters(species=species, place=place, **days))
    if market.facts.ads.num_rows and not market.facts.sellers.num_rows:
        say("Sellers are not known yet and count as none: run sellergraph resolve.")


def connect(
    left: Annotated[str, typer.Argument(metavar="A", help="A seller, an account or a contact.")],
    right: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Paths at most.")] = 5,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Find how two sellers, accounts or contacts hang together: the most telling chains of accounts and contacts.

    Example: sellergraph connect seller:3f2a90bc11de wechat:demo_handle_1
    """
    from graph.connections import connections

    form = form_of(as_json, as_csv)
    with reading(case, store) as opened:
        found = connections(opened, left, right, k=limit)
    if form is Form.TABLE and not found.num_rows:
        say("Nothing connects them: no contact that both sides show, over any number of others.")
        return
    emit(found, form, zone=settings_of(case, store).zone)
