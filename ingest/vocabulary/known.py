"""The words that are known already: the lexicon's, what goods are made into, and names of places."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from ingest.extract.commodities import stands_alone
from ingest.extract.normalise import normalise
from ingest.extract.templates import OBJECTS
from ingest.lexicon import (
    claim_words,
    contact_words,
    context_words,
    place_names,
    platforms,
    refused_ids,
    role_cues,
    terms,
)

# A captured place longer than this is a sentence.
_LONGEST_PLACE = 16
_LETTERS = re.compile(r"[^\W\d_]+")


@cache
def known_words() -> frozenset[str]:
    """Every word of the lexicon, folded: goods, traps, contact words, role cues, claims, platforms, places, objects."""
    words = {term.term for term in terms()} | {entry.word for entry in contact_words()} | set(OBJECTS)
    words |= {cue.word for cue in role_cues()} | {word for word, _ in claim_words()} | refused_ids()
    words |= {word for listed in context_words().values() for word in listed} | set(place_names())
    words |= {part for entry in platforms().values() for part in (entry.slug, *entry.name.split())}
    return frozenset(folded for word in words if (folded := folded_word(word)))


def folded_word(word: str) -> str:
    """A word in the form in which words are compared."""
    return normalise(word).text.strip()


def goods_words() -> frozenset[str]:
    """The lexicon's words for goods, folded, without its traps."""
    return frozenset(folded_word(term.term) for term in terms() if term.commodity_id is not None)


def place_parts(captured: Iterable[str | None]) -> frozenset[str]:
    """Every run of two characters or more in places as captured: 福建莆田 is 福建 and 莆田 without a sign between."""
    places = {folded_word(place) for place in captured if place and len(place) <= _LONGEST_PLACE}
    return frozenset(part for place in places for run in _LETTERS.findall(place) for part in _runs(run))


def _runs(run: str) -> Iterable[str]:
    if run.isascii():
        return [run]
    return (run[start:end] for start in range(len(run)) for end in range(start + 2, len(run) + 1))


class Known(NamedTuple):
    """Words that are cut out of texts, and those that are no candidates where they stand alone."""

    automaton: AhoCorasick
    cut: list[str]
    words: frozenset[str]

    @classmethod
    def of(cls, words: Collection[str]) -> Known:
        """Prepare folded words; a single character is cut out nowhere, since others are made with it."""
        cut = sorted(word for word in words if len(word) > 1 or not _LETTERS.fullmatch(word))
        return cls(AhoCorasick(cut, matchkind=MatchKind.LeftmostLongest), cut, frozenset(words))

    def spans(self, folded: str) -> list[tuple[int, int]]:
        """Where known words stand in a folded text; the longest of overlapping ones."""
        hits = self.automaton.find_matches_as_indexes(folded)
        return [(start, end) for index, start, end in hits if stands_alone(folded, start, end, self.cut[index])]
