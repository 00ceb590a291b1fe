"""Commands for how buyers are led from platform to platform."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from sellergraph.options import CaseOption, CsvOption, JsonOption, LimitOption, StoreOption, reading, settings_of
from sellergraph.output import Form, form_of

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
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Rank the ways buyers are led from one platform to another, with the ads that do it.

    Example: sellergraph paths --by protection --limit 10
    """
    from graph.paths import traffic_paths
    from sellergraph.summary import emit_first

    form = form_of(as_json, as_csv)
    with reading(case, store) as opened:
        found = traffic_paths(opened, limit=None, by=by)
    shown = found.drop_columns(["contacts", "named_accounts", "pictures"]) if form is Form.TABLE else found
    emit_first(shown, limit, form, settings_of(case, store).zone)


def routes(
    start: Annotated[str | None, typer.Argument(metavar="[FROM]", help="A platform or kind, e.g. short_video.")] = None,
    end: Annotated[str | None, typer.Argument(metavar="[TO]", help="A platform or kind, e.g. payment.")] = None,
    limit: LimitOption = 20,
    by: OrderOption = "ads",
    most_hops: Annotated[int, typer.Option(min=1, max=8, help="Hops of a path at most.")] = 4,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Find the best paths of several hops, e.g. from short videos to a messenger to a payment code.

    Example: sellergraph routes short_video payment --limit 10
    """
    from graph.chains import best_paths
    from sellergraph.summary import emit_first

    form = form_of(as_json, as_csv)
    with reading(case, store) as opened:
        found = best_paths(opened, start=start, end=end, limit=None, by=by, most_hops=most_hops)
    shown = found.drop_columns(["chains", "named_hops", "example_pictures"]) if form is Form.TABLE else found
    emit_first(shown, limit, form, settings_of(case, store).zone)


def doors(
    case: CaseOption = None, store: StoreOption = None, as_json: JsonOption = False, as_csv: CsvOption = False
) -> None:
    """Tell which platforms are the doors, where buyers are met, and which the tills, where they are brought to.

    Example: sellergraph doors
    """
    from graph.doors import platform_roles
    from graph.market import read_market
    from sellergraph.output import emit

    with reading(case, store) as opened:
        emit(platform_roles(read_market(opened)), form_of(as_json, as_csv))


def carriers(
    limit: LimitOption = 20,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Rank the contacts that carry most traffic between platforms.

    Example: sellergraph carriers --limit 10
    """
    from graph.doors import carriers as run
    from graph.market import read_market
    from sellergraph.summary import emit_first

    form, settings = form_of(as_json, as_csv), settings_of(case, store)
    with reading(case, store) as opened:
        found = run(opened, read_market(opened), limit=None)
    emit_first(found.drop_columns(["carrier_kind"]) if form is Form.TABLE else found, limit, form, settings.zone)


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
    from sellergraph.output import emit, say

    form = form_of(as_json, as_csv)
    with reading(case, store) as opened:
        found = connections(opened, left, right, k=limit)
    if form is Form.TABLE and not found.num_rows:
        say("Nothing connects them: no contact that both sides show, over any number of others.")
        return
    emit(found, form, zone=settings_of(case, store).zone)
