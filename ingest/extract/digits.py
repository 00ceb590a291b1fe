"""The digit view: runs of whatever reads as digits, and the breaks between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graph.values import is_mobile_prefix

NUMERALS = {
    **dict(zip("零一二三四五六七八九", "0123456789", strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖", "123456789", strict=True)),
    # What is said for digits on the telephone and radio: 幺 1, 两 2, 拐 7, 勾 9, 洞 0.
    **dict(zip("幺两拐勾洞", "12790", strict=True)),
}
# Letters that stand for digits, after folding to lower case; they count inside runs of digits only.
LETTERS = {"o": "0", "l": "1", "i": "1", "z": "2", "s": "5", "b": "8"}
_VALUES = {**{d: d for d in "0123456789"}, **NUMERALS, **LETTERS}
_SURE = "0-9" + "".join(NUMERALS)
_ANY = _SURE + "".join(LETTERS)
# Up to three signs may stand between two digits; a letter or word ends the run. No sign is a digit, so that nothing is
# gained by giving a sign back ('+').
_LETTERS = "".join(LETTERS)
_RUN = re.compile(rf"[{_ANY}](?<![a-z][{_LETTERS}])(?:[\W_]{{0,3}}+[{_ANY}]){{6,}}+")
_PLAIN = re.compile("[0-9]+")
_SCRIPTS = {**dict.fromkeys("0123456789", "d"), **dict.fromkeys(NUMERALS, "n"), **dict.fromkeys(LETTERS, "l")}
# Fewer sure digits than this in a run are a word such as 'lollos', unless all of it makes up a mobile.
_LEAST_SURE = 3
_LEAST_DIGITS = 7
# Digits of a mainland mobile.
MOBILE = 11
# A letter of an alphabet: Latin with its accents ('365 bạn'), Greek, Cyrillic; a Chinese character may follow a number.
_LETTER = re.compile("[a-z\u00df-\u052f\u1e00-\u1fff]")
_TAIL = _LETTERS + " "
# Words of such letters that stand before a number in a sentence: 'is 012345678'.
_FIRST_WORD = re.compile(r"(?:is|so|los|bis|bio|oil|sol|lol|boss|bos|zoo|biz|il|io|si|isi|biso)[^a-z0-9]")
# The plus sign of another number: '1: +1 …', '+84…, +86…'; in '138+0000+1234' it is a disguise.
_NEW_NUMBER = re.compile(r"(?<=[\s:,;/|(])\+(?=[1-9])")
_GAPS = " :,;/|("
_HAS_LETTER = re.compile(f"[{_LETTERS}]")
_GROUP = re.compile(rf"[{_ANY}]+")
_BREAK = re.compile(rf"([^{_ANY}]+)")
_IS_SURE = re.compile(f"[{_SURE}]")


@dataclass(slots=True)
class Run:
    """Digits in a row; not frozen, which would take twice the time to make.

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
        if "+" in written and (cuts := [cut.start() for cut in _NEW_NUMBER.finditer(written)]):
            for first, last in zip([0, *cuts], [*cuts, len(written)], strict=True):
                yield from _runs(text, written[first:last].rstrip(_GAPS), match.start() + first)
        else:
            yield from _runs(text, written, match.start())


def _runs(text: str, written: str, start: int) -> Iterator[Run]:
    if not _HAS_LETTER.search(written):
        if len(written) >= _LEAST_DIGITS:
            yield _run(written, start)
        return
    if written[-1] in LETTERS and _LETTER.match(text, start + len(written)):
        written = written.rstrip(_TAIL)  # the beginning of a word: '0912345678 zalo'
    for first, last in _without_words(written):
        sure = len(_IS_SURE.findall(written, first, last))
        if sure >= _LEAST_SURE or sure and _make_a_mobile(written[first:last]):
            yield _run(written[first:last], start + first)


def _without_words(written: str) -> Iterator[tuple[int, int]]:
    """Spans of the digits between the letters that are words: 'B' in '0755-2688451 B座', 'so' in '138… so'.

    Letters that stand apart are digits where they make up a mobile, where the digits beside them stand apart too
    ('8 O O 1'), or where several are alike ('138 OOOO').
    """
    offset = 0
    while True:
        while word := _FIRST_WORD.match(written, offset):
            offset = word.end()
        rest = written[offset:]
        if _make_a_mobile(rest):
            yield offset, len(written)
            return
        groups = [match.span() for match in _GROUP.finditer(rest)]
        whole = _mobile_before_more(rest, groups)
        if not whole:
            break
        yield offset, offset + whole
        offset += whole
    for first, last in _of_groups(rest, groups):
        yield offset + first, offset + last


def _of_groups(written: str, groups: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    kept = list[tuple[int, int]]()
    for place, (start, end) in enumerate(groups):
        alone = all(last - first == 1 for first, last in groups[max(0, place - 1) : place + 2])
        alike = end - start > 1 and len(set(written[start:end])) == 1
        if alone or alike or not set(written[start:end]) <= LETTERS.keys():
            kept.append((start, end))
        else:
            yield from _joined(kept)
            kept = []
    yield from _joined(kept)


def _mobile_before_more(written: str, groups: list[tuple[int, int]]) -> int:
    """Where a mobile ends that stands before another number, as in 'l38 OOOO l234 24h'; 0 when none does."""
    count = 0
    for start, end in groups:
        count += end - start
        if count in (MOBILE, MOBILE + 2):
            return end if _make_a_mobile(written[:end]) else 0
    return 0


def _make_a_mobile(written: str) -> bool:
    digits = "".join([_VALUES[character] for character in written if character in _VALUES])
    digits = digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
    return is_mobile(digits)


def is_mobile(digits: str) -> bool:
    """Whether eleven digits are a mainland mobile; 10, 11 and 12 begin landlines and services."""
    return len(digits) == 11 and digits[0] == "1" and digits[1] > "2" and is_mobile_prefix(digits[:5])


def _joined(groups: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    if sum(end - start for start, end in groups) >= _LEAST_DIGITS:
        yield groups[0][0], groups[-1][1]


def _run(written: str, start: int) -> Run:
    if _PLAIN.fullmatch(written):
        return Run(written, range(start, start + len(written)), {}, "d" * len(written))
    digits, places, gaps, count, place = "", list[int](), dict[int, str](), 0, start
    for piece in _BREAK.split(written):
        if piece[:1] not in _VALUES:
            gaps[count] = piece
        else:
            digits += piece
            count += len(piece)
            places += range(place, place + len(piece))
        place += len(piece)
    gaps.pop(0, None)  # signs before and behind all digits, if any, break nothing
    gaps.pop(count, None)
    if digits.isdigit():
        return Run(digits, places, gaps, "d" * count)
    scripts = "".join([_SCRIPTS[character] for character in digits])
    return Run("".join([_VALUES[character] for character in digits]), places, gaps, scripts)


def without_letters(written: str) -> str:
    """Digits and the letters that stand for some, as digits."""
    return "".join([LETTERS.get(character, character) for character in written])


def digits_in(text: str) -> str:
    """The sure digits of a text, numerals as digits."""
    return "".join([_VALUES[c] for c in text if c in NUMERALS or "0" <= c <= "9"])


# Digits with one and the same character, or any emoji, between: '1加2加3', '1🐘2🐢3'.
_WEDGED = re.compile(
    rf"[{_SURE}](?:(?P<wedge>[^{_SURE}\x00\n])[{_SURE}](?:(?P=wedge)[{_SURE}]){{3,}}|(?:[^\w\s\x00-\x7f]{{1,2}}[{_SURE}]){{4,}})"
)
# One digit at a time: '2 8 5 - 0 0 0 - 7 7 4 1'.
_SINGLES = re.compile(rf"[{_SURE}](?:[ .\-*·]{{1,3}}[{_SURE}](?![{_SURE}])){{4,}}")
_NUMBER = re.compile(rf"[{_SURE}](?:[ .\-*·]?[{_SURE}])*")


def number_at(text: str, start: int) -> tuple[str, int]:
    """Digits that begin at `start`, numerals and single spaces between them allowed; ('', start) when none."""
    match = _WEDGED.match(text, start) or _SINGLES.match(text, start) or _NUMBER.match(text, start)
    return (digits_in(match[0]), match.end()) if match else ("", start)
