"""The multi-index search against looking at every pair."""

from __future__ import annotations

import hypothesis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.hamming import Hashes, matches_within, pairs_within
from graph.hamming256 import MAX_DISTANCE, HashIndex


def with_neighbours(count: int, seed: int) -> Hashes:
    """Random hashes, half of them near another one."""
    random = np.random.default_rng(seed)
    hashes = random.integers(0, 2**64, count, dtype=np.uint64)
    for number in range(count // 2):
        flips = random.choice(64, random.integers(0, 14), replace=False).astype(np.uint64)
        hashes[count // 2 + number] = hashes[number] ^ np.bitwise_or.reduce(np.uint64(1) << flips, initial=np.uint64(0))
    return hashes


def every_pair(left: Hashes, right: Hashes, radius: int) -> set[tuple[int, int, int]]:
    apart = np.bitwise_count(left[:, None] ^ right[None, :])
    return {(int(a), int(b), int(apart[a, b])) for a, b in np.argwhere(apart <= radius)}


def as_set(pairs: tuple[np.ndarray, np.ndarray, np.ndarray]) -> set[tuple[int, int, int]]:
    rows = list(zip(*(part.tolist() for part in pairs), strict=True))
    assert len(rows) == len(set(rows))
    return set(rows)


@pytest.mark.parametrize("radius", [0, 2, 3, 8, 10, 11])
def test_no_pair_is_missed(radius: int) -> None:
    hashes = np.unique(with_neighbours(1_500, radius))
    wanted = {(a, b, bits) for a, b, bits in every_pair(hashes, hashes, radius) if a < b}
    assert as_set(pairs_within(hashes, radius)) == wanted
    assert as_set(matches_within(hashes[:900], hashes[900:], radius)) == every_pair(hashes[:900], hashes[900:], radius)


def test_words_that_differ_in_two_bits_each() -> None:
    """The hardest case of radius 8: two, three and three bits in the words, or the like."""
    base = np.uint64(0x0123456789ABCDEF)
    flips = [(0, 1, 22, 23, 24, 43, 44, 45), (0, 1, 2, 22, 23, 43, 44, 45), (0, 1, 2, 22, 23, 24, 43, 44)]
    hashes = np.array([base, *(base ^ np.uint64(sum(1 << b for b in bits)) for bits in flips)], np.uint64)
    assert {(a, b) for a, b, _ in as_set(pairs_within(hashes, 8))} >= {(0, 1), (0, 2), (0, 3)}


def test_equal_hashes_do_not_go_quadratic() -> None:
    hashes = np.concatenate([np.zeros(20_000, np.uint64), np.array([1, 1], np.uint64)])
    found = as_set(pairs_within(hashes))
    assert len(found) == 19_999 + 1 + 1
    assert (0, 20_000, 1) in found
    assert (20_000, 20_001, 0) in found


@hypothesis.settings(deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1), max_size=30), st.integers(0, 11))
def test_small_inputs(values: list[int], radius: int) -> None:
    hashes = np.unique(np.array(values, np.uint64))
    wanted = {(a, b, bits) for a, b, bits in every_pair(hashes, hashes, radius) if a < b}
    assert as_set(pairs_within(hashes, radius)) == wanted


def test_a_radius_that_is_not_searched() -> None:
    with pytest.raises(ValueError, match="12 bits"):
        pairs_within(np.zeros(1, np.uint64), 12)


def test_hashes_of_256_bits() -> None:
    random = np.random.default_rng(1)
    hashes = random.integers(0, 256, (300, 32), dtype=np.uint8)
    asked = hashes[:100].copy()
    for row in asked:
        flips = random.choice(256, random.integers(0, 45), replace=False)
        bits = np.unpackbits(row)
        bits[flips] ^= 1
        row[:] = np.packbits(bits)
    apart = np.bitwise_count(asked[:, None] ^ hashes[None]).sum(axis=2)
    wanted = {(int(a), int(b), int(apart[a, b])) for a, b in np.argwhere(apart <= MAX_DISTANCE)}
    found = HashIndex([row.tobytes().hex() for row in hashes]).near([row.tobytes().hex() for row in asked])
    assert sorted(found) == sorted(wanted)
