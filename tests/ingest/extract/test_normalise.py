"""Folding, and the way back to the captured characters."""

from __future__ import annotations

import pytest

from ingest.extract.normalise import normalise


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ABC", "abc"),
        ("ＡＢＣ１２３", "abc123"),
        ("1️⃣2️⃣", "12"),
        ("①⑴❶⒈⓵➀㊀㈠", "111111一一"),
        ("⓪⓿", "00"),
        ("Ⓐ🅐🄰🅰ⓐ", "aaaaa"),
        ("➕", "+"),
        ("維信臺灣", "维信台湾"),
        ("微\u200b信\u2060", "微信"),
        ("V❤️", "v❤"),
        ("𝟏𝟐𝟑", "123"),
        ("¹²³₁", "1231"),
        ("๑๒٣", "123"),
        ("🔟", "10"),
        ("ﬁ", "fi"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert normalise(text).text == folded


def test_spans_lead_back_over_marks_that_show_nothing() -> None:
    text = "a1️⃣b🔟c"
    normal = normalise(text)
    assert normal.text == "a1b10c"
    assert text[slice(*normal.span(1, 2))] == "1️⃣"
    assert text[slice(*normal.span(3, 5))] == "🔟"
    assert text[slice(*normal.span(5, 6))] == "c"


def test_one_to_one_texts_need_no_map() -> None:
    assert normalise("微信ABC").starts is None
    assert normalise("１️⃣").starts is not None


def test_rewriting_keeps_the_way_back() -> None:
    normal = normalise("call one two！").rewritten([(5, 12, "12")])
    assert normal.text == "call 12!"
    assert normal.captured[slice(*normal.span(5, 7))] == "one two"
    assert normal.captured[slice(*normal.span(7, 8))] == "！"
