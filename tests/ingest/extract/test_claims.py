"""What an advertisement claims beside its goods."""

from __future__ import annotations

import pytest

from ingest.extract.claims import find_claims
from ingest.extract.normalise import normalise
from ingest.lexicon import claim_words


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("金钱龟，大山里抓的", ["wild"]),
        ("野生黄缘 公母都有", ["wild"]),
        ("野 生", []),
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


def test_each_word_makes_its_claim_and_each_refused_one_hides_it() -> None:
    claimed = {word for word, claim in claim_words() if claim}
    for word, claim in claim_words():
        found = find_claims(f"龟 {word} 龟")
        if claim:
            assert claim in found, word
        elif word not in claimed:
            assert found == [], word
