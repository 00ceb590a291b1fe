"""Fold a captured text into the form that everything else reads, and keep the way back.

In order: characters that show nothing go (zero-width, variation selectors, keycap marks), our own table, NFKC,
traditional to simplified Chinese (OpenCC t2s), lower case. One `str.translate` does it where each character becomes
one character; only where some vanish or grow is a map to the captured text built.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from ingest.lexicon import characters

# What NFKC leaves alone or turns into more than the sign means: rows of signs here, single ones in characters.yaml.
_OWN: dict[str, str] = {
    **{chr(0x2776 + n): str(n + 1) for n in range(9)},  # ❶ to ❾
    **{chr(0x2780 + n): str(n + 1) for n in range(9)},  # ➀ to ➈
    **{chr(0x278A + n): str(n + 1) for n in range(9)},  # ➊ to ➒
    **{chr(0x2474 + n): str(n + 1) for n in range(9)},  # ⑴ to ⑼, which NFKC gives brackets
    **{chr(0x2488 + n): str(n + 1) for n in range(9)},  # ⒈ to ⒐, which NFKC gives a dot
    **{chr(0x24F5 + n): str(n + 1) for n in range(9)},  # ⓵ to ⓽
    **{chr(0x3220 + n): "一二三四五六七八九"[n] for n in range(9)},  # ㈠ to ㈨
    **{chr(0x3280 + n): "一二三四五六七八九"[n] for n in range(9)},  # ㊀ to ㊈
    **{chr(0x249C + n): chr(0x61 + n) for n in range(26)},  # ⒜ to ⒵
    **{chr(0x1F110 + n): chr(0x61 + n) for n in range(26)},  # 🄐
    **{chr(0x1F130 + n): chr(0x61 + n) for n in range(26)},  # 🄰
    **{chr(0x1F150 + n): chr(0x61 + n) for n in range(26)},  # 🅐
    **{chr(0x1F170 + n): chr(0x61 + n) for n in range(26)},  # 🅰
    **{chr(0x1F1E6 + n): chr(0x61 + n) for n in range(26)},  # 🇦, halves of flags
    **characters(),
}
# Characters that show nothing: joiners, direction marks, soft hyphen, selectors, the keycap's frame, tags.
_INVISIBLE = frozenset(
    [
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xFE00, 0xFE10),
        *range(0xE0000, 0xE0080),
    ]
    + [
        *range(0xE0100, 0xE01F0),
        0x00AD,
        0x034F,
        0x061C,
        0x115F,
        0x1160,
        0x17B4,
        0x17B5,
        0x180E,
        0x20E3,
        0x20DD,
        0x20DE,
        0x3164,
    ]
    + [0xFEFF, 0xFFA0, 0x0336, 0x0335, 0x0332, 0x0333, 0x0305, 0x1F3FB, 0x1F3FC, 0x1F3FD, 0x1F3FE, 0x1F3FF]
)
# Stands for a character that does not become exactly one; a private one, which no text should hold.
_UNEVEN = "\uf8f0"


class Normal(NamedTuple):
    """A folded text and the way back.

    text[i] was made of captured[starts[i]:ends[i]]; both lists are None when characters are one to one.
    """

    text: str
    captured: str
    starts: list[int] | None = None
    ends: list[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The captured span of text[start:end]."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def rewritten(self, changes: Iterable[tuple[int, int, str]]) -> Normal:
        """The same with each text[start:end] read as something else; changes are sorted and apart."""
        pieces, starts, ends, last = list[str](), list[int](), list[int](), 0
        for start, end, becomes in (*changes, (len(self.text), len(self.text), "")):
            pieces += self.text[last:start], becomes
            for place in range(last, start):
                first, behind = self.span(place, place + 1)
                starts.append(first)
                ends.append(behind)
            if becomes:
                first, behind = self.span(start, end)
                starts += [first] * len(becomes)
                ends += [behind] * len(becomes)
            last = end
        return Normal("".join(pieces), self.captured, starts, ends)


# Marks that belong to the character before them, which they end.
_COMBINING = frozenset(
    map(
        chr,
        (
            *range(0xFE00, 0xFE10),
            0x20E3,
            0x20DD,
            0x20DE,
            0x0336,
            0x0335,
            0x0332,
            0x0333,
            0x0305,
            *range(0x1F3FB, 0x1F400),
        ),
    )
)


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def fold(character: str) -> str:
    """What one character becomes; '' when it shows nothing. Folding the result again changes nothing."""
    folded, before = _fold(character), character
    while folded != before:
        folded, before = "".join(map(_fold, folded)), folded
    return folded


def _fold(character: str) -> str:
    if ord(character) in _INVISIBLE:
        return ""
    own = _OWN.get(character)
    if own is not None:
        return own
    if 0xD800 <= ord(character) <= 0xDFFF:
        return "\ufffd"  # half a character, which UTF-8 cannot hold
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    folded = unicodedata.normalize("NFKC", character).lower()
    return folded if folded.isascii() else str(_converter().convert(folded))


class _Even(dict[int, str]):
    """Code point to its one folded character, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        folded = fold(chr(code))
        self[code] = folded if len(folded) == 1 else _UNEVEN
        return self[code]


class _Any(dict[str, str]):
    """Character to what it becomes, filled as characters are met."""

    def __missing__(self, character: str) -> str:
        self[character] = fold(character)
        return self[character]


_ANY = _Any()
_EVEN = _Even()


def normalise(text: str) -> Normal:
    """Fold a text. Folding the result again changes nothing."""
    if text.isascii():
        return Normal(text.lower(), text)
    folded = text.translate(_EVEN)
    return _with_places(folded, text) if _UNEVEN in folded else Normal(folded, text)


def _with_places(folded: str, text: str) -> Normal:
    """The text of which some characters vanish or grow, each an _UNEVEN in `folded`."""
    pieces, starts, ends, last = list[str](), list[int](), list[int](), 0
    while (place := folded.find(_UNEVEN, last)) >= 0:
        pieces.append(folded[last:place])
        starts += range(last, place)
        ends += range(last + 1, place + 1)
        last, becomes = place + 1, _ANY[text[place]]
        if becomes:
            pieces.append(becomes)
            starts += [place] * len(becomes)
            ends += [last] * len(becomes)
        elif ends and ends[-1] == place and text[place] in _COMBINING:
            ends[-1] = last
    pieces.append(folded[last:])
    starts += range(last, len(folded))
    ends += range(last + 1, len(folded) + 1)
    return Normal("".join(pieces), text, starts, ends)
