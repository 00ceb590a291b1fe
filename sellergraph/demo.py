"""`sellergraph demo`: a made-up case from nothing to ranked sellers, saying each step."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

from sellergraph.case import CASE_FILE, EMBEDDED, Settings, create_case, load_case
from sellergraph.errors import UsageError
from sellergraph.output import Form, emit, say
from sellergraph.progress import ingest_progress, waiting

SEED = 1
MARKET = "market"


def build_demo(folder: Path, operators: int, store: str | None) -> Settings:
    """Make or complete the made-up case in `folder`: each step changes nothing when done before.

    Raises:
        UsageError: the folder holds something else.
    """
    settings = _case(folder, store)
    started = time.monotonic()
    _simulate(folder / MARKET, operators)
    _ingest(settings, folder / MARKET)
    _resolve(settings)
    _show(settings)
    say(f"Built in {time.monotonic() - started:.0f} s. Everything in this case is made up.")
    return settings


def _case(folder: Path, store: str | None) -> Settings:
    if (folder / CASE_FILE).exists():
        return load_case(folder, store)
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty and not a case; choose another folder with --dir")
    create_case(folder, store or EMBEDDED)
    return load_case(folder, store)


def _simulate(market: Path, operators: int) -> None:
    from ingest.sources.simulated import simulate

    say(f"1/4  Making up a market of {operators} sellers with pictures in {market}")
    with waiting("Drawing"):
        simulate(market, seed=SEED, operators=operators, images=True)


def _ingest(settings: Settings, market: Path) -> None:
    from graph.stores import open_store
    from ingest.pipeline import ingest
    from sellergraph.summary import say_ingest

    # Text in a thousand pictures takes minutes; who wants it says so.
    quick = settings if "SELLERGRAPH_OCR" in os.environ else replace(settings, ocr="off")
    say("2/4  Reading its advertisements: contacts, codes, pictures, goods")
    with open_store(settings) as store, ingest_progress() as progress:
        report = ingest(quick, store, [market / "ads.jsonl"], progress=progress)
    say_ingest(report, settings)


def _resolve(settings: Settings) -> None:
    from graph.stores import open_store
    from resolvers import resolve

    say("3/4  Working out which accounts belong to one seller")
    with open_store(settings) as store, waiting("Resolving"):
        report = resolve(store, folder=settings.resolution)
    say(f"     {report.accounts:,} accounts are {report.sellers:,} sellers.")


def _show(settings: Settings) -> None:
    from graph.ranking import rank_sellers
    from graph.stores import open_store

    say("4/4  Ranking them: the first five")
    with open_store(settings, read_only=True) as store:
        ranked = rank_sellers(store, limit=5, timezone=settings.timezone)
    emit(
        ranked.select(
            [c for c in ("rank", "name", "ads", "active_days", "accounts", "share") if c in ranked.column_names]
        ),
        Form.TABLE,
    )
