"""Which commodities an advertisement's words and emoji name."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from ahocorasick_rs import AhoCorasick, MatchKind

from ingest.extract.normalise import Normal, normalise
from ingest.lexicon import Term, terms

# Short forms have no plural: 'XPs' is no elephant skin.
_LEAST_PLURAL = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """A commodity, the lexicon's term for it, and the first place where the text has it."""

    commodity_id: str
    term: str
    start: int
    end: int
    confidence: float


def find_commodities(text: str | Normal, contacts: Iterable[tuple[int, int]] = ()) -> list[Offer]:
    """Each commodity once, at its surest term, in the order of the text; the longest of overlapping terms counts.

    Args:
        text: as captured, or folded already.
        contacts: spans of contacts in the captured text; 'ivory' in '@ivory_house' offers nothing.
    """
    normal = normalise(text) if isinstance(text, str) else text
    best, hidden = dict[str, Offer](), sorted(set(contacts))
    automaton, entries = _automaton()
    for index, start, end in automaton.find_matches_as_indexes(normal.text):
        term, worded = entries[index]
        if term.commodity_id is None or not stands_alone(normal.text, start, end, worded):
            continue
        span = normal.span(start, end)
        beside = bisect_right(hidden, (span[0], len(normal.captured))) - 1
        if beside >= 0 and span[1] <= hidden[beside][1]:
            continue
        offer = Offer(term.commodity_id, term.term, *span, term.confidence)
        known = best.get(offer.commodity_id)
        if known is None or offer.confidence > known.confidence:
            best[offer.commodity_id] = offer
    return sorted(best.values(), key=lambda offer: offer.start)


@cache
def _automaton() -> tuple[AhoCorasick, list[tuple[Term, str]]]:
    """The automaton, and by the index of its words (term, folded term)."""
    entries = {folded: (term, folded) for term in terms() if (folded := normalise(term.term).text)}
    return AhoCorasick([*entries], matchkind=MatchKind.LeftmostLongest), [*entries.values()]


def stands_alone(text: str, start: int, end: int, worded: str) -> bool:
    """Latin words need a border on both sides, no letter or digit of their own script; a plural's s belongs to them."""
    if len(worded) >= _LEAST_PLURAL and worded[-1].isascii() and text[end : end + 1] == "s":
        end += 1
    if worded[0].isascii() and start and text[start - 1].isascii() and text[start - 1].isalnum():
        return False
    return not (worded[-1].isascii() and end < len(text) and text[end].isascii() and text[end].isalnum())


__all__ = ["Offer", "Term", "find_commodities", "stands_alone"]
