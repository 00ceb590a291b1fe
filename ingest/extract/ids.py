"""What reads as an id in running text, and what only looks like one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ingest.extract.digits import NUMERALS, number_at
from ingest.extract.pinyin import is_pinyin
from ingest.extract.scan import Word
from ingest.lexicon import refused_ids

CONFIDENCE = {"strong": 0.95, "medium": 0.85, "weak": 0.75}

_RIGHT = r"(?![a-z0-9_])"
# By service, as it is written in running text; the services' own rules are checked after.
_SHAPES = {
    "wechat": r"wxid_[a-z0-9]{8,24}|[a-z][a-z0-9_\-]{5,19}",
    "telegram": r"[a-z][a-z0-9_]{4,31}",
    "line": r"@?[a-z0-9][a-z0-9._\-]{2,19}",
    "signal": r"[a-z_][a-z0-9_]{2,31}\.\d{2,9}",
    "skype": r"live:[a-z0-9._\-]{3,40}|[a-z][a-z0-9._\-]{5,31}",
    "instagram": r"[a-z0-9_][a-z0-9._]{2,29}",
    "twitter": r"[a-z0-9_]{3,15}",
    "whatsapp": r"(?!)",
    "viber": r"(?!)",
}
_PATTERNS = {service: re.compile(f"(?:{shape}){_RIGHT}") for service, shape in _SHAPES.items()}
_ANY = re.compile(rf"[a-z0-9][a-z0-9._\-]{{3,29}}{_RIGHT}")
_CHINESE_DIGITS = "".join(NUMERALS)
# One character at a time with the same sign, or any emoji, between: 'a b c 1 2 3', 'a💰b💰c💰1'.
_SPACED = re.compile(
    rf"[a-z](?:(?P<gap>[ .\-*~/|·,、+=]| {{2}})[a-z0-9_](?:(?P=gap)[a-z0-9_\-{_CHINESE_DIGITS}]){{3,18}}"
    rf"|(?:[^\w\s\x00-\x7f]{{1,2}}[a-z0-9_]){{4,19}}){_RIGHT}"
)
_WITH_NUMERALS = re.compile(rf"[a-z][a-z0-9_\-]*[{_CHINESE_DIGITS}][a-z0-9_\-{_CHINESE_DIGITS}]{{3,18}}(?![a-z0-9_])")
# Three numerals or more in a row are digits, unless a unit follows them.
_BEFORE_NUMERALS = re.compile(
    rf"[a-z][a-z0-9_\-]{{1,16}}[{_CHINESE_DIGITS}]{{3,12}}(?![a-z0-9_{_CHINESE_DIGITS}十百千万年月日元块斤克个只条颗])"
)
# Letters and digits with a blank between: 'abc 12345'.
_IN_TWO = re.compile(
    r"(?!(?:same|is|my|me|no|num|number|call|add|tel|phone|or|and|on|at) )"
    r"([a-z]{2,8}) ?[.\-]? ?(\d{3,12})(?![a-z0-9_]|[.:]\d|\s?(?:元|块|克|万|斤|公斤))"
)
# A brand's handle and digits with a sign between are dates, sizes and versions.
_NO_NAME = re.compile(
    r"\d[\d.\-]*|\d+(?:[.x*]\d+)*(?:mm|cm|g|kg|ml|m|k|w|pcs|usd|rmb|inch|ft|lb|oz|ct|hz|gb|tb|mah)|v?\d+(?:\.\d+)+"
)
_UNIT = re.compile(r"[克千公斤年月日元块万颗条个只件圈岁]")
_SIGN = re.compile("[:=→>]")
_SEPARATED = re.compile(r"[:=@>→]|号|id|搜|名")
# On these, ids of digits only are usual.
_NUMBERED = frozenset(
    (
        "kuaishou",
        "douyin",
        "weibo",
        "xiaohongshu",
        "bilibili",
        "weidian",
        "facebook",
        "xianyu",
        "taobao",
        "1688",
        "tieba",
    )
)
_LEAST_DIGITS = 6
# So long a number behind 'DY' is an account's, not a model's.
_LONG_NUMBER = 9
# Names of Chinese characters are taken only where signs say where they begin and end.
_NAMED = frozenset(
    (
        "weibo",
        "taobao",
        "1688",
        "xianyu",
        "weidian",
        "kuaishou",
        "douyin",
        "xiaohongshu",
        "bilibili",
        "tieba",
        "zhuanzhuan",
    )
)
_QUOTED = re.compile(
    r"(?:号|昵称|用户名|店铺名?|店名?|名|搜索?|id|叫做?|是)*\s*:?\s*[「『“\"'《【\[]\s*(?P<name>[a-z0-9_\-\u4e00-\u9fff]{2,20})\s*[」』”\"'》】\]]"
)
_AT_NAME = re.compile(
    r"(?:号|昵称|用户名|店铺名?|名|搜索?|id)*\s*:?\s*@(?P<name>[a-z0-9_\-\u4e00-\u9fff]{2,20})(?![a-z0-9_\-\u4e00-\u9fff])"
)
# '微博ID：老张文玩', '淘宝店铺名：…': the words themselves say that a name follows.
_CALLED = re.compile(
    r"[a-z0-9\u4e00-\u9fff]{1,6}?(?:号|昵称|用户名|店铺名|店名|店铺|名字?|id)\s*(?:[:=]|是|叫|为)\s*(?P<name>[a-z0-9_\-\u4e00-\u9fff]{2,15})"
    r"(?![a-z0-9_\-\u4e00-\u9fff])"
)
# A name that says itself that it is a shop's.
_SHOP = re.compile(
    r"\s*[:=]\s*(?P<name>[a-z0-9_\-\u4e00-\u9fff]{1,12}(?:轩|阁|斋|堂|坊|居|文玩店?|收藏馆?|工艺品?|珍藏|雅集|工坊|龟场|龟舍|店|馆|\d+))"
    r"(?![a-z0-9_\-\u4e00-\u9fff])"
)
# What sellers write in the place of a name: 'look for me', 'see my page'.
_SAYING = re.compile(
    r"^(?:搜我|搜一下|看我|看主页|加我|找我|私我|点我|联系|详见|见主页|见图|同名|请|暂无|没有|不|可以|也有|都有|已)|(?:就行|即可|就好|可以|链接|主页|一样|同名|都行|直接拍)$"
)
_BARE = re.compile(r"[a-z](?<![a-z0-9_@./\-\x00].)[a-z0-9_\-]{5,19}(?![a-z0-9_@./\x00])")
_BARE_OR_AT = re.compile(r"[a-z](?<![a-z0-9_./\-\x00].)[a-z0-9_\-]{5,19}(?![a-z0-9_@./\x00])")
_PRODUCT = re.compile(
    r"(?:iphone|ipad|huawei|xiaomi|redmi|vivo|oppo|honor|galaxy|sku|model|item|lot|art|no|ref|img|dsc|mate|win|size)[\d_\-]"
)
_HAS_DIGIT = re.compile(r"\d")
_DIGITS_LAST = re.compile(r"[a-z]\d{2,6}\Z")
_TWO_DIGITS = re.compile(r"\d\D*\d")
_TWO_LETTERS = re.compile("[a-z][^a-z]*[a-z]")
# A sentence of Latin words goes on, which a name would not stand in.
_WORD_BEHIND = re.compile(r"\s+[a-z]{2}")
# An id that was broken before a sign goes on in the next line.
_NEXT_LINE = re.compile(rf"\n([_\-][a-z0-9_\-]{{2,15}}){_RIGHT}")
_AFTER_NUMBER = re.compile(rf"[a-z0-9_@%{''.join(NUMERALS)}]")
_GLUED_WORD = re.compile(r"(?<=\d)(?:qq|[vw]x|tel|wechat|weixin|tg)$")
_GOES_ON = re.compile(r"\.[a-z0-9]")
_LEFT = re.compile(r"[\s]*(?:[(【\[]|是我?的?|是本人的?|-|→|<-|on(?: my)?|is (?:my|our))?[\s]*")


class Name(NamedTuple):
    """An id at text[start:end] with its disguise undone."""

    start: int
    end: int
    value: str


def name_at(text: str, service: str, start: int) -> Name | None:
    """The id that begins at a place, if anything there has the service's shape."""
    match = _PATTERNS.get(service, _ANY).match(text, start)
    goes_on = not match or text[match.end() : match.end() + 1] in NUMERALS
    if goes_on and (numerals := _BEFORE_NUMERALS.match(text, start)):
        return Name(start, numerals.end(), "".join(NUMERALS.get(c, c) for c in numerals[0]))
    if match:
        written = match[0].rstrip("-.,")
        if text[start + len(written) : start + len(written) + 1] == ":":
            written = _GLUED_WORD.sub("", written)  # 'abc123QQ:'
        end = start + len(written)
        # No id of WeChat holds a dot: 'saijia.lao' is none, 'abc123.Call me' is one and a new sentence.
        if service == "wechat" and written.isalpha() and _GOES_ON.match(text, end):
            return None
        if more := _NEXT_LINE.match(text, end):
            return Name(start, more.end(), written + more[1])
        return Name(start, end, written)
    if match := _SPACED.match(text, start):
        kept = r"[^a-z0-9_\-]" if match["gap"] != "-" else r"[^a-z0-9_]"
        return Name(start, match.end(), re.sub(kept, "", "".join(NUMERALS.get(c, c) for c in match[0])))
    if match := _WITH_NUMERALS.match(text, start):
        return Name(start, match.end(), "".join(NUMERALS.get(c, c) for c in match[0]))
    if service == "wechat" and (match := _IN_TWO.match(text, start)):
        return Name(start, match.end(), match[1] + match[2])
    return None


def numbered_at(text: str, service: str, start: int) -> Name | None:
    """The number of an account that begins at a place, in any digits, spaced or not."""
    digits, end = number_at(text, start) if service in _NUMBERED else ("", start)
    plain = text[start:end].isdecimal() and text[start:end].isascii()
    if plain or not _LEAST_DIGITS <= len(digits) <= 13 or _AFTER_NUMBER.match(text, end):
        return None
    return Name(start, end, digits)


def fits(text: str, word: Word, name: Name, between: str) -> bool:
    """Whether a word this strong, with these signs between, may introduce the id."""
    value, service = name.value, word.service
    separated = value[0] == "@" or text[word.end - 1] in "号d搜名@:" or bool(_SEPARATED.search(between))
    if value.rstrip("0123456789") in refused_ids() and not _is_given(value, word, separated):
        return False  # 'iphone12'
    if value.startswith("pay") and text[word.start : word.end] in ("wx", "vx", "weixin", "wechat"):
        return False  # 'wxpay_2018'
    if service == "line" and value.startswith("id") and between.isspace():
        return False  # 'Line IDabc123'
    if value in refused_ids() or value.partition("-")[0] in refused_ids() and not _HAS_DIGIT.search(value):
        return False
    if service != "wechat" and _NO_NAME.fullmatch(value):
        return _is_numbered_id(text, word, name, separated)
    if _HAS_DIGIT.search(value):
        if word.strength == "weak" and service != "wechat":
            return bool(between) and len(value) >= 5
        return separated or word.strength == "strong" or service == "wechat" or len(value) >= 6
    if "_" in value.strip("_"):
        return word.strength != "weak" or bool(between)
    if text[word.end - 1] == "搜" and not between.strip():
        return False  # what to look for may be goods
    if "." in value and word.strength == "strong" and service != "wechat":
        return bool(between)
    if word.strength == "strong" and (separated or not text[word.start : word.end].isascii()):
        return True
    if word.strength == "weak":
        # Behind 'V：' stands an id even without a digit; behind other letters as often a measure or a word.
        named = text[word.start : word.end] in ("v", "tg") or is_pinyin(value)
        return "@" in between or named and bool(_SIGN.search(between))
    return separated or bool(between) and is_pinyin(value) and not _WORD_BEHIND.match(text, name.end)


def _is_given(value: str, word: Word, separated: bool) -> bool:
    """'WeChat: ivory777': a word of the trade with digits behind it is an id where a sign says so."""
    return separated and word.strength == "strong" and _DIGITS_LAST.search(value) is not None


def _is_numbered_id(text: str, word: Word, name: Name, separated: bool) -> bool:
    """Digits only: long ones, on services that number their accounts, and no measure."""
    if word.service not in _NUMBERED or not name.value.isdigit() or len(name.value) < _LEAST_DIGITS:
        return False
    if _UNIT.match(text, name.end):
        return False
    return word.strength == "strong" or separated or name.start > word.end and len(name.value) >= _LONG_NUMBER


def chinese_name_at(text: str, word: Word) -> Name | None:
    """A display name in quotation marks or after @."""
    if word.service not in _NAMED:
        return None
    for pattern in (_QUOTED,) if word.strength == "weak" else (_QUOTED, _AT_NAME, _CALLED, _SHOP):
        match = pattern.match(text, word.end if pattern is not _CALLED else word.start)
        if match and not _SAYING.search(match["name"]):
            return Name(*match.span("name"), match["name"])
    return None


def bare_ids(
    text: str, before: int | None = None, *, tight: bool = False, listed: bool = False, start: int = 0
) -> Iterator[tuple[int, int]]:
    """Spans that say by their shape that they are ids: letters and at least two digits.

    With `before` and `tight`, only one that ends there but for a bracket or 'is my'; with `listed`, those of the last
    sixty characters before it. There, and from a given `start`, a sign _ inside says enough too.
    """
    first = max(0, before - (60 if listed else 30)) if before is not None else start
    signed = tight or listed or start > 0
    for match in (_BARE_OR_AT if tight else _BARE).finditer(text, first, before if before is not None else len(text)):
        end = match.start() + len(match[0].rstrip("-_"))
        if tight and before is not None and not _LEFT.fullmatch(text, end, before):
            continue
        written = text[match.start() : end]
        if tight and text[match.start() - 1 : match.start()] == "@":
            yield match.start(), end
            continue
        if (
            (_TWO_DIGITS.search(written) or "_" in written and (signed or written[-1].isdigit()))
            and _TWO_LETTERS.search(written)
            and not _PRODUCT.match(written)
        ):
            yield match.start(), end
