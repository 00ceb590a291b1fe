"""What an advertisement claims beside its goods: that they are from the wild, bred, or that agents are wanted."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from ingest.extract.commodities import stands_alone
from ingest.extract.normalise import Normal, normalise
from ingest.lexicon import claim_words


def find_claims(text: str | Normal) -> list[str]:
    """Names of the claims of claims.yaml that the text makes, sorted; the longest of overlapping words counts.

    Args:
        text: as captured, or folded already.
    """
    folded = normalise(text).text if isinstance(text, str) else text.text
    automaton, entries = _automaton()
    hits = automaton.find_matches_as_indexes(folded)
    standing = (entries[index] for index, start, end in hits if stands_alone(folded, start, end, entries[index].word))
    return sorted({claim for entry in standing for claim in entry.claims})


class _Entry(NamedTuple):
    word: str
    claims: tuple[str, ...]


@cache
def _automaton() -> tuple[AhoCorasick, list[_Entry]]:
    """The automaton, and for each of its words the claims that it makes; none for a refused one."""
    claims = dict[str, set[str]]()
    for word, claim in claim_words():
        claims.setdefault(normalise(word).text, set()).update([claim] if claim else [])
    return AhoCorasick([*claims], matchkind=MatchKind.LeftmostLongest), [
        _Entry(word, tuple(sorted(made))) for word, made in claims.items()
    ]
