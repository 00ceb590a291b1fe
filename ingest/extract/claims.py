"""What an advertisement claims beside its goods: that they are from the wild, bred, or that agents are wanted.

One automaton finds the words; only where it finds one is looked at what stands around it. Words that are strewn with
blanks or dots are mended first: the automaton knows their beginnings too, so that a text without any costs no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from ingest.extract.claim_context import GAPS, Context, is_joined
from ingest.extract.commodities import stands_alone
from ingest.extract.normalise import Normal, normalise
from ingest.lexicon import claim_words

_HAN = "\u3400-\u9fff"
_CHINESE_GAP = re.compile(rf"(?<=[{_HAN}])[{re.escape(GAPS)}]{{1,3}}(?=[{_HAN}])")
_LATIN_GAP = re.compile(r"(?<=[^\W\d_])[ \t]{2,}(?=[^\W\d_])")
# What may be glued to a word of two characters with a blank in it: 纯野 生 is one, 荒野 生活 none.
_BEFORE_A_BLANK = "纯全真是的有只条对出售卖收求购非无"


def find_claims(text: str | Normal) -> list[str]:
    """Names of the claims of claims.yaml that the text makes, sorted; the longest of overlapping words counts.

    What is denied, what a buyer looks for, names of places and what is gathered in the woods claim nothing
    (claim_context.yaml).

    Args:
        text: as captured, or folded already.
    """
    folded = normalise(text).text if isinstance(text, str) else text.text
    automaton, words = _automatons()
    hits = automaton.find_matches_as_indexes(folded)
    if not hits:
        return []
    if any(index >= len(words.entries) for index, _, _ in hits):
        folded = _mended(folded)
        hits = words.automaton.find_matches_as_indexes(folded)
    return sorted(set(_made(folded, hits, words.entries)))


class _Entry(NamedTuple):
    word: str
    claims: tuple[str, ...]


class _Words(NamedTuple):
    automaton: AhoCorasick
    entries: list[_Entry]


class _Before(NamedTuple):
    """The last word of a claim: where it ended and what became of it."""

    end: int
    claim: str
    denied: bool
    sought: bool


def _made(text: str, hits: list[tuple[int, int, int]], entries: list[_Entry]) -> Iterator[str]:
    """The claims of the hits that stand."""
    before = _Before(-1, "", False, False)
    for index, start, end in hits:
        word, claims = entries[index]
        if not claims or not stands_alone(text, start, end, word):
            continue
        for claim in claims:
            judged = _judged(Context(text, start, end, claim), before)
            if not (judged.denied or judged.sought or Context(text, start, end, claim).is_another_word()):
                yield claim
        before = judged


def _judged(context: Context, before: _Before) -> _Before:
    """Whether the word is denied or sought, by itself or by what was said of the word before it."""
    text, start, end, claim = context
    joined = before.end >= 0 and is_joined(text, before.end, start, before.claim == claim, before.sought)
    denied = (joined and before.denied) or context.denies()
    return _Before(end, claim, denied, (joined and before.sought) or context.seeks())


def _mended(text: str) -> str:
    """The text without the gaps in words of claims.yaml; other gaps stay."""
    text = _LATIN_GAP.sub(" ", text)
    gaps, removed = dict[int, re.Match[str]](), 0
    for gap in _CHINESE_GAP.finditer(text):
        gaps[gap.start() - removed] = gap
        removed += gap.end() - gap.start()
    pieces, last = list[str](), 0
    for gap in _within_words(_CHINESE_GAP.sub("", text), gaps):
        pieces.append(text[last : gap.start()])
        last = gap.end()
    return "".join([*pieces, text[last:]])


def _within_words(squeezed: str, gaps: dict[int, re.Match[str]]) -> list[re.Match[str]]:
    """Those of the gaps, keyed by their places in the text without any, that stand within a word; in order."""
    found = list[re.Match[str]]()
    for _, start, end in _automatons()[1].automaton.find_matches_as_indexes(squeezed):
        inner = [gaps[place] for place in range(start + 1, end) if place in gaps]
        if inner and (end - start > 2 or not inner[0].group().isspace() or _opens(squeezed, start, gaps)):
            found += inner
    return found


def _opens(squeezed: str, start: int, gaps: dict[int, re.Match[str]]) -> bool:
    """Nothing is glued to the beginning of the word that could make another one of its first character."""
    before = squeezed[start - 1 : start]
    return start in gaps or before in _BEFORE_A_BLANK or re.fullmatch(f"[{_HAN}]", before) is None


@cache
def _automatons() -> tuple[AhoCorasick, _Words]:
    """One of words and of beginnings of words with a gap behind them, and one of words alone."""
    claims = dict[str, set[str]]()
    for word, claim in claim_words():
        claims.setdefault(normalise(word).text, set()).update([claim] if claim else [])
    entries = [_Entry(word, tuple(sorted(made))) for word, made in claims.items()]
    entries += [_Entry(word.replace(" ", "-"), made) for word, made in entries if " " in word and word.isascii()]
    words = list(dict.fromkeys(entry.word for entry in entries))
    begun = sorted({begin for word in words for begin in _beginnings(word)} - set(words))
    known = {entry.word: entry for entry in reversed(entries)}
    plain = AhoCorasick(words, matchkind=MatchKind.LeftmostLongest)
    both = AhoCorasick([*words, *begun], matchkind=MatchKind.LeftmostLongest)
    return both, _Words(plain, [known[word] for word in words])


def _beginnings(word: str) -> Iterator[str]:
    """What a strewn word begins with: 招 with a dot, 'wild' with two blanks."""
    for length in range(1, len(word)):
        if word[length] == " ":
            yield word[:length] + "  "
        elif word[length - 1] >= "\u3400":
            yield from (word[:length] + gap for gap in GAPS)
