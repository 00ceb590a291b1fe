"""Every word that refuses something, one by one: digits behind it are no number, the word is no id."""

from __future__ import annotations

import pytest

from ingest.extract import extract
from ingest.lexicon import context_words, refused_ids

MOBILE = "13800001234"
UNITS = (
    *("元", "块钱", "万", "次", "克", "g", "kg", "斤", "人", "件", "个", "只", "条", "颗", "张", "播放", "浏览"),
    *("阅读", "粉丝", "赞", "rmb", "usd", "vnd", "đ", "฿", "%", "年", "月", "日"),
)


@pytest.mark.parametrize("word", context_words()["not_phone"])
@pytest.mark.parametrize("sign", ["", "：", " ", "号："])
def test_digits_behind_a_word_that_refuses_them_are_no_number(word: str, sign: str) -> None:
    latin = word[-1].isascii() and word[-1].isalnum()
    text = f"象牙手串 {word}{' ' if latin and not sign else sign}{MOBILE} 包邮"
    assert extract(text) == [], text


@pytest.mark.parametrize("unit", UNITS)
def test_digits_before_a_unit_are_no_number(unit: str) -> None:
    assert extract(f"象牙手串 {MOBILE}{unit}") == []


@pytest.mark.parametrize("sign", "¥$€£฿₫₩￥")
def test_digits_behind_a_currency_are_no_number(sign: str) -> None:
    assert extract(f"象牙手串 {sign}{MOBILE}") == []


@pytest.mark.parametrize("word", sorted(refused_ids()))
@pytest.mark.parametrize("before", ["WeChat ", "微信", "telegram ", "Telegram: ", "line: ", "Facebook "])
def test_a_word_of_ordinary_sentences_is_no_id(word: str, before: str) -> None:
    assert extract(f"Old netsuke. {before}{word}, thanks") == []
