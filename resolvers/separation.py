"""Accounts that were judged different are parted: their component is cut where the evidence is weakest.

The cut is a minimum cut, its capacities the links' match weights; accounts judged the same are one node and are never
parted. Of several minimum cuts the one nearest the first account's side is taken, which is one and the same whatever
way it was found: the result depends on the links and judgements alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from resolvers.components import Edges, Flags, Ints, components
from sellergraph.errors import UsageError

# Capacities are whole numbers of 32 bits (scipy's maximum flow): thousandths of a bit of evidence, of one link at most
# 60 bits (odds of 10^18), so that 35,000 links side by side still fit.
_PARTS, _MOST_BITS, _MOST = 1000, 60.0, 2**31 - 1


@dataclass(frozen=True, slots=True)
class Apart:
    """Pairs judged different, as nodes, sorted; left < right."""

    left: Ints
    right: Ints

    def where(self, keep: Flags) -> Apart:
        """The pairs that a mask chooses."""
        return Apart(self.left[keep], self.right[keep])


class _Judged(NamedTuple):
    """A pair judged different: the accounts, and the groups of accounts judged the same that they are in."""

    left: int
    right: int
    left_account: str
    right_account: str


class _Cut(NamedTuple):
    """What is parted next in a component: groups `near` from groups `far`."""

    near: frozenset[int]
    far: frozenset[int]
    reason: str


def separate(edges: Edges, apart: Apart, nodes: pa.Array) -> dict[int, str]:
    """Return the links to cut, by their place in `edges`, with the reason.

    Only components that hold a pair judged different are looked at; in each round every one of them is cut once.

    Args:
        nodes: account ids; the edges' and pairs' numbers are places in it.

    Raises:
        UsageError: two accounts are judged different, and the same through a chain.
    """
    label = components(len(nodes), edges)
    live = apart.where(label[apart.left] == label[apart.right])
    places = np.flatnonzero(np.isin(label[edges.left], label[live.left]))
    if not len(live.left):
        return {}
    count, groups, judged = _grouped(edges.where(places), live, nodes)
    cut = dict[int, str]()
    kept = np.ones(len(places), dtype=np.bool_)
    while cuts := _next_cuts(judged, label := components(count, groups.where(kept))):
        side = _near_side(count, groups.where(kept), cuts.values())
        for place in np.flatnonzero(kept & (side[groups.left] != side[groups.right])).tolist():
            kept[place] = False
            cut[int(places[place])] = cuts[int(label[groups.left[place]])].reason
    return cut


def _grouped(edges: Edges, apart: Apart, nodes: pa.Array) -> tuple[int, Edges, list[_Judged]]:
    """Accounts judged the same as one group, numbered by their smallest: how many, their links, the pairs."""
    accounts, names = np.unique(np.concatenate([edges.left, edges.right]), return_inverse=True)
    inside = Edges(names[: len(edges)], names[len(edges) :], edges.bits)
    same = components(len(accounts), inside.where(np.isinf(inside.bits)))
    _, group = np.unique(same, return_inverse=True)
    columns = [group[np.searchsorted(accounts, end)].tolist() for end in (apart.left, apart.right)]
    columns += [nodes.take(pa.array(end)).to_pylist() for end in (apart.left, apart.right)]
    judged = [_checked(_Judged(*row)) for row in zip(*columns, strict=True)]
    return int(group.max()) + 1, inside.numbered(group.astype(np.int64)), judged


def _checked(judged: _Judged) -> _Judged:
    if judged.left == judged.right:
        raise UsageError(
            f"{judged.left_account} and {judged.right_account} are judged different, and the same through a chain of "
            "judgements: see sellergraph judgements, and take one back with sellergraph retract"
        )
    return judged


def _next_cuts(judged: list[_Judged], label: Ints) -> dict[int, _Cut]:
    """For each component that still joins pairs judged different what is parted next.

    First whoever must be parted from most others, and from all of them at once, together with whoever must be parted
    from the same ones: of a clique that one account was judged not to belong to, that one is cut off, not each of the
    others in turn.
    """
    joined = dict[int, list[_Judged]]()
    for pair in judged:
        if label[pair.left] == label[pair.right]:
            joined.setdefault(int(label[pair.left]), []).append(pair)
    return {component: _next_cut(pairs) for component, pairs in joined.items()}


def _next_cut(pairs: list[_Judged]) -> _Cut:
    found = dict[int, set[int]]()
    for pair in pairs:
        found.setdefault(pair.left, set()).add(pair.right)
        found.setdefault(pair.right, set()).add(pair.left)
    hub = min(found, key=lambda group: (-len(found[group]), group))
    far = frozenset(found[hub])
    near = frozenset(group for group, others in found.items() if others == far)
    return _Cut(near, far, _reason([pair for pair in pairs if {pair.left, pair.right} & near]))


def _reason(pairs: list[_Judged]) -> str:
    first, more = pairs[0], len(pairs) - 1
    others = f", and {more} more such judgement{'s' * (more > 1)}" if more else ""
    both = f"{first.left_account} and {first.right_account}"
    return f"cut: {both} were judged different{others} (weakest evidence on the way)"


def _near_side(count: int, edges: Edges, cuts: Iterable[_Cut]) -> Flags:
    """For each group whether it is on the near side of its component's minimum cut, which is as small as can be.

    One flow answers for all components, since nothing flows from one to another: all near groups are made one node
    (0), all far ones another (1). Links from near to far are cut in any case and left out.
    """
    from scipy.sparse.csgraph import breadth_first_order, maximum_flow

    names = np.full(count, -1, dtype=np.int64)
    for cut in cuts:
        names[list(cut.near)], names[list(cut.far)] = 0, 1
    rest = np.flatnonzero(names < 0)
    names[rest] = np.arange(2, 2 + len(rest))
    capacity = _capacities(len(rest) + 2, edges.numbered(names))
    left_over = (capacity - maximum_flow(capacity, 0, 1).flow).tocsr()
    left_over.eliminate_zeros()
    reached = np.zeros(len(rest) + 2, dtype=np.bool_)
    reached[breadth_first_order(left_over, 0, return_predecessors=False)] = True
    side: Flags = reached[names]
    return side


def _capacities(count: int, edges: Edges) -> Any:
    """Links as a symmetric matrix of capacities; those side by side add up, and each has at least one part."""
    from scipy.sparse import coo_array

    edges = edges.where((edges.left != edges.right) & (edges.left + edges.right > 1))
    parts = np.maximum(1, np.rint(np.minimum(edges.bits, _MOST_BITS) * _PARTS)).astype(np.int64)
    ends = np.concatenate([edges.left, edges.right]), np.concatenate([edges.right, edges.left])
    matrix = coo_array((np.concatenate([parts, parts]), ends), (count, count)).tocsr()
    matrix.data = np.minimum(matrix.data, _MOST)
    return matrix.astype(np.int32)
