"""Connected components of a graph of numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def component_of(count: int, left: Ints, right: Ints) -> Ints:
    """For each of `count` nodes the number of its component, from 0.

    Args:
        left, right: ends of each edge, 0 to count - 1.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not count:
        return np.zeros(0, dtype=np.int64)
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
