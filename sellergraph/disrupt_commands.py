"""The command that says whose removal takes most away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import pyarrow as pa
import typer

from sellergraph.options import (
    CaseOption,
    CsvOption,
    JsonOption,
    KindOption,
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
from sellergraph.output import Form, emit, emit_record, form_of, say

if TYPE_CHECKING:
    from graph.disruption import Disruption

By = Literal["seller", "account", "contact"]
What = Literal["all", "ads", "protection", "routes", "network"]
# As far as the whole curve goes, if no more are asked for.
CURVE = 50
_PEOPLE = ("step", "id", "name", "gain", "ads", "why")


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(disrupt)


def disrupt(
    by: Annotated[By, typer.Option(help="What is removed.")] = "seller",
    what: Annotated[
        What,
        typer.Option(
            help="What is to be lost. routes: different ones of account, contact and platform led to; network: the "
            "largest group that ties and shared contacts connect; all: the mean of the shares of ads, protection and "
            "routes."
        ),
    ] = "all",
    number: Annotated[int, typer.Option("-k", "--number", min=1, max=1000, help="How many are removed.")] = 10,
    curve: Annotated[
        bool, typer.Option("--curve", help=f"Up to {CURVE} removed, with the shares lost for 0, 1, 2, ...")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the random draws.")] = 0,
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
    """Choose the sellers, accounts or contacts whose removal takes most away, and compare with other choices.

    Example: sellergraph disrupt --by contact --what routes -k 10
    """
    from graph.disruption import disruption

    form, settings = form_of(as_json, as_csv), settings_of(case, store)
    limits: dict[str, Any] = {"species": species, "platform": platform, "kind": kind, "place": place}
    limits |= period_of(since, until, settings.zone)
    most = max(number, CURVE) if curve else number
    with reading(case, store) as opened:
        found = disruption(opened, by=by, what=what, most=most, seed=seed, timezone=settings.timezone, **limits)
    _emit(found, most, curve, form)


def _emit(found: Disruption, most: int, curve: bool, form: Form) -> None:
    shares = found.curve if curve else _at(found.curve, most)
    if form is Form.JSON:
        emit_record(_record(found, shares), form)
    elif form is Form.CSV:
        emit(shares if curve else _greedy(found.chosen), form)
    else:
        _emit_tables(found, shares)


def _emit_tables(found: Disruption, shares: pa.Table) -> None:
    chosen = _greedy(found.chosen).select(_PEOPLE)
    emit(chosen, Form.TABLE, f"Remove first, by {found.by}")
    if not chosen.num_rows:
        return
    emit(shares, Form.TABLE, "Shares lost, by strategy (random: mean of 100 draws)")
    say(found.guarantee.words)


def _record(found: Disruption, shares: pa.Table) -> dict[str, Any]:
    return {
        "by": found.by,
        "what": found.what,
        "totals": found.totals,
        "guarantee": found.guarantee.words,
        "certificate": found.guarantee.certificate,
        "chosen": found.chosen.to_pylist(),
        "curve": shares.to_pylist(),
    }


def _at(curve: pa.Table, number: int) -> pa.Table:
    """The rows of one k."""
    import pyarrow.compute as pc

    return curve.filter(pc.equal(curve["k"], number))


def _greedy(chosen: pa.Table) -> pa.Table:
    import pyarrow.compute as pc

    return chosen.filter(pc.equal(chosen["strategy"], "greedy"))
