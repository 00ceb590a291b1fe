"""A seller's surroundings as a graph and as a page that asks nobody for anything."""

from __future__ import annotations

import re

import networkx as nx
import pyarrow as pa
import pytest

from graph.network import network_html, seller_network
from graph.stores.base import GraphStore
from sellergraph.errors import UsageError


def test_the_network_holds_accounts_contacts_and_other_sellers(market: GraphStore) -> None:
    network = seller_network(market, "weibo|b")
    kinds = {node: data["kind"] for node, data in network.nodes(data=True)}
    assert kinds == {
        "seller:0a01": "seller",
        "xianyu|a": "account",
        "weibo|b": "account",
        "wechat:demo_1": "handle",
        "tel:+8613800138000": "phone",
        "qr:0123456789abcdef": "qr",
        "seller:0b02": "other_seller",
    }
    assert network.edges["wechat:demo_1", "seller:0b02"] == {"ads": 1, "role": "supplier"}
    assert network.nodes["wechat:demo_1"]["role"] == "own"
    assert seller_network(market, "0b02").nodes["wechat:demo_1"]["about"] == "User name: WeChat demo_1\na supplier"
    assert network.graph == {"name": "Ann", "hidden": 0}
    assert network.nodes["wechat:demo_1"]["label"] == "WeChat demo_1"


def _name_courier(store: GraphStore, number: int, role: str) -> None:
    """Another seller with one ad that names Ann's handle."""
    account, ad, seller = f"xianyu|z{number}", f"xianyu|z{number}-1", f"seller:z{number}"
    mention = {"src": ad, "dst": "wechat:demo_1", "place": "text", "span_start": 0, "role": role}
    rows = {
        "Account": {"id": account, "platform": "xianyu", "seller_id": f"z{number}"},
        "Ad": {"id": ad, "platform": "xianyu", "account_id": account},
        "Seller": {"id": seller, "name": f"Zed {number}"},
        "Account.POSTED.Ad": {"src": account, "dst": ad},
        "Account.RUN_BY.Seller": {"src": account, "dst": seller},
        "Ad.MENTIONS.Handle": mention,
    }
    store.write({name: pa.Table.from_pylist([row]) for name, row in rows.items()})


def test_many_who_name_a_contact_as_somebody_elses_are_a_number(market: GraphStore) -> None:
    for number in range(5):
        _name_courier(market, number, "warning")
    _name_courier(market, 6, "own")
    network = seller_network(market, "seller:0a01")
    others = {node for node, data in network.nodes(data=True) if data["kind"] == "other_seller"}
    assert others == {"seller:z6"}
    assert network.nodes["wechat:demo_1"]["about"].endswith("also in ads of 6 other sellers, who are not drawn")
    page = network_html(seller_network(market, "seller:z6"))
    assert "somebody warned of" not in page


def test_roles_are_those_that_were_decided(market: GraphStore) -> None:
    use = {"dst": "wechat:demo_1", "tenure": 1, "ads": 1}
    decided = [
        use | {"src": "xianyu|a", "role": "own", "own_probability": 0.9},
        use | {"src": "weibo|b", "role": "courier", "own_probability": 0.1},
        use | {"src": "weibo|c", "role": "own", "own_probability": 0.8},
    ]
    market.write({"Account.USES.Handle": pa.Table.from_pylist(decided)})
    network = seller_network(market, "seller:0a01")
    assert network.nodes["wechat:demo_1"]["role"] == "own"
    assert network.edges["weibo|b", "wechat:demo_1"]["role"] == "courier"
    # Read as a supplier's in Carl's ad, and decided to be his own.
    assert network.edges["wechat:demo_1", "seller:0b02"]["role"] == "own"


def test_the_most_connected_are_kept(market: GraphStore) -> None:
    network = seller_network(market, "seller:0a01", max_nodes=4)
    assert set(network) == {"seller:0a01", "xianyu|a", "weibo|b", "wechat:demo_1"}
    assert network.graph["hidden"] == 3
    assert "3 more not shown" in network_html(network)


def test_unknown_sellers_are_refused(market: GraphStore) -> None:
    with pytest.raises(UsageError, match="nobody"):
        seller_network(market, "nobody")


def test_the_page_fetches_nothing_and_runs_no_captured_text(market: GraphStore) -> None:
    page = network_html(seller_network(market, "seller:0a01"))
    assert not re.search(r"""<(script|link|img|iframe)\b[^>]*(src|href)\s*=\s*["']?(https?:)?//""", page)
    assert "Content-Security-Policy" in page
    assert "<script>alert" not in page
    assert r"\u003c/script\u003e\u003cscript\u003ealert(1)" in page
    # pyvis would set innerHTML from titles that hold this word.
    assert "popup.innerHTML" not in page


def test_names_in_the_page_title_are_escaped() -> None:
    network: nx.Graph[str] = nx.Graph(name="</title><script>alert(1)</script>", hidden=0)
    network.add_node("seller:1", kind="seller", label="x", about="x", ads=1)
    assert "<script>alert" not in network_html(network)


@pytest.mark.parametrize(("accounts", "physics"), [(20, "true"), (400, "false")])
def test_large_networks_come_with_positions(accounts: int, physics: str) -> None:
    network: nx.Graph[str] = nx.Graph(name="big", hidden=0)
    network.add_node("seller:1", kind="seller", label="x", about="x", ads=1)
    for number in range(accounts):
        network.add_node(f"a{number}", kind="account", label="x", about="x", ads=1)
        network.add_edge("seller:1", f"a{number}", ads=1)
    page = network_html(network)
    assert f'"physics": {{"enabled": {physics}' in page
    assert ('"x": ' in page) is (physics == "false")
    assert page == network_html(network)
