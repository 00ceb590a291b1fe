"""Which sellers work together: Leiden communities of the weighted graph of ties.

The quality that is maximised is the constant Potts model: the bits inside the communities less PAIR_BITS for each
pair of sellers in them. What it finds in one part of the graph does not depend on the rest (Traag, Van Dooren and
Nesterov 2011, "Narrow scope for resolution-limit-free community detection"); modularity would join any two small
groups that one tie connects as soon as the case is large.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from graph.components import component_of

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# What a pair of sellers in one community costs: one tie of 4 bits holds two groups of 7 together, not two of 8, and
# a supplier keeps up to 63 agents with whom nothing but such a tie connects him. A power of two, see `_exact`.
PAIR_BITS = 1 / 16
# Weights are whole multiples of it.
STEP = 1 / 64
# Rounds of moving and merging: made-up graphs of 500,000 sellers are at rest after 3 to 6.
ROUNDS = 10


def communities(count: int, left: Ints, right: Ints, bits: Floats, weakest: float) -> Ints:
    """Number of the community of each of `count` sellers; one without ties is alone in its own.

    Args:
        left, right: ends of each tie, 0 to count - 1, no tie twice.
        bits: weight of each tie, a multiple of STEP.
        weakest: least weight of a tie. Connected sellers so few that leaving out a tie never pays,
            weakest >= PAIR_BITS * (size / 2)**2, are one community without search.
    """
    parts = component_of(count, left, right)
    sizes = np.bincount(parts, minlength=1)
    searched = PAIR_BITS * (sizes[parts[left]] / 2) ** 2 > weakest
    labels = np.zeros(count, dtype=np.int64)
    if searched.any():
        members, ends = np.unique(np.stack([left[searched], right[searched]]), return_inverse=True)
        labels[members] = _leiden(len(members), ends.reshape(2, -1), bits[searched])
    # A search may leave a community in two parts that nothing connects.
    kept = ~searched | (labels[left] == labels[right])
    return component_of(count, left[kept], right[kept])


def _leiden(count: int, ends: Ints, bits: Floats) -> Ints:
    """Community of each node; a fixed number of rounds, since one part may need more of them than another."""
    from scipy.sparse import csr_matrix

    nodes, ends, bits = _exact(count, ends, bits)
    graph = csr_matrix((np.tile(bits, 2), (ends.ravel(), ends[::-1].ravel())), shape=(nodes, nodes))
    resolution = PAIR_BITS * nodes**2 / graph.data.sum()
    return np.asarray(_search(resolution).fit_predict(graph)[:count], dtype=np.int64)


def _exact(count: int, ends: Ints, bits: Floats) -> tuple[int, Ints, Floats]:
    """Number of nodes, ends (2, ties + 1) and weights of a graph on which the search makes no error of rounding.

    scikit-network computes in 32-bit floats, scales weights to a sum of 1 and nodes to 1 / number of nodes, and
    goes on while anything improves: sums that are off by one digit could go round for ever, and one part of the
    graph would change the digits of another. With a power of two of nodes and of bits all numbers are
    short binary fractions and every step is exact, while a community's sums stay below 2**24 steps
    (262,144 bits). So two nodes or more that no seller stands for are added, with one tie that makes up the sum.
    """
    nodes = 1 << int(count + 1).bit_length()
    total = float(bits.sum())
    filling = 2.0 ** np.ceil(np.log2(total + STEP)) - total
    return nodes, np.column_stack([ends, (nodes - 2, nodes - 1)]), np.append(bits, filling)


def _search(resolution: float) -> Any:
    """scikit-network's Leiden, with a refinement that draws no lots.

    Its own takes any move that improves, by the C library's rand(), which random_state does not reach: two calls in one
    process differ, and so do systems. This one takes the best move, as Leiden does without temperature.
    """
    from sknetwork.clustering import Leiden

    class Steady(Leiden):  # type: ignore[misc]  # untyped base
        def _optimize_refine(self, labels: Ints, refined: Ints, adjacency: Any, *weights: Floats) -> Ints:
            inside = adjacency.tocoo()
            inside.data = inside.data * (labels[inside.row] == labels[inside.col])
            inside = inside.tocsr()
            inside.eliminate_zeros()
            return np.asarray(self._optimize(refined, inside, *weights)[0])

    return Steady(
        resolution,
        "potts",
        tol_optimization=0,
        tol_aggregation=-1,
        n_aggregations=ROUNDS,
        return_probs=False,
        return_aggregate=False,
        random_state=0,
    )
