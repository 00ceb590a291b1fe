"""Runs of one to five symbols: who uses them, whether they hold together, and whether they are words or parts of one.

As new words of Chinese are found without a dictionary: what a run's parts tell of each other (pointwise mutual
information, K. Church, P. Hanks, Word association norms, 1990), how freely other words stand on its left and right
(entropy of its neighbours; after H. Feng et al., Accessor variety criteria for Chinese word extraction, 2004), and
whether a longer run is met as often. All counts are whole numbers, so that every machine and thread count gives the
same ones.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.vocabulary.symbols import GAP, kind_of

Ints = NDArray[np.int64]
LONGEST = 5
# Met less often than this, in different texts, nothing is known of a run.
_LEAST_TEXTS = 2
_NONE = -1


class Corpus(NamedTuple):
    """Texts as one row of numbers, a gap between two.

    Attributes:
        symbols: number of the symbol at each place, shape (n,); _NONE is a gap.
        texts: number of the text at each place, shape (n,).
        names: the symbol of each number.
    """

    symbols: Ints
    texts: Ints
    names: list[str]

    @classmethod
    def of(cls, pieces: Iterable[Iterable[str]], owners: Ints) -> Corpus:
        """Number the symbols of pieces of text in the order in which they are met.

        Args:
            owners: number of the text that each piece belongs to, shape (pieces,).
        """
        numbers, flat, sizes = {GAP: _NONE}, array("q"), array("q")
        for piece in pieces:
            before = len(flat)
            flat.append(_NONE)
            flat.extend([numbers.setdefault(symbol, len(numbers) - 1) for symbol in piece])
            sizes.append(len(flat) - before)
        # A gap behind the last, so that every symbol has neighbours.
        flat.append(_NONE)
        texts = np.append(np.repeat(owners, np.array(sizes, np.int64)), _NONE)
        return cls(np.array(flat, np.int64), texts, [*numbers][1:])


@dataclass(frozen=True)
class Level:
    """All runs of one length.

    Attributes:
        length: symbols of a run.
        at: number of the run that begins at each place, _NONE where none does or it is met in too few texts.
        first: a place where each run stands.
        user, gram, damped: a row a run and user: the logarithm to base 2 of the number of texts, rounded down, plus 1,
            so that a template counts little more than once.
        total: sum of `damped` by run.
    """

    length: int
    at: Ints
    first: Ints
    user: Ints
    gram: Ints
    damped: Ints
    total: Ints

    @property
    def count(self) -> int:
        """Number of different runs."""
        return len(self.first)


def levels_of(corpus: Corpus, users: Ints) -> list[Level]:
    """Runs of 1 to LONGEST + 1 symbols; the longest tell only which of the others are parts.

    Args:
        users: number of who wrote each text, shape (number of texts,).
    """
    found = [_level(1, corpus, users, corpus.symbols)]
    while len(found) <= LONGEST:
        before = found[-1]
        left, length = before.at, before.length + 1
        behind, last = _ahead(left, 1), _ahead(corpus.symbols, length - 1)
        keys = np.where((left >= 0) & (behind >= 0), left * len(corpus.names) + last, _NONE)
        found.append(_level(length, corpus, users, keys))
    return found


def _ahead(values: Ints, by: int) -> Ints:
    """What stands so many places further on, _NONE behind the end."""
    return np.append(values[by:], np.full(min(by, len(values)), _NONE))


def _level(length: int, corpus: Corpus, users: Ints, keys: Ints) -> Level:
    places = np.flatnonzero(keys >= 0)
    _, first, number = np.unique(keys[places], return_index=True, return_inverse=True)
    gram, text = different(number, corpus.texts[places])
    often = np.bincount(gram, minlength=len(first)) >= _LEAST_TEXTS
    renumbered = np.where(often, np.cumsum(often) - 1, _NONE)
    at = np.full(len(keys), _NONE)
    at[places] = renumbered[number]
    kept = often[gram]
    gram, user, texts = _counted(renumbered[gram[kept]], users[text[kept]])
    damped = np.floor(np.log2(texts)).astype(np.int64) + 1
    total = np.bincount(gram, weights=damped, minlength=int(often.sum())).astype(np.int64)
    return Level(length, at, places[first[often]], user, gram, damped, total)


def different(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """The pairs, each once, sorted."""
    a, b, _ = _counted(left, right)
    return a, b


def _counted(left: Ints, right: Ints) -> tuple[Ints, Ints, Ints]:
    """The pairs, each once, sorted, with the number of times that it was there."""
    wide = int(right.max(initial=0)) + 1
    pairs, counts = np.unique(left * wide + right, return_counts=True)
    return pairs // wide, pairs % wide, counts


def part_of_longer(level: Level, longer: Level, share: float) -> NDArray[np.bool_]:
    """Which runs are met within one longer run in at least this share of their count."""
    most = np.zeros(level.count, np.int64)
    for shift in (0, 1):
        np.maximum.at(most, level.at[longer.first + shift], longer.total)
    return most >= share * level.total


def cohesion(levels: Sequence[Level], length: int) -> NDArray[np.float64]:
    """Bits that the parts of each run tell of each other, where they tell least; infinite for one symbol."""
    level, whole = levels[length - 1], float(levels[0].total.sum())
    weakest = np.full(level.count, np.inf)
    for cut in range(1, length):
        left, right = levels[cut - 1], levels[length - cut - 1]
        apart = left.total[left.at[level.first]] * right.total[right.at[level.first + cut]].astype(float)
        weakest = np.minimum(weakest, np.log2(level.total * whole / apart))
    return weakest.round(9)


def freedom(level: Level, wanted: Ints, corpus: Corpus) -> NDArray[np.float64]:
    """Bits of the neighbours of each wanted run, on its less free side; every gap is another neighbour."""
    number = np.full(level.count + 1, _NONE)
    number[wanted] = np.arange(len(wanted))
    places = np.flatnonzero(number[level.at] >= 0)
    sides = [corpus.symbols[places - 1], corpus.symbols[places + level.length]]
    runs = number[level.at[places]]
    return np.minimum(*(_entropy(runs, side, len(wanted)) for side in sides))


def _entropy(runs: Ints, side: Ints, count: int) -> NDArray[np.float64]:
    gaps = side < 0
    run, _, times = _counted(runs[~gaps], side[~gaps])
    alone = np.bincount(runs[gaps], minlength=count)
    whole = alone + np.bincount(run, weights=times, minlength=count)
    share = times / whole[run]
    of_words = np.bincount(run, weights=-share * np.log2(share), minlength=count)
    of_gaps = np.where(whole > 0, alone / np.maximum(whole, 1) * np.log2(np.maximum(whole, 1)), 0.0)
    return np.asarray(of_words + of_gaps, np.float64).round(9)


def symbols_at(level: Level, run: int, corpus: Corpus) -> tuple[str, ...]:
    """The symbols of a run."""
    place = level.first[run]
    return tuple(corpus.names[number] for number in corpus.symbols[place : place + level.length])


def is_word(symbols: Sequence[str]) -> bool:
    """One symbol is a word when it is an emoji or has two letters; a Chinese character alone is none."""
    return len(symbols) > 1 or kind_of(symbols) == "emoji" or (kind_of(symbols) == "latin" and len(symbols[0]) > 1)
