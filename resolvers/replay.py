"""The clusters as they would be with the judgements that stood at a date: of the links of the last resolution."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graph.facts import NUMBER, TEXT, fetch, read_of
from graph.stores import GraphStore
from resolvers.clusters import Clustering, cluster, no_profiles
from resolvers.judgements import check, read_judgements

_ACCOUNTS = read_of("MATCH (a:Account) RETURN a.id AS account", account=TEXT)
_LINKS = read_of(
    """MATCH (a:Account)-[m:MATCHES]->(b:Account) WHERE m.joined = true OR m.cut IS NOT NULL
    RETURN a.id AS src, b.id AS dst, coalesce(m.weight, 0.0) AS weight, m.cut AS reason""",
    src=TEXT, dst=TEXT, weight=NUMBER, reason=TEXT,
)  # fmt: skip
# How the reasons of contradicted bridges and of weak links of groups begin; see contradictions.py and guarded.py.
_BRIDGE = "weak "


def replay(store: GraphStore, at: datetime | None = None) -> Clustering:
    """Cluster anew with the judgements that stood at an instant, and write nothing.

    What the profiles said is not in the graph: a weak bridge that they contradicted stays cut. Every other link over
    the threshold is decided anew.

    Args:
        at: see `read_judgements`.

    Raises:
        UsageError: the judgements of that date contradict each other.
    """
    judged = read_judgements(store, at)
    check(judged)
    links = fetch(store, _LINKS)
    held = pc.fill_null(pc.starts_with(links["reason"], _BRIDGE), False)
    accounts = fetch(store, _ACCOUNTS)["account"].combine_chunks()
    found = cluster(accounts, links.filter(pc.invert(held)), no_profiles(), judged)
    bridges = _still_cut(links.filter(held).select(["src", "dst", "reason"]), found.assigned)
    cut = pa.concat_tables([found.cut, bridges]).sort_by([("src", "ascending"), ("dst", "ascending")])
    return Clustering(found.assigned, cut, found.alarms)


def groups(found: Clustering) -> pa.Table:
    """account_id, group (the smallest account id of its cluster), sorted by account."""
    accounts = found.assigned["account"].combine_chunks()
    return pa.table({"account_id": accounts, "group": accounts.take(found.assigned["cluster"].combine_chunks())})


def _still_cut(bridges: pa.Table, assigned: pa.Table) -> pa.Table:
    """Those whose accounts no judgement joins."""
    places = [pc.index_in(bridges[end], value_set=assigned["account"].combine_chunks()) for end in ("src", "dst")]
    clusters = [assigned["cluster"].take(place.combine_chunks()).to_numpy() for place in places]
    return bridges.filter(pa.array(np.not_equal(*clusters), pa.bool_()))
