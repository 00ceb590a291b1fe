"""Seconds and memory of each analysis of a large market against what is asked, beside plain Python and networkx."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from graph.queries import load_queries
from sellergraph.output import Form, emit, say

# What is asked of a million advertisements of 100,000 accounts on two cores, in seconds.
LIMITS = {"ranking": 5.0, "paths": 10.0, "disruption": 30.0}
QUERY_LIMIT = 2.0
WHAT = {
    "ranking": "ranking of all sellers, with spans",
    "paths": "all flows and the 100 best paths",
    "disruption": "disruption curve to k = 50",
}
_ROOT = Path(__file__).resolve().parent.parent.parent


def print_analysis(folder: Path, ads: int, accounts: int, sample: int, chosen: Sequence[str]) -> None:
    """Build what is missing, measure what is chosen (ranking, paths, disruption, queries, plain), print it."""
    store = _built(folder, ads, accounts)
    if wanted := [name for name in LIMITS if name in chosen]:
        rows = [_row(WHAT[name], _run(name, store), LIMITS[name]) for name in wanted]
        emit(pa.Table.from_pylist(rows), Form.TABLE, f"Analyses of {ads:,} ads")
    if "queries" in chosen:
        emit(pa.Table.from_pylist(_queries(store)), Form.TABLE, f"Queries of the pack on {ads:,} ads, slowest first")
    if "plain" in chosen:
        small = _built(folder, sample, max(sample * accounts // ads, 10))
        emit(pa.Table.from_pylist(list(_beside(store, ads, small, sample))), Form.TABLE, "Beside plain Python")


def _built(folder: Path, ads: int, accounts: int) -> Path:
    """The resolved store of a market, made unless it is there."""
    path = folder / f"analysis-{ads}-{accounts}.lbug"
    if not path.exists():
        part = path.with_name(f"part-{path.name}")
        for left in folder.glob(f"{part.name}*"):
            left.unlink()
        built, resolved = _run("build", part, str(ads), str(accounts)), _run("resolve", part)
        say(f"{ads:,} ads: built in {built['seconds']:.0f} s, resolved in {resolved['seconds']:.0f} s")
        for left in folder.glob(f"{part.name}*"):
            left.rename(folder / left.name.removeprefix("part-"))
    return path


def _queries(store: Path) -> list[dict[str, Any]]:
    """A row a query, slowest first."""
    found = [(name, _run("query", store, name)) for name in load_queries()]
    found.sort(key=lambda named: -named[1]["seconds"])
    return [_row(name, told, QUERY_LIMIT) for name, told in found]


def _beside(store: Path, ads: int, small: Path, sample: int) -> Iterator[dict[str, Any]]:
    """The ranking's figures by the program and by plain Python, each with microseconds an advertisement."""
    whole, part, plain = _run("figures", store), _run("figures", small), _run("plain", small)
    same = "the same" if part["digest"] == plain["digest"] else "DIFFERENT"
    for what, told, of in (("program", whole, ads), ("program", part, sample), ("plain", plain, sample)):
        per_ad = told["seconds"] / of
        yield {
            "figures and betweenness by": what,
            "ads": f"{of:,}",
            "s": f"{told['seconds']:.2f}",
            "core s": f"{told['core']:.2f}",
            "MiB": f"{told['memory']:,.0f}",
            "µs an ad": f"{1e6 * per_ad:.2f}",
            "of the program's on all": f"{per_ad / (whole['seconds'] / ads):.1f}",
            "figures": "" if of == ads else same,
        }


def _row(what: str, told: dict[str, Any], limit: float) -> dict[str, Any]:
    return {
        "what": what,
        "rows": f"{told['rows']:,}",
        "s": f"{told['seconds']:.2f}",
        "asked, s": f"{limit:g}",
        "": "" if told["seconds"] < limit else "OVER",
        "core s": f"{told['core']:.2f}",
        "MiB": f"{told['memory']:,.0f}",
    }


def _run(step: str, path: Path, *more: str) -> dict[str, Any]:
    """Run one step of steps.py in a process of its own; what it told."""
    command = [sys.executable, "-m", "benchmarks.analysis_sets.steps", step, str(path), *more]
    done = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the step {step} {' '.join(more)} failed")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told
