"""All near pairs of a million hashes: seconds, memory and recall; run in a process of its own.

.venv/bin/python -m benchmarks.picture_sets.hashes CACHE
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.picture_sets.fetch import Cache

RADIUS = 8
_MANY, _FEW, _ASKED = 1_000_000, 50_000, 2_000
_PLANTED = 0.01
# Pictures that are all the same, such as blank ones: groups of these shares of all hashes.
_GROUPS = (0.02, 0.005, 0.001, 0.0005)
Hashes = NDArray[np.uint64]


def made_up(count: int, seed: int) -> Hashes:
    """Random hashes, 1 % of them changed copies of others (0 to 8 bits), and some large groups of equal ones."""
    chance = np.random.default_rng(seed)
    hashes = chance.integers(0, 2**64, count, np.uint64)
    places = chance.permutation(count)
    copies, originals = np.split(places[: 2 * int(count * _PLANTED)], 2)
    hashes[copies] = hashes[originals]
    for bits in range(RADIUS):
        _flip(hashes, copies[bits + 1 :: RADIUS + 1], bits + 1, chance)
    start = 2 * len(copies)
    for share in _GROUPS:
        members = places[start : start + int(count * share)]
        hashes[members] = hashes[members[0]]
        start += len(members)
    return hashes


def _flip(hashes: Hashes, places: NDArray[np.int64], bits: int, chance: np.random.Generator) -> None:
    for place in places:
        for bit in chance.choice(64, bits, replace=False):
            hashes[place] ^= np.uint64(1) << np.uint64(bit)


def main() -> None:
    """Measure and print."""
    from graph.hamming import pairs_within

    hashes = made_up(_MANY, 1)
    # What is made or loaded at the first call is no part of the search.
    pairs_within(made_up(4_000, 3), RADIUS)
    before, start = _resident_mib(), time.perf_counter()
    left, right, distance = pairs_within(hashes, RADIUS)
    spent, grown = time.perf_counter() - start, _peak_mib() - before
    _check(hashes, left, right, distance)
    groups = ", ".join(f"{share * _MANY:,.0f}" for share in _GROUPS)
    print(f"{_MANY:,} hashes, {_PLANTED:.0%} of them near copies, groups of {groups} equals")
    print(f"pairs_within            {spent:8.1f} s   peak memory +{grown:,.0f} MiB   {len(left):,} pairs, all checked")
    _recall()
    _faiss(Cache(Path(sys.argv[1])), np.unique(hashes), spent)


def _check(hashes: Hashes, left: NDArray[np.int64], right: NDArray[np.int64], distance: NDArray[np.int64]) -> None:
    """Every pair once, left before right, with its distance."""
    bits = np.bitwise_count(hashes[left] ^ hashes[right])
    if not ((left < right).all() and (bits == distance).all() and (bits <= RADIUS).all()):
        raise SystemExit("pairs_within gives pairs that are none")
    if len(np.unique(left.astype(np.int64) * len(hashes) + right)) != len(left):
        raise SystemExit("pairs_within gives a pair twice")


def _recall() -> None:
    """Pairs of different values, and each equal beside some other of its group, against brute force."""
    from graph.hamming import pairs_within

    hashes = made_up(_FEW, 2)
    start = time.perf_counter()
    wanted = _brute_force(np.unique(hashes))
    brute = time.perf_counter() - start
    left, right, distance = pairs_within(hashes, RADIUS)
    low, high = np.minimum(hashes[left], hashes[right]), np.maximum(hashes[left], hashes[right])
    apart = distance > 0
    found = set(zip(low[apart].tolist(), high[apart].tolist(), strict=True))
    repeated = len(hashes) - len(np.unique(hashes))
    right_equals = len(np.unique(right[~apart]))
    print(
        f"recall on {_FEW:,}        {len(found & wanted)} of {len(wanted)} pairs of different values "
        f"({len(found - wanted)} more than brute force), {right_equals:,} of {repeated:,} equals; "
        f"NumPy brute force took {brute:.1f} s"
    )


def _brute_force(values: Hashes) -> set[tuple[int, int]]:
    pairs = set[tuple[int, int]]()
    for start in range(0, len(values), 500):
        near = np.bitwise_count(values[start : start + 500, None] ^ values[None, start:]) <= RADIUS
        for row, column in np.argwhere(near).tolist():
            if row < column:
                pairs.add((int(values[start + row]), int(values[start + column])))
    return pairs


def _faiss(cache: Cache, values: Hashes, ours: float) -> None:
    """A flat index over the different values, which spares it the groups of equals; a sample of them asked."""
    faiss = cache.pypi("faiss-cpu", "faiss")
    index = faiss.IndexBinaryFlat(64)
    index.add(values.view(np.uint8).reshape(-1, 8))
    asked = np.random.default_rng(4).choice(values, _ASKED, replace=False).view(np.uint8).reshape(-1, 8)
    for threads in sorted({1, faiss.omp_get_max_threads()}):
        faiss.omp_set_num_threads(threads)
        start = time.perf_counter()
        # Its radius is exclusive.
        index.range_search(asked, RADIUS + 1)
        whole = (time.perf_counter() - start) * len(values) / _ASKED
        name = f"faiss flat, {threads} thread{'s' if threads > 1 else ' '}"
        print(f"{name:<24}{whole:8.1f} s   extrapolated from {_ASKED:,} queries: {whole / ours:.0f} times as long")


def _resident_mib() -> float:
    """Resident now; where the system does not say, the most so far, which hides some of the growth."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return _peak_mib()
    return int(statm.read_text().split()[1]) * resource.getpagesize() / (1 << 20)


def _peak_mib() -> float:
    """ru_maxrss is KiB on Linux, bytes on macOS."""
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


if __name__ == "__main__":
    main()
