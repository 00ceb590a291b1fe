"""Undo disguises that change the length of a text: number words, strewn characters, numbers written backwards."""

from __future__ import annotations

import re

from ingest.extract.normalise import Normal
from ingest.extract.phones import is_mobile_prefix
from ingest.extract.scan import Scan

# As many number words in a row are no phrase such as 'one or two'.
_LEAST_WORDS = 4
# What may stand between number words: signs and blanks, or digits that are written plainly.
_BETWEEN_WORDS = re.compile(r"[\W_\d]{0,6}")
# One digit, one or two other characters, and so on, eleven digits in all.
_STREWN = re.compile(r"(?<!\d)1(?:[^\d\x00\n]{1,2}\d){10}(?!\d)")
# The groups of a mobile with the same characters at both breaks: 138爱0013爱8000.
_WEDGED = re.compile(r"(?<!\d)1[3-9]\d(?P<wedge>[^\d\x00\n]{1,3})\d{4}(?P=wedge)\d{4}(?!\d)")
_ELEVEN = re.compile(r"(?<![0-9a-z])\d(?:[\W_]{0,2}\d){10}(?![0-9a-z])")
_NAME = re.compile(r"(?<![0-9a-z_])[a-z0-9][a-z0-9_\-]{5,19}(?![0-9a-z_])")
# A hint that something is written backwards concerns what is this near.
_HINT_REACH = 14


def plain_view(normal: Normal, found: Scan) -> Normal | None:
    """The text with such disguises read as plain digits; None when it has none."""
    changes = [*_number_words(normal.text, found), *_strewn(normal.text), *_backwards(normal.text, found)]
    if not changes:
        return None
    apart, reached = list[tuple[int, int, str]](), 0
    for change in sorted(changes):
        if change[0] >= reached:
            apart.append(change)
            reached = change[1]
    return normal.rewritten(apart)


def _number_words(text: str, found: Scan) -> list[tuple[int, int, str]]:
    if len(found.numbers) < _LEAST_WORDS:
        return []
    changes, row = list[tuple[int, int, str]](), list[tuple[int, int, str]]()
    for number in sorted(found.numbers, key=lambda n: (n[0], -n[1])):
        if row and number[0] < row[-1][1]:
            continue
        if row and not _BETWEEN_WORDS.fullmatch(text, row[-1][1], number[0]):
            changes += _collapsed(text, row)
            row = []
        row.append(number)
    return changes + _collapsed(text, row)


def _collapsed(text: str, row: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """A row of number words, and the digits between them, as one number."""
    if len(row) < _LEAST_WORDS:
        return []
    digits, last = "", row[0][0]
    for start, end, digit in row:
        digits += re.sub(r"\D", "", text[last:start]) + digit
        last = end
    return [(row[0][0], last, digits)]


def _strewn(text: str) -> list[tuple[int, int, str]]:
    changes = list[tuple[int, int, str]]()
    for pattern in (_STREWN, _WEDGED):
        for match in pattern.finditer(text):
            digits = re.sub(r"\D", "", match[0])
            if digits[1] > "2" and is_mobile_prefix(digits[:7]) and not match[0].isascii():
                changes.append((match.start(), match.end(), digits))
    return changes


def _backwards(text: str, found: Scan) -> list[tuple[int, int, str]]:
    """Numbers and ids near a hint, turned round; a number that is valid as it stands stays."""
    changes = list[tuple[int, int, str]]()
    for start, end in found.reversals:
        before, after = max(0, start - _HINT_REACH - 20), end + _HINT_REACH + 20
        numbers = [m for m in _ELEVEN.finditer(text, before, after) if _is_reversed_mobile(re.sub(r"\D", "", m[0]))]
        changes.extend((m.start(), m.end(), re.sub(r"\D", "", m[0])[::-1]) for m in numbers)
        if not numbers:
            names = [m for m in _NAME.finditer(text, before, after) if m[0][-1].isalpha() and not m[0].isalpha()]
            changes.extend((m.start(), m.end(), m[0][::-1]) for m in names[:1])
    return changes


def _is_reversed_mobile(digits: str) -> bool:
    turned = digits[::-1]
    forward = digits[0] == "1" and is_mobile_prefix(digits[:7])
    return not forward and turned[0] == "1" and turned[1] > "2" and is_mobile_prefix(turned[:7])
