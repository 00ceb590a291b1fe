"""Display names made comparable: what a shop or person is called, without decorations, contacts, places and suffixes.

Names are Chinese, Latin, Vietnamese or Thai; all is a pure function of the name. How much a shared name says is decided
elsewhere, by how many accounts have it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cpdist

# How alike names are that sound the same, or have the same parts in another order: less than equal names, more than one
# other character in four (.75). Set by judgement; a comparison's levels lie between such values.
SOUNDS_SAME, REORDERED = 0.95, 0.9
# So many characters of a name stay, whatever could be taken off; a display name is not longer than that.
_LEAST, _LONGEST = 2, 100
# Keys with one part left out are made of names of so many letters, or up to so many Chinese characters and words: of
# shorter ones they lie in too many names, of longer ones there are too many.
_LETTERS, _PARTS = range(5, 25), 12

# Provinces and large cities as names begin with them, with or without 省 and 市.
_PLACES = frozenset((
    "北京", "上海", "天津", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西",
    "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古",
    "内蒙", "广西", "西藏", "宁夏", "新疆", "香港", "澳门", "石家庄", "唐山", "保定", "邯郸", "秦皇岛", "沧州",
    "廊坊", "张家口", "承德", "太原", "大同", "呼和浩特", "包头", "沈阳", "大连", "鞍山", "丹东", "锦州", "长春",
    "延边", "哈尔滨", "齐齐哈尔", "牡丹江", "大庆", "南京", "苏州", "无锡", "常州", "徐州", "扬州", "南通", "镇江",
    "盐城", "泰州", "连云港", "杭州", "宁波", "温州", "绍兴", "嘉兴", "金华", "义乌", "台州", "湖州", "丽水", "合肥",
    "芜湖", "蚌埠", "阜阳", "安庆", "黄山", "福州", "厦门", "泉州", "莆田", "仙游", "漳州", "宁德", "龙岩", "三明",
    "南昌", "景德镇", "九江", "赣州", "上饶", "济南", "青岛", "烟台", "潍坊", "临沂", "淄博", "济宁", "威海", "日照",
    "泰安", "郑州", "洛阳", "开封", "南阳", "安阳", "新乡", "商丘", "信阳", "武汉", "宜昌", "襄阳", "荆州", "黄石",
    "十堰", "长沙", "株洲", "湘潭", "衡阳", "岳阳", "常德", "广州", "深圳", "东莞", "佛山", "珠海", "中山", "惠州",
    "汕头", "潮州", "揭阳", "湛江", "江门", "肇庆", "茂名", "梅州", "清远", "南宁", "桂林", "柳州", "北海", "钦州",
    "玉林", "凭祥", "东兴", "防城港", "海口", "三亚", "成都", "绵阳", "乐山", "德阳", "宜宾", "南充", "泸州", "贵阳",
    "遵义", "昆明", "大理", "丽江", "瑞丽", "西双版纳", "德宏", "腾冲", "拉萨", "西安", "咸阳", "宝鸡", "兰州",
    "西宁", "银川", "乌鲁木齐", "喀什", "台北", "高雄", "台中",
))  # fmt: skip
# What is written behind a name, or beside it.
_TAILS = frozenset((
    "小号", "大号", "新号", "老号", "主号", "副号", "备用号", "备用", "备号", "私号", "工作号", "客服号", "官方号",
    "号", "小助理", "助理", "客服", "售后", "诚信", "诚信经营", "信誉", "信誉保证", "批发", "批发商", "零售", "直销",
    "直供", "厂家", "货源", "一手", "工作室", "老店", "总店", "分店", "小店", "新店", "本店", "直营店", "专营店",
    "旗舰店", "专卖店", "实体店", "连锁店", "网店", "微店", "门店", "店铺", "店", "招代理", "招代理商", "诚招代理",
    "代理", "总代", "总代理", "代发", "一件代发", "官方", "官方账号", "认证", "正品", "保真", "包邮", "专业", "专营",
    "专卖", "直播", "直播间", "拍卖", "主播", "本人", "唯一", "停用", "被封", "已封", "换号", "商行", "商铺", "商贸",
    "有限公司", "公司",
))  # fmt: skip
# The same in Latin letters, only beside it.
_TOKENS = frozenset((
    "shop", "store", "official", "backup", "vip", "wholesale", "seller", "online", "reseller", "vn", "cn", "hk", "tw",
    "th", "new", "the", "no1",
))  # fmt: skip
_LENGTHS = range(max(map(len, _PLACES | _TAILS)), 0, -1)
_PLACE_STARTS, _TAIL_ENDS = frozenset(place[0] for place in _PLACES), frozenset(tail[-1] for tail in _TAILS)

_HAN = "\u3400-\u9fff\U00020000-\U0003ffff"
# Letters that are drawn around names: hearts, wings, strokes. の is written for 的; + stays for a contact behind it.
_DRAWN = dict.fromkeys("ღდʚɞঞএϟ灬丶丿丨乀乄乁彡卍卐ツ々〆ㄟ㊣㊗㊙", " ")
_DRAWN |= {"の": "的", "'": "", "’": "", "+": "+", "➕": "+"}
# Marks that are laid over letters, and those that show nothing; other marks are vowels of Thai and its like.
_LAID_OVER = ((0x300, 0x370), (0x6D6, 0x6EE), (0x1AB0, 0x1B00), (0x1DC0, 0x1E00), (0x20D0, 0x2100), (0xFE00, 0xFE30))
_CIRCLED = 0x1F150  # 🅐, and 🅰 32 further on, which NFKC leaves

# Where a name ends and a contact begins, with a sign whose absence tells at once that there is none.
_HINT = re.compile("[微薇威徽维扣企电手热联咨加+vqwtpczlhđs]")
_CONTACT = re.compile(
    r"[加+]? ?(?:[微薇威徽维v]信|扣扣|企鹅号|电话|手机号|热线|联系|咨询)|[加+] ?(?:[微薇]|v(?!ip))"
    r"|(?<![a-z])(?:we ?chat|wei ?xin|wx|vx|qq|whats ?app|zalo|telegram|viber)"
    r"|(?<![a-z0-9])(?:[v微薇威维q]号?|tel|phone|call|hotline|line|id|sđt|sdt|đt)(?: ?id)? ?(?=[a-z]*\d)[a-z0-9]{5,}"
)
# What stands behind a contact's word that begins a name.
_ID = re.compile(r"(?:同?号)? ?[a-z0-9]*(?: [a-z0-9]*\d[a-z0-9]*)*")
# Put first to stand first in a list of contacts: A, AAA, A001, 000; telephone numbers; 'shop' where it goes first.
_LEAD = re.compile(rf"(?:a+|0+)[0-9]* ?(?=[{_HAN}])|[0-9]{{5,}} ?(?=\D{{2}})|ร้าน|cửa hàng |tiệm |toko ")
_BESIDE_HAN = re.compile(rf"(?<=[{_HAN}]) | (?=[{_HAN}])")
_CHARACTER = re.compile(f"[{_HAN}]")
_PART = re.compile(rf"[{_HAN}]|[^{_HAN} ]+")
_DIGITS = "0123456789 "


class _Table(dict[int, str]):
    """For str.translate: what each character becomes, worked out when it is met first."""

    def __init__(self, becomes: Callable[[str], str]) -> None:
        super().__init__()
        self._becomes = becomes

    def __missing__(self, code: int) -> str:
        self[code] = self._becomes(chr(code))
        return self[code]


@cache
def _simplified() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def _fold(character: str) -> str:
    """Letters and digits in lower case, simplified; a blank for signs and emoji; nothing for what shows nothing."""
    code = ord(character)
    if 0xD800 <= code < 0xE000:
        return " "  # half a character, which OpenCC refuses
    if 0 <= code - _CIRCLED < 64 and (code - _CIRCLED) % 32 < 26:
        return chr(ord("a") + (code - _CIRCLED) % 32)
    if character in _DRAWN:
        return _DRAWN[character]
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    folded = unicodedata.normalize("NFKC", character).lower()
    return "".join(map(_kept, folded if folded.isascii() else _simple(folded)))


def _simple(letters: str) -> str:
    """Simplified until nothing changes: 薴 becomes 苧, and that 苎."""
    once = str(_simplified().convert(letters))
    return once if once == letters else _simple(once)


def _kept(character: str) -> str:
    if character in _DRAWN:
        return _DRAWN[character]
    if character.isalnum():
        return character
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    if not category.startswith("M"):
        return " "
    code = ord(character)
    return "" if code >= 0xE0000 or any(first <= code < end for first, end in _LAID_OVER) else character


_FOLDED = _Table(_fold)


def normal_name(name: str) -> str:
    """The name itself, folded; empty only where the name has neither letters nor digits.

    Off go decorations, contacts, the A or number that puts it first in a list, places before it, suffixes and digits
    behind it, unless fewer than two characters would be left. Doing it again changes nothing.
    """
    found, before = _folded(name), ""
    while found != before:
        before = found
        found = _without_tail(_without_place(_without_words(_without_lead(_without_contact(found)))))
        found = _BESIDE_HAN.sub("", found) if " " in found else found
    return found


def _folded(name: str) -> str:
    # Accents that stand apart join their letters.
    composed = unicodedata.normalize("NFC", name[:_LONGEST])
    return " ".join(composed.translate(_FOLDED).split())


def _without_contact(name: str) -> str:
    found = _CONTACT.search(name) if _HINT.search(name) else None
    if found is None:
        return name
    before = _spaced(name[: found.start()])
    if len(before) >= _LEAST:
        return before
    behind = _ID.match(name, found.end())
    rest = _spaced(f"{before} {name[behind.end() if behind else found.end() :]}")
    return rest if len(rest) >= _LEAST else name


def _spaced(name: str) -> str:
    return " ".join(name.replace("+", " ").split())


def _without_lead(name: str) -> str:
    """Without what puts it first in a list, and without the + that was left for contacts."""
    name = _spaced(name) if "+" in name else name
    found = _LEAD.match(name)
    rest = name[found.end() :].lstrip() if found else ""
    return rest if len(rest) >= _LEAST else name


def _without_words(name: str) -> str:
    """Without words of their own that are a place, a suffix or a number."""
    if " " not in name:
        return name
    kept = [word for word in name.split() if not _says_nothing(word)]
    return " ".join(kept) if sum(map(len, kept)) >= _LEAST else name


def _says_nothing(word: str) -> bool:
    return word in _TOKENS or not _without_tail(_without_place(word, 0), 0)


def _without_place(name: str, least: int = _LEAST) -> str:
    if name[:1] not in _PLACE_STARTS:
        return name
    for length in _LENGTHS:
        if name[:length] in _PLACES:
            rest = name[length:].lstrip()
            rest = rest[1:].lstrip() if rest[:1] in ("省", "市") and len(rest) > least else rest
            return _without_place(rest, least) if len(rest) >= least else name
    return name


def _without_tail(name: str, least: int = _LEAST) -> str:
    while (shorter := _shortened(name)) != name and len(shorter) >= least:
        name = shorter
    return name


def _shortened(name: str) -> str:
    """Without the digits at the end, else without the longest suffix there."""
    if name[-1:] in _DIGITS:
        return name.rstrip(_DIGITS)
    if name[-1:] not in _TAIL_ENDS:
        return name
    length = next((n for n in _LENGTHS if name[-n:] in _TAILS), 0)
    return name[: len(name) - length].rstrip()


@cache
def _readings() -> Mapping[int, str]:
    from pypinyin.pinyin_dict import pinyin_dict  # .3 s

    return pinyin_dict


def _sound(character: str) -> str:
    """The commonest reading without its tone, ü as v; letters without accents; no blank."""
    reading = _readings().get(ord(character))
    if reading is not None:
        return _plain(reading.split(",")[0].replace("ü", "v"))
    if character == " " or not unicodedata.name(character, "").startswith("LATIN"):
        return character.strip()
    return "d" if character == "đ" else _plain(character)


def _plain(letters: str) -> str:
    apart = unicodedata.normalize("NFD", letters).replace("u\u0308", "v")
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


_SOUNDS = _Table(_sound)


def pinyin_name(normal: str) -> str:
    """Toneless pinyin of a normal name without blanks; Latin letters stay, without accents: 御紫v店 is yuzivdian."""
    return normal.translate(_SOUNDS)


def name_keys(normal: str, pinyin: str) -> list[str]:
    """Blocking keys, each once; names that are near share at least one, in blocks as small as their length allows.

    Near is: the same sound; the same parts (Chinese characters by their sound, words) in another order; one part or, in
    a name of Latin letters, one letter more, less or other. Near names share what is left when the part that differs is
    left out (T. Bocek, E. Hunt, B. Stiller, Fast similarity search in large dictionaries, 2007). Of three characters
    two have to be the same, not only to sound so.
    """
    parts = _PART.findall(normal)
    if not parts:
        return []
    ordered = _ordered(normal)
    keys = [f"={pinyin}", f"~{' '.join(ordered)}"]
    if not _CHARACTER.search(normal):
        keys += _letters_left(" ".join(ordered))
    elif len(parts) > 3:
        keys += [f"~{' '.join(left)}" for left in _left(ordered)] if len(parts) <= _PARTS else []
    else:
        keys += [f"+{' '.join(left)}" for left in ([sorted(parts)] if len(parts) == 2 else _left(sorted(parts)))]
    return list(dict.fromkeys(keys))


# An engine hands out a few thousand pairs at a time, among which a name hardly comes back; over all of them it does.
@lru_cache(maxsize=100_000)
def _ordered(normal: str) -> list[str]:
    """The sounds of a name's parts, sorted."""
    return sorted(part.translate(_SOUNDS) for part in _PART.findall(normal))


def _left(parts: list[str]) -> list[list[str]]:
    return [parts[:n] + parts[n + 1 :] for n in range(len(parts))] if len(parts) > 2 else []


def _letters_left(letters: str) -> list[str]:
    return [f"~{letters[:n]}{letters[n + 1 :]}" for n in range(len(letters))] if len(letters) in _LETTERS else []


# Names of persons as customers call them, by their surname or one character of their name.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤庄洪"
)
_KIN = "哥|姐|弟|妹|叔|婶|姨|伯|爷|嫂|总|董|工|老板娘?|老师|师傅|先生|女士|小姐|大[哥姐叔]|阿姨|掌柜|经理|医生|兄弟?|某"
# Words of which names are made that anybody may have.
_COMMON = (
    "文玩", "古玩", "古董", "收藏", "收藏品", "藏品", "珍藏", "珠宝", "玉器", "翡翠", "工艺品", "工艺", "艺品",
    "手串", "佛珠", "首饰", "饰品", "杂项", "老物件", "老货", "天然", "高端", "精品", "小店", "小铺", "店", "铺",
    "商店", "商城", "商行", "网店", "微店", "批发", "零售", "招代理", "代理", "货源", "厂家", "直销", "诚信", "专业",
    "专卖", "正品", "官方", "客服", "用户", "快手用户", "抖音用户", "微信用户", "手机用户", "贴吧用户", "百度网友",
    "新浪用户", "网友", "卖家", "买家", "会员", "游客", "匿名", "昵称", "未命名", "无名", "无名氏", "陌生人", "淘友",
    "鱼友", "玩家", "爱好者", "商家", "老板", "小号", "大号", "号", "宠物", "爬宠", "乌龟", "龟友", "龟", "水族",
    "花鸟", "鸟", "圈", "交流", "群", "朋友", "生活", "世界", "之家", "家", "中国", "国际", "集团", "有限公司",
    "公司", "电话", "微信",
)  # fmt: skip
_NO_NAMES = frozenset((
    "user", "users", "guest", "member", "members", "admin", "anonymous", "unknown", "null", "none", "nil", "nan",
    "name", "nickname", "username", "newuser", "new user", "noname", "no name", "account", "seller", "shop", "store",
    "my shop", "online shop", "official", "test", "tb", "xy", "dy", "jd", "wx", "qq", "vx", "wxid", "ks", "id", "fb",
    "vn", "cn", "hk", "ivory", "jade", "antique", "antiques", "collector", "collectors", "collection", "art", "arts",
    "gift", "gifts", "jewelry", "shopping", "cửa hàng", "người bán", "người dùng", "khách", "ร้านค้า", "ผู้ใช้",
    "ร้าน", "ผู้ขาย", "pengguna", "penjual", "toko",
))  # fmt: skip
_GENERIC = re.compile(
    rf"[小老大阿]?[{_SURNAMES}](?:{_KIN})|[小老阿][{_HAN}]|[{_HAN}](?:哥|姐|叔|嫂|爷|总|老板|师傅|老师)|(?:{'|'.join(_COMMON)})+"
    r"|[a-z]{1,2}|(?=[a-z]*\d)[0-9a-f]{12,}|[0-9 ]+"
    r"|(?:user|guest|member|tb|xy|dy|jd|wxid|[快手抖音微信机贴吧]*用户|会员|游客) ?(?=[a-z]*\d)[a-z0-9]+"
    r"|(?:anh|chị|em|cô|chú|bác|mẹ|bé|mr|mrs|ms|miss) \S{1,6}|(?:คุณ|พี่|น้อง|ลุง|ป้า) ?\S{1,6}"
)


def generic_name(normal: str) -> bool:
    """A normal name that says nothing: of one character, what a platform gives, a place, a trade, 张哥 or 王老板."""
    return len(normal) < _LEAST or normal in _NO_NAMES or normal in _PLACES or _GENERIC.fullmatch(normal) is not None


def name_similarity(a: str, b: str) -> float:
    """How alike two normal names are, 0 to 1; an empty one is like nothing.

    The share of characters that both have in the same order (2 LCS / sum of lengths), or that share of the letters of
    their pinyin times SOUNDS_SAME, or REORDERED where they have the same parts, whichever is greatest.
    """
    if not a or not b:
        return 0.0
    sounds = SOUNDS_SAME * Indel.normalized_similarity(pinyin_name(a), pinyin_name(b))
    reordered = REORDERED if _ordered(a) == _ordered(b) else 0.0
    return float(max(Indel.normalized_similarity(a, b), sounds, reordered))


def name_similarities(left: pa.Array, right: pa.Array) -> pa.Array:
    """`name_similarity` of each pair of normal names, as float64; null where one of them is null.

    Takes arrays of one length, or chunked ones as an engine hands them to an Arrow UDF; one array comes back.
    """
    left, right = _flat(left), _flat(right)
    (a, sounds_a), (b, sounds_b) = _forms(left), _forms(right)
    alike = np.maximum(_shared(a, b), SOUNDS_SAME * _shared(sounds_a, sounds_b))
    for pair in np.flatnonzero((alike < REORDERED) & (_lengths(sounds_a) == _lengths(sounds_b))):
        if _ordered(a[pair]) == _ordered(b[pair]):
            alike[pair] = REORDERED
    empty = (_lengths(a) == 0) | (_lengths(b) == 0)
    known = pc.and_(left.is_valid(), right.is_valid())
    return pc.if_else(known, pa.array(np.where(empty, 0.0, alike), pa.float64()), pa.scalar(None, pa.float64()))


def _forms(names: pa.Array) -> tuple[list[str], list[str]]:
    """Each name and its pinyin, which is worked out once for each different name."""
    encoded = names.fill_null("").dictionary_encode()
    different, places = encoded.dictionary.to_pylist(), encoded.indices.to_pylist()
    sounds = [pinyin_name(name) for name in different]
    return [different[place] for place in places], [sounds[place] for place in places]


def _lengths(words: list[str]) -> NDArray[np.int64]:
    return np.fromiter(map(len, words), np.int64, len(words))


def _shared(left: list[str], right: list[str]) -> NDArray[np.float64]:
    found = cpdist(left, right, scorer=Indel.normalized_similarity, dtype=np.float64, workers=1)
    return np.asarray(found, np.float64).reshape(-1)


def normal_names(names: pa.Array) -> pa.Array:
    """`normal_name` of each, null for null; each different name is read once. 1,000,000 take about 7 s."""
    return _each(names, normal_name)


def pinyin_names(normals: pa.Array) -> pa.Array:
    """`pinyin_name` of each normal name, null for null."""
    return _each(normals, pinyin_name)


def _each(names: pa.Array, function: Callable[[str], str]) -> pa.Array:
    encoded = _flat(names).dictionary_encode()
    results = [function(name) for name in encoded.dictionary.to_pylist()]
    return pa.array(results, pa.string()).take(encoded.indices)


def _flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
