"""What the pack's queries are asked about: the heaviest seller, the contact on most accounts, and so on."""

from __future__ import annotations

from typing import Any

from graph.queries import Query
from graph.stores.base import GraphStore

# Parameter -> a query for its value: where the most is to be found.
_VALUES = {
    "seller": """
MATCH (s:Seller) WHERE s.ads IS NOT NULL RETURN s.id AS found, s.ads AS n ORDER BY n DESC, found LIMIT 1
""",
    "account": """
MATCH (a:Account)-[:POSTED]->(p:Ad) RETURN a.id AS found, count(*) AS n ORDER BY n DESC, found LIMIT 1
""",
    "contact": """
MATCH (a:Account)-[:USES]->(c:Phone|Handle|QRCode|Email|Link)
RETURN c.id AS found, count(*) AS n ORDER BY n DESC, found LIMIT 1
""",
    "ad": """
MATCH (p:Ad)-[m:MENTIONS]->(:Phone|Handle|QRCode|Email|Link)
RETURN p.id AS found, count(*) AS n ORDER BY n DESC, found LIMIT 1
""",
    "taxon": """
MATCH (p:Ad)-[:OFFERS]->(c:Commodity) RETURN c.taxon_id AS found, count(*) AS n ORDER BY n DESC, found LIMIT 1
""",
    "network": "MATCH (w:Network) RETURN w.id AS found, w.sellers AS n ORDER BY n DESC, found LIMIT 1",
    "since": "MATCH (p:Ad) RETURN min(p.seen_at) AS found",
    "until": "MATCH (p:Ad) RETURN max(p.seen_at) AS found",
}
# Queries for which the heaviest of all says nothing.
_OWN_VALUES = {
    ("near_pairs", "seller"): """
MATCH (s:Seller)<-[:RUN_BY]-(a:Account)-[m:MATCHES]-(:Account) WHERE coalesce(m.joined, false) = false
RETURN s.id AS found, count(*) AS n ORDER BY n DESC, found LIMIT 1
""",
}


def values_for(store: GraphStore, query: Query) -> dict[str, Any]:
    """A value for each parameter that has no default.

    Raises:
        SystemExit: a parameter that nothing is known about here; the message says where to add it.
    """
    wanted = [parameter.name for parameter in query.parameters if parameter.default is None]
    return {name: _value(store, query.name, name) for name in wanted}


def _value(store: GraphStore, query: str, parameter: str) -> Any:
    text = _OWN_VALUES.get((query, parameter)) or _VALUES.get(parameter)
    if text is None:
        raise SystemExit(f"{query}: say in benchmarks/analysis_sets/values.py which {parameter} to ask about")
    found = store.read(text)["found"]
    return found[0].as_py() if len(found) else ""
