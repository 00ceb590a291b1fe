"""What every ranking, path and comparison of a case is counted from, read once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any, cast

import pyarrow as pa

from graph.facts import (
    ACCOUNTS,
    ADS,
    FLAG,
    NARROW,
    NUMBER,
    OFFERS,
    PLATFORMS,
    RUNS,
    SELLERS,
    TAXA,
    TEXT,
    Facts,
    Read,
    fetch,
    query_of,
    read_facts,
    read_of,
)
from graph.hops import NAMING, WHOLE_CASE, Hops, read_hops
from graph.stores.base import GraphStore
from graph.uses import NOT_LED, ROLES, all_roles
from sellergraph.case import DEFAULT_TIMEZONE

# Pairs less likely than this are not worth a thought: what is joined is at least .5 under any threshold of use.
POSSIBLE = 0.5
SWITCH_SECONDS = 0.0005

_DOUBTS = read_of(
    """MATCH (a:Account)-[m:MATCHES]->(b:Account) WHERE m.joined OR m.probability >= $possible
    RETURN a.id AS left_id, b.id AS right_id, m.probability AS probability, coalesce(m.joined, false) AS joined""",
    left_id=TEXT, right_id=TEXT, probability=NUMBER, joined=FLAG,
)  # fmt: skip
_JUDGED = read_of(
    """MATCH (j:Judgement) WHERE j.retracted_at IS NULL AND j.verdict <> 'unsure'
    RETURN j.left_id AS left_id, j.right_id AS right_id, j.verdict = 'same' AS same""",
    left_id=TEXT, right_id=TEXT, same=FLAG,
)  # fmt: skip

_MEMBERS = read_of(
    "MATCH (s:Seller)-[m:MEMBER_OF]->(n:Network) RETURN s.id AS seller_id, n.id AS network_id, m.role AS role",
    seller_id=TEXT, network_id=TEXT, role=TEXT,
)  # fmt: skip


@dataclass(frozen=True)
class Market:
    """Facts, and what ties them together.

    Attributes:
        facts: see graph.facts.Facts. hops: see graph.hops.Hops.
        uses: whose each contact was decided to be, see graph.uses.all_roles; empty before `resolve`.
        pairs: left_id, right_id, probability, joined: pairs of accounts that were joined, or might have been.
        members: seller_id, network_id, role: who works in which network.
        judged: left_id, right_id, same: what analysts said of pairs of accounts.
    """

    facts: Facts
    hops: Hops
    uses: pa.Table
    pairs: pa.Table
    judged: pa.Table
    members: pa.Table


def read_market(store: GraphStore, timezone: str = DEFAULT_TIMEZONE) -> Market:
    """Read the case once.

    Args:
        timezone: of local days.
    """
    with coming_market(store, timezone) as coming:
        return Market(**{field.name: getattr(coming, field.name) for field in fields(Market)})


@contextmanager
def coming_market(store: GraphStore, timezone: str = DEFAULT_TIMEZONE, *, narrow: bool = False) -> Iterator[Market]:
    """`read_market`, whose parts but the facts are still being read: whoever asks for one waits for it.

    Args:
        narrow: see graph.facts.read_facts.
    """
    with _reading_ahead(store, NARROW if narrow else ADS) as ahead, ThreadPoolExecutor(1) as pool:
        facts = read_facts(ahead, timezone, narrow=narrow)
        coming = {
            "hops": pool.submit(read_hops, ahead, facts),
            "uses": pool.submit(all_roles, ahead),
            "pairs": pool.submit(fetch, ahead, _DOUBTS, possible=POSSIBLE),
            "judged": pool.submit(fetch, ahead, _JUDGED),
            "members": pool.submit(fetch, ahead, _MEMBERS),
        }
        try:
            yield _Coming(facts, coming)
        finally:
            pool.shutdown(cancel_futures=True)


class _Coming(Market):
    """A market whose later parts are on their way."""

    def __init__(self, facts: Facts, coming: dict[str, Future[Any]]) -> None:
        object.__setattr__(self, "facts", facts)
        object.__setattr__(self, "_coming", coming)

    def __getattr__(self, name: str) -> Any:
        coming = self.__dict__.get("_coming", {})
        if name not in coming:
            raise AttributeError(name)
        object.__setattr__(self, name, coming[name].result())
        return self.__dict__[name]


class _Ahead:
    """A store whose reads are on their way, in the order of their need, while what came first is being counted."""

    def __init__(self, store: GraphStore, pool: ThreadPoolExecutor, ads: Read) -> None:
        self.dialect, self._store = store.dialect, store
        reads = (RUNS, PLATFORMS, TAXA, ads, OFFERS, ACCOUNTS, SELLERS, *WHOLE_CASE, *NAMING, NOT_LED, ROLES)
        asked: list[tuple[str, dict[str, Any]]] = [(query_of(store, read), {}) for read in reads]
        asked.append((_DOUBTS.query, {"possible": POSSIBLE}))
        self._coming = {query: pool.submit(store.read, query, **params) for query, params in asked}

    def read(self, query: str, /, **params: Any) -> pa.Table:
        coming = self._coming.pop(query, None)
        return coming.result() if coming else self._store.read(query, **params)


@contextmanager
def _reading_ahead(store: GraphStore, ads: Read) -> Iterator[GraphStore]:
    before = sys.getswitchinterval()
    # Three threads take turns: with Python's usual 5 ms they wait for one another for a quarter of a second.
    sys.setswitchinterval(SWITCH_SECONDS)
    with ThreadPoolExecutor(1) as pool:
        try:
            yield cast("GraphStore", _Ahead(store, pool, ads))
        finally:
            sys.setswitchinterval(before)
            pool.shutdown(cancel_futures=True)
