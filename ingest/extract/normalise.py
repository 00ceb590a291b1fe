"""Fold a captured text into the form that everything else reads, and keep the way back.

In order: characters that show nothing go (zero-width, variation selectors, keycap marks), our own table, NFKC,
traditional to simplified Chinese (OpenCC t2s), lower case. One `str.translate` does it where each character
becomes one character; only where some vanish or grow is a map to the captured text built.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

# What NFKC leaves alone or turns into more than the sign means.
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
    "⓪": "0", "⓿": "0", "🄋": "0", "🄌": "0", "🔟": "10", "➕": "+", "➖": "-", "〇": "零", "◯": "零", "㊙": "秘", "꞉": ":", "∶": ":",
    "﹕": ":", "︰": ":", "—": "-", "–": "-", "―": "-", "‐": "-", "‑": "-", "−": "-", "﹣": "-", "ー": "-", "━": "-", "─": "-", "·": "·",
    "❤": "❤", "♥": "❤", "🧡": "❤", "💛": "❤", "💚": "❤", "💙": "❤", "💜": "❤", "🖤": "❤", "💗": "❤", "💓": "❤", "💕": "❤",
    "♡": "❤", "💖": "❤", "💘": "❤", "💝": "❤", "💞": "❤", "🤍": "❤", "🤎": "❤",
    # Letters of other scripts that look like Latin ones, which filters do not know.
    "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "х": "x", "у": "y", "і": "i", "ѕ": "s", "ј": "j", "ԛ": "q", "ԝ": "w",
    "В": "b", "Н": "h", "К": "k", "М": "m", "Т": "t", "Х": "x", "А": "a", "Е": "e", "О": "o", "Р": "p", "С": "c",
    "ν": "v", "ο": "o", "α": "a", "Ѵ": "v", "ѵ": "v", "ⅴ": "v", "Ⅴ": "v", "√": "v", "Ⓥ": "v", "ᴠ": "v", "ᴡ": "w", "ᴏ": "o",
    # Chinese look-alikes and variants that OpenCC does not fold.
    "徽": "徽", "镪": "镪", "両": "两", "弍": "二", "弐": "二", "弎": "三", "亖": "四", "壱": "一", "玖": "玖", "陸": "陆", "參": "叁", "貳": "贰", "貮": "贰",
    "ⅰ": "1", "ⅱ": "2", "ⅲ": "3",
}  # fmt: skip
# Characters that show nothing: joiners, direction marks, soft hyphen, selectors, the keycap's frame, tags.
_INVISIBLE = frozenset(
    [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10), *range(0xE0000, 0xE0080)]
    + [*range(0xE0100, 0xE01F0), 0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x20E3, 0x20DD, 0x20DE, 0x3164]
    + [0xFEFF, 0xFFA0, 0x0336, 0x0335, 0x0332, 0x0333, 0x0305, 0x1F3FB, 0x1F3FC, 0x1F3FD, 0x1F3FE, 0x1F3FF]
)
# Stands for a character that does not become exactly one; a private one, which no text should hold.
_UNEVEN = "\uf8f0"


@dataclass(frozen=True, slots=True)
class Normal:
    """A folded text. `places[i]` is the captured character that gave `text[i]`; None when they are one to one."""

    text: str
    captured: str
    places: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The captured span of text[start:end]; marks that show nothing stay inside when they end a character."""
        if self.places is None:
            return start, end
        first, last = self.places[start], self.places[end - 1] + 1
        while last < len(self.captured) and ord(self.captured[last]) in _INVISIBLE and ord(self.captured[last]) in _COMBINING:
            last += 1
        return first, last


# Marks that belong to the character before them.
_COMBINING = frozenset([*range(0xFE00, 0xFE10), 0x20E3, 0x20DD, 0x20DE, 0x0336, 0x0335, 0x0332, 0x0333, 0x0305, *range(0x1F3FB, 0x1F400)])


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def fold(character: str) -> str:
    """What one character becomes; '' when it shows nothing."""
    if ord(character) in _INVISIBLE:
        return ""
    own = _OWN.get(character)
    if own is not None:
        return own
    folded = unicodedata.normalize("NFKC", character).lower()
    if folded.isascii():
        return folded
    return str(_converter().convert("".join(_OWN.get(c, c) for c in folded)))


class _Even(dict[int, str]):
    """Code point to its one folded character, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        folded = fold(chr(code))
        self[code] = folded if len(folded) == 1 else _UNEVEN
        return self[code]


class _Any(dict[str, str]):
    def __missing__(self, character: str) -> str:
        self[character] = fold(character)
        return self[character]


_EVEN, _ANY = _Even(), _Any()


def normalise(text: str) -> Normal:
    """Fold a text. Folding the result again changes nothing."""
    if text.isascii():
        return Normal(text.lower(), text, None)
    folded = text.translate(_EVEN)
    if _UNEVEN not in folded:
        return Normal(folded, text, None)
    characters, places = list[str](), list[int]()
    for place, character in enumerate(text):
        becomes = _ANY[character]
        characters.append(becomes)
        places.extend([place] * len(becomes))
    return Normal("".join(characters), text, places)
