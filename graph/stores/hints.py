"""Guess the types of a query's columns from its text, for columns in which a server sent no value.

Bolt carries values, not types: a column of nulls, of empty lists, or of no rows says nothing. The
embedded store knows its types; what is guessed here makes Neo4j's answers alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

import pyarrow as pa

from graph.schema import ARROW_TYPES, load_schema
from graph.tokens import Token

_INTEGERS = {"COUNT", "SIZE", "LENGTH"}
_DOUBLES = {"AVG"}
_TEXTS = {"LEFT", "RIGHT", "REPLACE", "LOWER", "UPPER", "TOLOWER", "TOUPPER", "TRIM", "TOSTRING", "LABEL", "TYPE"}
_FIRST = {"SUM", "MIN", "MAX", "COALESCE", "PERCENTILEDISC", "HEAD", "LAST"}
_TRUTHS = {"EXISTS", "ANY", "ALL", "NONE", "SINGLE", "NOT"}
_CLAUSES = {"MATCH", "OPTIONAL", "WITH", "RETURN", "WHERE", "ORDER", "SKIP", "LIMIT", "UNWIND", "UNION"}
Types = dict[str, pa.DataType]


def column_hints(tokens: Sequence[Token], params: Mapping[str, Any]) -> Types:
    """Types by alias, as far as WITH, UNWIND and RETURN items tell."""
    known: Types = {}
    found: Types = {}
    for word, items in _clauses(tokens):
        found = {}
        for item in items:
            expression, alias = _alias(item)
            kind = _type(expression, {**known, **found}, params)
            if kind is not None and alias:
                found[alias] = kind.value_type if word == "UNWIND" and pa.types.is_list(kind) else kind
        known |= found
    return found


def column_names(tokens: Sequence[Token], text: str) -> list[str]:
    """Names of a query's columns: the alias, else the expression as written, which is how Neo4j names them.

    Empty where '*' stands for some of them.
    """
    returns = [items for word, items in _clauses(tokens) if word == "RETURN"]
    named = [(_alias(item)[1], item) for item in (returns[0] if returns else []) if item]
    if any(item[0].text == "*" for _, item in named):
        return []
    return [alias or text[item[0].start : item[-1].start + len(item[-1].text)] for alias, item in named]


@cache
def property_types() -> Types:
    """Arrow type by property name; the schema uses a name for one type only (a test says so)."""
    schema = load_schema()
    return {p.name: ARROW_TYPES[p.type] for table in schema.in_order() for p in table.properties}


def value_type(value: Any) -> pa.DataType | None:
    """Arrow type of a Python value; None when it does not tell."""
    if isinstance(value, list | tuple):
        inner = common_type(value)
        return None if inner is None else pa.list_(inner)
    for kind, arrow in _SCALARS:
        if isinstance(value, kind):
            return arrow
    return None


def common_type(values: Iterable[Any]) -> pa.DataType | None:
    """The one type that all values fit, whole numbers among fractions being fractions; None when there is none."""
    kinds = {kind for value in values if (kind := value_type(value)) is not None}
    if kinds == {pa.int64(), pa.float64()}:
        return pa.float64()
    return kinds.pop() if len(kinds) == 1 else None


_SCALARS: tuple[tuple[type, pa.DataType], ...] = (
    (bool, pa.bool_()),
    (int, pa.int64()),
    (float, pa.float64()),
    (str, pa.string()),
    (datetime, pa.timestamp("us")),
    (date, pa.date32()),
)


def _clauses(tokens: Sequence[Token]) -> list[tuple[str, list[list[Token]]]]:
    """WITH, UNWIND and RETURN outside braces, each with its items."""
    found: list[tuple[str, list[list[Token]]]] = []
    depth, current, before = 0, "", ""
    for token in tokens:
        depth += (token.text in "([{") - (token.text in ")]}") if token.kind == "sign" else 0
        # An alias may be called like a clause: 'AS return'.
        is_alias, before = before == "AS", token.key
        if depth == 0 and token.kind == "word" and token.key in _CLAUSES and not is_alias:
            current = token.key
            if current in ("WITH", "UNWIND", "RETURN"):
                found.append((current, [[]]))
        elif current in ("WITH", "UNWIND", "RETURN"):
            if depth == 0 and token.text == ",":
                found[-1][1].append([])
            elif token.key != "DISTINCT":
                found[-1][1][-1].append(token)
    return found


def _alias(item: Sequence[Token]) -> tuple[Sequence[Token], str]:
    if len(item) > 2 and item[-2].kind == "word" and item[-2].key == "AS":
        return item[:-2], item[-1].text.strip("`")
    return item, item[0].text if len(item) == 1 else ""


def _type(tokens: Sequence[Token], known: Types, params: Mapping[str, Any]) -> pa.DataType | None:
    if not tokens:
        return None
    first = tokens[0]
    if len(tokens) == 1:
        return _single(first, known, params)
    if len(tokens) == 3 and tokens[1].text == ".":
        return _property(first.text, tokens[2].text, known, params)
    if first.key == "CASE":
        return _case(tokens, known, params)
    if any(token.text in ("=", "<>", "<", ">", "<=", ">=") for token in tokens) or first.key in _TRUTHS:
        return pa.bool_()
    if tokens[1].text in "({":
        return _call(first.key, tokens[2:-1], known, params)
    return None


def _single(token: Token, known: Types, params: Mapping[str, Any]) -> pa.DataType | None:
    if token.kind == "string":
        return pa.string()
    if token.kind == "number":
        return pa.float64() if set(token.text) & set(".eE") else pa.int64()
    if token.kind == "parameter":
        return value_type(params.get(token.text[1:]))
    return known.get(token.text)


def _property(owner: str, name: str, known: Types, params: Mapping[str, Any]) -> pa.DataType | None:
    # UNWIND $months AS m ... m.a: the maps' own values tell, if any parameter holds maps with this key.
    for value in params.values():
        if isinstance(value, list) and value and isinstance(value[0], Mapping) and name in value[0]:
            return value_type(value[0][name])
    return property_types().get(name.strip("`"))


def _case(tokens: Sequence[Token], known: Types, params: Mapping[str, Any]) -> pa.DataType | None:
    words = [token.key for token in tokens]
    start = words.index("THEN") + 1 if "THEN" in words else 0
    ends = [i for i, word in enumerate(words) if i > start and word in ("ELSE", "WHEN", "END")]
    return _type(tokens[start : ends[0]], known, params) if start and ends else None


def _call(name: str, inner: Sequence[Token], known: Types, params: Mapping[str, Any]) -> pa.DataType | None:
    if name in _INTEGERS:
        return pa.int64()
    if name in _DOUBLES:
        return pa.float64()
    if name in _TEXTS:
        return pa.string()
    argument = [token for token in _first_argument(inner) if token.key != "DISTINCT"]
    if name == "COLLECT":
        return pa.list_(_type(argument, known, params) or pa.string())
    return _type(argument, known, params) if name in _FIRST else None


def _first_argument(tokens: Sequence[Token]) -> Sequence[Token]:
    depth = 0
    for place, token in enumerate(tokens):
        depth += (token.text in "([{") - (token.text in ")]}") if token.kind == "sign" else 0
        if depth == 0 and token.text == ",":
            return tokens[:place]
    return tokens
