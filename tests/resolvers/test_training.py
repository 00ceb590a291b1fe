"""What a model learns from a made-up market whose truth is known, and what it takes from the experts."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest

from resolvers.evidence import comparisons
from resolvers.model import REST, Model, prior_model
from resolvers.observe import SCHEMAS, Observations
from resolvers.resolve import THRESHOLD
from resolvers.training import outgrown, with_prior
from resolvers.work import decide, learn, work_session

CITIES = [f"{first}{second}" for first in "东南西北中" for second in "昌安宁阳"]
TAXA = [f"taxon {number}" for number in range(6)]
SHARES_PLACE, SHARES_GOODS, SHARES_NAME, SHARES_CONTACT = 0.9, 0.8, 0.7, 0.6

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Account:
    """What one account shows; `operator` is the truth."""

    id: str
    operator: int
    place: str
    name: str
    taxon: str
    contact: str
    photo: str | None


def made_up(operators: int, seed: int = 1) -> list[Account]:
    """Operators of one to four accounts, most of which show what is the operator's."""
    chance = random.Random(seed)

    def kept(share: float, value: str, other: str) -> str:
        return value if chance.random() < share else other

    found = []
    for operator in range(operators):
        name, place, taxon = _name(operator), chance.choice(CITIES), chance.choice(TAXA)
        for number in range(chance.choice((1, 1, 2, 3, 4))):
            other = f"{operator}_{number}"
            found.append(
                Account(
                    f"xianyu|{chance.getrandbits(48):012x}",
                    operator,
                    kept(SHARES_PLACE, place, chance.choice(CITIES)),
                    kept(SHARES_NAME, name, _name(operators + len(found))),
                    kept(SHARES_GOODS, taxon, chance.choice(TAXA)),
                    kept(SHARES_CONTACT, f"wechat:operator_{operator}", f"wechat:account_{other}"),
                    f"photo {operator}" if chance.random() < 0.4 else None,
                )
            )
    return found


def _name(number: int) -> str:
    """A name like no other: two rare characters and a shop."""
    return chr(0x5000 + number // 50) + chr(0x6000 + number % 50 * 7) + "艺坊"


def observed(accounts: list[Account]) -> Observations:
    tables: Rows = {name: [] for name in SCHEMAS}
    for account in accounts:
        for name, rows in _rows(account).items():
            tables[name] += rows
    return Observations(**{name: pa.Table.from_pylist(tables[name], schema=schema) for name, schema in SCHEMAS.items()})


def _rows(a: Account) -> Rows:
    days = [datetime(2018, 1, 1) + timedelta(days=30 * number) for number in range(4)]
    said = {"account": a.id, "contact": a.contact, "role": "own", "cued": True, "in_name": False}
    return {
        "accounts": [{"account": a.id, "platform": "xianyu", "login": a.id[7:], "name": a.name}],
        "posts": [{"account": a.id, "seen": day, "name": a.name, "place": a.place} for day in days],
        "sightings": [said | {"ad": f"{a.id}-{day}", "seen": day} for day in days],
        "goods": [{"account": a.id, "taxon": a.taxon, "ads": 4}],
        "photos": [{"account": a.id, "photo": a.photo, "ads": 1, "first_seen": days[0]}] if a.photo else [],
    }


def trained(accounts: list[Account]) -> Model:
    seen = observed(accounts)
    with work_session(seen.tables()) as db:
        return learn(db, seen.accounts.num_rows, decide(db, None))


@cache
def market() -> tuple[list[Account], Model]:
    accounts = made_up(250)
    return accounts, trained(accounts)


def pairs(accounts: list[Account], one_operator: bool) -> list[tuple[Account, Account]]:
    return [(a, b) for a, b in combinations(accounts, 2) if (a.operator == b.operator) is one_operator]


def share(found: list[tuple[Account, Account]], same: str) -> float:
    """The part of the pairs that are alike in this."""
    return sum(getattr(a, same) == getattr(b, same) for a, b in found) / len(found)


def alone(model: Model, name: str, level: str) -> float:
    """Probability of a pair of which nothing else is known."""
    m, u = model.weights[name].levels[level]
    return model.prior * m / (model.prior * m + (1 - model.prior) * u)


@pytest.mark.parametrize(("name", "shown"), [("place", "place"), ("goods", "taxon"), ("name", "name")])
def test_m_is_learnt_from_accounts_that_share_a_contact(name: str, shown: str) -> None:
    accounts, model = market()
    levels = model.weights[name].levels
    m = sum(levels[level][0] for level in levels if level.startswith("same"))
    assert m == pytest.approx(share(pairs(accounts, True), shown), abs=0.2 if name == "name" else 0.05)


@pytest.mark.parametrize(("name", "shown"), [("place", "place"), ("goods", "taxon")])
def test_u_is_learnt_from_random_pairs(name: str, shown: str) -> None:
    accounts, model = market()
    assert model.weights[name].levels["same"][1] == pytest.approx(share(pairs(accounts, False), shown), rel=0.1)


def stock_photos(accounts: list[Account], on: int) -> list[Account]:
    """The same market in which photographs of the trade stand on so many strangers' accounts each."""
    strangers = sorted(accounts, key=lambda account: account.id)
    return [replace(account, photo=f"stock {number // on}") for number, account in enumerate(strangers)]


@pytest.mark.parametrize(("level", "on"), [("few", 3), ("some", 8)])
def test_u_of_rare_levels_follows_from_frequencies(level: str, on: int) -> None:
    """Random pairs hardly ever share what three accounts show: u is counted, not sampled."""
    accounts = stock_photos(market()[0], on)
    wrong = pairs(accounts, False)
    assert trained(accounts).weights["photos"].levels[level][1] == pytest.approx(share(wrong, "photo"), rel=0.5)


def test_the_prior_is_that_of_random_pairs() -> None:
    accounts, model = market()
    true, false = pairs(accounts, True), pairs(accounts, False)
    assert 1 / 3 < model.prior / (len(true) / (len(true) + len(false))) < 1.2


SOFT = [
    (comparison.name, level.name, level.trust)
    for comparison in comparisons()
    if not comparison.contacts
    for level in comparison.levels
    if level.trust is not None
]


def over_trust(model: Model) -> dict[tuple[str, str], float]:
    """Levels of soft evidence that alone make a pair likelier than they may."""
    found = {(name, level): (alone(model, name, level), trust) for name, level, trust in SOFT}
    return {level: round(likely, 3) for level, (likely, trust) in found.items() if likely > trust + 0.002}


def test_nothing_soft_alone_passes_its_trust() -> None:
    assert over_trust(market()[1]) == {}


@pytest.mark.parametrize("operators", [10, 30])
def test_nor_in_a_small_case(operators: int) -> None:
    assert over_trust(trained(made_up(operators))) == {}


@pytest.mark.parametrize("accounts", [5_000, 1_000_000])
def test_nor_in_a_case_that_grew(accounts: int) -> None:
    assert over_trust(with_prior(market()[1], accounts)) == {}


def test_nor_joins_in_a_case_that_shrank_as_far_as_the_model_is_used() -> None:
    accounts, model = market()
    fewer = min(count for count in range(2, len(accounts)) if not outgrown(model, count))
    assert max(alone(with_prior(model, fewer), name, level) for name, level, _ in SOFT) < THRESHOLD


def test_a_sure_contact_alone_is_enough_and_a_doubtful_one_is_not() -> None:
    model = market()[1]
    assert alone(model, "handle", "sure_few") > 0.99
    assert 0.8 < alone(model, "number", "good") < alone(model, "number", "sure_few")
    assert alone(model, "number", "likely") < 0.8


@pytest.mark.parametrize("operators", [2, 5])
def test_few_data_leave_the_experts_numbers(operators: int) -> None:
    model = trained(made_up(operators))
    assert model.record["learnt"] == "nothing: too few accounts share a contact"
    for comparison in comparisons():
        levels, priors = model.weights[comparison.name].levels, prior_model().weights[comparison.name].levels
        assert list(levels) == list(priors)
        if not comparison.contacts:
            assert [levels[x.name][0] for x in comparison.levels] == pytest.approx([x.m for x in comparison.levels])
            common = [x for x in comparison.levels if not x.rare and x.trust is None]
            assert [levels[x.name][1] for x in common] == pytest.approx([x.u for x in common])


@pytest.mark.parametrize("operators", [0, 1, 250])
def test_every_comparison_gets_its_levels_and_its_rest(operators: int) -> None:
    model = market()[1] if operators == 250 else trained(made_up(operators))
    for comparison in comparisons():
        levels = model.weights[comparison.name].levels
        assert list(levels) == [level.name for level in comparison.levels] + [REST]
        assert sum(m for m, _ in levels.values()) == pytest.approx(1)
        assert sum(u for _, u in levels.values()) == pytest.approx(1)
        # Matches tell a level by its weight.
        assert len({m / u for m, u in levels.values()}) == len(levels)


def test_the_record_says_what_it_was_learnt_from() -> None:
    accounts, model = market()
    assert model.record["accounts"] == len(accounts)
    assert model.record["pairs"] > 100
    assert "EM" in model.record["learnt"]
    assert sum(model.population["places"].values()) == pytest.approx(1, abs=0.01)


def numbers(model: Model) -> dict[tuple[str, str, int], float]:
    levels = ((name, level, pair) for name, weights in model.weights.items() for level, pair in weights.levels.items())
    return {(name, level, place): pair[place] for name, level, pair in levels for place in (0, 1)}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_the_accounts_does_not_matter(seed: int) -> None:
    accounts, model = market()
    again = trained(random.Random(seed).sample(accounts, len(accounts)))
    assert numbers(again) == pytest.approx(numbers(model), rel=1e-9)
    assert (again.population, again.record) == (model.population, model.record)


def test_twice_the_same() -> None:
    """But for the last digits: sums are added up by several threads."""
    accounts, model = market()
    assert numbers(trained(accounts)) == pytest.approx(numbers(model), rel=1e-9)


def test_a_sample_of_the_pairs_is_the_same_sample() -> None:
    """Beyond a million pairs, u is learnt from a part of them."""
    accounts = made_up(800)
    assert len(accounts) > 1450
    assert numbers(trained(accounts)) == pytest.approx(numbers(trained(accounts)), rel=1e-9)
