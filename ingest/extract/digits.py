"""The digit view: runs of whatever reads as digits, and the breaks between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
_RUN = re.compile(rf"[{_ANY}](?<![a-z][{_LETTERS}])(?:[\W_]{{0,3}}[{_ANY}]){{6,}}")
_PLAIN = re.compile("[0-9]+")
_SCRIPTS = {**dict.fromkeys("0123456789", "d"), **dict.fromkeys(NUMERALS, "n"), **dict.fromkeys(LETTERS, "l")}
# Fewer sure digits than this in a run are a word such as 'lollos'.
_LEAST_SURE = 3
_LETTER = re.compile("[a-z]")
_TAIL = _LETTERS + " "
_IS_SURE = re.compile(f"[{_SURE}]")


@dataclass(frozen=True, slots=True)
class Run:
    """Digits in a row.

    Attributes:
        digits: their values.
        places: place of each in the folded text.
        gaps: by the index of a digit the signs that stand before it.
        scripts: of each digit 'd' (Arabic), 'n' (Chinese numeral) or 'l' (letter).
    """

    digits: str
    places: Sequence[int]
    gaps: dict[int, str]
    scripts: str

    def end_of(self, index: int) -> int:
        """Place after digit index - 1."""
        return self.places[index - 1] + 1


def runs(text: str) -> Iterator[Run]:
    """Every run of seven digits or more."""
    for match in _RUN.finditer(text):
        written = match[0]
        if written[-1] in LETTERS and _LETTER.match(text, match.end()):
            written = written.rstrip(_TAIL)  # the beginning of a word: '0912345678 zalo'
        if written.isdigit() or len(_IS_SURE.findall(written)) >= _LEAST_SURE:
            yield _run(written, match.start())


def _run(written: str, start: int) -> Run:
    if _PLAIN.fullmatch(written):
        return Run(written, range(start, start + len(written)), {}, "d" * len(written))
    offsets = [offset for offset, character in enumerate(written) if character in _VALUES]
    gaps, last = dict[int, str](), -1
    for index, offset in enumerate(offsets):
        if offset > last + 1:
            gaps[index] = written[last + 1 : offset]
        last = offset
    kept = [written[offset] for offset in offsets]
    digits = "".join([_VALUES[character] for character in kept])
    scripts = "".join([_SCRIPTS[character] for character in kept])
    return Run(digits, [start + offset for offset in offsets], gaps, scripts)


def digits_in(text: str) -> str:
    """The sure digits of a text, numerals as digits."""
    return "".join([_VALUES[c] for c in text if c in NUMERALS or "0" <= c <= "9"])


# Digits with one and the same character, or any emoji, between: '1加2加3', '1🐘2🐢3'.
_WEDGED = re.compile(
    rf"[{_SURE}](?:(?P<wedge>[^{_SURE}\x00\n])[{_SURE}](?:(?P=wedge)[{_SURE}]){{3,}}|(?:[^\w\s\x00-\x7f]{{1,2}}[{_SURE}]){{4,}})"
)
_NUMBER = re.compile(rf"[{_SURE}](?:[ .\-*]?[{_SURE}])*")


def number_at(text: str, start: int) -> tuple[str, int]:
    """Digits that begin at `start`, numerals and single spaces between them allowed; ('', start) when none."""
    match = _WEDGED.match(text, start) or _NUMBER.match(text, start)
    return (digits_in(match[0]), match.end()) if match else ("", start)
