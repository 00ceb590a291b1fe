"""All pairs of 64-bit hashes within a few bits of each other: multi-index search in NumPy.

Two hashes at most 8 bits apart agree, up to two bits, in one of three words (pigeonhole; Norouzi et al., 'Fast
Exact Search in Hamming Space with Multi-Index Hashing', 2014). So each word is a table, and a hash is looked up in
it under its own word and every word one or two bits away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Indices = NDArray[np.int64]
Pairs = tuple[Indices, Indices, NDArray[np.int64]]
"""Left and right indices, and the bits between their hashes."""

# (lowest bit, number of bits) of each word: 22 + 21 + 21 = 64.
_WORDS = ((0, 22), (22, 21), (43, 21))
# Beyond this a word would have to be looked up under every word four bits away, ten thousand of them.
MAX_RADIUS = 11
# Candidates are looked at in pieces, so that many hashes in one bucket do not fill the memory.
_PIECE = 1 << 20
# When fewer than one place in so many has partners left, they are counted out.
_SPARSE = 50


def pairs_within(hashes: Hashes, radius: int = 8) -> Pairs:
    """Every pair of hashes at most `radius` bits apart, each once, left < right.

    Args:
        hashes: uint64, shape (n,).
        radius: bits, at most MAX_RADIUS.

    Equal hashes are looked up once: of a group of equals only the first stands in pairs with others, and the rest
    only in pairs with that first, at distance 0. So a thousand blank pictures give 999 pairs, not half a million.

    Raises:
        ValueError: the radius is too large.
    """
    unique, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    found = [_equals(first, inverse.reshape(-1))]
    for number in range(len(_WORDS)):
        table = _Table.of(unique, number)
        for left, right in table.own_pairs(_reach(radius)):
            apart = table.hashes[left] ^ table.hashes[right]
            left, right, distance = _sifted(left, right, apart, number, radius)
            found.append((table.order[left], table.order[right], distance))
    left, right, distance = _joined(found[1:])
    left, right = first[left], first[right]
    ends = np.minimum(left, right), np.maximum(left, right)
    return _joined([found[0], (*ends, distance)])


def matches_within(stored: Hashes, asked: Hashes, radius: int = 8) -> Pairs:
    """Every (stored, asked) pair of indices at most `radius` bits apart, each once.

    Raises:
        ValueError: the radius is too large.
    """
    found = list[Pairs]()
    for number in range(len(_WORDS)):
        table = _Table.of(stored, number)
        for left, right in table.lookups(asked, _reach(radius)):
            left, right, distance = _sifted(left, right, table.hashes[left] ^ asked[right], number, radius)
            found.append((table.order[left], right, distance))
    return _joined(found)


def _reach(radius: int) -> int:
    if not 0 <= radius <= MAX_RADIUS:
        raise ValueError(f"a radius of {radius} bits is not between 0 and {MAX_RADIUS}")
    return radius // len(_WORDS)


@dataclass(frozen=True, slots=True)
class _Table:
    """Hashes sorted by one word, and where each value of the word begins."""

    hashes: Hashes
    keys: Indices
    order: Indices
    starts: NDArray[np.int32]
    word: int

    @classmethod
    def of(cls, hashes: Hashes, word: int) -> _Table:
        keys = _keys(hashes, word)
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        starts = np.zeros((1 << _WORDS[word][1]) + 1, np.int32)
        np.cumsum(np.bincount(keys, minlength=len(starts) - 1), out=starts[1:], dtype=np.int32)
        return cls(hashes[order], keys, order, starts, word)

    def own_pairs(self, reach: int) -> Iterator[tuple[Indices, Indices]]:
        """Pairs of places in the table whose words are at most `reach` bits apart, each once."""
        ends = self.starts[self.keys + 1]
        yield from expanded(np.arange(len(self.keys)), np.arange(1, len(self.keys) + 1), ends)
        for top in range(_WORDS[self.word][1]):
            # Of two words that differ in this bit and none above it the one without it is looked at.
            places = np.flatnonzero(~self.keys >> top & 1)
            keys = self.keys[places]
            for mask in _masks_below(top, reach):
                probes = keys ^ mask
                yield from expanded(places, self.starts[probes], self.starts[probes + 1])

    def lookups(self, asked: Hashes, reach: int) -> Iterator[tuple[Indices, Indices]]:
        """(place in the table, index asked) of words at most `reach` bits apart."""
        keys, indices = _keys(asked, self.word), np.arange(len(asked))
        for mask in _masks(_WORDS[self.word][1], reach):
            probes = keys ^ mask
            for index, place in expanded(indices, self.starts[probes], self.starts[probes + 1]):
                yield place, index


def _keys(hashes: Hashes, word: int) -> Indices:
    low, bits = _WORDS[word]
    return (hashes >> np.uint64(low) & np.uint64((1 << bits) - 1)).astype(np.int64)


@lru_cache(maxsize=8)
def _masks(bits: int, reach: int) -> tuple[int, ...]:
    """Every word of `bits` bits of which at most `reach` are set."""
    chosen = (places for size in range(reach + 1) for places in combinations(range(bits), size))
    return tuple(sum(1 << place for place in places) for places in chosen)


@lru_cache(maxsize=64)
def _masks_below(top: int, reach: int) -> tuple[int, ...]:
    """Those masks whose highest bit is `top`."""
    return tuple(1 << top | mask for mask in _masks(top, reach - 1)) if reach else ()


def expanded(
    places: NDArray[Any], starts: NDArray[Any], ends: NDArray[Any], *, piece: int = _PIECE
) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """(place, partner) for every partner in [start, end) of each place, in pieces of at most `piece` or len(places)."""
    while True:
        busy = np.flatnonzero(ends > starts)
        if len(busy) * _SPARSE <= len(places):
            break
        # Most buckets hold one hash or two: the first of each, then the second, is faster than counting them out.
        places, starts, ends = places[busy], starts[busy], ends[busy]
        yield places, starts
        starts = starts + 1
    if len(busy):
        yield from _counted_out(places[busy], starts[busy], ends[busy], piece)


def _counted_out(
    places: NDArray[Any], starts: NDArray[Any], ends: NDArray[Any], piece: int
) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """The same for places with many partners, `piece` of them at once."""
    counts = (ends - starts).astype(np.int64)
    reached = np.cumsum(counts)
    done = 0
    while done < len(places):
        before = int(reached[done - 1]) if done else 0
        until = max(done + 1, int(np.searchsorted(reached, before + piece, side="right")))
        sizes = counts[done:until]
        firsts = reached[done:until] - sizes - before
        offsets = np.arange(int(reached[until - 1]) - before) - np.repeat(firsts, sizes)
        yield np.repeat(places[done:until], sizes), np.repeat(starts[done:until], sizes) + offsets
        done = until


def _kept(apart: Hashes, word: int, radius: int) -> NDArray[np.bool_]:
    """Which of the differences are within the radius and were not found by an earlier word."""
    kept = np.bitwise_count(apart) <= radius
    for low, bits in _WORDS[:word]:
        part = apart >> np.uint64(low) & np.uint64((1 << bits) - 1)
        kept &= np.bitwise_count(part) > _reach(radius)
    return kept


def _sifted(left: Indices, right: Indices, apart: Hashes, word: int, radius: int) -> Pairs:
    near = np.flatnonzero(np.bitwise_count(apart) <= radius)
    left, right, apart = left[near], right[near], apart[near]
    kept = _kept(apart, word, radius)
    return left[kept], right[kept], np.bitwise_count(apart[kept]).astype(np.int64)


def _equals(first: Indices, inverse: Indices) -> Pairs:
    """Each hash that is not the first of its value, beside that first."""
    head = first[inverse]
    others = np.flatnonzero(head != np.arange(len(head)))
    return head[others], others, np.zeros(len(others), np.int64)


def _joined(found: list[Pairs]) -> Pairs:
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    left, right, distance = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return left, right, distance
