"""Whose words are compared with whose: known sellers with all others, sellers of one species with the rest."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from graph.sql import run_sql
from sellergraph.errors import UsageError

KNOWN, GIVEN = "known sellers", "the given sellers"
# Below this share of users the others are too few to tell what known sellers say and others do not.
_LEAST_OTHERS = 0.1
# Of a user's advertisements that offer goods: what he offers in fewer is not what he sells.
_LEAST_SHARE = 0.2

_SELLS = """
WITH offered AS (SELECT user_id, count(DISTINCT ad_id) AS ads FROM goods GROUP BY user_id),
of_taxon AS (SELECT user_id, taxon_id, count(DISTINCT ad_id) AS ads FROM goods GROUP BY ALL)
SELECT user_id, taxon_id, t.ads >= greatest($least, $share * o.ads) AS sells
FROM of_taxon t JOIN offered o USING (user_id) WHERE o.ads >= $least ORDER BY user_id, taxon_id
"""
_GIVEN = """
SELECT DISTINCT user_id FROM posters WHERE user_id IN $ids OR account_id IN $ids ORDER BY user_id
"""


class Group(NamedTuple):
    """Users whose words are compared with those of all other users.

    Attributes:
        name: KNOWN, or the id of the taxon that they sell.
        member: by the number of the user, shape (users,).
    """

    name: str
    member: NDArray[np.bool_]


def groups_of(users: list[str], goods: pa.Table, least_ads: int) -> list[Group]:
    """The groups to compare.

    Known sellers, who sell goods of the lexicon, are compared with all others where a tenth or more of the users are
    others; in a case that was gathered by searching for wildlife nearly all are known. The sellers of each species are
    compared with the rest in any case.

    Args:
        users: ids. goods: user_id, taxon_id, ad_id. least_ads: advertisements that offer goods, of a known seller.
    """
    sells = run_sql(_SELLS, {"goods": goods}, {"least": least_ads, "share": _LEAST_SHARE}).to_pylist()
    known = _members(users, [row["user_id"] for row in sells])
    taxa = sorted({row["taxon_id"] for row in sells if row["sells"]})
    of_taxa = [_members(users, [r["user_id"] for r in sells if r["sells"] and r["taxon_id"] == t]) for t in taxa]
    groups = [Group(name, member) for name, member in zip(taxa, of_taxa, strict=True) if member.any()]
    enough = known.any() and (~known).sum() >= _LEAST_OTHERS * len(known)
    return [Group(KNOWN, known), *groups] if enough else groups


def _members(users: list[str], chosen: list[str]) -> NDArray[np.bool_]:
    return np.isin(np.array(users, str), np.array(chosen, str))


def given_group(users: list[str], posters: pa.Table, ids: Collection[str]) -> list[Group]:
    """The sellers or accounts that somebody names, to be compared with all others.

    Raises:
        UsageError: one is not in the case, or they are all there are.
    """
    found = run_sql(_GIVEN, {"posters": posters}, {"ids": sorted(ids)})["user_id"].to_pylist()
    there = {*posters["user_id"].to_pylist(), *posters["account_id"].to_pylist()}
    if unknown := sorted(set(ids) - there):
        raise UsageError(f"no seller or account with advertisements is called {', '.join(unknown)}")
    known = _members(users, found)
    if known.all():
        raise UsageError("there are no other sellers to compare these with: leave out --sellers, or name fewer")
    return [Group(GIVEN, known)]
