"""256-bit hashes (PDQ) near each other: multi-index search in NumPy, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph.hamming import expanded

# 'We recommend starting with' these: facebook/ThreatExchange, pdq/README.md, Matching.
MAX_DISTANCE, MIN_QUALITY = 31, 50
# Pairs of hashes that are compared at once, in 40 MB.
_PIECE = 1 << 18

Packed = NDArray[np.uint8]
"""Hashes as bytes, shape (n, 32)."""
Indices = NDArray[np.integer[Any]]
_TURNED = np.array([0, *(1 << bit for bit in range(16))], np.int32)


class HashIndex:
    """Finds hashes at most MAX_DISTANCE bits apart by their sixteen words of sixteen bits.

    At 31 bits apart one of the sixteen words is at most one bit off (pigeonhole; 'MIH' in facebook/ThreatExchange,
    pdq/cpp/index/mih.h): a hash is looked up by every word, as it is and with each bit turned.
    """

    def __init__(self, hashes: list[str]) -> None:
        self._hashes = _packed(hashes)
        words = self._hashes.view(np.uint16).T
        self._order = [np.argsort(word, kind="stable").astype(np.int32) for word in words]
        sizes = [np.bincount(word, minlength=1 << 16) for word in words]
        self._starts = [np.concatenate(([0], np.cumsum(size))) for size in sizes]

    def near(self, asked: list[str]) -> Iterator[tuple[int, int, int]]:
        """Yield (place in `asked`, place in the index, bits apart), each pair once."""
        packed = _packed(asked)
        for number, words in enumerate(packed.view(np.uint16).T.astype(np.int32)):
            probes = (words[:, None] ^ _TURNED).ravel()
            starts = self._starts[number]
            every, pieces = np.arange(len(probes)), (starts[probes], starts[probes + 1])
            for places, offsets in expanded(every, *pieces, piece=_PIECE):
                left, right = places // len(_TURNED), self._order[number][offsets]
                yield from self._within(packed, left, right, number)

    def _within(self, asked: Packed, left: Indices, right: Indices, number: int) -> Iterable[tuple[int, int, int]]:
        """The candidates that are near and that no earlier word has found."""
        apart = asked[left] ^ self._hashes[right]
        bits = np.bitwise_count(apart.view(np.uint64)).sum(axis=1)
        near = np.flatnonzero(bits <= MAX_DISTANCE)
        fresh = near[(np.bitwise_count(apart[near].view(np.uint16)[:, :number]) > 1).all(axis=1)]
        return zip(left[fresh].tolist(), right[fresh].tolist(), bits[fresh].tolist(), strict=True)


def _packed(hashes: list[str]) -> Packed:
    return np.frombuffer(bytearray.fromhex("".join(hashes)), np.uint8).reshape(-1, 32)
