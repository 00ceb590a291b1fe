"""One pass over a folded text for every word that matters to contacts (Aho–Corasick)."""

from __future__ import annotations

import re
from functools import cache
from string import ascii_lowercase, digits
from typing import Any, NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from ingest.extract.digits import LETTERS, NUMERALS
from ingest.extract.normalise import normalise
from ingest.lexicon import STRENGTHS, contact_words, context_words, number_words, role_cues

# Signs that sellers put between the characters of a word.
_SPACERS = " .-*~/|丨·_、丶+'❤,=:"
# Above this a word is not spaced out: 'w e c h a t' is, a phrase is not.
_LONGEST_SPACED = 9
# 'abc123QQ:12345678'
_WORD_AND_COLON = re.compile("(?:qq|[vw]x|tel|wechat|weixin|tg):")
_DIGITS = re.compile(f"[0-9{''.join(NUMERALS)}{''.join(LETTERS)}]")
# Characters that make a word or number part of something longer.
JOINING = frozenset(ascii_lowercase + digits + "_")
_LATIN = frozenset(ascii_lowercase)
_DIGIT_LIKE = frozenset((*digits, *LETTERS))
# So many digits make a number, with the signs between them in four times as many characters.
_NUMBER = 7
# Words of WeChat that sellers write straight before an id ('vxabc123').
_GLUED = frozenset(("vx", "wx", "+vx", "+wx", "加vx", "加wx", "微x", "薇x", "wechat", "weixin", "vxin"))


class Word(NamedTuple):
    """A contact word found at text[start:end]; `service` is 'tel' for words that introduce a number."""

    start: int
    end: int
    service: str
    strength: str


class Cue(NamedTuple):
    """Role words found at text[start:end]."""

    start: int
    end: int
    role: str
    side: str
    weight: float
    far: bool


Number = tuple[int, int, tuple[tuple[str, str], ...]]
# (start, -end, what the lexicon says of it): sorted, longer ones come before the shorter ones that begin there.
_Hit = tuple[int, int, tuple[Any, ...]]


# What words may be: contact words and cues, the lists of context.yaml, number words.
_OTHERS = ("left_out", "halved", "signs", "third")
_KINDS = ("word", "cue", "same", "not_phone", "number", "reversed", "region", *_OTHERS)


class Scan:
    """What the pass over a text found, words and cues sorted by place.

    Attributes:
        words: contact words, the longest of overlapping ones.
        cues: role cues, not those inside longer ones.
        same, refusals, reversals: spans of words that share a number, refuse it, or turn it round.
        numbers: (start, end, digits) of number words, a digit for each language.
        regions: regions whose words the text holds; named: where those words end.
        kinds: those of _OTHERS where words of these stand in the text.
    """

    __slots__ = ("_known", "cues", "kinds", "named", "numbers", "refusals", "regions", "reversals", "same", "words")

    def __init__(self, text: str) -> None:
        """Of overlapping words keep what a reader would see."""
        hits: list[list[_Hit]] = [[] for _ in _KINDS]
        (automaton, known), size = _automaton(), len(text)
        for index, start, end in automaton.find_matches_as_indexes(text, overlapping=True):
            kind, entry, more, borders = known[index]
            if borders:
                first_latin, last_latin, glued = borders
                if first_latin and start and text[start - 1] in JOINING and not _follows_number(text, start):
                    continue
                if last_latin and end < size and text[end] in _LATIN and _runs_on(text, end, glued):
                    continue
            hits[kind].append((start, -end, entry))
            for kind, entry in more:
                hits[kind].append((start, -end, entry))
        words, cues, same, refusals, numbers, reversals, regions, *others = hits
        self.words = _longest(words) if words else []
        self.cues = _outermost(cues) if cues else []
        self.same = [(start, -behind) for start, behind, _ in same] if same else []
        self.reversals = [(start, -behind) for start, behind, _ in reversals] if reversals else []
        self.refusals = [
            (start, -behind)
            for start, behind, _ in refusals
            # 'id' in 'wechat id' refuses nothing, '单号码' does although '号码' is in it.
            if not any([word.start <= start and -behind <= word.end for word in self.words])
        ]
        self.numbers: list[Number] = [(start, -behind, *entry) for start, behind, entry in numbers] if numbers else []
        self.regions = {entry[0] for _, _, entry in regions} if regions else set[str]()
        self.named = [-behind for _, behind, _ in regions] if regions else []
        self.kinds = [kind for kind, found in zip(_OTHERS, others, strict=True) if found] if any(others) else []
        self._known: list[tuple[int, int]] | None = None

    def known(self) -> list[tuple[int, int]]:
        """Spans of the words and cues."""
        if self._known is None:
            self._known = sorted([(w.start, w.end) for w in self.words] + [(c.start, c.end) for c in self.cues])
        return self._known


def _follows_number(text: str, start: int) -> bool:
    """A Latin word may begin behind a letter or digit that belongs to a number ('13800138000vx')."""
    before = text[start - 1]
    if before not in _DIGIT_LIKE:
        return False
    if before.isdigit() and _WORD_AND_COLON.match(text, start):
        return True
    return len(_DIGITS.findall(text, max(0, start - 4 * _NUMBER), start)) >= _NUMBER


def _runs_on(text: str, end: int, glued: bool) -> bool:
    """A Latin letter follows: a longer word; a glued one may go on, not into 'wxid_…' or the name in '加薇xiaoming'."""
    return not glued or text.startswith("id_", end) or text[end - 1] == "x" and text[end] in "iu"


def _longest(hits: list[_Hit]) -> list[Word]:
    """Without those that lie in a longer one; '加薇' and '薇信' in '加薇信' become one."""
    hits.sort()
    kept, reached = list[Word](), -1
    for start, behind, (service, strength) in hits:
        if start >= reached:
            kept.append(Word(start, -behind, service, strength))
        elif -behind <= reached:
            continue
        elif service == kept[-1].service:
            kept[-1] = kept[-1]._replace(end=-behind)
        elif strength == "strong" and service != "tel":
            kept[-1] = Word(start, -behind, service, strength)  # '微博' in '加微博', 'qq群' in '加qq群'
        else:
            continue
        reached = -behind
    return kept


def _outermost(hits: list[_Hit]) -> list[Cue]:
    """Without cues inside longer ones, and without the words that only hide others."""
    hits.sort()
    kept, reached = list[Cue](), 0
    for start, behind, entry in hits:
        if -behind > reached:
            reached = -behind
            if entry[0] != "none":
                kept.append(Cue(start, reached, *entry))
    return kept


_Entries = list[tuple[str, tuple[Any, ...]]]


# What a word is, the same of its other meanings, and, where it ends in Latin letters, (first is one, last is, it may
# run into an id).
_Known = tuple[int, tuple[Any, ...], list[tuple[int, tuple[Any, ...]]], tuple[bool, bool, bool] | None]


@cache
def _automaton() -> tuple[AhoCorasick, list[_Known]]:
    """The automaton, and what it knows by the index of its words."""
    table, known = _vocabulary(), list[_Known]()
    for word, found in table.items():
        (kind, entry), *more = [(_KINDS.index(kind), entry) for kind, entry in found]
        first, last = _is_latin(word[0]), _is_latin(word[-1])
        known.append((kind, entry, more, (first, last, word in _GLUED) if first or last else None))
    return AhoCorasick([*table], implementation=Implementation.ContiguousNFA), known


def _vocabulary() -> dict[str, _Entries]:
    table = dict[str, _Entries]()
    # The strongest word of a spelling counts: 'v x' is 'vx' spaced out, and 'v' twice.
    strengths = dict[tuple[str, str], str]()
    for word in contact_words():
        for spelling in _spellings(normalise(word.word).text):
            known = strengths.setdefault((spelling, word.service), word.strength)
            if STRENGTHS.index(word.strength) < STRENGTHS.index(known):
                strengths[spelling, word.service] = word.strength
    for (spelling, service), strength in strengths.items():
        table.setdefault(spelling, []).append(("word", (service, strength)))
    for cue in role_cues():
        table.setdefault(normalise(cue.word).text, []).append(("cue", (cue.role, cue.side, cue.weight, cue.far)))
    for name, listed in context_words().items():
        kind, _, region = name.partition(":")
        for given in listed:
            table.setdefault(normalise(given).text, []).append((kind, (region,) if region else ()))
    for number, meant in number_words().items():
        table.setdefault(normalise(number).text, []).append(("number", (meant,)))
    return table


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _spellings(word: str) -> set[str]:
    """The word and its spaced forms ('微 信', 'v.x')."""
    if not 2 <= len(word) <= _LONGEST_SPACED or not word.isalnum():
        return {word}
    return {word, *(sign.join(word) for sign in _SPACERS)}
