"""Who would be whose account if uncertain merges were taken back, and if likely ones were made."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graph.components import component_of
from graph.market import POSSIBLE, Market

Ints = npt.NDArray[np.int64]
# A joined pair less likely than this is an uncertain merge.
SURE = 0.99


def regroupings(market: Market, units: pa.Table, sellers: Ints) -> Iterator[Ints]:
    """Group of each account with uncertain merges taken back, then with likely ones made as well.

    A merge is uncertain below SURE; one that was not made is likely from POSSIBLE on. What analysts judged holds in
    both: accounts judged the same stay together, and sellers are not put together where that would join accounts judged
    different. Nothing comes where nothing is uncertain.

    Args:
        units: name (account id), unit (number from 0, in order).
        sellers: number of the seller of each unit, from 0; -1 for none, which stays.
    """
    pairs, ends = _placed(market.pairs, units)
    judged, said = _placed(market.judged, units)
    joined, chance = pairs["joined"].to_numpy().astype(bool), pairs["probability"].to_numpy()
    same = judged["same"].to_numpy().astype(bool)
    unsure = joined & (chance < SURE)
    if unsure.any():
        sure = np.column_stack([ends[:, joined & (chance >= SURE)], said[:, same]])
        yield _taken_back(sellers, sure, sellers[ends[0, unsure]])
    likely = _between(sellers, ends[:, ~joined & (chance >= POSSIBLE)])
    if likely.size:
        yield _made(sellers, likely, _between(sellers, said[:, ~same]))


def _placed(pairs: pa.Table, units: pa.Table) -> tuple[pa.Table, Ints]:
    """The pairs whose accounts are among the units, and the units' numbers, shape (2, n)."""
    names = units["name"].cast(pa.string()).combine_chunks()
    ends = [
        pc.fill_null(pc.index_in(pairs[name].cast(pa.string()), value_set=names), -1).to_numpy()
        for name in ("left_id", "right_id")
    ]
    known = (ends[0] >= 0) & (ends[1] >= 0)
    return pairs.filter(pa.array(known)), np.array(ends, dtype=np.int64)[:, known]


def _between(sellers: Ints, ends: Ints) -> Ints:
    """The pairs of different sellers that pairs of accounts stand for; shape (2, n)."""
    found = sellers[ends]
    return found[:, (found[0] != found[1]) & (found >= 0).all(axis=0)]


def _taken_back(sellers: Ints, sure: Ints, doubtful: Ints) -> Ints:
    """Sellers with an uncertain merge fall apart into what sure links hold together; the others stay."""
    inside = np.isin(sellers, doubtful[doubtful >= 0])
    links = sure[:, inside[sure[0]] & (sellers[sure[0]] == sellers[sure[1]])]
    parts = component_of(len(sellers), *links)
    return np.where(inside, sellers.max(initial=-1) + 1 + parts, sellers)


def _made(sellers: Ints, likely: Ints, different: Ints) -> Ints:
    """Sellers that likely links connect become one, but for groups that hold two judged different."""
    count = int(sellers.max(initial=-1)) + 1
    group = component_of(count, *likely)
    refused = group[different[0, group[different[0]] == group[different[1]]]]
    least = np.full(count, count)
    np.minimum.at(least, group, np.arange(count))
    whole = np.where(np.isin(group, refused), np.arange(count), least[group])
    return np.where(sellers >= 0, whole[sellers], sellers)
