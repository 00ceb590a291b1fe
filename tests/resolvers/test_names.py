"""What is left of a display name, which names meet, and how alike they are. All names are made up."""

from __future__ import annotations

import time

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.names import (
    REORDERED,
    SOUNDS_SAME,
    generic_name,
    name_keys,
    name_similarities,
    name_similarity,
    normal_name,
    normal_names,
    pinyin_name,
    pinyin_names,
)

NORMAL = [
    # digits, decorations, emoji, other forms of letters
    ("御紫艺品", "御紫艺品"),
    ("御紫艺品95", "御紫艺品"),
    ("御紫艺品②", "御紫艺品"),
    ("98御紫艺品", "98御紫艺品"),
    ("❤御紫艺品❤️", "御紫艺品"),
    ("꧁༺御紫艺品༻꧂", "御紫艺品"),
    ("灬御紫ツ艺品灬", "御紫艺品"),
    ("㊣御紫艺品㊣", "御紫艺品"),
    ("【御紫·艺品】", "御紫艺品"),
    ("御 紫 艺 品", "御紫艺品"),
    ("御紫\u200b艺\u2060品", "御紫艺品"),
    ("御紫藝品", "御紫艺品"),
    ("御紫の艺品", "御紫的艺品"),
    ("Ｉｖｏｒｙ　Ｈｏｕｓｅ", "ivory house"),
    ("𝓘𝓿𝓸𝓻𝔂 𝐇𝐨𝐮𝐬𝐞", "ivory house"),
    ("🅘🅥🅞🅡🅨 🅷🅾🆄🆂🅴", "ivory house"),
    ("I̶v̶o̶r̶y̶ House", "ivory house"),
    ("IVORY_HOUSE", "ivory house"),
    ("Mary's Antiques", "marys antiques"),
    # contacts
    ("御紫艺品加V abc_12345", "御紫艺品"),
    ("御紫艺品 VX:abc12345", "御紫艺品"),
    ("御紫艺品vxabc12345", "御紫艺品"),
    ("御紫艺品微信abc12345", "御紫艺品"),
    ("御紫艺品（微信同号13800001234）", "御紫艺品"),
    ("御紫艺品➕V看图", "御紫艺品"),
    ("御紫艺品+薇：demo_1", "御紫艺品"),
    ("御紫艺品 v:demo12345", "御紫艺品"),
    ("御紫艺品Q1234567", "御紫艺品"),
    ("御紫艺品电话13800001234", "御紫艺品"),
    ("御紫艺品13800001234", "御紫艺品"),
    ("13800001234御紫艺品", "御紫艺品"),
    ("微信demo12345 御紫艺品", "御紫艺品"),
    ("电话13800001234御紫艺品", "御紫艺品"),
    ("Ivory House WhatsApp +44 7700 900123", "ivory house"),
    ("Ngà Voi Đẹp - Zalo 0912345678", "ngà voi đẹp"),
    ("Nga\u0300 Voi Đe\u0323p", "ngà voi đẹp"),
    ("งาช้างเก่า line id: demo123", "งาช้างเก่า"),
    ("lev", "lev"),
    ("telecom", "telecom"),
    ("五v御紫", "五v御紫"),
    ("威信堂", "威信堂"),
    # first in the list
    ("A御紫艺品", "御紫艺品"),
    ("AAA御紫艺品", "御紫艺品"),
    ("A001 御紫艺品", "御紫艺品"),
    ("0御紫艺品", "御紫艺品"),
    ("aaron ivory", "aaron ivory"),
    ("ร้านงาช้าง", "งาช้าง"),
    ("Cửa hàng Ngọc Quý", "ngọc quý"),
    # places
    ("北京御紫艺品", "御紫艺品"),
    ("武汉市御紫艺品", "御紫艺品"),
    ("福建莆田御紫艺品", "御紫艺品"),
    ("河北省保定市御紫艺品", "御紫艺品"),
    ("御紫艺品(北京)", "御紫艺品"),
    ("御紫艺品 北京店", "御紫艺品"),
    ("武汉老李", "老李"),
    ("北京", "北京"),
    ("北京人", "北京人"),
    ("市井御紫", "市井御紫"),
    # suffixes
    ("御紫艺品-小号", "御紫艺品"),
    ("御紫艺品1号", "御紫艺品"),
    ("御紫艺品-1", "御紫艺品"),
    ("御紫艺品（备用）", "御紫艺品"),
    ("御紫艺品诚信批发", "御紫艺品"),
    ("御紫艺品工作室", "御紫艺品"),
    ("御紫艺品官方旗舰店", "御紫艺品"),
    ("御紫艺品老店2", "御紫艺品"),
    ("诚信 御紫艺品 招代理", "御紫艺品"),
    ("Ivory House Official Shop 2", "ivory house"),
    ("Ivory House VN", "ivory house"),
    # never emptied
    ("老店", "老店"),
    ("小号95", "小号"),
    ("诚信批发", "诚信"),
    ("御95", "御95"),
    ("Shop", "shop"),
    ("13800001234", "13800001234"),
    ("微信", "微信"),
    ("VX demo12345", "vx demo"),
    ("", ""),
    ("❤❤❤", ""),
    ("\ud83d", ""),
    ("\x00御紫\x07", "御紫"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "normal"), NORMAL)
def test_what_is_left_of_a_name(name: str, normal: str) -> None:
    assert normal_name(name) == normal


PIECES = [
    "御紫", "艺品", "加V", "微信", "VX", "abc123", "北京", "市", "省", "-1", "小号", "店", "❤", " ", "A", "0", "9",
    "ivory", "+", "老", "号", "ngà", "ง", "\u0301", "\u200d", "ร้าน", "shop", "。", "v", "13800001234",
    "招代理", "ツ",
]  # fmt: skip


@settings(deadline=None)  # the first call loads dictionaries
@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join) | st.text(max_size=20))
def test_doing_it_again_changes_nothing_and_letters_leave_a_name(name: str) -> None:
    normal = normal_name(name)
    assert normal_name(normal) == normal
    assert normal or not any(character.isalpha() and character not in "ツ" for character in name), name
    assert " " not in pinyin_name(normal)
    assert len(set(name_keys(normal, pinyin_name(normal)))) == len(name_keys(normal, pinyin_name(normal)))
    assert name_similarity(normal, normal) == (1.0 if normal else 0.0)


def test_a_name_of_a_megabyte() -> None:
    for name in ("店" * 1_000_000, "收藏品" * 300_000, "a " * 500_000, "加" * 1_000_000, "9" * 1_000_000):
        start = time.process_time()
        normal = normal_name(name)
        generic_name(normal), name_keys(normal, pinyin_name(normal))
        assert time.process_time() - start < 0.5


PINYIN = [
    ("御紫艺品", "yuziyipin"), ("玉紫艺品", "yuziyipin"), ("绿女", "lvnv"), ("御紫 ivory house", "yuziivoryhouse"),
    ("ngà voi đẹp", "ngavoidep"), ("café", "cafe"), ("งาช้าง", "งาช้าง"), ("ивори", "ивори"), ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("normal", "pinyin"), PINYIN)
def test_pinyin(normal: str, pinyin: str) -> None:
    assert pinyin_name(normal) == pinyin


NEAR = [
    ("御紫艺品", "玉紫艺品"), ("御紫艺品", "御青艺品"), ("御紫艺品", "艺品御紫"), ("御紫艺品", "御紫艺品馆"),
    ("御紫艺品", "御紫艺"), ("御紫阁", "玉子阁"), ("御紫阁", "御紫轩"), ("御紫阁", "紫阁"), ("御紫阁", "御紫阁馆"),
    ("御紫", "玉子"), ("御紫", "御紫阁"), ("御紫", "紫御"), ("御紫艺品", "yuziyipin"),
    ("御紫雅集收藏馆", "御紫雅聚收藏馆"),
    ("御紫 ivory", "ivory 御紫"), ("ivory house", "ivory hause"), ("ivory house", "house ivory"),
    ("ivory house", "ivoryhouse"), ("ivory house", "ivory houses"), ("ngà voi đẹp", "nga voi dep"),
    ("ngà voi đẹp", "ngà voi đep"), ("งาช้างเก่า", "งาช้างเกา"),
]  # fmt: skip
FAR = [
    ("御紫艺品", "聚宝艺品"), ("御紫阁", "聚宝阁"), ("御紫阁", "玉宝阁"), ("御紫", "御青"),
    ("ivory house", "jade house"), ("御紫", "聚宝"), ("demo", "dema"), ("", "御紫"),
]  # fmt: skip


def keys(normal: str) -> set[str]:
    return set(name_keys(normal, pinyin_name(normal)))


@pytest.mark.parametrize(("a", "b"), NEAR)
def test_near_names_meet(a: str, b: str) -> None:
    assert keys(a) & keys(b)


@pytest.mark.parametrize(("a", "b"), FAR)
def test_others_do_not(a: str, b: str) -> None:
    assert not keys(a) & keys(b)


def test_keys_are_few() -> None:
    assert (
        max(len(keys(name)) for name in ("御" * 60, "御紫艺品收藏馆文玩", "a" * 100, "a b " * 25, "ivory house")) <= 26
    )
    assert name_keys("", "") == []


GENERIC = [
    "张哥", "李姐", "王老板", "陈师傅", "刘总", "小张", "老李", "阿强", "强哥", "小王哥", "赵先生",
    "文玩", "古玩收藏", "天然文玩", "收藏爱好者", "user", "user123", "user8f3k2j",
    "用户", "用户8f3k2j", "手机用户2f9c", "快手用户", "tb", "tb8812345",
    "wxid a8s7d6f5g", "会员", "匿名用户",
    "x", "", "御", "88", "13800001234", "3f2a90bc11de77", "ivory", "shop", "anh tuấn", "mr lee", "北京", "龟友之家",
]  # fmt: skip
TELLING = [
    "御紫艺品", "聚宝斋", "御紫", "御紫文玩", "王记文玩", "张三丰", "老李家木作", "ivory house", "jean paul",
    "ngọc quý", "งาช้างเก่า", "emily", "mississippi", "用户至上堂", "tbone",
]  # fmt: skip


@pytest.mark.parametrize("name", GENERIC)
def test_names_that_say_nothing(name: str) -> None:
    assert generic_name(name)


@pytest.mark.parametrize("name", TELLING)
def test_names_that_say_something(name: str) -> None:
    assert not generic_name(name)


ALIKE = [
    ("御紫艺品", "御紫艺品", 1.0, 1.0),
    ("御紫艺品", "玉紫艺品", SOUNDS_SAME, SOUNDS_SAME),
    ("御紫艺品", "yuziyipin", SOUNDS_SAME, SOUNDS_SAME),
    ("御紫艺品", "艺品御紫", REORDERED, REORDERED),
    ("ivory house", "house ivory", REORDERED, REORDERED),
    ("ngà voi đẹp", "nga voi dep", SOUNDS_SAME, SOUNDS_SAME),
    ("御紫艺品", "御青艺品", 0.75, 0.85),
    ("聚宝斋", "聚宝轩", 0.6, 0.75),
    ("御紫艺品", "御紫艺品馆", 0.85, 0.95),
    ("ivory house", "ivory hause", 0.85, 0.95),
    ("御紫艺品", "聚宝斋", 0.0, 0.45),
    ("ivory house", "聚宝斋", 0.0, 0.45),
    ("", "", 0.0, 0.0),
    ("", "御紫", 0.0, 0.0),
]


@pytest.mark.parametrize(("a", "b", "least", "most"), ALIKE)
def test_how_alike(a: str, b: str, least: float, most: float) -> None:
    assert least <= name_similarity(a, b) <= most
    assert name_similarity(a, b) == name_similarity(b, a)


def test_columns_are_read_like_single_names() -> None:
    left, right = [a for a, *_ in ALIKE], [b for _, b, *_ in ALIKE]
    found = name_similarities(pa.array(left), pa.array(right))
    assert found.type == pa.float64()
    assert found.to_pylist() == [name_similarity(a, b) for a, b in zip(left, right, strict=True)]
    raw = [name for name, _ in NORMAL if name.isprintable()]
    assert normal_names(pa.array(raw)).to_pylist() == list(map(normal_name, raw))
    assert pinyin_names(pa.array(left)).to_pylist() == list(map(pinyin_name, left))


def test_nulls_chunks_and_nothing() -> None:
    names = pa.chunked_array([["御紫艺品95", None], ["御紫艺品95"]], pa.string())
    assert normal_names(names).to_pylist() == ["御紫艺品", None, "御紫艺品"]
    other = pa.chunked_array([["御紫艺品95"], ["x", None]], pa.string())
    assert name_similarities(names, other).to_pylist() == [1.0, None, None]
    none = pa.array([], pa.string())
    assert name_similarities(none, none).to_pylist() == normal_names(none).to_pylist() == pinyin_names(none).to_pylist()
    nulls = pa.nulls(2, pa.string())
    assert name_similarities(nulls, nulls).to_pylist() == normal_names(nulls).to_pylist() == [None, None]


def test_as_a_function_of_duckdb() -> None:
    import duckdb

    with duckdb.connect() as db:
        db.create_function("name_similarity", name_similarities, ["VARCHAR", "VARCHAR"], "DOUBLE", type="arrow")
        query = "SELECT name_similarity(a, b) FROM (VALUES ('御紫艺品', '玉紫艺品'), ('御紫', NULL)) t(a, b)"
        assert db.sql(query).fetchall() == [(SOUNDS_SAME,), (None,)]
