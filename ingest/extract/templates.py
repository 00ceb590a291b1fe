"""The sketch of an advertisement's words: two that share a band of it are written after one template.

What changes from one advertisement of a seller to the next is taken out: contacts, figures, prices, emoji, signs and
the words that name the goods. What is left, his way of writing, is cut into shingles and sketched by MinHash
(A. Broder, On the resemblance and containment of documents, 1997), in bands (P. Indyk, R. Motwani, Approximate
nearest neighbors, 1998). Phrases that the whole trade writes are left in: a shingle reaches over their ends, so that
their order counts, and a band that many accounts share says so by its frequency, which whoever compares has to weigh.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
from ahocorasick_rs import AhoCorasick, MatchKind
from numpy.typing import NDArray

from ingest.extract.normalise import fold
from ingest.lexicon import terms

# Texts that resemble each other by J (Jaccard, of their shingles) share one of b bands of r minima with the probability
# 1 - (1 - J^r)^b: .995 at .8, .94 at .7, .75 at .6, .078 at .3, .016 at .2. Two accounts have several advertisements.
BANDS, ROWS = 10, 4
# Characters of a shingle: four of Chinese are two words. Of an alphabet it is twice as many letters (J. Leskovec,
# A. Rajaraman, J. Ullman, Mining of Massive Datasets, 3.2.2, take 5 for short and 9 for long texts).
SHINGLE = 4
# Fewer shingles than these (19 Chinese characters, about 40 letters) are three or four phrases that anyone may write.
LEAST_SHINGLES = 16
_LEAST_LETTERS = LEAST_SHINGLES + SHINGLE - 1
# An advertisement is shorter. Of what is longer the beginning is sketched; captured characters.
MOST_CHARACTERS = 4_000
# Alphabets lie below the radicals of Chinese. Hangul does not, and a syllable of it says as much as a character.
_ALPHABETS_END = 0x2E80
_ALPHABETS = re.compile(f"[!-{chr(_ALPHABETS_END - 1)}]")
# Hexadecimal digits of a band's hash. With the band's own digit 12 characters, which DuckDB and Ladybug keep without a
# pointer; in 3,000,000 advertisements 44 bits meet by chance .26 times a band.
_DIGITS = 11

# What things are made into; the words for what they are made of are the lexicon's.
OBJECTS = (
    "手串", "手链", "手镯", "镯子", "手牌", "手把件", "把件", "把玩件", "摆件", "挂件", "挂坠", "吊坠", "坠子",
    "项链", "毛衣链", "戒指", "扳指", "耳钉", "耳环", "耳坠", "发簪", "簪子", "发夹", "胸针", "佛珠", "念珠",
    "桶珠", "圆珠", "珠子", "散珠", "隔珠", "隔片", "配饰", "手珠", "佛头", "三通", "平安扣", "无事牌", "龙牌",
    "牌子", "印章", "章料", "闲章", "烟嘴", "烟斗", "筷子", "梳子", "镜架", "眼镜架", "扇骨", "扇子", "标本",
    "头骨", "雕件", "雕刻件", "茶针", "茶具", "酒杯", "杯子", "笔筒", "笔杆", "鼻烟壶", "刀柄", "麻将", "棋子",
    "算盘", "观音", "弥勒", "如来", "佛像", "关公", "财神", "貔貅", "葫芦", "如意", "白菜", "罗汉", "原料",
    "边角料", "角料", "片料", "块料", "料子", "整支", "整根", "整张", "整颗", "整头", "切片", "粉末", "龟苗",
    "头苗", "种龟", "亚成体", "亚成", "成体", "幼体", "公母", "一对", "一组", "单只", "单颗", "单支", "bracelet",
    "bracelets", "bangle", "bangles", "necklace", "necklaces", "pendant", "pendants", "ring", "rings", "bead",
    "beads", "carving", "carvings", "figurine", "figurines", "netsuke", "statue", "comb", "chopsticks", "seal",
    "hatchling", "hatchlings", "juvenile", "adult", "pair", "vòng", "nhẫn", "dây", "tượng",
)  # fmt: skip
# A number, and the word that makes it a price.
_AMOUNT = re.compile(r"0[0 ]*(?:块钱|[元块圆万千百]|(?:rmb|usd|vnd|thb|[wk])(?![a-z]))?")


def template_bands(title: str | None, text: str | None, spans: Sequence[tuple[str, int, int]] = ()) -> list[str]:
    """Up to BANDS strings of 12 characters, the band's number and a hash; empty when the words say too little.

    Only the text is sketched, as titles name the goods; a text that is too short is taken together with the title. The
    result is the same in every process and on every machine, as long as Python's and OpenCC's tables of characters are.

    Args:
        title, text: as captured.
        spans: place ('title' or 'text'), start and end of what is cut out, in any order; they may overlap.
    """
    if len(title or "") + len(text or "") < _LEAST_LETTERS:
        return []
    letters = _letters(text, [span for span in spans if span[0] == "text"]) if text else ""
    shingles = _shingles(letters)
    if shingles is None and title:
        shingles = _shingles(_letters(title, [span for span in spans if span[0] == "title"]) + letters)
    return [] if shingles is None else _bands(shingles)


def _letters(captured: str, spans: Sequence[tuple[str, int, int]]) -> str:
    """The folded letters of a text without all that changes from ad to ad, and without blanks."""
    words = (_cut(captured, sorted(spans)) if spans else captured)[:MOST_CHARACTERS].translate(_LETTERS)
    if "0" in words:
        words = _AMOUNT.sub(" ", words)
    return "".join(_without_goods(words).split())


def _cut(text: str, spans: Iterable[tuple[str, int, int]]) -> str:
    """The text with a blank in the place of each span; spans are sorted."""
    pieces, reached = list[str](), 0
    for _, start, end in spans:
        pieces.append(text[reached : max(start, reached)])
        reached = max(end, reached)
    pieces.append(text[reached:])
    return " ".join(pieces)


class _Letters(dict[int, str]):
    """Code point to letters, 0 for a digit, a blank for anything else; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        self[code] = "".join(map(_letter, _bare(fold(chr(code)))))
        return self[code]


def _bare(folded: str) -> str:
    """Letters of alphabets apart from their accents, which many leave out."""
    return unicodedata.normalize("NFD", folded) if folded < chr(_ALPHABETS_END) else folded


def _letter(character: str) -> str:
    if character.isalpha():
        return character
    if character.isdigit():
        return "0"
    return "" if unicodedata.category(character).startswith("M") else " "


_LETTERS = _Letters()


def _without_goods(words: str) -> str:
    automaton, names = _goods()
    pieces, reached = list[str](), 0
    for index, start, end in automaton.find_matches_as_indexes(words):
        if names[index] and _stands_alone(words, start, end):
            pieces.append(words[reached:start])
            reached = end
    if not pieces:
        return words
    pieces.append(words[reached:])
    return " ".join(pieces)


@cache
def _goods() -> tuple[AhoCorasick, list[bool]]:
    """The automaton of the words for goods and of the lexicon's traps; by index, whether it names goods."""
    known = {term.term.translate(_LETTERS).strip(): term.commodity_id is not None for term in terms()}
    known |= {word.translate(_LETTERS): True for word in OBJECTS}
    known.pop("", None)  # what an emoji leaves
    return AhoCorasick([*known], matchkind=MatchKind.LeftmostLongest), [*known.values()]


def _stands_alone(words: str, start: int, end: int) -> bool:
    """Between Latin letters a Latin word names nothing: no 'ring' in 'string'."""
    before, behind = words[max(start - 1, 0) : start + 1], words[end - 1 : end + 1]
    return not any(len(pair) == 2 and pair.isascii() and pair.isalpha() for pair in (before, behind))


def _mixed(number: int) -> int:
    """SplitMix64 (G. Steele, D. Lea, C. Flood, Fast splittable pseudorandom number generators, 2014)."""
    z = (number * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return z ^ (z >> 31)


def _draws(first: int, count: int) -> NDArray[np.uint32]:
    """Odd numbers of 32 random bits, always the same."""
    return np.array([_mixed(number) >> 32 | 1 for number in range(first, first + count)], np.uint32)


# Hash functions x -> x * factor mod 2^32. Other numbers would make all stored bands useless.
_FACTORS = _draws(1, BANDS * ROWS)[:, None]
# What joins characters to pairs, pairs to shingles and those to longer ones, and what mixes the result.
_PAIR, _FOUR, _LONG, _MIX = _draws(2_001, 4)
_HALF = np.uint32(16)
# What joins the minima of a band, and the places of the bands' digits.
_JOIN = np.array([_mixed(number) | 1 for number in range(3_001, 3_001 + ROWS)], np.uint64)
_PLACES = [(f"{band:x}", 16 * band, 16 * band + _DIGITS) for band in range(BANDS)]


def _shingles(letters: str) -> NDArray[np.uint32] | None:
    """The hash of every shingle, in the order of the letters; None when they are few or mostly repeated."""
    if len(letters) < _LEAST_LETTERS:
        return None
    codes = np.frombuffer(letters.encode("utf-32-le"), "<u4")
    pairs = codes[:-1] * _PAIR + codes[1:]
    found = pairs[:-2] * _FOUR + pairs[2:]
    found ^= found >> _HALF
    found *= _MIX
    weight = 1.0
    if _ALPHABETS.search(letters):
        found, weight = _with_long(found, codes[: len(found)] < _ALPHABETS_END)
    return found if weight * len(set(found.tolist())) >= LEAST_SHINGLES else None


def _with_long(found: NDArray[np.uint32], of_alphabet: NDArray[np.bool_]) -> tuple[NDArray[np.uint32], float]:
    """Shingles that begin with a letter made longer, and what one weighs on average: such a one counts half."""
    longer = found.copy()
    longer[:-SHINGLE] = found[:-SHINGLE] * _LONG + found[SHINGLE:]
    whole = ~of_alphabet
    whole[:-SHINGLE] = True
    joined = np.where(of_alphabet, longer, found)[whole]
    return joined, 1 - float(of_alphabet[whole].mean()) / 2


def _bands(shingles: NDArray[np.uint32]) -> list[str]:
    minima = np.minimum.reduce(_FACTORS * shingles, axis=1).reshape(BANDS, ROWS)
    # The first digits of a product are its best mixed ones.
    digits = (minima @ _JOIN).astype(">u8").tobytes().hex()
    return [band + digits[start:end] for band, start, end in _PLACES]
