"""Cut Cypher text into tokens, the way both stores read it; refuse what they might read differently.

Refused outright: backslash-u escapes (Neo4j decodes them before it parses, so a quote can hide in
one), control characters, invisible characters and odd spaces outside strings, and anything unclosed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from sellergraph.errors import QueryRefused

Kind = Literal["word", "name", "string", "number", "parameter", "sign"]

READ_STARTS = ("MATCH", "OPTIONAL", "UNWIND", "WITH", "RETURN")

_PATTERNS: tuple[tuple[Kind | None, re.Pattern[str]], ...] = (
    (None, re.compile(r"[ \t\n]+")),
    (None, re.compile(r"//[^\n]*")),
    (None, re.compile(r"/\*.*?\*/", re.DOTALL)),
    ("string", re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)),
    ("string", re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)),
    ("name", re.compile(r"`(?:[^`]|``)+`")),
    ("parameter", re.compile(r"\$(?:\w+|`(?:[^`]|``)+`)")),
    ("number", re.compile(r"0[xo][0-9a-fA-F]+|(?:\d+\.)?\d+(?:[eE][+-]?\d+)?(?![^\W\d])")),
    ("word", re.compile(r"[^\W\d]\w*")),
    ("sign", re.compile(r"\.\.|<=|>=|<>|=~|/(?![*/])|[-+*%^=<>()\[\]{},.:;|&!?]")),
)
_UNCLOSED = {"'": "string", '"': "string", "`": "name in backticks", "/": "comment"}


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is as written, `key` a word's NFKC capitals (fullwidth and long-s letters show)."""

    kind: Kind
    text: str
    start: int

    @property
    def key(self) -> str:
        if self.kind != "word":
            return self.text
        return unicodedata.normalize("NFKC", self.text).upper()


def tokenize(text: str) -> list[Token]:
    """Return the tokens of `text` without comments and spaces.

    Raises:
        QueryRefused: see the module's description; the message names the place.
    """
    text = text.replace("\r\n", "\n")
    _check_characters(text)
    tokens: list[Token] = []
    place = 0
    while place < len(text):
        kind, end = _next(text, place)
        if kind is not None:
            tokens.append(Token(kind, text[place:end], place))
        place = end
    return tokens


def single_statement(text: str) -> list[Token]:
    """Tokens of the one statement in `text`, without a `;` at its end.

    Raises:
        QueryRefused: no statement, or more than one.
    """
    tokens = tokenize(text)
    while tokens and tokens[-1].text == ";":
        tokens.pop()
    if not tokens:
        raise QueryRefused("there is no statement to run")
    for token in tokens:
        if token.kind == "sign" and token.text == ";":
            raise QueryRefused("only one statement at a time: there is text after ';'")
    return tokens


def check_single_read(text: str) -> list[Token]:
    """Tokens of `text` when it is one statement that begins like a read, else QueryRefused."""
    tokens = single_statement(text)
    if tokens[0].kind != "word" or tokens[0].key not in READ_STARTS:
        raise QueryRefused(f"a query begins with {', '.join(READ_STARTS)}, not with {tokens[0].text!r}")
    return tokens


def _check_characters(text: str) -> None:
    if re.search(r"\\[uU]", text):
        raise QueryRefused(r"\u escapes are not taken; write the character itself")
    for place, char in enumerate(text):
        if char not in "\n\t" and unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp"):
            raise QueryRefused(f"character U+{ord(char):04X} at {place} is not taken in a query")


def _next(text: str, place: int) -> tuple[Kind | None, int]:
    for kind, pattern in _PATTERNS:
        match = pattern.match(text, place)
        if match:
            return kind, match.end()
    char = text[place]
    if char in _UNCLOSED:
        raise QueryRefused(f"the {_UNCLOSED[char]} that begins at {place} is not closed")
    raise QueryRefused(f"character {char!r} (U+{ord(char):04X}) at {place} is not taken outside strings")
