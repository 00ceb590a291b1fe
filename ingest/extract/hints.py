"""Undo what a text itself explains: signs in words, a sign or characters to leave out, an id in two halves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.extract.scan import Scan

Change = tuple[int, int, str]

# 'abc下划线88': sellers spell the signs that platforms' filters look for.
_SIGN_WORDS = {"_": ("下划线", "下横线", "底线", "下划杠"), "-": ("横杠", "中划线", "减号", "中横线", "短横", "杠")}
_SIGN_OF = {word: sign for sign, words in _SIGN_WORDS.items() for word in words}
_SPELLED = re.compile(rf"(?<=[a-z0-9])\s?[(\[]?(?P<word>{'|'.join(_SIGN_OF)})[)\]]?\s?(?=[a-z0-9])")
# '前半54000,后半7718'
_HALF = r"(?:半部分|半段|半截|半|部分|段|面|边|头)(?:是|为|:|接)?\s*"
_HALVES = re.compile(
    rf"前{_HALF}(?P<first>[a-z0-9_\-]{{2,15}})[,;、\s]*(?:然后)?后{_HALF}(?P<second>[a-z0-9_\-]{{1,15}})"
)
# '去掉汉字', '中间的字不要': Chinese characters in an id are no part of it.
_NO_CHINESE = re.compile(
    r"(?:去掉|去除|删掉|删除|不要|除去|忽略|无视)[^,。;\n]{0,3}(?:汉字|中文|文字)|(?:汉字|中文|文字|字)(?:都|全部?)?(?:去掉|去除|删掉|删除|不要|删了|忽略)"
)
# '菱形不要', '@去掉', '浪花删了': whatever sign stands between the pieces.
_NO_SIGN = re.compile(r"(?:去掉|去除|删掉|删除|删了|不要|忽略)")
_MIXED = re.compile(
    r"[a-z0-9_](?:[a-z0-9_\- ]*[(\[]?[\u4e00-\u9fff]{1,3}[)\]]?[ ]?[a-z0-9_])+[a-z0-9_\- ]*"
    r"(?:[(\[][\u4e00-\u9fff]{1,3}[)\]])?"
)
# Pieces with one and the same sign between, three or more of them.
_WEDGED = re.compile(
    r"(?<![a-z0-9_])[a-z0-9_]{1,15}(?P<sign>[^\w\s.,:;/\\\-+()\[\]\x00、])[a-z0-9_]{1,15}(?:(?P=sign)[a-z0-9_]{1,15})+(?![a-z0-9_])"
)
# 'gui【dian】ge【77】'
_BRACKETED = re.compile(r"[a-z0-9_\-]{1,12}(?:[【\[(][a-z0-9_\-]{1,12}[】\])][a-z0-9_\-]{0,12}){2,}(?![a-z0-9_])")
# An id that a hint explains stands at most this far from it.
_REACH = 60
# And one without a hint right behind a contact word; this looks for its first piece and the sign behind it.
_MAYBE_SIGNS = re.compile(r"[\s:=]{0,3}(?P<id>[a-z0-9_\-]{1,15}[^\w\s.,:;/\\\-+)\]\x00、][a-z0-9_\-])")
# '812345678。823456789。834567890'
_LIST_OF_NUMBERS = re.compile(r"\d{7}")
# '不要错过' is no hint.
_HINT = re.compile(
    r"[去删忽无除不](?:(?<=去)[掉除]|(?<=删)|(?<=忽)略|(?<=无)视|(?<=除)去"
    r"|(?<=不)要(?:(?![\u4e00-\u9fff])|[^,。;\n]{0,3}(?:汉字|中文|文字)))"
)


def explained(text: str, found: Scan) -> list[Change]:
    """Pieces of the text, (start, end, what they say), as the text explains them; perhaps overlapping."""
    changes = list[Change]()
    if "halved" in found.kinds:
        changes += [(m.start(), m.end(), m["first"] + m["second"]) for m in _HALVES.finditer(text)]
    if "signs" in found.kinds:
        changes += [(m.start(), m.end(), _SIGN_OF[m["word"]]) for m in _SPELLED.finditer(text)]
    if "left_out" in found.kinds and _HINT.search(text):
        changes += _without_chinese(text)
        changes += _hinted_signs(text)
    for word in found.words:
        if maybe := _MAYBE_SIGNS.match(text, word.end):
            changes += _signs_behind(text, maybe.start("id"))
    return changes


def _without_chinese(text: str) -> Iterator[Change]:
    for hint in _NO_CHINESE.finditer(text):
        for mixed in _MIXED.finditer(text, max(0, hint.start() - _REACH), hint.start()):
            yield mixed.start(), mixed.end(), re.sub(r"[\u4e00-\u9fff()\[\] ]", "", mixed[0])


def _hinted_signs(text: str) -> Iterator[Change]:
    hints = [hint.start() for hint in _NO_SIGN.finditer(text)]
    for wedged in _WEDGED.finditer(text) if hints else ():
        if any(abs(hint - wedged.end()) <= _REACH for hint in hints):
            yield _joined(wedged)


def _signs_behind(text: str, start: int) -> Iterator[Change]:
    wedged = _WEDGED.match(text, start)
    if wedged and not wedged["sign"].isascii() and not _LIST_OF_NUMBERS.search(wedged[0]):
        yield _joined(wedged)
    elif bracketed := _BRACKETED.match(text, start):
        yield bracketed.start(), bracketed.end(), re.sub(r"[【】\[\]()]", "", bracketed[0])


def _joined(wedged: re.Match[str]) -> Change:
    return wedged.start(), wedged.end(), wedged[0].replace(wedged["sign"], "")
