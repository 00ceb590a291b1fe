"""Who belongs together: connected components of the linked pairs."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def cluster(accounts: pa.Array, pairs: pa.Table) -> pa.Table:
    """Return account, cluster (int64) for every account; an account without links is alone.

    A cluster's number is the place of its smallest account in sorted order: the order of the input does
    not matter.

    Args:
        accounts: all account ids, each once.
        pairs: columns src and dst.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ordered = pc.take(accounts, pc.sort_indices(accounts))
    count = len(ordered)
    left, right = _places(pairs["src"], ordered), _places(pairs["dst"], ordered)
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    _, labels = connected_components(graph, directed=False) if count else (0, np.zeros(0, dtype=np.int64))
    return pa.table({"account": ordered, "cluster": pa.array(_by_first(labels), pa.int64())})


def _places(ids: pa.ChunkedArray, ordered: pa.Array) -> np.ndarray:
    found = pc.index_in(ids, value_set=ordered)
    if found.null_count:
        raise KeyError("a pair names an account that is not among the accounts")
    return np.asarray(found.to_numpy(), dtype=np.int64)


def _by_first(labels: np.ndarray) -> np.ndarray:
    """Name each component by the first place at which it occurs."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return first[inverse]
