"""Runs of symbols counted against the definition, on small random texts."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from itertools import groupby

import numpy as np
import pytest

from ingest.vocabulary.contrast import PRIOR_SHARE, z_scores
from ingest.vocabulary.grams import Corpus, cohesion, freedom, levels_of, part_of_longer, symbols_at

LETTERS = "甲乙丙丁"


def _texts(seed: int) -> tuple[list[str], list[int]]:
    chance = random.Random(seed)
    texts = ["".join(chance.choice(LETTERS + "　") for _ in range(chance.randint(0, 30))) for _ in range(25)]
    return texts, [chance.randint(0, 4) for _ in texts]


def _corpus(texts: list[str]) -> Corpus:
    pieces = [["" if letter == "　" else letter for letter in text] for text in texts]
    return Corpus.of(pieces, np.arange(len(texts)))


def _runs(text: str, length: int) -> list[str]:
    found = (text[start : start + length] for start in range(len(text) - length + 1))
    return [run for run in found if "　" not in run]


def _damped(texts: list[str], users: list[int], length: int) -> dict[str, int]:
    """Of runs in two texts or more the sum over users of 1 + floor(log2(texts))."""
    by_user, spread = defaultdict[str, Counter[int]](Counter), Counter[str]()
    for text, user in zip(texts, users, strict=True):
        for run in set(_runs(text, length)):
            by_user[run][user] += 1
            spread[run] += 1
    return {run: sum(1 + int(math.log2(n)) for n in by_user[run].values()) for run in spread if spread[run] > 1}


@pytest.mark.parametrize("seed", range(6))
def test_runs_are_those_of_the_definition(seed: int) -> None:
    texts, users = _texts(seed)
    corpus = _corpus(texts)
    levels = levels_of(corpus, np.array(users))
    counts = [_damped(texts, users, length) for length in range(1, 7)]
    whole = sum(counts[0].values())
    for level, expected in zip(levels, counts, strict=True):
        names = ["".join(symbols_at(level, run, corpus)) for run in range(level.count)]
        assert dict(zip(names, level.total.tolist(), strict=True)) == expected
        for name, bits in zip(names, cohesion(levels, level.length).tolist(), strict=True):
            cuts = [(counts[c - 1][name[:c]], counts[len(name) - c - 1][name[c:]]) for c in range(1, len(name))]
            told = [math.log2(expected[name] * whole / (left * right)) for left, right in cuts]
            assert bits == pytest.approx(min(told, default=math.inf))
    for level, longer in zip(levels, levels[1:], strict=False):
        for run, part in enumerate(part_of_longer(level, longer, 0.8).tolist()):
            name = "".join(symbols_at(level, run, corpus))
            around = [n for other, n in counts[level.length].items() if name in (other[1:], other[:-1])]
            assert part == (max(around, default=0) >= 0.8 * counts[level.length - 1][name])


@pytest.mark.parametrize("seed", range(3))
def test_neighbours_are_those_of_the_definition(seed: int) -> None:
    texts, users = _texts(seed)
    corpus = _corpus(texts)
    level = levels_of(corpus, np.array(users))[1]
    for run, bits in enumerate(freedom(level, np.arange(level.count), corpus).tolist()):
        name, sides = "".join(symbols_at(level, run, corpus)), ([], [])
        for number, text in enumerate(texts):
            framed = f"　{text}　"
            for place in range(len(framed) - 1):
                if framed[place : place + 2] == name:
                    for side, near in zip(sides, (framed[place - 1], framed[place + 2]), strict=True):
                        side.append(near if near != "　" else f"{number}/{place}")
        assert bits == pytest.approx(min(_entropy(side) for side in sides))


def _entropy(values: list[str]) -> float:
    shares = [len(list(same)) / len(values) for _, same in groupby(sorted(values))]
    return -sum(share * math.log2(share) for share in shares)


def test_a_template_counts_little_more_than_once() -> None:
    corpus = _corpus(["甲乙"] * 1_000 + ["丙丁", "丙丁"])
    level = levels_of(corpus, np.array([0] * 1_000 + [1, 2]))[1]
    totals = {"".join(symbols_at(level, run, corpus)): int(level.total[run]) for run in range(level.count)}
    assert totals == {"甲乙": 10, "丙丁": 2}


def test_no_texts_have_no_runs() -> None:
    levels = levels_of(_corpus([]), np.zeros(0, np.int64))
    assert [level.count for level in levels] == [0] * 6


def test_z_is_that_of_the_paper() -> None:
    inside, whole, size_inside, size = 12, 20, 400, 1_000
    a, a0 = whole * PRIOR_SHARE, size * PRIOR_SHARE
    left = math.log((inside + a) / (size_inside + a0 - inside - a))
    right = math.log((whole - inside + a) / (size - size_inside + a0 - (whole - inside) - a))
    z = (left - right) / math.sqrt(1 / (inside + a) + 1 / (whole - inside + a))
    found = z_scores(np.array([inside, 0, 8]), np.array([whole, whole, whole]), size_inside, size)
    assert found[0] == pytest.approx(z)
    assert found[1] < -1 < found[2] < 1
