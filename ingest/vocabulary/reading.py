"""The texts of a case as one corpus, with what each tells of its unknown words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.vocabulary.grams import Corpus, Ints
from ingest.vocabulary.known import Known
from ingest.vocabulary.material import Material
from ingest.vocabulary.symbols import GAP, symbols_of, unknown_part

# What a text is, by its writer's classes: goods are read in it; none are; or it is one phrase and nothing else, beside
# which nothing tells what the phrase names ('懂的进', 'for those who know').
READ, UNREAD, BARE = 0, 1, 2
CLASSES = 3


@dataclass(frozen=True)
class Reading:
    """The corpus of a case.

    Attributes:
        plain: for each piece, its captured words without contacts and known words, of the same length.
        users: ids of who wrote texts, sorted.
        writer: by text, the number of its writer's class: CLASSES times the user's number, and READ, UNREAD or BARE.
    """

    material: Material
    corpus: Corpus
    plain: list[str]
    users: list[str]
    writer: Ints


def read_corpus(material: Material, known: Known) -> Reading:
    """Read every piece of the material."""
    plain, phrases = list[str](), Phrases(material.texts.num_rows)
    numbers = material.pieces["number"].to_numpy()
    corpus = Corpus.of(_pieces(material, known, plain, phrases), numbers)
    names = np.array(material.texts["user_id"].to_pylist(), str)
    users, places = np.unique(names, return_inverse=True)
    read = material.texts["read"].to_numpy(zero_copy_only=False)
    classes = np.where(read, READ, np.where(phrases.bare(), BARE, UNREAD))
    return Reading(material, corpus, plain, users.tolist(), places * CLASSES + classes)


def _pieces(material: Material, known: Known, plain: list[str], phrases: Phrases) -> Iterator[list[str]]:
    columns = (material.pieces[name].to_pylist() for name in ("number", "words", "contacts"))
    for number, words, contacts in zip(*columns, strict=True):
        spans = [(contact["start"], contact["behind"]) for contact in contacts or ()]
        plain.append(unknown_part(words, spans, known))
        symbols = list(symbols_of(plain[-1]))
        phrases.add(number, words, symbols)
        yield symbols


class Phrases:
    """Counts the phrases of each text, and whether anything but its phrases is written in it."""

    def __init__(self, texts: int) -> None:
        self._count = np.zeros(texts, np.int64)
        self._more = np.zeros(texts, bool)

    def add(self, number: int, words: str, symbols: Sequence[str]) -> None:
        """Take a piece of text `number`: its captured words and the symbols that are unknown in it."""
        letters, before = 0, GAP
        for symbol in symbols:
            self._count[number] += symbol.isalpha() and not before.isalpha()
            letters += len(symbol) if symbol.isalpha() else 0
            before = symbol
        # Known words and contacts are letters that no symbol stands for; a number beside a phrase tells nothing of it.
        self._more[number] |= sum(map(str.isalpha, words)) > letters

    def bare(self) -> NDArray[np.bool_]:
        """By text, whether it is one phrase and nothing else but signs and emoji."""
        return np.asarray((self._count == 1) & ~self._more)
