"""A made-up market with known truth, shaped by the figures of TRAFFIC's report on China, 2017-2018.

Everything in it is fictitious. It serves the demo, the tests and the benchmarks: ads.jsonl and
images/ are a source like any other; truth.csv and truth.json say who is who.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.sources import TRUTH_FILE
from ingest.sources.simulation.market import Market, Row, make_market
from ingest.sources.simulation.truth import write_truth
from sellergraph.errors import UsageError

Progress = Callable[[str, int, int], None]
_STEP = 500
ADS_FILE = "ads.jsonl"


@dataclass(frozen=True, slots=True)
class SimulationReport:
    """What was made; `folder` holds ads.jsonl, images/, truth.csv and truth.json."""

    folder: str
    ads: int
    operators: int
    accounts: int
    contacts: int
    images: int
    seconds: float


def simulate(
    out: Path, *, seed: int, operators: int, images: bool = True, progress: Progress | None = None
) -> SimulationReport:
    """Write a market of `operators` sellers; the same arguments give the same bytes.

    Args:
        progress: called with (what, done, in all).

    Raises:
        UsageError: no operators, the folder cannot be written, or it holds other advertisements.
    """
    if operators < 1:
        raise UsageError(f"a market needs at least one operator, not {operators}")
    if (out / ADS_FILE).exists() and not (out / TRUTH_FILE).exists():
        raise UsageError(f"{out / ADS_FILE} is there already and of no made-up market; choose another folder")
    started, tell = time.monotonic(), progress or _silent
    market = make_market(seed, operators, images=images)
    try:
        out.mkdir(parents=True, exist_ok=True)
        part = out / f".{ADS_FILE}.part"
        ads = _write_ads(market, part, tell)
        drawn = _draw(market, out, tell)
        write_truth(market, out)
        # Last: advertisements without their truth are somebody's own.
        part.replace(out / ADS_FILE)
    except OSError as error:
        raise UsageError(f"cannot write the market to {out}: {error.strerror or error}") from error
    contacts = len({contact.node_id for _, contact, _ in market.shown})
    seconds = round(time.monotonic() - started, 2)
    return SimulationReport(str(out), ads, operators, len(market.world.accounts), contacts, drawn, seconds)


def market(seed: int, operators: int, *, ads_per_operator: float = 50.0) -> Iterator[Row]:
    """Yield the rows of a market without pictures, in order of time: fields as in the ad record."""
    yield from make_market(seed, operators, ads_per_operator=ads_per_operator).rows()


def _write_ads(made: Market, path: Path, tell: Progress) -> int:
    encode = json.JSONEncoder(ensure_ascii=False).encode
    number, total = 0, len(made.slots)
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for number, row in enumerate(made.rows(), start=1):
            stream.write(encode(row) + "\n")
            if number % _STEP == 0 or number == total:
                tell("advertisements", number, total)
    return number


def _draw(made: Market, out: Path, tell: Progress) -> int:
    if made.album is None:
        return 0
    from ingest.sources.simulation.pictures import draw_album

    return draw_album(made.album, made.world.seed, out, tell)


def _silent(what: str, done: int, total: int) -> None:
    """No progress is asked for."""
