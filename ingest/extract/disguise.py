"""Undo disguises that change the length of a text: number words, strewn characters, numbers written backwards."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ingest.extract.digits import LETTERS, MOBILE, NUMERALS, digits_in, is_mobile, runs, without_letters
from ingest.extract.hints import explained
from ingest.extract.normalise import Normal
from ingest.extract.scan import Number, Scan

# As many number words in a row are no phrase such as 'one or two'.
_LEAST_WORDS = 4
# What may stand between number words: signs and blanks, or digits that are written plainly.
_BETWEEN_WORDS = re.compile(r"(?:[\W_]{0,3}\d){0,8}[\W_]{0,3}")
# Single digits apart, with the signs between them and the words, before and behind a row.
_BEFORE_WORDS = re.compile(r"(?<![\w.])(?:\d[\W_]{1,3}){1,7}$")
_BEHIND_WORDS = re.compile(r"[\W_]{1,3}\d(?!\w)")
# No national number has more digits; a row that is shorter may go on in plain digits.
_FULL = 10
# The plus sign in words, right before them.
_PLUS = re.compile(r"(?<![a-z])(?:plus|más|mas|cộng|tambah|บวก|mais|плюс|加号|加)\s*$")
_DIGIT = "0-9" + "".join(NUMERALS)
# Look-behinds stand after the first character, which the matcher can then search for.
_FIRST = rf"[1一壹幺](?<![{_DIGIT}].)"
# One digit, one or two other characters, and so on, eleven digits in all.
_STREWN = re.compile(rf"{_FIRST}(?:[^{_DIGIT}\x00\n]{{1,2}}[{_DIGIT}]){{10}}(?![{_DIGIT}])")
# Characters between numbers that are no disguise: '138元0000件1234'.
_MEASURES = "元块万千百十个克斤件只条颗张次年月日号点分秒米公厘毫升岁代期楼室栋到至转或和与及"
# The groups of a mobile with words that are no measures between them (138象0013牙8000), or with
# the same characters at both breaks: 138爱0013爱8000.
_WEDGED = re.compile(
    rf"{_FIRST}[{_DIGIT}]{{2}}(?:(?P<wedge>[^{_DIGIT}\x00\n]{{1,3}})[{_DIGIT}]{{4}}(?P=wedge)"
    rf"|[^\W{_DIGIT}{_MEASURES}a-z]{{1,3}}[{_DIGIT}]{{4}}[^\W{_DIGIT}{_MEASURES}a-z]{{1,3}})[{_DIGIT}]{{4}}(?![{_DIGIT}])"
)
_GROUP = re.compile(f"[{_DIGIT}]+")
_LETTERED = re.compile(
    rf"[xntlv](?:(?<=[wv]x)|(?<=weixin)|(?<=wechat)|(?<=tel)|(?<![a-z]v)(?<=v))([0-9{''.join(LETTERS)}]{{11}})(?![a-z0-9])"
)
# The same in the ASCII characters alone, which are few in most texts.
_COUNTED = re.compile(rf"(?<=[{_DIGIT}])(?P<count>[二两三四五六2-6])个(?P<digit>[{_DIGIT}])(?=\s?[{_DIGIT}])")
_MAYBE_LETTERED = re.compile(rf"[xntlv][0-9{''.join(LETTERS)}]{{11}}".encode())
_NAME = re.compile(r"(?<![0-9a-z_])[a-z0-9][a-z0-9_\-]{5,19}(?![0-9a-z_])")
_QQ_BEHIND = re.compile(r"号?[\s:]*([1-9]\d{3,9}[1-9])(?!\d)")
# A hint that something is written backwards concerns what is this near.
_HINT_REACH = 14


def plain_view(normal: Normal, found: Scan) -> Normal | None:
    """The text with such disguises read as plain digits; None when it has none."""
    text = normal.text
    changes = _strewn(text)
    if "个" in text:
        changes += _counted(text)
    if len(found.numbers) >= _LEAST_WORDS:
        changes += _number_words(text, found)
    if found.reversals:
        changes += _backwards(text, found)
    if _MAYBE_LETTERED.search(text.encode("ascii", "ignore")):
        changes += _lettered(text)
    changes += explained(text, found)
    if not changes:
        return None
    apart, reached = list[tuple[int, int, str]](), 0
    for change in sorted(changes):
        if change[0] >= reached:
            apart.append(change)
            reached = change[1]
    return normal.rewritten(apart)


def _counted(text: str) -> list[tuple[int, int, str]]:
    """'138四个0 1234': a digit that is counted, beside others."""
    counted = list(_COUNTED.finditer(text))
    return [(m.start(), m.end(), digits_in(m["digit"]) * int(digits_in(m["count"]))) for m in counted]


def _number_words(text: str, found: Scan) -> list[tuple[int, int, str]]:
    changes, row = list[tuple[int, int, str]](), list[Number]()
    for number in sorted(found.numbers, key=lambda n: (n[0], -n[1])):
        if row and number[0] < row[-1][1]:
            continue
        if row and not _BETWEEN_WORDS.fullmatch(text, row[-1][1], number[0]):
            changes += _collapsed(text, row)
            row = []
        row.append(number)
    return changes + _collapsed(text, row)


def _collapsed(text: str, row: list[Number]) -> list[tuple[int, int, str]]:
    """A row of number words, and the digits between them, as one number."""
    if len(row) < _LEAST_WORDS:
        return []
    digits, last = "", row[0][0]
    votes = Counter(language for _, _, meant in row for language, _ in meant)
    for start, end, meant in row:
        language = max(meant, key=lambda pair: votes[pair[0]])
        digits += digits_in(text[last:start]) + language[1]
        last = end
    first, digits = _with_digits_before(text, row[0][0], digits)
    while _goes_on(digits) and (more := _BEHIND_WORDS.match(text, last)):
        digits, last = digits + more[0][-1], more.end()
    if plus := _PLUS.search(text, max(0, first - 10), first):
        return [(plus.start(), last, "+" + digits)]
    return [(first, last, digits)]


def _with_digits_before(text: str, start: int, digits: str) -> tuple[int, str]:
    before = _BEFORE_WORDS.search(text, max(0, start - 30), start)
    whole = digits_in(before[0]) + digits if before else digits
    return (before.start(), whole) if before and (len(digits) < _FULL or is_mobile(whole)) else (start, digits)


def _goes_on(digits: str) -> bool:
    """A number of so many digits is not whole yet."""
    return len(digits) < _FULL or len(digits) == _FULL and digits[0] == "1" and digits[1] > "2"


def _lettered(text: str) -> list[tuple[int, int, str]]:
    """A mobile with letters for digits right behind a Latin word: 'WXl3OOOO65479'."""
    changes = list[tuple[int, int, str]]()
    for match in _LETTERED.finditer(text):
        digits = without_letters(match[1])
        if is_mobile(digits) and not match[1].isdigit():
            changes.append((match.start(1), match.end(1), digits))
    return changes


def _strewn(text: str) -> list[tuple[int, int, str]]:
    changes, sizes = list[tuple[int, int, str]](), list(map(len, _GROUP.findall(text)))
    patterns = [_STREWN] if len(sizes) >= MOBILE else []
    if 3 in sizes and sizes.count(4) >= 2:
        patterns.append(_WEDGED)
    for pattern in patterns:
        for match in pattern.finditer(text):
            digits = digits_in(match[0])
            if is_mobile(digits) and not match[0].isascii():
                changes.append((match.start(), match.end(), digits))
    return changes


def _backwards(text: str, found: Scan) -> list[tuple[int, int, str]]:
    """Numbers and ids near a hint, turned round; the hint itself goes.

    A number that is valid as it stands too is turned where it is the nearest to the hint.
    """
    changes = list[tuple[int, int, str]]()
    mobiles = list(_reversed_mobiles(text))
    for start, end in found.reversals:
        before, after = start - _HINT_REACH, end + _HINT_REACH
        near = [c for c in mobiles if c[0] <= after and c[1] >= before]
        nearest = min(near, key=lambda c: (max(c[0] - end, start - c[1]), c), default=None)
        turned = [c for c in near if c == nearest or not is_mobile(c[2][::-1])]
        if not turned:
            turned = [
                (m.start(1), m.end(1), m[1][::-1])
                for word in found.words
                if word.service == "qq" and (m := _QQ_BEHIND.match(text, word.end)) and before <= word.start <= after
            ]
        if not turned:
            names = [m for m in _NAME.finditer(text, max(0, before - 20), after + 20) if _is_turned_id(m[0])]
            turned = [(m.start(), m.end(), m[0][::-1]) for m in names[:1]]
        if turned:
            changes += [*turned, (start, end, ":")]
    return changes


def _reversed_mobiles(text: str) -> Iterator[tuple[int, int, str]]:
    for run in runs(text):
        turned = run.digits[::-1]
        if is_mobile(turned):
            yield run.places[0], run.end_of(11), turned


def _is_turned_id(word: str) -> bool:
    """Digits first and a letter last: no id of WeChat begins so, but one read backwards may."""
    return word[-1].isalpha() and word[0].isdigit()
