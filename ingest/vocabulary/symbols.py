"""Texts as rows of symbols: Chinese characters, Latin words, emoji; with a gap wherever a word cannot go on.

Emoji are read in the captured text, since folding takes their joiners and selectors away; everything else is folded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ingest.extract.normalise import Normal, fold, normalise
from ingest.vocabulary.known import Known

GAP = ""
# Advertisements are shorter; of what is longer the beginning is read. Captured characters, as for templates.
MOST_CHARACTERS = 4_000
# A longer run of letters is an id, an address or a script that is written without blanks.
_LONGEST_WORD = 20
_HAN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_HAN}]|(?:(?![{_HAN}])\w)+|.", re.DOTALL)
_IS_HAN = re.compile(rf"[{_HAN}]")
_PICTURE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u2300-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935"
    "\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001f0ff\U0001f170-\U0001f1e5\U0001f200-\U0001faff]"
)
_TONES, _SELECTORS, _TAGS = "[\U0001f3fb-\U0001f3ff]", "[\ufe0e\ufe0f]", "[\U000e0020-\U000e007f]"
_ONE = f"{_PICTURE}{_SELECTORS}?{_TONES}?{_TAGS}*"
EMOJI = re.compile(f"(?:[\U0001f1e6-\U0001f1ff]{{2}}|{_ONE}(?:\u200d{_ONE})*)")
# What changes an emoji's looks and not what it shows.
_LOOKS = re.compile(f"{_SELECTORS}|{_TONES}")
_BLANK = "\0"


def plain_emoji(captured: str) -> str:
    """An emoji without the selectors and skin tones that it may or may not have; joined ones stay joined."""
    return _LOOKS.sub("", captured) or captured


def without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with signs that no word holds in the place of the spans; its length stays."""
    for start, end in spans:
        start, end = max(start, 0), min(end, len(text))
        text = f"{text[:start]}{_BLANK * (end - start)}{text[end:]}" if start < end else text
    return text


def unknown_part(captured: str, contacts: Sequence[tuple[int, int]], known: Known) -> str:
    """The captured text without its contacts and without words that are known.

    Args:
        contacts: spans in the captured text, those of contacts.
    """
    text = without(captured[:MOST_CHARACTERS], contacts)
    normal = normalise(text)
    return without(text, [normal.span(start, end) for start, end in known.spans(normal.text)])


def symbols_of(text: str) -> Iterator[str]:
    """The symbols of a text that `unknown_part` gave, GAP where no word goes on."""
    last, before = 0, GAP
    for found in EMOJI.finditer(text):
        between, emoji = text[last : found.start()], _emoji(found.group())
        yield from _words(normalise(between).text)
        # Three elephants in a row say what one says.
        if between or emoji != before or emoji == GAP:
            yield emoji
        last, before = found.end(), emoji
    yield from _words(normalise(text[last:]).text)


def _emoji(captured: str) -> str:
    """What stands for a letter or a digit (🅰, ❶) or for a sign is none."""
    plain = plain_emoji(captured)
    return GAP if len(plain) == 1 and fold(plain) != plain else plain


def _words(folded: str) -> Iterator[str]:
    """Letters and words; a blank joins Latin words to a phrase and parts everything else."""
    before = GAP
    tokens = _TOKEN.findall(folded)
    for token, behind in zip(tokens, [*tokens[1:], GAP], strict=False):
        if token == " " and _is_word(before) and _is_word(behind):
            continue
        before = token if _IS_HAN.match(token) or _is_word(token) else GAP
        yield before


def _is_word(token: str) -> bool:
    """Letters only, other than Chinese: with digits it is an id, a measure or a number."""
    return token.isalpha() and len(token) <= _LONGEST_WORD and not _IS_HAN.match(token)


def written(symbols: Sequence[str]) -> str:
    """A row of symbols as it stands in a folded text."""
    pieces = [symbols[0]]
    for before, symbol in zip(symbols, symbols[1:], strict=False):
        pieces += [" ", symbol] if _is_word(before) and _is_word(symbol) else [symbol]
    return "".join(pieces)


def kind_of(symbols: Sequence[str]) -> str:
    """chinese, latin, emoji or mixed."""
    kinds = {"chinese" if _IS_HAN.match(s) else "latin" if _is_word(s) else "emoji" for s in symbols}
    return kinds.pop() if len(kinds) == 1 else "mixed"


def place_of(term: Sequence[str], text: str) -> tuple[int, int] | None:
    """Where the term stands first in the captured characters of `text`, which `unknown_part` gave; None if nowhere."""
    normal = normalise(text) if kind_of(term) != "emoji" else Normal(text, text)
    pattern = _pattern(term)
    found = pattern.search(normal.text)
    return normal.span(*found.span()) if found else None


def _pattern(term: Sequence[str]) -> re.Pattern[str]:
    looks = f"(?:{_SELECTORS}|{_TONES})*"
    parts = ["".join(f"{re.escape(c)}{looks}" for c in s) if kind_of([s]) == "emoji" else re.escape(s) for s in term]
    joined = parts[0]
    for before, part, symbol in zip(term, parts[1:], term[1:], strict=False):
        joined += f" {part}" if _is_word(before) and _is_word(symbol) else part
    first = r"(?<![^\W\u3040-\uffff])" if _is_word(term[0]) else ""
    last = r"(?![^\W\u3040-\uffff])" if _is_word(term[-1]) else ""
    return re.compile(f"{first}{joined}{last}")
