"""Who is connected with whom, and how large the largest network is that removals leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from graph.disruption.coverage import Ints

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Connections:
    """A graph of those who are counted and of what connects them.

    Nodes are numbered: first those who are counted (sellers, or accounts), then what only connects (contacts, and among
    accounts the sellers who run several).

    Attributes:
        counted: number of nodes that are counted.
        source, target: (edges) numbers of nodes; each pair once.
        removed: (targets) the node that goes with each target; -1 where it connects nobody.
        held, holder: pairs of a connecting node and the counted nodes without which it is nothing: a seller goes with
            the last of its accounts.
        nodes: number of all nodes.
    """

    counted: int
    source: Ints
    target: Ints
    removed: Ints
    held: Ints
    holder: Ints
    nodes: int

    @cached_property
    def matrix(self) -> Any:
        """The symmetric scipy CSR array, a 1 an edge."""
        return adjacency(self.source, self.target, self.nodes)

    @cached_property
    def weights(self) -> Ints:
        """(nodes) 1 for those who are counted."""
        return (np.arange(self.nodes) < self.counted).astype(np.int64)

    def gone_at(self, order: Sequence[int]) -> list[list[int]]:
        """The nodes that go at each step: the target's own, and what hung on the last of its holders."""
        holders = dict[int, set[int]]()
        hangs = dict[int, list[int]]()
        wanted = self.removed[np.asarray(order, dtype=np.int64)]
        touched = self.held[np.isin(self.holder, wanted)]
        rows = np.isin(self.held, touched)
        for held, holder in zip(self.held[rows].tolist(), self.holder[rows].tolist(), strict=True):
            holders.setdefault(held, set()).add(holder)
            hangs.setdefault(holder, []).append(held)
        return [_goes(node, holders, hangs) for node in wanted.tolist()]


def _goes(node: int, holders: dict[int, set[int]], hangs: dict[int, list[int]]) -> list[int]:
    if node < 0:
        return []
    for held in hangs.get(node, ()):
        holders[held].discard(node)
    return [node, *(held for held in hangs.get(node, ()) if not holders[held])]


def adjacency(source: Ints, target: Ints, nodes: int) -> Any:
    """A symmetric scipy CSR array of single edges with a 1 each."""
    from scipy.sparse import coo_array

    both = np.concatenate([source, target]), np.concatenate([target, source])
    matrix = coo_array((np.ones(len(both[0]), dtype=np.int8), both), shape=(nodes, nodes)).tocsr()
    matrix.data[:] = 1
    return matrix


def components(source: Ints, target: Ints, nodes: int) -> npt.NDArray[np.int32]:
    """(nodes) the number of each node's connected component."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = coo_array((np.ones(len(source), dtype=np.int8), (source, target)), shape=(nodes, nodes))
    labels: npt.NDArray[np.int32] = connected_components(edges, directed=False)[1]
    return labels


def largest_left(connections: Connections, order: Sequence[int], most: int) -> Ints:
    """(most + 1) how many are counted in the largest network after the first 0, 1, … of the order.

    Everything is removed at once and put back from the last to the first, joining components as it goes.
    """
    stages = connections.gone_at(order)
    gone = np.zeros(connections.nodes, dtype=bool)
    gone[[node for stage in stages for node in stage]] = True
    parts = _Parts(connections, gone)
    left = [parts.largest]
    for stage in reversed(stages):
        for node in stage:
            parts.put_back(node)
        left.append(parts.largest)
    return np.pad(np.asarray(left[::-1], dtype=np.int64), (0, most - len(stages)), mode="edge")


class _Parts:
    """Components that grow: a disjoint-set forest over the components of what was left."""

    def __init__(self, connections: Connections, gone: Flags) -> None:
        kept = ~(gone[connections.source] | gone[connections.target])
        self.connections, self.gone = connections, gone
        self.labels = components(connections.source[kept], connections.target[kept], connections.nodes)
        sizes = np.bincount(self.labels[~gone][: _counted(connections, gone)])
        self.sizes = dict[int, int]()
        self.first = sizes
        self.parents = dict[int, int]()
        self.largest = int(sizes.max(initial=0))

    def root(self, label: int) -> int:
        """The component that this one has become part of."""
        path = list[int]()
        while (parent := self.parents.get(label, label)) != label:
            path.append(label)
            label = parent
        self.parents.update(dict.fromkeys(path, label))
        return label

    def size(self, root: int) -> int:
        """How many are counted in it."""
        return self.sizes.get(root, int(self.first[root]) if root < len(self.first) else 0)

    def put_back(self, node: int) -> None:
        """Join what the node connects."""
        matrix = self.connections.matrix
        near = matrix.indices[matrix.indptr[node] : matrix.indptr[node + 1]]
        labels = np.unique(self.labels[near[~self.gone[near]]]).tolist()
        own = int(self.labels[node])
        roots = {self.root(label) for label in labels} - {own}
        self.sizes[own] = int(self.connections.weights[node]) + sum(self.size(root) for root in roots)
        self.parents.update(dict.fromkeys(roots, own))
        self.gone[node] = False
        self.largest = max(self.largest, self.sizes[own])


def _counted(connections: Connections, gone: Flags) -> int:
    """Of the nodes that are left the first so many are counted."""
    return connections.counted - int(gone[: connections.counted].sum())
