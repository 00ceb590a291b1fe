"""Long texts, which are read in pieces, and texts that would exhaust a reader."""

from __future__ import annotations

import pytest

from ingest.extract import extract


@pytest.mark.parametrize("before", range(3900, 4010, 7))
def test_an_address_is_read_whole_wherever_a_cut_falls(before: int) -> None:
    address = "https://example.com/" + "b" * 400 + "/13800138000/vx/abc_12345/" + "z" * 300
    text = "好" * before + " " + address + " 电话13900004321"
    found = extract(text)
    assert [(m.kind, m.raw) for m in found] == [("link", address), ("phone", "13900004321")]


def test_an_address_longer_than_a_piece_holds_no_contacts() -> None:
    address = "https://example.com/" + "b" * 3985 + "/13800138000/vx/abc_12345/" + "z" * 600
    assert [m.kind for m in extract(address)] == ["link"]


@pytest.mark.parametrize("word", ["lol ", "so ", "is "])
def test_a_thousand_short_words_before_a_number_are_read(word: str) -> None:
    assert extract(word * 990 + "1234567") == []


@pytest.mark.parametrize(
    "text",
    [
        "发邮件a@b.cc#163.com，微信abc下划线88",
        "e下划线h tg://resolve?domain=abcde(a)b.com",
        "q邮箱12345#163.cd反过来91678t",
        "tg://resolve?domain=bcdea@b.cn八h去掉汉字",
    ],
)
def test_addresses_that_overlap_are_one(text: str) -> None:
    spans = sorted({(m.start, m.end) for m in extract(text) if m.kind in ("email", "link")})
    assert all(first[1] <= second[0] for first, second in zip(spans, spans[1:], strict=False))
    assert all(text[m.start : m.end] == m.raw for m in extract(text))
