"""Wrong merges by cause: which false link put accounts of different operators into one seller."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from graph.sql import run_sql
from resolvers.evaluation.truth import ContactTruth, Truth

CHAIN = "chain"
OTHER = "other"
_BY_ROLE = {
    "platform": "hotline",
    "courier": "courier",
    "guarantor": "guarantor",
    "supplier": "agent",
    "warning": "warning",
}
# Of several contacts behind one link the first cause counts.
_ORDER = (*_BY_ROLE.values(), "recycled number", "near handle")
# What a link rests on that no contact explains, by comparison; these look alike among agents of one supplier.
_TRADED = ("photos", "watermark", "template")
_BY_COMPARISON = {"photos": "stock photo", "name": "name", "login": "near handle"}

# Right links come first: they make the parts that the wrong ones join.
_LINKS = """
SELECT m.src, m.dst, coalesce(m.contacts, []) AS contacts, coalesce(m.comparisons, []) AS comparisons,
       coalesce(m.weights, []) AS weights, a.operator AS one, b.operator AS other
FROM matches m JOIN known a ON a.account = m.src JOIN known b ON b.account = m.dst
WHERE coalesce(m.joined, true) AND a.seller = b.seller
ORDER BY a.operator <> b.operator, m.weight DESC NULLS LAST, m.src, m.dst
"""


@dataclass(frozen=True, slots=True)
class WrongMerges:
    """Causes of wrong pairs (accounts of different operators in one seller) and of wrong links between two accounts."""

    pairs: Counter[str]
    links: Counter[str]


def wrong_merges(truth: Truth, known: pa.Table, matches: pa.Table, wrong_pairs: int) -> WrongMerges:
    """Attribute every wrong pair to the link that joined it.

    A pair that has a wrong link counts under that link's cause; any other under the weakest link of the strongest
    way between the two. What no link explains, such as a judgement, counts as 'chain'.

    Args:
        known: account, operator, seller. matches: as in `reading.read_matches`.
        wrong_pairs: how many there are.
    """
    forest = _Forest(dict(zip(known["account"].to_pylist(), known["operator"].to_pylist(), strict=True)))
    links, pairs, causes = Counter[str](), Counter[str](), dict[int, str]()
    for number, link in enumerate(run_sql(_LINKS, {"matches": matches, "known": known}).to_pylist()):
        if link["one"] == link["other"]:
            forest.join(link["src"], link["dst"], number)
            continue
        cause = causes[number] = cause_of(truth, link)
        links[cause] += 1
        earlier = forest.joined_by(link["src"], link["dst"])
        if earlier is None:
            pairs[cause] += forest.join(link["src"], link["dst"], number)
        else:
            pairs[causes[earlier]] -= 1
            pairs[cause] += 1
    pairs[CHAIN] += wrong_pairs - pairs.total()
    return WrongMerges(+pairs, links)


class _Forest:
    """Accounts joined one link after the other; knows for two accounts which link first made them one part."""

    def __init__(self, operator_of: Mapping[str, str]) -> None:
        self._parent: dict[str, tuple[str, int]] = {}
        self._operators = {account: Counter([operator]) for account, operator in operator_of.items()}

    def join(self, one: str, other: str, number: int) -> int:
        """Join the parts of two accounts; return how many pairs of different operators are new."""
        low, high = self._root(one), self._root(other)
        if low == high:
            return 0
        if self._operators[low].total() > self._operators[high].total():
            low, high = high, low
        # The smaller part is hung below the larger, so that ways up stay short.
        small, large = self._operators.pop(low), self._operators[high]
        wrong = small.total() * large.total() - sum(count * large[operator] for operator, count in small.items())
        large.update(small)
        self._parent[low] = (high, number)
        return wrong

    def joined_by(self, one: str, other: str) -> int | None:
        """Number of the link that made them one part; None when they are not. Numbers grow on every way up."""
        last = None
        while one != other:
            steps = [(self._parent[account][1], account) for account in (one, other) if account in self._parent]
            if not steps:
                return None
            last, lower = min(steps)
            upper = self._parent[lower][0]
            one, other = (upper, other) if lower == one else (one, upper)
        return last

    def _root(self, account: str) -> str:
        while (up := self._parent.get(account)) is not None:
            account = up[0]
        return account


def cause_of(truth: Truth, link: Mapping[str, Any]) -> str:
    """What misled: the true role of the contacts that joined the two, else the strongest other comparison.

    Args:
        link: src, dst, one and other (their operators), contacts, comparisons, weights.
    """
    found = {cause for key in link["contacts"] if (cause := _by_contact(truth, truth.contact(key), link))}
    if found:
        return min(found, key=_ORDER.index)
    related = _traded(truth, link["one"], link["other"])
    return next(_by_comparisons(link, related), OTHER)


def _by_contact(truth: Truth, contact: ContactTruth | None, link: Mapping[str, Any]) -> str | None:
    if contact is None:
        return None
    roles = [role for role in (contact.role(link["src"]), contact.role(link["dst"])) if role]
    causes = [_BY_ROLE[role] for role in roles if role in _BY_ROLE]
    if causes:
        return min(causes, key=_ORDER.index)
    if roles and contact.owners > 1:
        return "recycled number"
    return "near handle" if roles and contact.id in truth.near else None


def _traded(truth: Truth, one: str, other: str) -> bool:
    """Whether one is the other's agent, or both are agents of one supplier."""
    supplier = truth.traders.get(one)
    return supplier is not None and supplier == truth.traders.get(other)


def _by_comparisons(link: Mapping[str, Any], traded: bool) -> Iterator[str]:
    weighed = sorted(zip(link["weights"], link["comparisons"], strict=False), reverse=True)
    for weight, comparison in weighed:
        if weight > 0 and traded and comparison in _TRADED:
            yield "agent"
        elif weight > 0 and comparison in _BY_COMPARISON:
            yield _BY_COMPARISON[comparison]
