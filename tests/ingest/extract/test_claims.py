"""What an advertisement claims beside its goods."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.extract.claims import find_claims
from ingest.extract.normalise import normalise
from ingest.lexicon import claim_words


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("金钱龟，大山里抓的", ["wild"]),
        ("野生黄缘 公母都有", ["wild"]),
        ("野 生", ["wild"]),
        ("純野生金錢龜", ["wild"]),
        ("本地山里收的石龟", ["wild"]),
        ("非野生，自家繁殖", ["captive_bred"]),
        ("仿野生环境养大", ["captive_bred"]),
        ("保护野生动物人人有责", []),
        ("猛犸血牙手串", ["elephant_marks"]),
        ("猛犸象牙，不是血牙", []),
        ("诚招代理 一件代发 山货", ["recruiting", "wild"]),
        ("我们不招代理", []),
        ("WILD CAUGHT only", ["wild"]),
        ("not wild caught", []),
        ("wildcaughts99", []),
        ("RESELLERS WANTED", ["recruiting"]),
        ("", []),
        ("🐢", []),
    ],
)
def test_claims(text: str, claims: list[str]) -> None:
    assert find_claims(text) == claims
    assert find_claims(normalise(text)) == claims


_SENTENCES = [
    line.split("|", 1)
    for line in Path(__file__).with_name("claim_sentences.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("claims", "sentence"), _SENTENCES)
def test_sentences_are_read_as_by_a_native_reader(claims: str, sentence: str) -> None:
    assert find_claims(sentence.strip()) == sorted(set(claims.split()) - {"-"})


@pytest.mark.parametrize(
    "negation",
    [
        "不是",
        "非",
        "不",
        "无",
        "没有",
        "绝无",
        "绝非",
        "拒绝",
        "抵制",
        "禁止",
        "谢绝",
        "不含",
        "不卖",
        "不出",
        "不售",
        "不收",
        "不要",
        "别",
        "勿",
    ],
)
@pytest.mark.parametrize("word", ["野生", "山货", "血牙", "家养", "招代理"])
@pytest.mark.parametrize("between", ["", " ", "“", "任何", "真正的"])
def test_a_negation_at_the_word_denies_it_and_one_of_something_else_does_not(
    negation: str, word: str, between: str
) -> None:
    assert find_claims(f"龟 {negation}{between}{word}") == []
    assert find_claims(f"{negation}议价，{word}") == find_claims(word) != []
    assert find_claims(f"{negation}伤 {word}") == find_claims(word)


@pytest.mark.parametrize("behind", ["的不卖", "勿扰", "免谈", "的不要", "绕道", "的请绕道"])
@pytest.mark.parametrize("word", ["野生", "山里抓的", "血牙", "家养"])
def test_what_follows_denies_too(word: str, behind: str) -> None:
    assert find_claims(word + behind) == []
    assert find_claims(word + " 非诚勿扰") != []


@pytest.mark.parametrize("gap", " .·*_")
@pytest.mark.parametrize("word", ["野生", "血牙", "招代理", "人工繁殖", "非洲象牙"])
def test_strewn_words_are_read_but_not_across_stops(word: str, gap: str) -> None:
    assert find_claims(gap.join(word)) == find_claims(word) != []
    assert find_claims(",".join(word)) == find_claims("\n".join(word)) == find_claims("。".join(word)) == []


def test_each_word_makes_its_claim_and_each_refused_one_hides_it() -> None:
    claimed = {word for word, claim in claim_words() if claim}
    for word, claim in claim_words():
        found = find_claims(f"龟 {word} 龟")
        if claim:
            assert claim in found, word
        elif word not in claimed:
            assert found == [], word
