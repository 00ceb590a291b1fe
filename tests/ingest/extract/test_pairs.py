"""Each disguise with each other one: on the two halves of a number, on a word and its number, on a word and its id."""

from __future__ import annotations

from itertools import product

import pytest

from ingest.extract import extract

NUMBER = "13800051234"
DIGITS: dict[str, str] = {
    "plain": "0123456789",
    "full width": "０１２３４５６７８９",
    "circled": "⓪①②③④⑤⑥⑦⑧⑨",
    "black circles": "⓿❶❷❸❹❺❻❼❽❾",
    "bold": "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
    "superscript": "⁰¹²³⁴⁵⁶⁷⁸⁹",
    "numerals": "零一二三四五六七八九",
    "formal": "零壹贰叁肆伍陆柒捌玖",
    "traditional": "零壹貳參肆伍陸柒捌玖",
    "spoken": "洞幺两三四五六拐八勾",
    "letters": "OlZ34S67B9",
}
BREAKS = {
    "none": "",
    "blanks": " ",
    "dashes": "-",
    "dots": ".",
    "stars": "*",
    "elephants": "🐘",
    "zero width": "\u200b",
    "lines": "\n",
}
WORDS = (
    *(
        "微信",
        "威信",
        "薇信",
        "徽信",
        "維信",
        "卫星",
        "v信",
        "V❤",
        "微❤",
        "🅥",
        "➕V",
        "加薇",
        "+wx",
        "weixin",
        "wei xin",
    ),
    *("vx", "VX", "微x", "绿泡泡", "绿色软件", "加威", "➕🅥", "微 信", "w.x", "V+", "葳信"),
)
IDS = {
    "plain": "lao_ya66",
    "capitals": "Lao_Ya66",
    "full width": "ｌａｏ＿ｙａ６６",
    "spaced": "l a o _ y a 6 6",
    "circled digits": "lao_ya⑥⑥",
    "zero width": "lao\u200b_ya\u200b66",
    "bold": "𝐥𝐚𝐨_𝐲𝐚𝟔𝟔",
    "elephants": "l🐘a🐘o🐘_🐘y🐘a🐘6🐘6",
}


def keycaps(digits: str) -> str:
    return "".join(digit + "\ufe0f\u20e3" for digit in digits)


def written(digits: str, script: str) -> str:
    return keycaps(digits) if script == "keycaps" else "".join(DIGITS[script][int(digit)] for digit in digits)


SCRIPTS = [*DIGITS, "keycaps"]


@pytest.mark.parametrize(("first", "second"), [*product(SCRIPTS, repeat=2)])
def test_a_number_in_two_scripts(first: str, second: str) -> None:
    shown = written(NUMBER[:6], first) + written(NUMBER[6:], second)
    (found,) = [m for m in extract(f"看货电话{shown}，非诚勿扰") if m.kind == "phone"]
    assert (found.value, found.raw) == (f"+86{NUMBER}", shown)


@pytest.mark.parametrize(("script", "sign"), [*product(SCRIPTS, BREAKS)])
def test_a_number_in_a_script_with_a_sign_between_its_digits(script: str, sign: str) -> None:
    shown = BREAKS[sign].join(written(digit, script) for digit in NUMBER)
    (found,) = [m for m in extract(f"象牙手串 电话 {shown}") if m.kind == "phone"]
    assert (found.value, found.raw) == (f"+86{NUMBER}", shown)


@pytest.mark.parametrize(("word", "script"), [*product(WORDS, SCRIPTS)])
def test_a_word_for_wechat_and_a_number(word: str, script: str) -> None:
    shown = written(NUMBER, script)
    found = {(m.kind, m.service, m.value, m.raw) for m in extract(f"出手串 {word}：{shown} 看货")}
    assert found == {("phone", "tel", f"+86{NUMBER}", shown), ("handle", "wechat", NUMBER, shown)}


@pytest.mark.parametrize(("word", "disguise"), [*product(WORDS, IDS)])
def test_a_word_for_wechat_and_an_id(word: str, disguise: str) -> None:
    shown = IDS[disguise]
    (found,) = extract(f"出手串 {word}：{shown}")
    assert (found.service, found.value, found.raw) == ("wechat", "lao_ya66", shown)
