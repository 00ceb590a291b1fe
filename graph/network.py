"""One seller and what surrounds it: a networkx graph, and the same as one self-contained HTML page.

Captured text is data: it reaches the page only as JSON with `<`, `>` and `&` escaped, and the page's own
policy forbids it every request.
"""

from __future__ import annotations

import html
import json
import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graph.captions import contact_captions
from graph.facts import COUNT, RUNS, SELLERS, TEXT, fetch, read_of
from graph.sellers import find_seller
from graph.sql import run_sql
from graph.stores.base import GraphStore
from graph.uses import by_seller, decisions, undecided

if TYPE_CHECKING:
    import networkx as nx

MAX_NODES = 200
# Up to here the browser finds a layout in about a second (measured); beyond, positions come from Python.
_PHYSICS_NODES = 200
_LABEL = 22
# More other sellers than this on one contact that is nobody's own among them are a number, not a ball of nodes.
_FEW = 5
# Kind of node: colour, shape, and what the legend calls it. Colours keep 3:1 contrast to white.
KINDS = {
    "seller": ("#b3261e", "diamond", "This seller"),
    "account": ("#1f6fb2", "dot", "Account"),
    "phone": ("#2e7d4f", "square", "Phone"),
    "handle": ("#0f8a8a", "square", "User name"),
    "qr": ("#7a4fb0", "square", "QR code"),
    "link": ("#8a6d00", "square", "Link"),
    "email": ("#5d6b7a", "square", "E-mail"),
    "other_seller": ("#c2560c", "diamond", "Another seller"),
}

# What a contact is to this seller: only its own is evidence of who it is.
ROLES = {
    "own": "the seller's own",
    "platform": "a platform's hotline",
    "courier": "a courier",
    "guarantor": "a guarantor",
    "supplier": "a supplier",
    "warning": "someone warned of",
    "other": "somebody else",
}

_ACCOUNTS = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    OPTIONAL MATCH (a)-[:POSTED]->(ad:Ad)
    RETURN a.id AS account_id, a.name AS name, a.platform AS platform, count(ad) AS ads""",
    account_id=TEXT, name=TEXT, platform=TEXT, ads=COUNT,
)  # fmt: skip
_CONTACTS = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    MATCH (a)-[:POSTED]->(ad:Ad)
    MATCH (ad)-[m:MENTIONS]->(c:Phone|Handle|QRCode|Email|Link) WHERE m.candidate_of IS NULL
    RETURN a.id AS account_id, c.id AS contact_id, ad.id AS ad_id, m.role AS role""",
    account_id=TEXT, contact_id=TEXT, ad_id=TEXT, role=TEXT,
)  # fmt: skip
_USERS = read_of(
    """MATCH (c:Phone|Handle|QRCode|Email|Link) WHERE c.id IN $contacts
    MATCH (ad:Ad)-[m:MENTIONS]->(c) WHERE ad.account_id IS NOT NULL AND m.candidate_of IS NULL
    RETURN c.id AS contact_id, ad.account_id AS account_id, m.role AS role, count(DISTINCT ad.id) AS ads""",
    contact_id=TEXT, account_id=TEXT, role=TEXT, ads=COUNT,
)  # fmt: skip
# What resolution decided stands before what was read beside the contact.
_MENTIONED = """
WITH roles AS (
    SELECT contact_id, coalesce(arg_min(role, (-n, role)), 'other') AS role
    FROM (SELECT contact_id, role, count(*) AS n FROM mentions GROUP BY ALL) GROUP BY contact_id
), decided AS (
    SELECT contact_id, role FROM by_seller WHERE seller_id = $seller_id
)
SELECT account_id, contact_id, coalesce(any_value(s.role), any_value(u.role), any_value(r.role)) AS role,
       coalesce(any_value(d.role), any_value(u.role), any_value(r.role)) AS given, count(DISTINCT ad_id) AS ads
FROM mentions m JOIN roles r USING (contact_id) LEFT JOIN decided s USING (contact_id)
LEFT JOIN decisions d USING (account_id, contact_id) LEFT JOIN undecided u USING (contact_id)
GROUP BY account_id, contact_id ORDER BY account_id, contact_id
"""
_OTHERS = """
WITH counted AS (
    SELECT contact_id, seller_id, role, CAST(sum(ads) AS BIGINT) AS ads
    FROM users JOIN runs USING (account_id) WHERE seller_id <> $seller_id GROUP BY ALL
)
SELECT contact_id, seller_id, coalesce(any_value(name), seller_id) AS name, CAST(sum(ads) AS BIGINT) AS ads,
       coalesce(any_value(d.role), any_value(u.role), arg_min(c.role, (-ads, c.role)), 'other') AS role
FROM counted c LEFT JOIN sellers USING (seller_id)
LEFT JOIN by_seller d USING (contact_id, seller_id)
LEFT JOIN undecided u USING (contact_id)
GROUP BY contact_id, seller_id ORDER BY contact_id, seller_id
"""


def seller_network(store: GraphStore, seller_id: str, max_nodes: int = MAX_NODES) -> nx.Graph[str]:
    """The seller, its accounts, their contacts, and other sellers that show the same contacts.

    Args:
        seller_id: as graph.sellers.find_seller takes it.
        max_nodes: the most connected are kept.

    Returns:
        Nodes by graph id with kind (a key of KINDS), label, about (what to show on pointing) and ads, contacts
        with role too (as decided; undecided, the most frequent one in this seller's ads); edges with ads, those to
        contacts with the role that the contact has for the account or other seller. Other sellers who name a courier's,
        hotline's or warned-of contact are nodes only where few do; else the contact says how many.
        `graph['hidden']` counts the nodes left out, `graph['name']` is the seller's.

    Raises:
        UsageError: no such seller.
    """
    found = find_seller(store, seller_id)
    whole = _whole(store, found)
    shown = _most_connected(whole, found, max_nodes)
    shown.graph["hidden"] = whole.number_of_nodes() - shown.number_of_nodes()
    return shown


def _whole(store: GraphStore, seller_id: str) -> nx.Graph[str]:
    import networkx as nx

    sellers = fetch(store, SELLERS)
    names = dict(zip(sellers["seller_id"].to_pylist(), sellers["name"].to_pylist(), strict=True))
    network: nx.Graph[str] = nx.Graph(name=names.get(seller_id) or seller_id)
    accounts = fetch(store, _ACCOUNTS, seller_id=seller_id).sort_by("account_id").to_pylist()
    _node(network, seller_id, "seller", str(network.graph["name"]), sum(row["ads"] for row in accounts))
    for row in accounts:
        name = row["name"] or row["account_id"]
        _node(network, row["account_id"], "account", name, row["ads"], f"Account on {row['platform']}: {name}")
        network.add_edge(seller_id, row["account_id"], ads=row["ads"])
    _add_contacts(network, store, seller_id, sellers)
    return network


def _add_contacts(network: nx.Graph[str], store: GraphStore, seller_id: str, sellers: pa.Table) -> None:
    mentions = fetch(store, _CONTACTS, seller_id=seller_id)
    ids = sorted(set(mentions["contact_id"].to_pylist()))
    if not ids:
        return
    decided, runs = decisions(store, ids), fetch(store, RUNS)
    rest = set(ids) - set(decided["contact_id"].to_pylist())
    tables = {"mentions": mentions, "decisions": decided, "by_seller": by_seller(decided, runs), "runs": runs}
    tables |= {"undecided": undecided(store, rest)}
    shown = run_sql(_MENTIONED, tables, {"seller_id": seller_id}).to_pylist()
    _draw_contacts(network, shown, contact_captions(store, ids).to_pylist())
    tables |= {"users": fetch(store, _USERS, contacts=ids), "sellers": sellers}
    _add_others(network, run_sql(_OTHERS, tables, {"seller_id": seller_id}).to_pylist())


def _draw_contacts(network: nx.Graph[str], shown: list[dict[str, Any]], captions: list[dict[str, Any]]) -> None:
    roles = {row["contact_id"]: row["role"] for row in shown}
    for row in captions:
        contact, role = row["contact_id"], ROLES[roles[row["contact_id"]]]
        _node(network, contact, row["kind"], row["caption"], 0, f"{KINDS[row['kind']][2]}: {row['caption']}\n{role}")
        network.nodes[contact]["role"] = roles[contact]
    for row in shown:
        network.nodes[row["contact_id"]]["ads"] += row["ads"]
        network.add_edge(row["account_id"], row["contact_id"], ads=row["ads"], role=row["given"])


def _add_others(network: nx.Graph[str], rows: list[dict[str, Any]]) -> None:
    """Who gives a contact of this seller as the own is drawn; of couriers' and hotlines' many users only the number."""
    strangers = [row for row in rows if not _is_own(network, row)]
    users = Counter(row["contact_id"] for row in strangers)
    for row in rows:
        if users[row["contact_id"]] > _FEW and not _is_own(network, row):
            continue
        if row["seller_id"] not in network:
            _node(network, row["seller_id"], "other_seller", row["name"], 0)
        network.nodes[row["seller_id"]]["ads"] += row["ads"]
        network.add_edge(row["contact_id"], row["seller_id"], ads=row["ads"], role=row["role"])
    for contact, number in users.items():
        if number > _FEW:
            network.nodes[contact]["about"] += f"\nalso in ads of {number:,} other sellers, who are not drawn"


def _is_own(network: nx.Graph[str], row: dict[str, Any]) -> bool:
    return bool(row["role"] == "own" == network.nodes[row["contact_id"]]["role"])


def _node(network: nx.Graph[str], key: str, kind: str, name: str, ads: int, about: str | None = None) -> None:
    label = name if len(name) <= _LABEL else f"{name[: _LABEL - 1]}…"
    network.add_node(key, kind=kind, label=label, about=about or f"{KINDS[kind][2]}: {name}", ads=ads)


def _most_connected(network: nx.Graph[str], centre: str, most: int) -> nx.Graph[str]:
    """The centre and the nodes of highest degree, without those that nothing shown joins to the centre."""
    import networkx as nx

    kinds = list(KINDS)
    others = (node for node in network if node != centre)
    order = sorted(others, key=lambda n: (-network.degree(n), kinds.index(network.nodes[n]["kind"]), n))
    kept = network.subgraph([centre, *order[: max(most - 1, 0)]])
    joined = nx.node_connected_component(kept, centre)
    # A graph of its own: a view would follow later changes, and is slow to draw.
    small: nx.Graph[str] = nx.Graph(**network.graph)
    small.add_nodes_from((node, dict(network.nodes[node])) for node in network if node in joined)
    small.add_edges_from((a, b, dict(d)) for a, b, d in network.edges(data=True) if a in joined and b in joined)
    return small


def network_html(graph: nx.Graph[str], height: int = 560) -> str:
    """The graph as one HTML page with everything in line: it asks nobody for anything.

    Args:
        height: of the whole page, pixels.
    """
    from pyvis.network import Network

    drawn = Network(height=f"{height - _LEGEND_HEIGHT}px", width="100%", cdn_resources="in_line", bgcolor="#ffffff")
    positions = {} if graph.number_of_nodes() <= _PHYSICS_NODES else _positions(graph)
    for key, data in graph.nodes(data=True):
        drawn.add_node(key, **_look(data), **positions.get(key, {}))
    for left, right, data in graph.edges(data=True):
        width = 1 + min(math.log10(1 + data["ads"]), 4)
        foreign = data.get("role", "own") != "own"
        title = _ads(data["ads"]) + (f"\n{ROLES[data['role']]}" if foreign else "")
        drawn.add_edge(left, right, title=title, width=width, dashes=foreign)
    drawn.set_options(json.dumps(_options(physics=not positions)))
    return _closed(drawn.generate_html(), graph)


def _look(data: dict[str, Any]) -> dict[str, Any]:
    colour, shape, _ = KINDS[data["kind"]]
    size = 9 + 5 * math.log10(1 + data["ads"])
    # pyvis turns a title with these four letters into markup (its template sets innerHTML): never let it.
    about = re.sub("(?i)href", lambda found: f"{found[0][:2]}\u2060{found[0][2:]}", data["about"])
    return {
        "label": data["label"],
        "title": f"{about}\n{_ads(data['ads'])}",
        "color": colour,
        "shape": shape,
        "size": size + (8 if data["kind"] == "seller" else 0),
    }


def _ads(number: int) -> str:
    return f"{number:,} ad" if number == 1 else f"{number:,} ads"


def _positions(graph: nx.Graph[str]) -> dict[str, dict[str, float]]:
    import networkx as nx

    spread = 60 * math.sqrt(graph.number_of_nodes())
    found = nx.spring_layout(graph, seed=1, scale=spread, iterations=60)
    return {key: {"x": float(at[0]), "y": float(at[1])} for key, at in found.items()}


def _options(physics: bool) -> dict[str, Any]:
    return {
        "physics": {
            "enabled": physics,
            "barnesHut": {"gravitationalConstant": -9000, "springLength": 110, "avoidOverlap": 0.2},
            "stabilization": {"iterations": 150},
        },
        "layout": {"randomSeed": 1, "improvedLayout": False},
        "edges": {"smooth": False, "color": {"color": "#b8c0c8", "highlight": "#b3261e"}},
        "nodes": {"font": {"size": 14, "color": "#20262c", "face": "sans-serif", "strokeWidth": 3}},
        "interaction": {"hover": True, "tooltipDelay": 120, "hideEdgesOnDrag": not physics},
    }


_LEGEND_HEIGHT = 46
_OUTSIDE = re.compile(r'<link\s[^>]*href="https?://[^>]*>|<script\s[^>]*src="https?://[^>]*>\s*</script>')
_EMPTY_HEADING = re.compile(r"<center>\s*<h1>\s*</h1>\s*</center>")
# Nothing may be fetched, whatever the data says; the library draws pictures from data: addresses.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:\">"
)
_STYLE = """<style>
body { margin: 0; font: 14px/1.4 sans-serif; color: #20262c; background: #fff; }
#mynetwork { border: 0 !important; float: none !important; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 14px; padding: 4px 8px; font-size: 13px; }
.legend { border-top: 1px solid #d9dee3; }
.legend i { display: inline-block; width: 10px; height: 10px; margin-right: 5px; }
.legend .dot { border-radius: 50%; } .legend .diamond { transform: rotate(45deg) scale(.85); }
div.vis-tooltip { white-space: pre-line !important; max-width: 320px; font: 13px sans-serif !important; }
</style>"""
# Once settled the picture stays put: nodes that drift away under the pointer cannot be read.
_SETTLE = """<script>
network.once("stabilizationIterationsDone", function () {
  network.setOptions({physics: false}); network.fit(); document.body.dataset.settled = "yes";
});
</script>"""


def _closed(page: str, graph: nx.Graph[str]) -> str:
    """Cut what would be fetched, add the policy, the look and the legend."""
    page = _EMPTY_HEADING.sub("", _OUTSIDE.sub("", page))
    title = f"<title>{html.escape(str(graph.graph.get('name', 'Network')))}</title>"
    page = page.replace('<meta charset="utf-8">', f'<meta charset="utf-8">{_POLICY}{title}', 1)
    page = page.replace("</head>", f"{_STYLE}</head>", 1)
    # The last one: the library's own script may hold the word.
    body, _, rest = page.rpartition("</body>")
    return f"<!doctype html>\n{body}{_legend(graph)}{_SETTLE}</body>{rest}"


def _legend(graph: nx.Graph[str]) -> str:
    present = {data["kind"] for _, data in graph.nodes(data=True)}
    items = [
        f'<span><i class="{shape}" style="background:{colour}"></i>{name}</span>'
        for kind, (colour, shape, name) in KINDS.items()
        if kind in present
    ]
    if any(data.get("role", "own") != "own" for _, _, data in graph.edges(data=True)):
        items.append("<span>- - - named as a courier&#39;s, supplier&#39;s, hotline&#39;s or somebody warned of</span>")
    hidden = graph.graph.get("hidden", 0)
    if hidden:
        items.append(f"<b>{hidden:,} more not shown, the least connected</b>")
    return f'<div class="legend">{"".join(items)}</div>'
