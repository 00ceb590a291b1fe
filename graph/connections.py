"""How two sellers, accounts or contacts hang together: the best chains of accounts and contacts between them.

The graph has sellers, their accounts, and the contacts that accounts show as their own or their supplier's; a handle is
also tied to the account that it names, and a code to the contact in it. A contact that many accounts show says little:
a step over it costs as many bits as there are doublings of its accounts.
"""

from __future__ import annotations

from itertools import islice, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graph.captions import contact_captions
from graph.facts import ACCOUNTS, COUNT, NUMBER, RUNS, SELLERS, TEXT, TIME, fetch, read_of
from graph.hops import CODED
from graph.sellers import find_seller
from graph.shown import shown_contacts
from graph.sql import run_sql
from graph.stores.base import GraphStore
from sellergraph.errors import UsageError

Floats = npt.NDArray[np.float64]
# Nodes that the search for the k best paths is given, those nearest to both ends; a hub brings in thousands.
MOST_NODES = 2_000
# Paths that are looked at for each one that is shown: most of the others are detours.
TRIED = 50
# Below this rapidfuzz ratio (0 to 100) two ids are unlike rather than misspelt.
NEAR = 80
# Bits that one step costs beside those of a contact's spread.
STEP = 1.0
_SEEN = read_of(
    """MATCH (ad:Ad) WHERE ad.account_id IS NOT NULL
    RETURN ad.id AS ad_id, ad.account_id AS account_id, ad.seen_at AS seen_at""",
    ad_id=TEXT, account_id=TEXT, seen_at=TIME,
)  # fmt: skip
_NAMES = read_of("MATCH (h:Handle)-[:IDENTIFIES]->(a:Account) RETURN h.id AS one, a.id AS other", one=TEXT, other=TEXT)
_EDGES = """
WITH shows AS (
    SELECT account_id AS one, contact_id AS other, count(*) AS ads, min(seen_at) AS first_ad, max(seen_at) AS last_ad,
           arg_min(ad_id, (coalesce(seen_at, TIMESTAMP '9999-01-01'), ad_id)) AS example_ad
    FROM shown JOIN seen USING (ad_id) GROUP BY account_id, contact_id
), spread AS (SELECT other, count(*) AS accounts FROM shows GROUP BY other),
edges AS (
    SELECT one, other, 'shows' AS how, $step + log2(accounts) AS bits, ads, first_ad, last_ad, example_ad
    FROM shows JOIN spread USING (other)
    UNION ALL SELECT seller_id, account_id, 'runs', $step, NULL, NULL, NULL, NULL FROM runs
    UNION ALL SELECT one, other, 'names', $step, NULL, NULL, NULL, NULL FROM names
    UNION ALL SELECT one, other, 'holds', $step, NULL, NULL, NULL, NULL FROM holds
)
SELECT one, other, how, bits, ads, first_ad, last_ad, example_ad FROM edges
QUALIFY row_number() OVER (PARTITION BY least(one, other), greatest(one, other) ORDER BY bits, how, one) = 1
ORDER BY one, other
"""
_NUMBERED = """
WITH nodes AS (
    SELECT id, (row_number() OVER (ORDER BY id) - 1)::BIGINT AS n
    FROM (SELECT one AS id FROM edges UNION SELECT other FROM edges)
)
SELECT a.n AS left_end, b.n AS right_end, e.bits
FROM edges e JOIN nodes a ON a.id = e.one JOIN nodes b ON b.id = e.other
ORDER BY left_end, right_end
"""
_NODES = "SELECT id FROM (SELECT one AS id FROM edges UNION SELECT other FROM edges) ORDER BY id"
_INSIDE = """
SELECT e.* FROM edges e SEMI JOIN members a ON a.id = one SEMI JOIN members b ON b.id = other ORDER BY one, other
"""
_WORDED = """
SELECT path, step, from_id, coalesce(f.name, from_id) AS from_name, how, to_id, coalesce(t.name, to_id) AS to_name,
       bits, ads, first_ad, last_ad, example_ad
FROM steps LEFT JOIN called f ON f.id = from_id LEFT JOIN called t ON t.id = to_id ORDER BY path, step
"""
_STEPS = pa.schema(
    [("path", COUNT), ("step", COUNT), ("from_id", TEXT), ("to_id", TEXT), ("how", TEXT), ("bits", NUMBER),
     ("ads", COUNT), ("first_ad", TIME), ("last_ad", TIME), ("example_ad", TEXT)]
)  # fmt: skip
# How a step reads when it is taken from the other end.
_BACKWARDS = {"shows": "is shown by", "runs": "is run by", "names": "is named by", "holds": "is held by"}


def connections(store: GraphStore, left: str, right: str, *, k: int = 10) -> pa.Table:
    """The k best chains between two ends, a step a row.

    Args:
        left, right: id of a seller, an account or a contact; the start of a seller's id will do.

    Returns:
        path (1: the most telling), step (from 1), from_id, from_name, how (shows, runs, names, holds, or the same
        backwards), to_id, to_name, bits (one, and one more for each doubling of the accounts that show the contact;
        fewer are more telling), and where ads carry the step: ads, first_ad, last_ad (UTC), example_ad. No rows where
        nothing connects them.

    Raises:
        UsageError: an end that the graph does not know, or both are one.
    """
    edges = _edges(store)
    nodes = run_sql(_NODES, {"edges": edges})["id"].to_pylist()
    place = {node: number for number, node in enumerate(nodes)}
    ends = [_place_of(store, wanted, place) for wanted in (left, right)]
    if ends[0] == ends[1]:
        raise UsageError(f"{left!r} and {right!r} are one and the same: {nodes[ends[0]]}")
    near = _near(run_sql(_NUMBERED, {"edges": edges}), len(nodes), ends)
    steps = _walked(edges, {nodes[number] for number in near}, nodes[ends[0]], nodes[ends[1]], k)
    return run_sql(_WORDED, {"steps": steps, "called": _called(store, steps)})


def _edges(store: GraphStore) -> pa.Table:
    tables = {"shown": shown_contacts(store), "seen": fetch(store, _SEEN), "runs": fetch(store, RUNS)}
    tables |= {"names": fetch(store, _NAMES), "holds": fetch(store, CODED).rename_columns(["one", "other"])}
    return run_sql(_EDGES, tables, {"step": STEP})


def _place_of(store: GraphStore, wanted: str, place: dict[str, int]) -> int:
    wanted = wanted.strip()
    if wanted not in place:
        # A seller's id may be shortened, or be that of an earlier seller.
        found = _sellers_id(store, wanted, place)
        if found not in place:
            raise UsageError(f"{wanted!r} shows no contact of its own and has no account in the graph")
        return place[found]
    return place[wanted]


def _sellers_id(store: GraphStore, wanted: str, place: dict[str, int]) -> str:
    try:
        return find_seller(store, wanted)
    except UsageError as error:
        from rapidfuzz import fuzz, process

        hits = process.extract(wanted, sorted(place), scorer=fuzz.ratio, limit=3, score_cutoff=NEAR)
        near = f"; did you mean {' or '.join(hit[0] for hit in hits)}?" if hits else ""
        unknown = f"no seller, account or contact {wanted!r} among those that ads show as their own{near}"
        raise UsageError(
            unknown if hits or ":" in wanted and not wanted.startswith("seller:") else str(error)
        ) from error


def _near(numbered: pa.Table, count: int, ends: list[int]) -> list[int]:
    """The nodes by which the ends are nearest; none where nothing connects them."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    left, right, cost = (numbered[name].to_numpy() for name in ("left_end", "right_end", "bits"))
    graph = coo_array((cost, (left, right)), shape=(count, count)).tocsr()
    reach: Floats = dijkstra(graph, directed=False, indices=ends)
    both = reach.sum(axis=0)
    reached = np.flatnonzero(np.isfinite(both))
    order = reached[np.lexsort((reached, np.round(both[reached], 9)))]
    return [int(number) for number in order[:MOST_NODES]]


def _walked(edges: pa.Table, near: set[str], start: str, end: str, k: int) -> pa.Table:
    import networkx as nx

    graph: Any = nx.Graph()
    members = pa.table({"id": pa.array(sorted(near), TEXT)})
    for edge in run_sql(_INSIDE, {"edges": edges, "members": members}).to_pylist():
        graph.add_edge(edge["one"], edge["other"], bits=edge["bits"], edge=edge)
    if not (graph.has_node(start) and graph.has_node(end)):
        return _STEPS.empty_table()
    # J. Yen, Finding the k shortest loopless paths in a network, 1971.
    paths = islice(nx.shortest_simple_paths(graph, start, end, weight="bits"), TRIED * k)
    found = islice((path for path in paths if _is_direct(graph, path)), k)
    rows = [
        _step(graph.edges[one, other]["edge"], one, number, place)
        for number, path in enumerate(_by_cost(graph, found), start=1)
        for place, (one, other) in enumerate(pairwise(path), start=1)
    ]
    return pa.Table.from_pylist(rows, schema=_STEPS)


def _is_direct(graph: Any, path: list[str]) -> bool:
    """Whether no step leads to what an earlier one could have led to: such a detour tells nothing new."""
    return not any(graph.has_edge(path[i], path[j]) for i in range(len(path)) for j in range(i + 2, len(path)))


def _by_cost(graph: Any, paths: Any) -> list[list[str]]:
    """Paths of equal cost in the order of their nodes: the search's own depends on how it was built."""
    costs = [(round(sum(graph.edges[pair]["bits"] for pair in pairwise(path)), 9), path) for path in paths]
    return [path for _, path in sorted(costs)]


def _step(edge: dict[str, Any], one: str, path: int, step: int) -> dict[str, Any]:
    forwards = edge["one"] == one
    how = edge["how"] if forwards else _BACKWARDS[edge["how"]]
    ends = (edge["one"], edge["other"]) if forwards else (edge["other"], edge["one"])
    kept = {name: edge[name] for name in ("ads", "first_ad", "last_ad", "example_ad")}
    return {"path": path, "step": step, "from_id": ends[0], "to_id": ends[1], "how": how,
            "bits": round(edge["bits"], 3)} | kept  # fmt: skip


def _called(store: GraphStore, steps: pa.Table) -> pa.Table:
    """id, name: what sellers, accounts and contacts are called."""
    ids = sorted({*steps["from_id"].to_pylist(), *steps["to_id"].to_pylist()})
    people = pa.concat_tables(
        [
            fetch(store, SELLERS).rename_columns(["id", "name"]),
            fetch(store, ACCOUNTS).select(["account_id", "name"]).rename_columns(["id", "name"]),
        ]
    )
    known = {row["id"]: row["name"] for row in people.to_pylist()} if ids else {}
    contacts = contact_captions(store, [node for node in ids if node not in known])
    captions = dict(zip(contacts["contact_id"].to_pylist(), contacts["caption"].to_pylist(), strict=True))
    rows = [{"id": node, "name": known.get(node) or captions.get(node)} for node in ids]
    return pa.Table.from_pylist(rows, schema=pa.schema([("id", TEXT), ("name", TEXT)]))
