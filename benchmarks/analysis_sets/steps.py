"""One measurement in a process of its own; the last line on stdout is a JSON object.

.venv/bin/python -m benchmarks.analysis_sets.steps build|resolve|ranking|paths|disruption|query|figures|plain STORE …
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sellergraph.without_pandas import do_without_pandas

Told = dict[str, Any]
LIMIT_OF_PATHS, MOST_REMOVED, SCHEME = 100, 50, "harm"


def main() -> None:
    """Run the step and tell rows, seconds, seconds of a core and peak MiB, all without the start of Python."""
    step, path, *more = sys.argv[1:]
    if step not in ("build", "resolve"):
        # As the command does that reads a case.
        do_without_pandas()
    started, worked = time.perf_counter(), time.process_time()
    told = _STEPS[step](Path(path), *more)
    ended = {"seconds": time.perf_counter() - started, "core": time.process_time() - worked}
    ended["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**ended, **told}), flush=True)


def _build(path: Path, ads: str, accounts: str) -> Told:
    from benchmarks.analysis_sets.market import build

    build(path, int(ads), int(accounts))
    return {}


def _resolve(path: Path) -> Told:
    from graph.stores.embedded import EmbeddedStore
    from resolvers.resolve import resolve

    with EmbeddedStore(path) as store:
        store.migrate()
        report = resolve(store)
    return {"rows": report.sellers}


def _ranking(path: Path) -> Told:
    from graph.ranking import rank_sellers
    from graph.stores.embedded import EmbeddedStore

    with EmbeddedStore(path, read_only=True) as store:
        return {"rows": rank_sellers(store, scheme=SCHEME, limit=None).num_rows}


def _paths(path: Path) -> Told:
    from graph.chains import paths_between
    from graph.market import read_market
    from graph.paths import flows
    from graph.stores.embedded import EmbeddedStore

    with EmbeddedStore(path, read_only=True) as store:
        market = read_market(store)
    return {"rows": flows(market, limit=None).num_rows + paths_between(market, limit=LIMIT_OF_PATHS).num_rows}


def _disruption(path: Path) -> Told:
    from graph.disruption import disruption
    from graph.stores.embedded import EmbeddedStore

    with EmbeddedStore(path, read_only=True) as store:
        return {"rows": disruption(store, by="seller", what="all", most=MOST_REMOVED).curve.num_rows}


def _query(path: Path, name: str) -> Told:
    """Opening the store and the query; finding what to ask it about is not counted."""
    from benchmarks.analysis_sets.values import values_for
    from graph.queries import find_query, run_query
    from graph.stores.embedded import EmbeddedStore

    with EmbeddedStore(path, read_only=True) as store:
        values = values_for(store, find_query(name))
    started, worked = time.perf_counter(), time.process_time()
    with EmbeddedStore(path, read_only=True) as store:
        rows = run_query(store, name, **values).num_rows
    return {"rows": rows, "seconds": time.perf_counter() - started, "core": time.process_time() - worked}


def _figures(path: Path) -> Told:
    """The ranking without its spans, which the plain one does not have either, and a digest of its figures."""
    from benchmarks.analysis_sets.plain import digest
    from graph.market import read_market
    from graph.ranking import rank
    from graph.stores.embedded import EmbeddedStore

    with EmbeddedStore(path, read_only=True) as store:
        found = rank(read_market(store), scheme=SCHEME, limit=None, intervals=False)
    return {"rows": found.num_rows, "digest": digest(found.to_pylist())}


def _plain(path: Path) -> Told:
    from benchmarks.analysis_sets.plain import digest, plain_ranking
    from graph.stores.embedded import EmbeddedStore

    with EmbeddedStore(path, read_only=True) as store:
        found = plain_ranking(store, SCHEME)
    return {"rows": len(found), "digest": digest(found)}


_STEPS: dict[str, Callable[..., Told]] = {
    "build": _build,
    "resolve": _resolve,
    "ranking": _ranking,
    "paths": _paths,
    "disruption": _disruption,
    "query": _query,
    "figures": _figures,
    "plain": _plain,
}


if __name__ == "__main__":
    main()
