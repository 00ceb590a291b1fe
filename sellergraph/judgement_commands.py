"""Commands for analysts' judgements: which accounts are one seller's and which are not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from sellergraph.case import Settings
from sellergraph.options import CaseOption, CsvOption, JsonOption, StoreOption, day_of, reading, settings_of
from sellergraph.output import emit, emit_record, form_of, say

if TYPE_CHECKING:
    from graph.stores import GraphStore
    from resolvers.chains import Judgement

ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="Who says so.")]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (judge, retract, split, judgements, replay):
        app.command()(command)


def judge(
    left: Annotated[str, typer.Argument(metavar="A", help="An account, 'platform|seller_id'.")],
    right: Annotated[str, typer.Argument(metavar="B", help="Another account.")],
    verdict: Annotated[str, typer.Argument(metavar="same|different|unsure")],
    by: ByOption,
    reason: ReasonOption,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record that two accounts are one seller's, or are not; what contradicts standing judgements is refused.

    Example: sellergraph judge 'xianyu|u123' 'weibo|987' different --by Li --reason 'two voices on the phone'
    """
    from resolvers import judgements as judging

    settings = settings_of(case, store)
    with _writing(settings) as opened:
        made = judging.judge(opened, left, right, verdict, by, reason, datetime.now(UTC))
        others = judging.beside(opened, made)
    _emit(made, settings, as_json)
    for other in others:
        say(f"Beside it stands, until it is taken back: {other}")
    _say_next(settings)


def retract(
    judgement_id: Annotated[str, typer.Argument(metavar="ID", help="A judgement's id.")],
    by: ByOption,
    reason: ReasonOption,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a judgement back; it stays on record, with who took it back and why.

    Example: sellergraph retract judgement:20190301T120000.000000Z-1a2b3c4d --by Wu --reason 'another Ann'
    """
    from resolvers import judgements as judging

    settings = settings_of(case, store)
    with _writing(settings) as opened:
        gone = judging.retract(opened, judgement_id, by, reason, datetime.now(UTC))
    _emit(gone, settings, as_json)
    _say_next(settings)


def split(
    seller: Annotated[str, typer.Argument(metavar="SELLER", help="A seller's id, or an account of it.")],
    accounts: Annotated[list[str], typer.Argument(metavar="ACCOUNT...", help="Accounts to part from the rest.")],
    by: ByOption,
    reason: ReasonOption,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Part some accounts from the rest of their seller, by as few judgements as do it.

    Those named that are linked to one another are recorded as the same, and as different from some of the rest. Name
    accounts that have nothing to do with one another in separate calls.

    Example: sellergraph split seller:3f2a90bc11de 'xianyu|u123' 'weibo|987' --by Li --reason 'the number was sold'
    """
    import pyarrow as pa

    from resolvers import splits
    from resolvers.judgements import COLUMNS

    settings = settings_of(case, store)
    with _writing(settings) as opened:
        made = splits.split(opened, seller, accounts, by, reason, datetime.now(UTC))
    rows = pa.Table.from_pylist([asdict(judgement) for judgement in made])
    emit(rows.select(COLUMNS), form_of(as_json, False), zone=settings.zone)
    _say_next(settings)


def judgements(
    at: Annotated[str | None, typer.Option("--at", metavar="DATE", help="As at the end of this day.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that were taken back.")] = False,
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """List the judgements that stand, or stood at a date.

    Example: sellergraph judgements --at 2019-03-01 --csv
    """
    from resolvers.judgements import read_history, read_judgements

    form, settings = form_of(as_json, as_csv), settings_of(case, store)
    moment = _moment("--at", at, settings.zone)
    with reading(case, store) as opened:
        found = read_history(opened, moment) if every else read_judgements(opened, moment)
    emit(found, form, zone=settings.zone)


def replay(
    date: Annotated[str, typer.Argument(metavar="DATE", help="A day (its end) or a time.")],
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
) -> None:
    """Show who would belong together with the judgements that stood at a date; nothing is written.

    The evidence is that of the last resolution. A group is called by its smallest account.

    Example: sellergraph replay 2019-03-01 --csv > then.csv
    """
    from resolvers.replay import groups
    from resolvers.replay import replay as run

    form, settings = form_of(as_json, as_csv), settings_of(case, store)
    moment = _moment("DATE", date, settings.zone)
    with reading(case, store) as opened:
        found = run(opened, moment)
    emit(groups(found), form)


@contextmanager
def _writing(settings: Settings) -> Iterator[GraphStore]:
    from graph.stores import open_store

    with open_store(settings) as opened:
        yield opened


def _moment(option: str, value: str | None, zone: ZoneInfo) -> datetime | None:
    """The instant that is meant: of a day its last one."""
    start, end = day_of(option, value, zone), day_of(option, value, zone, end=True)
    return end - timedelta(microseconds=1) if end and end != start else end


def _emit(judgement: Judgement, settings: Settings, as_json: bool) -> None:
    """An object, or for people the fields that are filled, times in the case's zone."""
    record = asdict(judgement)
    if not as_json:
        times = {name: value for name, value in record.items() if isinstance(value, datetime)}
        record |= {name: value.replace(tzinfo=UTC).astimezone(settings.zone) for name, value in times.items()}
    emit_record(record, form_of(as_json, False))


def _say_next(settings: Settings) -> None:
    say(f"Recorded. sellergraph resolve --case {settings.folder} applies it.")
