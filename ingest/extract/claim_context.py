"""What stands beside a word that claims something and takes the claim away: negations, buyers, places, other words.

The words are those of claim_context.yaml; all texts here are folded ones (`normalise`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from ingest.extract.normalise import normalise
from ingest.lexicon import claim_context, place_names

# Dots, stars and the like that are strewn into Chinese words to hide them; commas and stops part phrases.
GAPS = " .·•・‧*_"
# Longer than any negation or buyer's word with what may stand between it and the claim.
_REACH = 24
_QUOTES = r"[\s:~\-*_·.\"'“”‘’「」『』()\[\]【】《》<>]"
_STOPS = r"\s,.;!?、。:…\n"
_GOODS_ONLY = frozenset(("wild", "elephant_marks"))
# Whoever takes or finds an animal says where: 大别山里抓的 names a range of mountains, 佛山货 a city.
_TAKEN = re.compile("[抓捉捕捡]")


class Context(NamedTuple):
    """What surrounds one word that makes a claim: `start` and `end` are its places in `text`."""

    text: str
    start: int
    end: int
    claim: str

    def denies(self) -> bool:
        """A negation or a comparison at the word itself, before or behind it."""
        rules, before = _rules(), self.text[max(0, self.start - _REACH) : self.start]
        found = rules.negation.search(before)
        if found and not rules.affirmation.search(before[: found.end("word")]):
            doubled = before[found.start() : found.end()].lstrip("并绝").startswith(("不是", "非"))
            return not (doubled and rules.assured.match(self.text, self.end))
        return bool(rules.likeness.search(before) or rules.denied_behind.match(self.text, self.end))

    def seeks(self) -> bool:
        """It is what a buyer looks for."""
        if self.claim not in _GOODS_ONLY:
            return False
        rules, first = _rules(), max(0, self.start - _REACH)
        found = rules.seeking.search(self.text[first : self.start])
        if found and not (first and found.start() == 0 and found["phrase"]):
            return True
        if rules.seeking_all.fullmatch(self.text, 0, self.start):
            return True
        return rules.seeking_behind.match(self.text, self.end) is not None

    def is_another_word(self) -> bool:
        """The word is part of another one, or of a place's name, or speaks of plants and food."""
        text, rules = self.text, _rules()
        ending = rules.endings.get(text[self.end - 1])
        if ending and ending.match(text, self.end):
            return True
        if text[self.start - 1 : self.start] in rules.beginnings.get(text[self.start], ()):
            return True
        if text[self.start] == "山" and self._names_a_place():
            return True
        following = rules.followers.get(self.claim)
        return bool(following and following.match(text, self.end)) or (self.claim == "wild" and self._is_gathered())

    def _names_a_place(self) -> bool:
        named = self.text[max(0, self.start - _REACH) : self.start + 1].endswith(_hills())
        return named and not _TAKEN.search(self.text, self.start, self.end)

    def _is_gathered(self) -> bool:
        rules = _rules()
        if rules.gathered_behind.match(self.text, self.end):
            return True
        before = self.text[max(0, self.start - _REACH) : self.start]
        return rules.gathered_before.search(before) is not None


def is_joined(text: str, last: int, start: int, same: bool, sought: bool) -> bool:
    """What was said of the word that ended at `last` holds for the one at `start`: 不是野生山龟, 不含血牙和现代料.

    Args:
        text: folded.
        last: where the word before ended.
        start: of the word at hand.
        same: both make the same claim; another one needs a word such as 和 between.
        sought: it is a buyer's list, which goes on across commas.
    """
    between = text[last:start]
    if len(between) > 4:
        return False
    if sought:
        return _LISTED.fullmatch(between) is not None
    return (_ALIKE if same else _JOINED).fullmatch(between) is not None


_LISTED = re.compile(r"[\s,、/的龟货和或与及]*")
_ALIKE = re.compile(r"[\s、/的和或与及]*")
_JOINED = re.compile(r"\s?[、/和或与及]\s?")


class _Rules(NamedTuple):
    negation: re.Pattern[str]
    affirmation: re.Pattern[str]
    assured: re.Pattern[str]
    denied_behind: re.Pattern[str]
    likeness: re.Pattern[str]
    seeking: re.Pattern[str]
    seeking_all: re.Pattern[str]
    seeking_behind: re.Pattern[str]
    gathered_behind: re.Pattern[str]
    gathered_before: re.Pattern[str]
    followers: dict[str, re.Pattern[str]]
    endings: dict[str, re.Pattern[str]]
    beginnings: dict[str, list[str]]


@cache
def _rules() -> _Rules:
    raw = claim_context()
    gathered, goods = f"(?:{'|'.join(raw['gathered'])})", normalise(raw["goods"]).text
    return _Rules(
        _negation(),
        re.compile(f"(?:{_any(raw['affirmations'])})$"),
        re.compile(rf"的?[,\s]{{0,2}}(?:{_any(raw['assured_behind'])})"),
        _denied_behind(),
        re.compile(rf"(?:{_any(raw['likeness'])})[的是]?{_QUOTES}?$"),
        _seeking(),
        re.compile(rf"[\W_]{{0,4}}(?:{_any(raw['seeking_all'])})(?![来到])[^\n出售卖有转]{{0,30}}"),
        re.compile(rf"[^{_STOPS}]{{0,4}}[,\s]?(?:{_any(raw['seeking_behind'])})(?!买)"),
        re.compile(rf"[^{_STOPS}{goods}]{{0,4}}\s?[^{_STOPS}{goods}]{{0,4}}?{gathered}(?!.{{0,2}}[龟鳖])"),
        re.compile(rf"{gathered}[^{_STOPS}{goods}]{{0,1}}[\s的]{{0,2}}[纯全]?$"),
        {claim: re.compile(rf"\s?的?(?:{'|'.join(listed)})") for claim, listed in raw["followers"].items()},
        {last: re.compile("|".join(listed)) for last, listed in raw["endings"].items()},
        raw["beginnings"],
    )


def _negation() -> re.Pattern[str]:
    """A negation as `word`, and what may stand between it and the end."""
    raw = claim_context()
    chinese = rf"(?P<word>{_any(raw['negations'], strewn=True)})(?:{_any(raw['between'])}|{_QUOTES}){{0,6}}$"
    words = f"{_any(raw['latin_negations'])}|{_any(raw['latin_negations_long'], blank=True)}"
    latin = rf"\b(?:{words})(?:[\s\-]+(?:{_any(raw['latin_between'])})){{0,4}}[\s\-]*$"
    return re.compile(f"{chinese}|{latin}")


def _denied_behind() -> re.Pattern[str]:
    raw = claim_context()
    tail, by = "[的龟货品类]{0,3}[\"'”’」』)]?", f"(?:{_any(raw['denied_by'])}){{0,3}}"
    plainly = rf"{by}(?:{_any(raw['denied_behind'])})(?!{_any(raw['denied_no_further'])})"
    away = rf"\s?{by}(?:{_any(raw['sent_away_behind'])})(?!价)"
    return re.compile(rf"{tail}(?:{plainly}|{away})|\s(?:not (?:for sale|sold|available)|prohibited|banned)\b")


def _seeking() -> re.Pattern[str]:
    raw = claim_context()
    amount = rf"[\s:]*(?:{_any(raw['amounts'])})?[\s:]*$"
    far = rf"(?:{_any(raw['seeking'])})\s?[^{_STOPS}出售卖的]{{0,6}}[\s:]*$"
    near = rf"(?P<phrase>(?:^|[{_STOPS}])(?:{_any(raw['asking'])})){amount}"
    no = "".join(f"(?<!{re.escape(word)})" for word in raw["asking_no"])
    anywhere = rf"(?:{_any(raw['asking_anywhere'])}){no}{amount}"
    latin = rf"\b(?:{_any(raw['latin_seeking'], blank=True)})[\s:]+(?:any |some |a |an |mấy |con )?$"
    return re.compile(f"{far}|{near}|{anywhere}|{latin}")


def _any(listed: Iterable[str], strewn: bool = False, blank: bool = False) -> str:
    """An alternative of words, longest first; `strewn`: gaps may stand between their characters."""
    words = {normalise(word).text for line in listed for word in ([line] if blank else line.split())}
    gap = f"[{re.escape(GAPS)}]?" if strewn else ""
    return "|".join(gap.join(map(re.escape, word)) for word in sorted(words, key=lambda word: (-len(word), word)))


@cache
def _hills() -> tuple[str, ...]:
    return tuple(sorted(name for name in place_names() if name.endswith("山")))
