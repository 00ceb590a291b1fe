"""One pass over a folded text for every word that matters to contacts (Aho–Corasick)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from ingest.extract.normalise import normalise
from ingest.lexicon import contact_words, context_words, number_words, role_cues

# Signs that sellers put between the characters of a word.
_SPACERS = " .-*~/|_、丶+'❤,=:"
# Above this a word is not spaced out: 'w e c h a t' is, a phrase is not.
_LONGEST_SPACED = 9
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


class Scan:
    """What the pass found, each list sorted by place.

    Attributes:
        words: contact words, the longest of overlapping ones.
        cues: role cues, not those inside longer ones.
        same, refusals, reversals: spans of words that share a number, refuse it, or turn it round.
        numbers: (start, end, digit) of number words.
        known: spans of the words and cues.
        regions: regions whose words the text holds.
    """

    __slots__ = ("cues", "numbers", "refusals", "regions", "reversals", "same", "words", "known")

    def __init__(self) -> None:
        self.words: list[Word] = []
        self.cues: list[Cue] = []
        self.known: list[tuple[int, int]] = []
        self.same: list[tuple[int, int]] = []
        self.refusals: list[tuple[int, int]] = []
        self.reversals: list[tuple[int, int]] = []
        self.numbers: list[tuple[int, int, str]] = []
        self.regions: set[str] = set()

    def keepers(self) -> dict[str, Callable[[Any], None]]:
        """Where each kind of find goes."""
        return {
            "word": self.words.append,
            "cue": self.cues.append,
            "number": self.numbers.append,
            "region": lambda found: self.regions.add(found[2]),
            "same": self.same.append,
            "not_phone": self.refusals.append,
            "reversed": self.reversals.append,
        }

    def settle(self) -> Scan:
        """Sort, and keep of overlapping words what a reader would see."""
        self.words = _longest([Word(*found) for found in sorted(self.words, key=_outer)])
        ends = {place for word in self.words for place in range(word.start, word.end + 1)} if self.refusals else set()
        self.refusals = [(start, end) for start, end in self.refusals if end not in ends]  # 'id' in 'wechat id'
        self.cues = _outermost([Cue(*found) for found in sorted(self.cues, key=_outer)])
        self.known = sorted([(w.start, w.end) for w in self.words] + [(c.start, c.end) for c in self.cues])
        return self


def scan(text: str) -> Scan:
    """Find contact words, role cues, number words, and what decides about digits."""
    found = Scan()
    keep: dict[str, Callable[[Any], None]] | None = None
    for last, (length, entries, first_latin, last_latin, glued) in _automaton().iter(text):
        start, end = last + 1 - length, last + 1
        if first_latin and start and not _begins(text, start):
            continue
        if last_latin and _runs_on(text, end, glued):
            continue
        keep = keep or found.keepers()
        for kind, entry in entries:
            keep[kind]((start, end, *entry))
    return found.settle() if keep else found


def _begins(text: str, start: int) -> bool:
    """A Latin word begins here: after no letter or digit, unless those are a number's ('13800138000vx')."""
    before = text[start - 1]
    if not before.isascii() or not (before.isalnum() or before == "_"):
        return True
    return text[max(0, start - 7) : start].isdigit()


def _runs_on(text: str, end: int, glued: bool) -> bool:
    """A longer Latin word goes on here; a glued one may, except into 'wxid_…', which is an id."""
    after = text[end : end + 1]
    if not (after.isascii() and after.isalpha()):
        return False
    return not glued or text.startswith("id_", end)


def _outer(found: tuple[Any, ...]) -> tuple[int, int]:
    return found[0], -found[1]


def _longest(words: list[Word]) -> list[Word]:
    """Without those that lie in a longer one; '加薇' and '薇信' in '加薇信' become one."""
    kept = words[:1]
    for word in words[1:]:
        if word.start >= kept[-1].end:
            kept.append(word)
        elif word.end > kept[-1].end and word.service == kept[-1].service:
            kept[-1] = kept[-1]._replace(end=word.end)
    return kept


def _outermost(cues: list[Cue]) -> list[Cue]:
    """Without cues inside longer ones, and without the words that only hide others."""
    kept, reached = list[Cue](), 0
    for cue in cues:
        if cue.end > reached:
            kept.append(cue)
            reached = cue.end
    return [cue for cue in kept if cue.role != "none"]


@cache
def _automaton() -> Any:
    """Folded word -> (length, entries, first character is Latin, last character is Latin, may run into an id)."""
    import ahocorasick

    automaton = ahocorasick.Automaton()
    for spelling, entries in _vocabulary().items():
        latin = _is_latin(spelling[0]), _is_latin(spelling[-1])
        automaton.add_word(spelling, (len(spelling), entries, *latin, spelling in _GLUED))
    automaton.make_automaton()
    return automaton


def _vocabulary() -> dict[str, list[tuple[str, tuple[Any, ...]]]]:
    table = dict[str, list[tuple[str, tuple[Any, ...]]]]()
    for word in contact_words():
        for spelling in _spellings(normalise(word.word).text):
            entries = table.setdefault(spelling, [])
            if (entry := ("word", (word.service, word.strength))) not in entries:
                entries.append(entry)
    for cue in role_cues():
        table.setdefault(normalise(cue.word).text, []).append(("cue", (cue.role, cue.side, cue.weight)))
    for name, listed in context_words().items():
        kind, _, region = name.partition(":")
        for given in listed:
            table.setdefault(normalise(given).text, []).append((kind, (region,) if region else ()))
    for number, digit in number_words().items():
        table.setdefault(normalise(number).text, []).append(("number", (digit,)))
    return table


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _spellings(word: str) -> set[str]:
    """The word and its spaced forms ('微 信', 'v.x')."""
    if not 2 <= len(word) <= _LONGEST_SPACED or not word.isalnum():
        return {word}
    return {word, *(sign.join(word) for sign in _SPACERS)}
