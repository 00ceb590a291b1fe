"""Texts as symbols: what is a word, what parts words, what is cut out, and where a term stands in the captured text."""

from __future__ import annotations

import pytest

from ingest.vocabulary.known import Known, folded_word, goods_words, known_words, place_parts
from ingest.vocabulary.symbols import GAP, kind_of, place_of, plain_emoji, symbols_of, unknown_part, written

FAMILY = "👨\u200d👩\u200d👧"


def read(text: str, *contacts: tuple[int, int], known: tuple[str, ...] = ()) -> str:
    """Symbols with blanks between and | for gaps, several gaps as one."""
    symbols = symbols_of(unknown_part(text, contacts, Known.of(known)))
    return " ".join("|" if s == GAP else s for s in symbols).replace("| | ", "| ").replace("| | ", "| ").strip("| ")


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("出象皮", "出 象 皮"),
        ("XP料", "xp 料"),
        ("ＸＰ料", "xp 料"),
        ("raw XP skin", "raw xp skin"),
        ("象 皮", "象 | 皮"),
        ("象皮，手串", "象 皮 | 手 串"),
        ("重12克", "重 | 克"),
        ("abc_123 no58", ""),
        ("象皮", "象 皮"),
        ("大象皮\n新", "大 象 皮 | 新"),
        ("🐘🦷", "🐘 🦷"),
        ("🐘🐘🐘", "🐘"),
        ("🐘 🐘", "🐘 | 🐘"),
        ("❤️❤", "❤"),
        ("👍🏻👍🏿", "👍"),
        (f"{FAMILY}象", f"{FAMILY} 象"),
        ("🇨🇳", "🇨🇳"),
        ("①②🅰", ""),
        ("ngà đẹp", "ngà đẹp"),
        ("x" * 21, ""),
        ("", ""),
        ("\0\ud800\u202e", ""),
    ],
)
def test_words_emoji_and_gaps(text: str, symbols: str) -> None:
    assert read(text) == symbols


def test_contacts_and_known_words_are_cut_out_at_the_longest() -> None:
    assert read("出象皮手串加abcde", (6, 11), known=("手串", "象皮手")) == "出 | 串 加"
    assert read("xpert xp", known=("xp",)) == "xpert"
    # A single character is in many words.
    assert read("加重", known=("加",)) == "加 重"
    assert read("薇❤好", known=("薇❤",)) == "好"
    assert read("象皮", (-5, 99)) == ""


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        (("象", "皮"), "新出象皮珠", "象皮"),
        (("xp", "料"), "出ＸＰ料", "ＸＰ料"),
        (("xp",), "xpert XP", "XP"),
        (("xp",), "出XP手", "XP"),
        (("raw", "skin"), "a Raw Skin b", "Raw Skin"),
        (("❤",), "x❤️", "❤️"),
        (("🐘", "🦷"), "🐘🦷", "🐘🦷"),
        (("象", "🦷"), "大象🦷", "象🦷"),
        (("a.b",), "axb", None),
    ],
)
def test_a_term_is_found_in_the_captured_text(term: tuple[str, ...], text: str, found: str | None) -> None:
    span = place_of(term, text)
    assert (None if span is None else text[slice(*span)]) == found


def test_what_a_term_is_called() -> None:
    assert [written(term) for term in (("象", "皮"), ("raw", "xp"), ("xp", "料"), ("🐘",))] == [
        "象皮",
        "raw xp",
        "xp料",
        "🐘",
    ]
    kinds = [kind_of(term) for term in (("象", "皮"), ("raw", "xp"), ("xp", "料"), ("🐘",))]
    assert kinds == ["chinese", "latin", "mixed", "emoji"]
    assert plain_emoji("👍🏻") == "👍"
    assert plain_emoji("\ufe0f") == "\ufe0f"


def test_known_words_hold_the_whole_lexicon() -> None:
    words = known_words()
    for word in (
        "象皮",
        "海象牙",
        "微信",
        "自家繁殖",
        "手串",
        "莆田",
        "越南",
        "快手",
        "骗子",
        folded_word("象皮珠"),
        "🐘",
    ):
        assert word in words
    assert "象皮" in goods_words()
    assert "海象牙" not in goods_words()


def test_places_are_known_in_their_parts_and_sentences_are_none() -> None:
    assert {"福建", "莆田", "福建莆田"} <= place_parts(["福建莆田", None])
    assert place_parts(["象皮手串大量现货欢迎各位老板前来选购"]) == frozenset()
    assert place_parts(["Ha Noi"]) == {"ha", "noi"}
