"""Extensions: they belong to what was written, and the number stays the switchboard's."""

from __future__ import annotations

import pytest

from ingest.extract import extract

REGIONS = ("CN", "VN", "TH")


@pytest.mark.parametrize(
    ("before", "written", "behind", "number"),
    [
        ("座机", "010-62550123转8016", "", "+861062550123"),
        ("电话：", "010-62550123 转 8016", " 张先生", "+861062550123"),
        ("总机", "(010)62550123转分机8016", "，微信abcdef88", "+861062550123"),
        ("电话 ", "010-62550123 分机号：8016", "", "+861062550123"),
        ("电话", "010-62550123(转8016)", "", "+861062550123"),
        ("", "010-62550123-8016", "", "+861062550123"),
        ("", "010-62550123x8016", "", "+861062550123"),
        ("Tel ", "010-62550123ext8016", " ask for Lee", "+861062550123"),
        ("tel ", "010 6255 0123 转 ⑧⓪①⑥", "", "+861062550123"),
        ("", "0571-88001234转八零一六", "", "+8657188001234"),
        ("", "400-820-8820转1转2", "", "+864008208820"),
        ("服务热线", "4008208820-3", "", "+864008208820"),
        ("call ", "+1 503 555 0138 x22", "", "+15035550138"),
        ("", "+1 503-555-0138 #22", "", "+15035550138"),
        ("(", "+1 503 555 0138 ext. 22", ")", "+15035550138"),
        ("", "028 3824 5678 nội bộ 12", " gọi", "+842838245678"),
        ("", "02 123 4567 ต่อ 12", "", "+6621234567"),
        ("", "13800001234转8016", "", "+8613800001234"),
    ],
)
def test_extension_is_part_of_the_span(before: str, written: str, behind: str, number: str) -> None:
    phones = [m for m in extract(before + written + behind, regions=REGIONS) if m.kind == "phone"]
    assert [(m.value, m.raw, m.start) for m in phones] == [(number, written, len(before))]


@pytest.mark.parametrize(
    ("written", "behind"),
    [
        ("13800001234", "转5000元"),
        ("010-62550123", "转账500"),
        ("010-62550123", " 分机 8016张"),
        ("010-62550123", " 2只龟"),
        ("010-62550123", " - 2 只"),
        ("010-62550123", "-5678-9012"),
        ("+1 (503) 555-0138", " x2 pairs"),
        ("+1 (503) 555-0138", " #2只"),
        ("010-62550123", ",13800001234"),
        ("010-62550123", "转13800001234"),
    ],
)
def test_what_follows_and_is_no_extension(written: str, behind: str) -> None:
    assert extract(written + behind)[0].raw == written


@pytest.mark.parametrize("text", ["货号13800001234x200", "Size 010-62550123x10cm", "13800001234x100"])
def test_products_are_no_numbers_with_extensions(text: str) -> None:
    assert extract(text) == []


def test_digits_of_an_extension_begin_no_number() -> None:
    found = extract("010-62550123-80169 微信同号 13800001234")
    assert [m.value for m in found if m.kind == "phone"] == ["+861062550123", "+8613800001234"]
