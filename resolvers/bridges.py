"""Weak places of the graph of links: single links, and pairs of links, without which a component falls in two.

A spanning forest is laid over the links. Every link outside it gets a random label of 64 bits, every link of it the
XOR of the labels of those that close a cycle over it. A link of the forest that is labelled 0 is a bridge; two links
with one label cut the component together (Pritchard and Thurimella, Fast Computation of Small Cuts via Cycle Space
Sampling, ACM Transactions on Algorithms 7(4), 2011). Everything is a few passes over arrays, level by level of the
forest: 1,000,000 accounts take about a second. That two labels agree by chance has a probability of 2^-64 a pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from resolvers.components import Edges, Flags, Ints, components

# Any number does: it only makes runs alike.
_SEED = 20180101


@dataclass(frozen=True, slots=True)
class Cuts:
    """Links that cut a component, one an element; those of one number cut it together, and not without each other.

    Attributes:
        cut: number of the cut, from 0. edge: the link's place in the Edges.
        inner, outer: the link's ends, as nodes: of one cut all inner ends are on one side of it, and the smaller
            node of its first link is one of them.
        inner_size, outer_size: number of nodes on each side of the cut.
    """

    cut: Ints
    edge: Ints
    inner: Ints
    outer: Ints
    inner_size: Ints
    outer_size: Ints

    def where(self, keep: Flags) -> Cuts:
        """The rows that a mask chooses, their cuts numbered anew."""
        _, cut = np.unique(self.cut[keep], return_inverse=True)
        rest = (self.edge, self.inner, self.outer, self.inner_size, self.outer_size)
        return Cuts(cut.astype(np.int64), *(column[keep] for column in rest))


def small_cuts(count: int, edges: Edges) -> Cuts:
    """Return every bridge, and every two links that cut a component together.

    Where more than two links share a label (parts in a ring) any two of them cut; those are left out: a ring of
    parts hangs together at two places each, and which two would be weak is not the graph's to say.

    Args:
        count: number of nodes. edges: links among them.
    """
    forest = _Forest.over(count, edges)
    child = forest.children(edges)
    first, second = _sets(forest.edge_labels(edges, child))
    both = second >= 0
    cut = np.concatenate([np.arange(len(first)), np.flatnonzero(both)])
    edge = np.concatenate([first, second[both]])
    # A link outside the forest has no node below it: -1.
    below = np.append(child, -1)
    upper, lower = below[first], below[second]
    inside = forest.within(edges.left[edge], upper[cut]) ^ forest.within(edges.left[edge], lower[cut])
    # Below the links or above them? The side is inner that the first link begins on.
    turned = ~inside[: len(first)]
    size = forest.between(upper, lower)
    whole = np.bincount(forest.component, minlength=count)[forest.component[edges.left[first]]]
    inner_size = np.where(turned, whole - size, size)
    inside ^= turned[cut]
    inner = np.where(inside, edges.left[edge], edges.right[edge])
    outer = edges.left[edge] + edges.right[edge] - inner
    return Cuts(cut, edge, inner, outer, inner_size[cut], (whole - inner_size)[cut])


def _sets(labels: NDArray[np.uint64]) -> tuple[Ints, Ints]:
    """Places of the links that cut: the first of each set, and the second or -1; see `small_cuts`."""
    order = np.argsort(labels, kind="stable")
    values, start, times = np.unique(labels[order], return_index=True, return_counts=True)
    bridges = np.flatnonzero(labels == 0)
    twos = start[(times == 2) & (values != 0)]
    alone = np.full(len(bridges), -1, dtype=np.int64)
    return np.concatenate([bridges, order[twos]]), np.concatenate([alone, order[twos + 1]])


@dataclass(frozen=True, slots=True)
class _Forest:
    """A spanning forest, hung under one root that is no account (the node `count`).

    Attributes:
        parent: of each node. levels: nodes by their distance from the root, siblings side by side.
        begin, size: the nodes below a node and itself are those whose `begin` is in [begin, begin + size).
        component: smallest node of each node's component.
    """

    parent: Ints
    levels: list[Ints]
    begin: Ints
    size: Ints
    component: Ints

    @staticmethod
    def over(count: int, edges: Edges) -> _Forest:
        """Lay the forest, breadth first."""
        component = components(count, edges)
        order, parent = _breadth_first(count, edges, np.flatnonzero(component == np.arange(count)))
        levels = _levels(order, parent)
        size = np.ones(count + 1, dtype=np.int64)
        for level in reversed(levels):
            np.add.at(size, parent[level], size[level])
        return _Forest(parent, levels, _beginnings(levels, parent, size), size, component)

    def children(self, edges: Edges) -> Ints:
        """For each link of the forest the lower one of its ends, -1 for the others."""
        up = np.where(self.parent[edges.right] == edges.left, edges.right, -1)
        return np.where(self.parent[edges.left] == edges.right, edges.left, up)

    def edge_labels(self, edges: Edges, child: Ints) -> NDArray[np.uint64]:
        """The label of each link; see the module's text."""
        given = np.random.default_rng(_SEED).integers(1, 2**64, size=len(edges), dtype=np.uint64)
        closing = child < 0
        label = np.zeros(len(self.parent), dtype=np.uint64)
        for end in (edges.left, edges.right):
            np.bitwise_xor.at(label, end[closing], given[closing])
        for level in reversed(self.levels):
            np.bitwise_xor.at(label, self.parent[level], label[level])
        return np.where(closing, given, label[child])

    def within(self, node: Ints, top: Ints) -> Flags:
        """Is the node below `top`, or `top` itself? Not where `top` is -1."""
        offset = self.begin[node] - self.begin[top]
        return (top >= 0) & (offset >= 0) & (offset < self.size[top])

    def between(self, first: Ints, second: Ints) -> Ints:
        """How many nodes are below one of two nodes only; a node of -1 has none below it."""
        sizes = [np.where(node >= 0, self.size[node], 0) for node in (first, second)]
        one = (first >= 0) & (second >= 0)
        nested = one & (self.within(first, second) | self.within(second, first))
        return sizes[0] + sizes[1] - np.where(nested, 2 * np.minimum(*sizes), 0)


def _breadth_first(count: int, edges: Edges, tops: Ints) -> tuple[Ints, Ints]:
    """All nodes in the order of a walk that begins at the root `count`, above `tops`; and each node's parent."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order

    ends = np.concatenate([edges.left, np.full(len(tops), count)]), np.concatenate([edges.right, tops])
    graph = coo_array((np.ones(len(ends[0]), dtype=np.int8), ends), (count + 1, count + 1)).tocsr()
    order, parent = breadth_first_order(graph, count, directed=False)
    return order.astype(np.int64), parent.astype(np.int64)


def _levels(order: Ints, parent: Ints) -> list[Ints]:
    """The walk's nodes below the root by their distance from it: where a level's parents end, the next one begins."""
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    above = place[parent[order[1:]]]
    bounds = [0, 1]
    while bounds[-1] < len(order):
        bounds.append(1 + int(np.searchsorted(above, bounds[-1])))
    return [order[start:end] for start, end in pairwise(bounds[1:])]


def _beginnings(levels: list[Ints], parent: Ints, size: Ints) -> Ints:
    """Number the nodes so that those below a node follow it without a gap."""
    begin = np.zeros(len(parent), dtype=np.int64)
    for level in levels:
        up = parent[level]
        before = np.cumsum(size[level]) - size[level]
        eldest = np.flatnonzero(np.append(True, up[1:] != up[:-1]))
        family = np.repeat(before[eldest], np.diff(np.append(eldest, len(level))))
        begin[level] = begin[up] + 1 + before - family
    return begin
