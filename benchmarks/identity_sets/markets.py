"""Made-up markets as ingested cases, made once and copied for each use."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

from graph.stores import open_store
from ingest.pipeline import ingest
from ingest.sources.simulated import ADS_FILE, simulate
from sellergraph.case import Settings, create_case, load_case

_DONE = "made.txt"


@dataclass(frozen=True, slots=True)
class Plan:
    """A market to be made."""

    seed: int
    operators: int
    pictures: bool = False

    @property
    def name(self) -> str:
        """As it is called in tables and folders."""
        return f"{self.seed}-{self.operators}{'-pictures' if self.pictures else ''}"


@dataclass(frozen=True, slots=True)
class Made:
    """A market that was ingested and not resolved; `seconds` of making and ingesting it."""

    plan: Plan
    case: Path
    truth_file: Path
    seconds: float


def make(plan: Plan, folder: Path) -> Made:
    """Make a market and its case below the folder, unless it is there already."""
    home = folder / plan.name
    done, case, market = home / _DONE, home / "case", home / "market"
    if not done.exists():
        shutil.rmtree(home, ignore_errors=True)
        started = time.perf_counter()
        simulate(market, seed=plan.seed, operators=plan.operators, images=plan.pictures)
        _ingest(case, market)
        done.write_text(f"{time.perf_counter() - started}", encoding="utf-8")
    return Made(plan, case, market / "truth.json", float(done.read_text(encoding="utf-8")))


def _ingest(case: Path, market: Path) -> None:
    settings = _quick(create_case(case))
    with open_store(settings) as store:
        ingest(settings, store, [market / ADS_FILE])


def _quick(settings: Settings) -> Settings:
    # Reading text in pictures takes half a second each and is measured by benchmarks/pictures.py.
    return replace(settings, ocr="off")


def copied(made: Made, folder: Path) -> Settings:
    """A copy of the case in an empty folder, to be resolved and judged in; it has no pictures' files."""
    shutil.copytree(made.case, folder, ignore=shutil.ignore_patterns("evidence", "*.lock"))
    return _quick(load_case(folder))
