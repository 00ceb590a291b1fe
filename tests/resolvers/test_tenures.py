"""A number has owners in time: where its timeline is cut, and where a silence is no handing over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from resolvers.model import prior_model
from resolvers.observe import SCHEMAS, Observations
from resolvers.uses import uses_tables
from resolvers.work import decide, work_session

# A case of ordinary size: one account in fifty posts from any of these places, and no name is common.
ORDINARY = {"places": dict.fromkeys(("昆明", "西安", "北京", "上海"), 0.02), "names": {}}
SHARED = "tel:+8613800009999"

Rows = list[dict[str, Any]]
Uses = dict[tuple[str, str], dict[str, Any]]


def shop(
    account: str, contacts: Iterable[str], *, first: int = 0, ads: int = 12, every: int = 7, **looks: Any
) -> dict[str, Rows]:
    """An account with ads from day `first` on that give the contacts as its own; `looks`: place, name, taxon."""
    platform, _, login = account.partition("|")
    days = [datetime(2018, 1, 1) + timedelta(days=first + every * number) for number in range(ads)]
    said = {"account": account, "role": "own", "cued": True, "in_name": False}
    posted = {"account": account, "name": looks.get("name"), "place": looks.get("place")}
    return {
        "accounts": [{"account": account, "platform": platform, "login": login, "name": looks.get("name")}],
        "posts": [posted | {"seen": day} for day in days],
        "sightings": [said | {"contact": c, "ad": f"{account}-{day}", "seen": day} for c in contacts for day in days],
        "goods": [{"account": account, "taxon": looks["taxon"], "ads": ads}] if "taxon" in looks else [],
        "handles": [{"handle": c, "service": c.split(":")[0], "handle_value": c.split(":")[1]} for c in contacts],
    }


def observed(shops: Iterable[dict[str, Rows]]) -> Observations:
    tables: dict[str, Rows] = {name: [] for name in SCHEMAS}
    for each in shops:
        for name, found in each.items():
            tables[name] += [row for row in found if name != "handles" or row not in tables[name]]
    return Observations(**{name: pa.Table.from_pylist(tables[name], schema=schema) for name, schema in SCHEMAS.items()})


def decided(shops: Iterable[dict[str, Rows]]) -> Uses:
    """(account, contact) -> what was decided."""
    with work_session(observed(shops).tables()) as db:
        decide(db, replace(prior_model(), population=ORDINARY))
        tables = uses_tables(db).values()
        return {(row["src"], row["dst"]): row for table in tables for row in table.to_pylist()}


ANN, BO, NOBODY = {"place": "昆明", "name": "聚宝斋"}, {"place": "西安", "name": "代购小屋"}, {}
# The last of twelve ads, a week apart.
END = 77


def owner(
    prefix: str, looks: dict[str, str], first: int = 0, contact: str = SHARED, **more: Any
) -> list[dict[str, Rows]]:
    """Two accounts that post from day `first` on."""
    return [shop(f"{prefix}{number}", [contact], first=first, **looks, **more) for number in (1, 2)]


def turns(shops: Iterable[dict[str, Rows]], contact: str = SHARED) -> dict[str, int]:
    """Account -> whose turn it was when the account had the contact."""
    return {account: row["tenure"] for (account, found), row in decided(shops).items() if found == contact}


PASSED_ON = [
    ("a month", 30, ANN, BO),
    ("a quarter", 90, ANN, BO),
    ("most of a year", 300, ANN, BO),
    ("three years", 1000, ANN, BO),
    ("nothing but another place", 300, ANN, ANN | {"place": "西安"}),
    ("nothing but another place, no names", 90, {"place": "昆明"}, {"place": "西安"}),
    ("years of silence, nothing else known", 500, NOBODY, NOBODY),
    ("a name that another has too, elsewhere and long after", 500, ANN, BO | {"name": "聚宝斋"}),
]
STAYED = [
    ("a new account at once", 3, ANN, ANN),
    ("a new account under another name", 10, ANN, ANN | {"name": "代购小屋"}),
    ("moved, without a silence", 10, ANN, ANN | {"place": "西安"}),
    ("a pause, nothing else known", 20, NOBODY, NOBODY),
    ("a season's rest", 90, ANN, ANN),
    ("a long season's rest", 150, ANN, ANN),
    ("a season's rest, another name", 90, ANN, ANN | {"name": "代购小屋"}),
    ("a season's rest, the district is named", 90, ANN, ANN | {"place": "昆明盘龙"}),
    ("a season's rest, the name is written otherwise", 120, ANN, ANN | {"name": "❤聚宝齋❤"}),
    ("back after most of a year", 300, ANN, ANN),
    ("back after years", 900, ANN, ANN),
]


@pytest.mark.parametrize(
    ("silence", "before", "after"), [case[1:] for case in PASSED_ON], ids=[c[0] for c in PASSED_ON]
)
def test_a_number_passes_on(silence: int, before: dict[str, str], after: dict[str, str]) -> None:
    uses = decided([*owner("xianyu|a", before), *owner("weibo|b", after, END + silence)])
    found = [uses[account, SHARED]["tenure"] for account in ("xianyu|a1", "xianyu|a2", "weibo|b1", "weibo|b2")]
    assert found == [1, 1, 2, 2]
    assert {row["accounts"] for row in uses.values()} == {2}
    assert {row["role"] for row in uses.values()} == {"own"}
    assert "the contact passed on: turn 2 of 2" in uses["weibo|b1", SHARED]["reason"]


@pytest.mark.parametrize(("silence", "before", "after"), [case[1:] for case in STAYED], ids=[c[0] for c in STAYED])
def test_a_silence_of_one_owner(silence: int, before: dict[str, str], after: dict[str, str]) -> None:
    uses = decided([*owner("xianyu|a", before), *owner("weibo|b", after, END + silence)])
    assert {row["tenure"] for row in uses.values()} == {1}
    assert {row["accounts"] for row in uses.values()} == {4}
    assert not any("passed on" in row["reason"] for row in uses.values())


@pytest.mark.parametrize("silence", [1, 14, 40])
def test_a_banned_account_and_its_successor(silence: int) -> None:
    banned, successor = shop("xianyu|a1", [SHARED], **ANN), shop("xianyu|a2", [SHARED], first=END + silence, **ANN)
    assert set(turns([banned, successor]).values()) == {1}


def test_a_number_passes_on_twice() -> None:
    third = {"place": "北京", "name": "御紫艺品"}
    shops = [*owner("xianyu|a", ANN), *owner("weibo|b", BO, END + 200), *owner("tieba|c", third, 2 * END + 400)]
    assert turns(shops) == {"xianyu|a1": 1, "xianyu|a2": 1, "weibo|b1": 2, "weibo|b2": 2, "tieba|c1": 3, "tieba|c2": 3}


def test_a_silence_is_measured_by_the_owners_own_rhythm() -> None:
    """A hundred days say much of who posts every week, little of who posts every two months."""
    weekly = [*owner("xianyu|a", NOBODY), *owner("weibo|b", NOBODY, END + 100)]
    slow = {"ads": 6, "every": 60}
    seldom = [*owner("xianyu|a", NOBODY, **slow), *owner("weibo|b", NOBODY, 300 + 100, **slow)]
    assert max(turns(weekly).values()) == 2
    assert max(turns(seldom).values()) == 1


def test_an_account_that_goes_on_bridges_a_silence_of_the_others() -> None:
    lasting = shop("tieba|c", [SHARED], ads=10, every=40, **ANN)
    assert set(turns([*owner("xianyu|a", ANN), lasting, *owner("weibo|b", BO, END + 200)]).values()) == {1}


def test_another_contact_that_both_sides_give_speaks_for_one_owner() -> None:
    contacts = [SHARED, "wechat:ann_123"]
    before, after = shop("xianyu|a", contacts, **ANN), shop("weibo|b", contacts, first=END + 60, place="西安")
    assert set(turns([before, after]).values()) == {1}


def test_logins_are_not_cut_lightly() -> None:
    """Where a number is cut in doubt, an account's login is not."""
    moved = ANN | {"place": "西安"}

    def found(contact: str) -> set[int]:
        shops = [*owner("xianyu|a", ANN, contact=contact), *owner("weibo|b", moved, END + 90, contact=contact)]
        return set(turns(shops, contact).values())

    assert found(SHARED) == {1, 2}
    assert found("xianyu:a1") == {1}


def test_who_quotes_a_number_between_two_owners_does_not_bridge_them() -> None:
    quoting = shop("tieba|c", [SHARED], first=20, ads=20, every=15, place="北京", name="御紫艺品")
    warned = quoting | {"sightings": [row | {"role": "warning"} for row in quoting["sightings"]]}
    found = decided([*owner("xianyu|a", ANN), warned, *owner("weibo|b", BO, END + 200)])
    assert found["tieba|c", SHARED]["role"] == "warning"
    assert found["weibo|b1", SHARED]["tenure"] == 2


def test_the_order_of_the_rows_does_not_matter() -> None:
    shops = [*owner("xianyu|a", ANN), *owner("weibo|b", BO, END + 200), *owner("tieba|c", BO, 3 * END + 400)]
    assert decided(shops) == decided(list(reversed(shops)))
