"""Commands for made-up markets, in which the truth is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sellergraph.options import CaseOption, JsonOption, StoreOption, reading
from sellergraph.output import emit_record, form_of


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
    truth: Annotated[Path, typer.Option("--truth", help="CSV of account_id,operator_id.")],
    case: CaseOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare sellers with a known truth: pairwise and B-cubed precision, recall and F1.

    Example: sellergraph evaluate --truth market/truth.csv
    """
    from resolvers.evaluate import evaluate as run
    from sellergraph.summary import record_of

    with reading(case, store) as opened:
        emit_record(record_of(run(opened, truth)), form_of(as_json, False))
