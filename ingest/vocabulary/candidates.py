"""Which runs of symbols are words, and how far each stands out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.vocabulary.contrast import z_scores
from ingest.vocabulary.grams import (
    LONGEST,
    Corpus,
    Ints,
    Level,
    cohesion,
    different,
    freedom,
    is_word,
    part_of_longer,
    symbols_at,
)
from ingest.vocabulary.groups import Group
from ingest.vocabulary.reading import BARE, CLASSES, UNREAD
from ingest.vocabulary.symbols import kind_of, written

# A word that stands out less than this does so by chance in one of twenty cases (one-sided).
LEAST_Z = 1.645
# From this share on of its uses that lie within one longer run, a run is a part of that.
_PART = 0.8
# The parts of a word meet eight times as often as chance has it (3 bits), and on its less free side stand at least as
# many different neighbours as two equally frequent ones (1 bit): usual values of new-word discovery for Chinese.
LEAST_COHESION, LEAST_FREEDOM = 3.0, 1.0


class Candidate(NamedTuple):
    """A word that stands out.

    Attributes:
        symbols: what it is made of. term: as it stands in a folded text.
        z: how far it stands out, in the group (its place in the list) in which it does most. z_all: the same by all
            texts of that group's users instead of those in which no goods are read.
        length, run: where it is in the levels.
        users: number of who uses it.
    """

    symbols: tuple[str, ...]
    term: str
    z: float
    z_all: float
    group: int
    length: int
    run: int
    users: int


class Contrast(NamedTuple):
    """One set of texts against all others.

    Attributes:
        inside: by writer's class, whether its texts are in the set, shape (CLASSES * users,).
    """

    inside: NDArray[np.bool_]
    size: int

    @classmethod
    def of(cls, inside: NDArray[np.bool_], symbols: Level) -> Contrast:
        """The set and how much is written in it."""
        return cls(inside, int(symbols.damped[inside[symbols.user]].sum()))

    def scores(self, level: Level, whole: int) -> NDArray[np.float64]:
        """z of every run of the level; `whole` is how much is written in all."""
        counts = np.bincount(level.gram, weights=level.damped * self.inside[level.user], minlength=level.count)
        return z_scores(counts.astype(np.int64), level.total, self.size, whole)


def contrasts_of(groups: Sequence[Group], symbols: Level, classes: Collection[int]) -> list[Contrast]:
    """The texts of each group's users that are of these classes, against all other texts."""
    users = len(groups[0].member) if groups else 0
    wanted = np.isin(np.arange(users * CLASSES) % CLASSES, list(classes))
    return [Contrast.of(np.repeat(group.member, CLASSES) & wanted, symbols) for group in groups]


def candidates(
    corpus: Corpus, levels: Sequence[Level], groups: Sequence[Group], *, every_text: bool, min_users: int
) -> Iterator[Candidate]:
    """The words that stand out, in no order.

    Args:
        every_text: compare all texts of a group's users, not only those in which no goods are read.
        min_users: users of a word at least.
    """
    if not groups:
        return
    every = contrasts_of(groups, levels[0], range(CLASSES))
    # Of a text that is one phrase its words tell nothing, but an emoji beside it does.
    words, pictures = (every, every) if every_text else _of_unread(groups, levels[0])
    whole = int(levels[0].total.sum())
    for level, longer in zip(levels[:LONGEST], levels[1:], strict=True):
        of_emoji = emoji_only(level, corpus)
        scores = np.where(of_emoji, _scores(pictures, level, whole), _scores(words, level, whole))
        users = users_of(level)
        standing = (scores.max(axis=0) >= LEAST_Z) & (users >= min_users) & ~part_of_longer(level, longer, _PART)
        standing &= cohesion(levels, level.length) >= LEAST_COHESION
        of_all = _scores(every, level, whole)
        for run in _words(level, np.flatnonzero(standing), corpus):
            symbols, group = symbols_at(level, run, corpus), int(scores[:, run].argmax())
            z, z_all = float(scores[group, run]), float(of_all[group, run])
            yield Candidate(symbols, written(symbols), z, z_all, group, level.length, run, int(users[run]))


def _of_unread(groups: Sequence[Group], symbols: Level) -> tuple[list[Contrast], list[Contrast]]:
    return contrasts_of(groups, symbols, (UNREAD,)), contrasts_of(groups, symbols, (UNREAD, BARE))


def _scores(contrasts: Sequence[Contrast], level: Level, whole: int) -> NDArray[np.float64]:
    """z by contrast and run."""
    return np.stack([contrast.scores(level, whole) for contrast in contrasts])


def emoji_only(level: Level, corpus: Corpus) -> NDArray[np.bool_]:
    """Which runs are made of emoji alone."""
    emoji = np.array([kind_of([name]) == "emoji" for name in corpus.names], bool)
    steps = range(level.length if level.count else 0)
    found = np.ones(level.count, bool)
    for step in steps:
        found &= emoji[corpus.symbols[level.first + step]]
    return found


def _words(level: Level, runs: Ints, corpus: Corpus) -> Iterator[int]:
    """Runs that are words: of an alphabet and emoji as they are, others where they stand freely."""
    free = freedom(level, runs, corpus) if len(runs) else np.zeros(0)
    for run, bits in zip(runs.tolist(), free.tolist(), strict=True):
        symbols = symbols_at(level, run, corpus)
        if is_word(symbols) and (bits >= LEAST_FREEDOM or kind_of(symbols) in ("latin", "emoji")):
            yield run


def users_of(level: Level) -> Ints:
    """Number of different users of each run."""
    users = level.user // CLASSES
    wide = int(users.max(initial=0)) + 1
    return np.bincount(np.unique(level.gram * wide + users) // wide, minlength=level.count)


def in_order(found: Iterable[Candidate], refused: Collection[str], most: int) -> list[Candidate]:
    """Those that stand out most first; of words within each other only the one that stands out more."""
    chosen = list[Candidate]()
    for one in sorted(found, key=lambda c: (-c.z, -c.z_all, c.term)):
        if len(chosen) == most:
            break
        if one.term not in refused and not any(one.term in other.term or other.term in one.term for other in chosen):
            chosen.append(one)
    return chosen


def texts_of(chosen: Sequence[Candidate], levels: Sequence[Level], corpus: Corpus) -> list[Ints]:
    """The numbers of the texts that hold each, sorted."""
    found = dict[tuple[int, int], Ints]()
    for length in sorted({one.length for one in chosen}):
        level, runs = levels[length - 1], np.array([one.run for one in chosen if one.length == length])
        wanted = np.zeros(level.count + 1, bool)
        wanted[runs] = True
        places = np.flatnonzero(wanted[level.at])
        run, text = different(level.at[places], corpus.texts[places])
        for one in runs.tolist():
            found[length, one] = text[slice(*np.searchsorted(run, [one, one + 1]))]
    return [found[one.length, one.run] for one in chosen]


def explained(texts: Sequence[Ints], unread: NDArray[np.bool_]) -> list[int | None]:
    """For each word the earlier one that stands in half or more of its unread texts; None where there is none.

    That one tells why nothing is read there: who stands beside it is no name for goods, or another word for the same.

    Args:
        texts: of each word, those that stand out most first. unread: by text, whether no goods are read in it.
    """
    found, free = list[int | None](), list[tuple[int, NDArray[np.bool_]]]()
    for number, own in enumerate(texts):
        mine = own[unread[own]]
        cause = next((other for other, has in free if len(mine) and 2 * has[mine].sum() >= len(mine)), None)
        found.append(cause)
        if cause is None:
            has = np.zeros(len(unread), bool)
            has[own] = True
            free.append((number, has))
    return found
