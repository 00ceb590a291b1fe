"""How two accounts of one seller hang together: the chain of joined pairs that is most likely right as a whole."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from graph.facts import NUMBER, TEXT, fetch, read_of
from graph.lines import as_lists
from graph.stores import GraphStore
from resolvers.chains import Judgement
from resolvers.explanation import Step
from resolvers.judgements import SAME, read_judgements

if TYPE_CHECKING:
    import networkx as nx

_JOINED = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    MATCH (a)-[m:MATCHES]->(b:Account) WHERE coalesce(m.joined, true) = true
    MATCH (b)-[:RUN_BY]->(t:Seller) WHERE t.id = $seller_id
    RETURN a.id AS src, b.id AS dst, coalesce(m.probability, 1.0) AS probability, m.evidence_text AS evidence""",
    src=TEXT, dst=TEXT, probability=NUMBER, evidence=TEXT,
)  # fmt: skip
# Of chains that are equally sure the shorter one: an analyst's word costs nothing, a step a little.
_STEP = 1e-6
_LEAST = 1e-12


def surest_chain(store: GraphStore, seller_id: str, left: str, right: str) -> tuple[Step, ...]:
    """The steps from `left` to `right`; none when the graph keeps no chain."""
    import networkx as nx

    joined = as_lists(fetch(store, _JOINED, seller_id=seller_id)).to_pylist()
    same = [Judgement(**row) for row in read_judgements(store).to_pylist() if row["verdict"] == SAME]
    network = _network(joined, same)
    try:
        path = nx.dijkstra_path(network, left, right, weight="cost")
    except (nx.NetworkXNoPath, nx.NodeNotFound):
        return ()
    return tuple(_step(a, b, network.edges[a, b]) for a, b in zip(path, path[1:], strict=False))


def _network(joined: list[dict[str, Any]], same: Iterable[Judgement]) -> nx.Graph[str]:
    import networkx as nx

    network: nx.Graph[str] = nx.Graph()
    for row in sorted(joined, key=lambda row: (row["src"], row["dst"])):
        cost = _STEP - math.log(max(row["probability"], _LEAST))
        first = next(iter(row["evidence"] or []), "no evidence was kept")
        network.add_edge(row["src"], row["dst"], cost=cost, probability=row["probability"], evidence=first)
    for judgement in same:
        words = f"judged the same by {judgement.author}: {judgement.reason}"
        network.add_edge(judgement.left, judgement.right, cost=_STEP, probability=1.0, evidence=words)
    return network


def _step(left: str, right: str, edge: dict[str, Any]) -> Step:
    return Step(left, right, edge["probability"], edge["evidence"])
