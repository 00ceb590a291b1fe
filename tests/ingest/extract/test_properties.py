"""What holds for every text: spans, idempotence, silence without digits, numbers under any disguise."""

from __future__ import annotations

import string

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.extract import extract
from ingest.extract.commodities import find_commodities
from ingest.extract.normalise import normalise

SLOW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Pieces that make texts interesting; plain random characters rarely meet a rule.
PIECES = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        [
            "微信",
            "电话",
            "V❤",
            "QQ：",
            "同号",
            "13800001234",
            "138-0000-1234",
            "abc_12345",
            "骗子",
            "客服热线",
            "担保",
            "https://t.me/abcdef",
        ]
        + [
            "1️⃣3️⃣8️⃣",
            "一三八",
            "零零零零",
            "➕",
            "a@mail.example",
            "倒着加",
            "one two three four",
            "+84 912 345 678",
            "\n",
            " ",
            "，",
            "①③⑧",
            "象牙",
            "🐘",
        ]
    ),
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)

PREFIXES = ("130", "138", "139", "150", "159", "166", "176", "180", "186", "189", "199")
MOBILES = st.builds(lambda p, n: f"{p}000{n:05d}", st.sampled_from(PREFIXES), st.integers(0, 99_999))
SCRIPTS: dict[str, str] = {
    "plain": "0123456789",
    "wide": "０１２３４５６７８９",
    "circled": "⓪①②③④⑤⑥⑦⑧⑨",
    "black": "⓿❶❷❸❹❺❻❼❽❾",
    "bold": "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
    "mono": "𝟶𝟷𝟸𝟹𝟺𝟻𝟼𝟽𝟾𝟿",
    "upper": "⁰¹²³⁴⁵⁶⁷⁸⁹",
    "lower": "₀₁₂₃₄₅₆₇₈₉",
    "chinese": "零一二三四五六七八九",
    "formal": "零壹贰叁肆伍陆柒捌玖",
    "spoken": "洞幺两三四五六拐八九",
    "traditional": "零壹貳參肆伍陸柒捌玖",
    "circle": "〇一二三四五六七八九",
    "thai": "๐๑๒๓๔๕๖๗๘๙",
}
LETTERS = {"0": "oO", "1": "lI", "2": "zZ", "5": "sS", "8": "B"}
GAPS = st.sampled_from(["", "", "", " ", "-", ".", "·", "*", "~", "\u200b", " - ", "🐘", "，", "\n", "_", "/"])


@st.composite
def disguised(draw: st.DrawFn) -> tuple[str, str]:
    """(number, the number in digits of any scripts with any signs between)."""
    number = draw(MOBILES)
    shown, letters = "", 0
    for place, digit in enumerate(number):
        script = draw(st.sampled_from([*SCRIPTS, "keycap", "letter"]))
        if script == "letter" and digit in LETTERS and letters < 5:
            letters += 1
            glyph = draw(st.sampled_from(LETTERS[digit]))
        elif script == "keycap":
            glyph = digit + "\ufe0f\u20e3"
        else:
            glyph = SCRIPTS.get(script, SCRIPTS["plain"])[int(digit)]
        shown += (draw(GAPS) if place else "") + glyph
    return number, shown


@given(TEXTS)
@SLOW
def test_spans_slice_back_to_raw(text: str) -> None:
    for mention in extract(text):
        assert text[mention.start : mention.end] == mention.raw
        assert mention.raw
        assert 0 < mention.confidence <= 1
    for offer in find_commodities(text):
        assert offer.start < offer.end <= len(text)


@given(TEXTS)
@SLOW
def test_the_same_text_gives_the_same_answer_in_order(text: str) -> None:
    found = extract(text)
    assert found == extract(text)
    assert [m.start for m in found] == sorted(m.start for m in found)


@given(st.text())
@SLOW
def test_normalising_again_changes_nothing(text: str) -> None:
    once = normalise(text).text
    assert normalise(once).text == once


@given(st.text(max_size=60))
@SLOW
def test_normalised_characters_lead_back(text: str) -> None:
    normal = normalise(text)
    for place in range(len(normal.text)):
        start, end = normal.span(place, place + 1)
        assert 0 <= start < end <= len(text)


LETTERS_ONLY = st.text(
    alphabet=string.ascii_letters.translate(str.maketrans("", "", "oOlIzZsSbBiL")) + "微信电话加我看货，。 @",
    max_size=60,
)


@given(LETTERS_ONLY)
@SLOW
def test_without_digits_there_is_no_phone(text: str) -> None:
    assert not [m for m in extract(text) if m.kind == "phone"]


@given(
    disguised(),
    st.sampled_from(["电话：", "手机", "联系电话 ", "☎️", "Tel:", "微信"]),
    st.sampled_from(["", " 看货", "，谢谢", "\n象牙"]),
)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_disguised_number_is_read_beside_a_word(case: tuple[str, str], before: str, after: str) -> None:
    number, shown = case
    text = f"老料{before}{shown}{after}"
    phones = [m for m in extract(text) if m.kind == "phone"]
    assert [m.value for m in phones] == [f"+86{number}"], text
    assert phones[0].raw.strip() == shown.strip()


@given(MOBILES, st.sampled_from(sorted(SCRIPTS)), st.sampled_from(["", " ", "-", ".", "🐘", "爱", "*", "/"]))
@SLOW
def test_a_number_of_one_script_and_one_sign_needs_no_word(number: str, script: str, sign: str) -> None:
    shown = sign.join(SCRIPTS[script][int(digit)] for digit in number)
    text = f"出象牙 {shown} 看货"
    assert [m.value for m in extract(text) if m.kind == "phone"] == [f"+86{number}"], text


@given(TEXTS, st.integers(0, 3))
@SLOW
def test_contacts_of_a_long_text_are_those_of_its_lines(text: str, where: int) -> None:
    filler = "象牙手串 实物拍摄\n" * 250
    line = text.replace("\n", " ").strip("\r") + "\n"
    long = filler * where + line + filler * (4 - where)
    at = len(filler) * where
    alone = [(m.kind, m.value, m.raw, m.start + at) for m in extract("\n" + line + "象牙手串") if m.start]
    found = [(m.kind, m.value, m.raw, m.start + 1) for m in extract(long)]
    assert found == alone


def test_a_long_text_without_any_end_is_read_whole() -> None:
    text = "象" * 9_990 + "微信abc_12345" + "象" * 9_990
    assert [m.raw for m in extract(text)] == ["abc_12345"]
