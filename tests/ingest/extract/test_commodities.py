"""Trade terms in running text: the longest wins, and traps mean nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.extract.commodities import _automaton, find_commodities
from ingest.extract.normalise import normalise
from ingest.lexicon import terms


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("出象牙手镯", ["elephant/ivory"]),
        ("血牙手串", ["elephant/ivory"]),
        ("猛犸象牙章料", ["mammoth/ivory"]),
        ("象皮手串", ["elephant/skin"]),
        ("XP 12mm", ["elephant/skin"]),
        ("犀牛角杯", ["rhino/horn"]),
        ("亚犀108佛珠", ["rhino/horn"]),
        ("虎骨酒", ["tiger/wine"]),
        ("老虎牙吊坠", ["tiger/tooth"]),
        ("玳瑁梳子", ["hawksbill/shell"]),
        ("鹤顶红手串", ["helmeted_hornbill/casque"]),
        ("盔犀鸟头骨", ["helmeted_hornbill/skull"]),
        ("賽加羚羊角", ["saiga/horn"]),
        ("穿山甲片一斤", ["pangolin/scale"]),
        ("抹香鲸牙烟嘴", ["sperm_whale/tooth"]),
        ("独角鲸牙", ["narwhal/tusk"]),
        ("雪豹皮一张", ["snow_leopard/skin"]),
        ("金钱豹皮", ["leopard/skin"]),
        ("云豹标本", ["clouded_leopard/unspecified"]),
        ("金钱龟苗", ["golden_coin_turtle/live"]),
        ("石金钱", ["yellow_pond_turtle/live"]),
        ("黄缘公母一对", ["chinese_box_turtle/live"]),
        ("豹纹陆龟", ["leopard_tortoise/live"]),
        ("Geochelone sulcata", ["african_spurred_tortoise/live"]),
        ("🐘🐘", ["elephant/unspecified"]),
        ("🦏 🐯", ["rhino/unspecified", "tiger/unspecified"]),
        ("raw ivory and rhino horn", ["elephant/ivory", "rhino/horn"]),
        ("象牙 犀角 虎骨", ["elephant/ivory", "rhino/horn", "tiger/bone"]),
        ("ｘｙ料", ["elephant/ivory"]),
    ],
)
def test_terms(text: str, wanted: list[str]) -> None:
    assert [offer.commodity_id for offer in find_commodities(text)] == wanted


@pytest.mark.parametrize(
    "text",
    [
        "黄牛",
        "牛角包",
        "水牛角梳",
        "虎牙直播",
        "小虎牙女孩",
        "象牙白裙子",
        "象牙塔",
        "金钱",
        "金钱草",
        "豹纹大衣",
        "美甲片",
        "穿戴甲片",
        "果冻布丁",
        "windows xp",
        "xp系统",
        "galaxy",
        "oxy清洁剂",
        "ivory tower",
        "Ivory Coast",
        "tiger balm",
        "玳瑁猫",
        "火锅黄喉",
        "虎皮鹦鹉",
        "小犀牛软件",
        "海豹",
        "大猫熊",
        "hgh",
        "DM me for price",
        "dell xps",
        "海象牙摆件",
        "adm",
        "",
    ],
)
def test_traps(text: str) -> None:
    assert find_commodities(text) == []


def test_ambiguous_short_forms_are_unsure() -> None:
    unsure = {
        offer.term: offer.confidence
        for text in ("XY", "大猫", "黑料", "牛角", "dm", "红料")
        for offer in find_commodities(text)
    }
    assert set(unsure) == {"xy", "大猫", "黑料", "牛角", "dm", "红料"}
    assert max(unsure.values()) < 0.5


def test_a_plural_is_its_word() -> None:
    assert [offer.commodity_id for offer in find_commodities("golden coin turtles")] == ["golden_coin_turtle/live"]


def test_what_a_contact_is_called_offers_nothing() -> None:
    text = "tiger tooth, instagram @ivory_house_hk"
    start = text.index("ivory_house")
    assert [o.commodity_id for o in find_commodities(text, [(start, len(text))])] == ["tiger/tooth"]


def test_the_surest_term_of_a_commodity_is_kept_with_its_place() -> None:
    (offer,) = find_commodities("XY 就是象牙")
    assert (offer.term, offer.start, offer.end) == ("象牙", 5, 7)


TERMS = sorted({normalise(term.term).text for term in terms()})


@given(st.lists(st.sampled_from([*TERMS, " ", "，", "料", "a", "牙"]), max_size=6).map("".join))
@settings(max_examples=300, deadline=None)
def test_one_pass_finds_what_a_plain_search_finds(text: str) -> None:
    spans = [(start, end) for _, start, end in _automaton()[0].find_matches_as_indexes(text)]
    for start, end in spans:
        longer = [term for term in TERMS if len(term) > end - start and text.startswith(term, start)]
        assert longer == [], (text, text[start:end])
    covered = {place for start, end in spans for place in range(start, end)}
    for term in TERMS:
        place = text.find(term)
        while place >= 0:
            assert covered & set(range(place, place + len(term))), (text, term)
            place = text.find(term, place + 1)
