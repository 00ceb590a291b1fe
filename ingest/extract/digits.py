"""The digit view: runs of whatever reads as digits, and the breaks between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

NUMERALS = {
    **dict(zip("零一二三四五六七八九", "0123456789", strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖", "123456789", strict=True)),
    # What is said for digits on the telephone and radio: 幺 1, 两 2, 拐 7, 勾 9, 洞 0.
    **dict(zip("幺两拐勾洞", "12790", strict=True)),
    "○": "0",
}
# Letters that stand for digits, after folding to lower case; they count inside runs of digits only.
LETTERS = {"o": "0", "l": "1", "i": "1", "z": "2", "s": "5", "b": "8"}
_VALUES = {**{d: d for d in "0123456789"}, **NUMERALS, **LETTERS}
_SURE = "0-9" + "".join(NUMERALS)
_ANY = _SURE + "".join(LETTERS)
# Up to three signs may stand between two digits; a letter or word ends the run.
_LETTERS = "".join(LETTERS)
_RUN = re.compile(rf"(?:[{_SURE}]|(?<![a-z])[{_LETTERS}])(?:[\W_]{{0,3}}[{_ANY}]){{6,}}")
# Fewer sure digits than this in a run are a word such as 'lollos'.
_LEAST_SURE = 3
_IS_SURE = re.compile(f"[{_SURE}]")


@dataclass(frozen=True, slots=True)
class Run:
    """Digits in a row.

    Attributes:
        digits: their values.
        places: place of each in the folded text.
        starts: index of each digit before which there is a sign, a break of script or the run's start.
        hard: the subset of `starts` with a sign before them, and the run's start and end.
    """

    digits: str
    places: list[int]
    gaps: dict[int, str]
    scripts: str

    def end_of(self, index: int) -> int:
        """Place after digit index - 1."""
        return self.places[index - 1] + 1


def runs(text: str) -> Iterator[Run]:
    """Every run of seven digits or more."""
    for match in _RUN.finditer(text):
        written = match[0]
        if len(_IS_SURE.findall(written)) >= _LEAST_SURE:
            yield _run(written, match.start())


def _run(written: str, start: int) -> Run:
    digits, places, gaps, scripts, last = list[str](), list[int](), dict[int, str](), list[str](), 0
    for offset, character in enumerate(written):
        value = _VALUES.get(character)
        if value is None:
            continue
        if offset > last:
            gaps[len(digits)] = written[last:offset]
        digits.append(value)
        places.append(start + offset)
        scripts.append("d" if character.isascii() and character.isdigit() else "n" if character in NUMERALS else "l")
        last = offset + 1
    return Run("".join(digits), places, gaps, "".join(scripts))


_NUMBER = re.compile(rf"[{_SURE}](?:[ .\-*]?[{_SURE}])*")


def number_at(text: str, start: int) -> tuple[str, int]:
    """Digits that begin at `start`, numerals and single spaces between them allowed; ('', start) when none."""
    match = _NUMBER.match(text, start)
    if not match:
        return "", start
    return "".join(_VALUES[c] for c in match[0] if c in _VALUES), match.end()
