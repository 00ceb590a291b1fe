"""Commands for made-up markets, in which the truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sellergraph.case import EMBEDDED
from sellergraph.errors import UsageError
from sellergraph.options import JsonOption, StoreOption, reading
from sellergraph.output import Form, emit, emit_record, form_of

if TYPE_CHECKING:
    from resolvers.evaluate import Evaluation


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(simulate)
    app.command()(evaluate)


def simulate(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write ads, pictures and the truth to.")],
    seed: Annotated[int, typer.Option(help="The same seed gives the same market.")] = 1,
    operators: Annotated[int, typer.Option(min=1, help="Sellers in the market.")] = 60,
    images: Annotated[bool, typer.Option("--images/--no-images", help="Draw pictures.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Make up a market with known truth; everything in it is fictitious.

    Example: sellergraph simulate --seed 1 --operators 60 --out market
    """
    from ingest.sources.simulated import simulate as run
    from sellergraph.progress import waiting
    from sellergraph.summary import record_of

    with waiting("Making up a market"):
        report = run(out, seed=seed, operators=operators, images=images)
    emit_record(record_of(report), form_of(as_json, False))


def evaluate(
    truth: Annotated[
        list[Path],
        typer.Option("--truth", help="CSV of account_id,operator_id, or a made-up market's truth.json; one a --case."),
    ],
    case: Annotated[
        list[Path] | None,
        typer.Option("--case", help="Case folder, several times to pool cases (default as for other commands)."),
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare sellers with a known truth: precision, recall and, of made-up markets, the causes of what is wrong.

    Example: sellergraph evaluate --truth market/truth.json
    """
    from resolvers.evaluate import evaluate as run

    pairs = _cases_and_truths(case or [], truth, store)
    found = []
    for folder, file in pairs:
        with reading(folder, store) as opened:
            found.append(run(opened, file))
    _emit_evaluations([str(folder or file.parent) for folder, file in pairs], found, form_of(as_json, False))


def _cases_and_truths(cases: list[Path], truths: list[Path], store: str | None) -> list[tuple[Path | None, Path]]:
    """Each case with its truth, in the order given.

    Raises:
        UsageError: their numbers differ, or one store would be taken for several cases.
    """
    if len(truths) == 1 and not cases:
        return [(None, truths[0])]
    if len(cases) != len(truths):
        raise UsageError(f"each --truth needs its --case: {len(truths)} and {len(cases)} are given")
    if len(cases) > 1 and (store or EMBEDDED) != EMBEDDED:
        raise UsageError("one server holds one case: leave out --store to pool several cases")
    return list(zip(cases, truths, strict=True))


def _emit_evaluations(names: list[str], found: list[Evaluation], form: Form) -> None:
    """Pooled figures, with a line a case where there are several."""
    from resolvers.evaluate import pool, record
    from resolvers.evaluation.tables import case_table, cause_tables, headline

    whole = found[0] if len(found) == 1 else pool(found)
    if form is Form.JSON:
        each = [{"case": name, **record(one)} for name, one in zip(names, found, strict=True)]
        emit_record(record(whole) | ({"cases": each} if len(found) > 1 else {}), form)
        return
    emit_record(headline(whole), form)
    if len(found) > 1:
        emit(case_table(names, found), form, "Cases")
    for title, rows in cause_tables(whole.causes).items() if whole.causes else ():
        emit(rows, form, title)
