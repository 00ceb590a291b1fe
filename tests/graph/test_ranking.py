"""Sellers in order, with what the order is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from graph.facts import read_facts
from graph.ranking import concentration, rank_sellers, top_share
from graph.stores.base import GraphStore
from sellergraph.errors import UsageError

COLUMNS = (
    "rank", "seller_id", "name", "ads", "active_days", "platforms", "platform_list", "accounts", "share", "species",
    "first_ad", "last_ad",
)  # fmt: skip


def test_sellers_are_ranked_with_their_figures(market: GraphStore) -> None:
    ranked = rank_sellers(market)
    assert tuple(ranked.column_names) == COLUMNS
    first, second = ranked.to_pylist()
    assert first == {
        "rank": 1,
        "seller_id": "seller:0a01",
        "name": "Ann",
        "ads": 6,
        "active_days": 5,
        "platforms": 2,
        "platform_list": ["weibo", "xianyu"],
        "accounts": 2,
        "share": 0.75,
        "species": ["tiger", "elephant"],
        "first_ad": datetime(2018, 3, 1, 20),
        "last_ad": datetime(2018, 3, 31, 20),
    }
    assert (second["name"], second["ads"], second["active_days"], second["share"]) == ("Carl", 1, 0, 0.125)


def test_days_are_local(market: GraphStore) -> None:
    assert rank_sellers(market, timezone="UTC").to_pylist()[0]["active_days"] == 5
    # 20:00 and 10:00 UTC on 1, 2 and 2 March are 2, 2 and 3 March in Shanghai.
    early = {"until": datetime(2018, 3, 2, 21)}
    assert rank_sellers(market, timezone="UTC", **early).to_pylist()[0]["active_days"] == 2
    assert rank_sellers(market, timezone="Pacific/Kiritimati", **early).to_pylist()[0]["active_days"] == 2


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"species": "tiger"}, [("Ann", 2, 1.0)]),
        ({"species": "象"}, [("Ann", 1, 0.5), ("Carl", 1, 0.5)]),
        ({"species": "ELEPHANT"}, [("Ann", 1, 0.5), ("Carl", 1, 0.5)]),
        ({"platform": "Weibo"}, [("Ann", 1, 1 / 3), ("Carl", 1, 1 / 3)]),
        ({"kind": "second_hand"}, [("Ann", 5, 1.0)]),
        ({"since": datetime(2018, 3, 9)}, [("Ann", 2, 2 / 3)]),
        ({"until": datetime(2018, 3, 2, 10)}, [("Ann", 1, 1.0)]),
        ({"limit": 1}, [("Ann", 6, 0.75)]),
        ({"limit": None}, [("Ann", 6, 0.75), ("Carl", 1, 0.125)]),
        ({"species": "tiger", "platform": "weibo"}, []),
    ],
)
def test_filters_narrow_ads_and_shares(
    market: GraphStore, filters: dict[str, Any], expected: list[tuple[str, int, float]]
) -> None:
    found = rank_sellers(market, **filters).to_pylist()
    assert [(row["name"], row["ads"], row["share"]) for row in found] == expected


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"species": "elefant"}, "unknown species 'elefant'; did you mean elephant?"),
        ({"platform": "xianju"}, "unknown platform 'xianju'; did you mean xianyu?"),
        ({"species": "qqq"}, "unknown species 'qqq'; known are elephant, tiger"),
        ({"kind": "qqq"}, "known are messaging, second_hand, social_media"),
    ],
)
def test_unknown_names_are_answered_with_known_ones(market: GraphStore, filters: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("?", r"\?")):
        rank_sellers(market, **filters)


def test_before_resolve_it_says_what_to_do(unresolved: GraphStore) -> None:
    with pytest.raises(UsageError, match="no sellers yet: run sellergraph resolve"):
        rank_sellers(unresolved)


def test_an_empty_case_ranks_nobody(store: GraphStore) -> None:
    assert rank_sellers(store).num_rows == 0
    assert tuple(rank_sellers(store).column_names) == COLUMNS
    assert top_share(store) == 0.0


@pytest.mark.parametrize(
    ("asked", "share"),
    [
        ({"k": 1}, 0.75),
        ({"k": 10}, 0.875),
        ({"k": 1, "by": "account"}, 0.625),
        ({"k": 1, "kind": "social_media"}, 1 / 3),
    ],
)
def test_top_share_counts_ads_of_unknown_accounts_in_the_whole(
    market: GraphStore, asked: dict[str, Any], share: float
) -> None:
    assert top_share(market, **asked) == pytest.approx(share)


def test_concentration_is_cumulative(market: GraphStore) -> None:
    curve = concentration(read_facts(market))
    assert curve["cumulative"].to_pylist() == [0.75, 0.875]
