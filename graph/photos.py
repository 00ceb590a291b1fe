"""Which pictures show one photograph: hashes of views compared, two at a time or all at once.

Thresholds are those that gave no false pair among 313,907 pairs of different pictures (../shared/PICTURES.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from graph.hamming import Hashes, matches_within, pairs_within

# Bits of pHash-64 and pHash-256 up to which two views show one photograph, and up to which they may.
SAME_64, SAME_256 = 8, 60
NEAR_64, NEAR_256 = 10, 70
# A search wider than SAME_64 looks at seven times as many words; with more hashes than this it takes a minute
# or more, and pictures 9 or 10 bits apart are only found where a word of their hashes is.
_WIDE_SEARCH = 60_000
# Equal hashes of more pictures than this are compared with the first of them only.
_MOST_EQUALS = 50

# The view of a whole screenshot: its hashes are kept, and compared with nothing.
FRAMED = "framed"

Verdict = Literal["same", "candidate"]


class ViewHash(NamedTuple):
    """The hashes of one view of a picture, 16 and 64 hex digits; `view` as in ingest.extract.views."""

    view: str
    phash64: str
    phash256: str

    def __str__(self) -> str:
        """As it is kept in the graph."""
        return f"{self.view}:{self.phash64}:{self.phash256}"

    @classmethod
    def parse(cls, kept: str) -> ViewHash:
        """Read what `str` gave."""
        return cls(*kept.split(":"))


class Match(NamedTuple):
    """How two pictures agree: bits between the hashes of their best pair of views, 'left/right'."""

    distance64: int
    distance256: int
    views: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Views:
    """The hashes of many pictures' views, a row a view.

    Attributes:
        h64: uint64, shape (n,). h256: uint64, shape (n, 4).
        owner: index of the picture, shape (n,), ascending.
        names: the views' names.
    """

    h64: Hashes
    h256: NDArray[np.uint64]
    owner: NDArray[np.int64]
    names: NDArray[np.str_]

    @classmethod
    def of(cls, pictures: Sequence[Iterable[ViewHash]]) -> Views:
        """Tabulate; views of one picture that look alike (no border was trimmed) count once."""
        rows = [(number, view) for number, views in enumerate(pictures) for view in _different(views)]
        h64, h256 = _numbers("".join(v.phash64 for _, v in rows)), _numbers("".join(v.phash256 for _, v in rows))
        owner = np.array([number for number, _ in rows], np.int64)
        names = np.array([view.view for _, view in rows], str)
        return cls(h64, h256.reshape(-1, 4), owner, names)

    @classmethod
    def of_column(cls, kept: pa.ChunkedArray) -> Views:
        """Tabulate a column Image.view_hashes, a row a picture; many times faster than picture by picture."""
        lists = kept.combine_chunks()
        flat, sizes = lists.flatten(), pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
        h256 = _digits(pc.utf8_slice_codeunits(flat, -64))
        h64 = _digits(pc.utf8_slice_codeunits(flat, -81, -65))
        names = np.array(pc.utf8_slice_codeunits(flat, 0, -82).to_pylist(), str)
        told = names != FRAMED
        owner = np.repeat(np.arange(len(sizes)), sizes)
        return cls(h64[told], h256.reshape(-1, 4)[told], owner[told], names[told])


def _digits(column: pa.Array) -> NDArray[np.uint64]:
    return _numbers("".join(column.to_pylist()))


def _numbers(digits: str) -> NDArray[np.uint64]:
    """Hex digits, sixteen a number, as imagehash prints them."""
    return np.frombuffer(bytes.fromhex(digits), ">u8").astype(np.uint64)


def _different(views: Iterable[ViewHash]) -> Iterable[ViewHash]:
    told = (view for view in reversed(tuple(views)) if view.view != FRAMED)
    return {(view.phash64, view.phash256): view for view in told}.values()


def compare_views(left: Iterable[ViewHash], right: Iterable[ViewHash]) -> Match | None:
    """How two pictures agree by their best pair of views; None when they are different pictures."""
    a, b = Views.of([left]), Views.of([right])
    pairs = np.meshgrid(np.arange(len(a.h64)), np.arange(len(b.h64)), indexing="ij")
    found = _best(a, b, pairs[0].ravel(), pairs[1].ravel())
    return next((match for _, _, match in found), None)


def match_all(pictures: Sequence[Iterable[ViewHash]]) -> list[tuple[int, int, Match]]:
    """Every pair of pictures, left < right, that are the same photograph or may be."""
    return match_table(Views.of(pictures))


def match_table(views: Views) -> list[tuple[int, int, Match]]:
    """Every pair of the table's pictures, left < right, that are the same photograph or may be."""
    unique, inverse = np.unique(views.h64, return_inverse=True)
    owners = _Owners.of(inverse.reshape(-1), len(unique))
    heads, others, _ = pairs_within(unique, _radius(len(unique)))
    left, right = owners.crossed(heads, others)
    equal_left, equal_right = owners.within()
    left, right = np.concatenate((left, equal_left)), np.concatenate((right, equal_right))
    swap = views.owner[left] > views.owner[right]
    left, right = np.where(swap, right, left), np.where(swap, left, right)
    apart = views.owner[left] != views.owner[right]
    return _best(views, views, left[apart], right[apart])


def match_between(stored: Views, asked: Views) -> list[tuple[int, int, Match]]:
    """Every (stored, asked) pair of pictures that are the same photograph or may be."""
    if not len(stored.h64) or not len(asked.h64):
        return []
    left, right, _ = matches_within(stored.h64, asked.h64, _radius(len(asked.h64)))
    return _best(stored, asked, left, right)


def match_one(stored: Views, asked: Iterable[ViewHash]) -> list[tuple[int, Match]]:
    """Every stored picture that shows the same photograph as the one asked for, or may: nearest first."""
    one = Views.of([tuple(asked)])
    hits = [np.flatnonzero(np.bitwise_count(stored.h64 ^ h) <= NEAR_64) for h in one.h64]
    views = np.repeat(np.arange(len(hits)), [len(rows) for rows in hits])
    found = [(picture, match) for picture, _, match in _best(stored, one, _flat(hits), views)]
    return sorted(found, key=lambda item: (item[1].verdict != "same", item[1], item[0]))


def _radius(hashes: int) -> int:
    return NEAR_64 if hashes <= _WIDE_SEARCH else SAME_64


@dataclass(frozen=True, slots=True)
class _Owners:
    """Rows of a table by the value of their hash."""

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, inverse: NDArray[np.int64], values: int) -> _Owners:
        counts = np.bincount(inverse, minlength=values)
        return cls(np.argsort(inverse, kind="stable"), np.concatenate(([0], np.cumsum(counts))))

    def crossed(self, left: NDArray[Any], right: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Every row of a left value beside every row of its right value, of many equals the first ones."""
        lefts, rights = [], []
        for a, b in zip(left.tolist(), right.tolist(), strict=True):
            ones, others = self._rows(a), self._rows(b)
            lefts.append(np.repeat(ones, len(others)))
            rights.append(np.tile(others, len(ones)))
        return _flat(lefts), _flat(rights)

    def within(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of equal hash beside each other; of very many only beside the first."""
        lefts, rights = [], []
        for value in np.flatnonzero(np.diff(self.starts) > 1).tolist():
            rows = self.rows[self.starts[value] : self.starts[value + 1]]
            few = rows[:_MOST_EQUALS]
            one, other = np.triu_indices(len(few), 1)
            lefts += [few[one], np.repeat(rows[:1], len(rows) - len(few))]
            rights += [few[other], rows[len(few) :]]
        return _flat(lefts), _flat(rights)

    def _rows(self, value: int) -> NDArray[np.int64]:
        return self.rows[self.starts[value] : min(self.starts[value + 1], self.starts[value] + _MOST_EQUALS)]


def _flat(parts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _best(a: Views, b: Views, left: NDArray[Any], right: NDArray[Any]) -> list[tuple[int, int, Match]]:
    """The best of the given pairs of rows for each pair of pictures, in the order of the pictures."""
    d64 = np.bitwise_count(a.h64[left] ^ b.h64[right]).astype(np.int64)
    close = np.flatnonzero(d64 <= NEAR_64)
    left, right, d64 = left[close], right[close], d64[close]
    d256 = np.bitwise_count(a.h256[left] ^ b.h256[right]).sum(axis=1, dtype=np.int64)
    close = np.flatnonzero(d256 <= NEAR_256)
    left, right, d64, d256 = left[close], right[close], d64[close], d256[close]
    doubtful = (d64 > SAME_64) | (d256 > SAME_256)
    one, other = a.owner[left], b.owner[right]
    # Of views that agree equally well the whole picture's is named.
    parts = (b.names[right] != "full").astype(int) + (a.names[left] != "full")
    order = np.lexsort((b.names[right], a.names[left], parts, d256, d64, doubtful, other, one))
    found, last = list[tuple[int, int, Match]](), (-1, -1)
    for row in order.tolist():
        pair = (int(one[row]), int(other[row]))
        if pair != last:
            views = f"{a.names[left[row]]}/{b.names[right[row]]}"
            verdict: Verdict = "candidate" if doubtful[row] else "same"
            found.append((*pair, Match(int(d64[row]), int(d256[row]), views, verdict)))
            last = pair
    return found
