"""The orders that greedy removal is compared with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from graph.disruption.coverage import Floats, Stakes

DRAWS = 100


def by_volume(stakes: Stakes, most: int) -> list[int]:
    """Those with most ads first; of equals the first id."""
    ads = np.diff(stakes.starts)
    return np.lexsort((np.arange(len(ads)), -ads))[:most].tolist()  # type: ignore[no-any-return]


def by_betweenness(stakes: Stakes, ids: list[str], betweenness: pa.Table, most: int) -> list[int]:
    """Those through whom most shortest routes between platforms run; of equals, and after them, by ads.

    Args:
        betweenness: id, betweenness; whoever is not in it has none.
    """
    known = dict(zip(betweenness["id"].to_pylist(), betweenness["betweenness"].to_pylist(), strict=True))
    values: Floats = np.array([known.get(key) or 0.0 for key in ids], dtype=np.float64)
    ads = np.diff(stakes.starts)
    return np.lexsort((np.arange(len(ads)), -ads, -values))[:most].tolist()  # type: ignore[no-any-return]


def at_random(count: int, most: int, seed: int) -> Iterator[list[int]]:
    """DRAWS orders of so many targets, each drawn evenly without putting back; the same for the same seed."""
    generator = np.random.Generator(np.random.PCG64(seed))
    for _ in range(DRAWS):
        yield generator.choice(count, size=min(most, count), replace=False).tolist() if count else []
