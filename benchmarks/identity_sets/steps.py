"""One step of the large benchmark in a process of its own; the last line on stdout is a JSON object.

.venv/bin/python -m benchmarks.identity_sets.steps build|resolve|profiles|plain|add PATH …
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

Told = dict[str, Any]
# The profiles as a user of Splink would want them, with the blocks that the program compares within.
_PROFILES = """
COPY (SELECT unique_id, p.name, p.places[1] AS place, p.own_keys AS contacts, b.blocks
      FROM blocked b JOIN profiles p USING (unique_id) ORDER BY unique_id)
TO '{path}' (FORMAT parquet)
"""


def main() -> None:
    """Run the step and tell what it did."""
    step, path, *more = sys.argv[1:]
    with _quiet() as out:
        told = _STEPS[step](Path(path), *more)
        print(json.dumps(told), file=out, flush=True)


@contextlib.contextmanager
def _quiet() -> Iterator[Any]:
    """Libraries that draw progress on stdout from C do it on stderr; what is yielded is the real stdout."""
    with os.fdopen(os.dup(1), "w") as out:
        os.dup2(2, 1)
        yield out


def _build(path: Path, accounts: str) -> Told:
    from benchmarks.large_market import build

    started = time.perf_counter()
    build(path, int(accounts))
    return {"seconds": time.perf_counter() - started}


def _resolve(path: Path, kept: str) -> Told:
    from graph.stores.embedded import EmbeddedStore
    from resolvers.resolve import resolve

    started = time.perf_counter()
    with EmbeddedStore(path) as store:
        store.migrate()
        opened = time.perf_counter() - started
        report = resolve(store, folder=Path(kept))
    rest = {name: value for name, value in asdict(report).items() if name != "seconds"}
    return {"seconds": time.perf_counter() - started, "opening": round(opened, 1)} | rest


def _profiles(path: Path, kept: str, rows: str) -> Told:
    """Count candidate pairs and leave the profiles for plain Splink."""
    from benchmarks.identity_sets.candidates import count_pairs
    from graph.stores.embedded import EmbeddedStore
    from resolvers.models import kept_model
    from resolvers.observe import observe
    from resolvers.work import decide, work_session

    started = time.perf_counter()
    with EmbeddedStore(path, read_only=True) as store:
        seen = observe(store)
    with work_session(seen.tables()) as db:
        decide(db, kept_model(Path(kept)))
        db.execute(_PROFILES.format(path=rows))
        pairs = count_pairs(db)
    return {"seconds": time.perf_counter() - started, "pairs": pairs}


def _plain(path: Path) -> Told:
    import duckdb
    from splink import block_on

    from benchmarks.identity_sets.plain import splink_pairs

    started = time.perf_counter()
    with duckdb.connect() as db:
        db.execute("SET enable_progress_bar = false")
        db.execute(f"CREATE TABLE plain AS FROM '{path}'")
        pairs = splink_pairs(db, "plain", [block_on("blocks", arrays_to_explode=["blocks"])])
    return {"seconds": time.perf_counter() - started, "pairs": pairs.num_rows}


def _add(path: Path, ads: str) -> Told:
    from benchmarks.identity_sets.newcomers import add_ads
    from graph.stores.embedded import EmbeddedStore

    started = time.perf_counter()
    with EmbeddedStore(path) as store:
        added = add_ads(store, int(ads))
    return {"seconds": time.perf_counter() - started, "ads": added}


_STEPS: dict[str, Callable[..., Told]] = {
    "build": _build,
    "resolve": _resolve,
    "profiles": _profiles,
    "plain": _plain,
    "add": _add,
}


if __name__ == "__main__":
    main()
