"""The pack of named queries in cypher/: load, check, bind parameters, run.

A file begins with comment lines:

    // name: ads_of_seller
    // summary: Advertisements of one seller, newest first.
    // param seller: string = meaning of the parameter
    // param limit: int [100] = meaning; the value in brackets is the default

Types are string, int, float, date and string[]. A query is checked when it is loaded: it begins like a
read, declares the parameters that it uses, and names only labels, relationship types and properties
of graph/schema.yaml. cypher/embedded/ and cypher/neo4j/ hold the bodies that the dialects force apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from graph.console import check_console
from graph.schema import Schema, load_schema
from graph.stores.base import GraphStore
from graph.tokens import Token, check_single_read
from sellergraph.errors import QueryError, QueryRefused, UsageError
from sellergraph.resources import data_path

DIALECTS = ("embedded", "neo4j")
_PARAMETER = re.compile(r"(?P<name>\w+): (?P<type>[a-z\[\]]+)(?: \[(?P<default>.*?)\])? = (?P<meaning>.+)")


def _text_list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _day(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found


CONVERTERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "int": int,
    "float": float,
    "date": _day,
    "string[]": _text_list,
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query; `default` is its text, None when it must be given."""

    name: str
    type: str
    meaning: str
    default: str | None = None

    def parse(self, text: str) -> Any:
        """The value that `text` stands for.

        Raises:
            UsageError: it is not of this type.
        """
        try:
            value = CONVERTERS[self.type](text)
            if isinstance(value, int) and not -(2**63) <= value < 2**63:
                raise ValueError("more than 64 bits")
            return value
        except ValueError as error:
            raise UsageError(f"parameter {self.name}: {text!r} is not {_A[self.type]}") from error


_A = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "date": "a date like 2018-04-03",
    "string[]": "a list like a,b",
}


@dataclass(frozen=True, slots=True)
class Query:
    """A named, read-only query."""

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    body: str = field(repr=False)
    overrides: Mapping[str, str] = field(default_factory=dict, repr=False)

    def text(self, dialect: str) -> str:
        """Cypher for a store's dialect."""
        return self.overrides.get(dialect, self.body)

    def bind(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Values of all parameters from texts of them (or values of their types) and the defaults.

        Raises:
            UsageError: one is unknown, missing, or not of its type; the message names it.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        if unknown := sorted(set(given) - set(known)):
            raise UsageError(f"query {self.name} has no parameter {', '.join(unknown)}; {self._usage()}")
        values = {}
        for name, parameter in known.items():
            text = given.get(name, parameter.default)
            if text is None:
                raise UsageError(f"query {self.name} needs the parameter {name} ({parameter.meaning}); {self._usage()}")
            values[name] = parameter.parse(text) if isinstance(text, str) else text
        return values

    def _usage(self) -> str:
        if not self.parameters:
            return "it takes none"
        return "it takes " + ", ".join(
            f"{p.name}={p.type}" if p.default is None else f"[{p.name}={p.default}]" for p in self.parameters
        )


@cache
def load_queries() -> dict[str, Query]:
    """All queries of cypher/, by name, sorted; read and checked once a process.

    Raises:
        QueryError: a file cannot be used; the message names it and says why.
    """
    folder = data_path("cypher")
    queries = [read_query(path, load_schema()) for path in sorted(folder.glob("*.cypher"))]
    return {query.name: query for query in queries}


def find_query(name: str) -> Query:
    """The query called `name`, or UsageError with the names there are."""
    queries = load_queries()
    if name not in queries:
        raise UsageError(f"there is no query {name!r}; there are {', '.join(queries)}")
    return queries[name]


def run_query(store: GraphStore, name: str, **params: Any) -> pa.Table:
    """Run a query of the pack; values may be of the parameter's type or texts of it, those left out are the defaults.

    Raises:
        UsageError: an unknown query or parameter, one is missing, or a text is not of its type. QueryError: it failed.
    """
    query = find_query(name)
    return store.read(query.text(store.dialect), **query.bind(params))


def read_query(path: Path, schema: Schema) -> Query:
    """Read and check one file, with its overrides beside it.

    Raises:
        QueryError: the header or the body cannot be used.
    """
    try:
        text = path.read_text(encoding="utf-8")
        header = _header(text)
        overrides = {d: o.read_text(encoding="utf-8") for d in DIALECTS if (o := path.parent / d / path.name).exists()}
        query = Query(header["name"][0], header["summary"][0], _parameters(header.get("param", [])), text, overrides)
        if query.name != path.stem:
            raise QueryError(f"the name is {query.name}, the file's {path.stem}")
        for body in (text, *overrides.values()):
            _check_body(query, body, schema)
    except KeyError as error:
        raise QueryError(f"{path}: the header has no line '// {error.args[0]}: …'") from error
    except (QueryError, UsageError) as error:
        raise QueryError(f"{path}: {error}") from error
    return query


def _header(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if not line.startswith("// "):
            break
        kind, _, rest = line[3:].partition(" " if line.startswith("// param ") else ": ")
        found.setdefault(kind, []).append(rest.strip())
    return found


def _parameters(lines: Sequence[str]) -> tuple[Parameter, ...]:
    found = []
    for line in lines:
        match = _PARAMETER.fullmatch(line)
        if match is None or match["type"] not in CONVERTERS:
            raise QueryError(f"cannot read the parameter line {line!r}")
        parameter = Parameter(match["name"], match["type"], match["meaning"], match["default"])
        if parameter.default is not None:
            parameter.parse(parameter.default)
        found.append(parameter)
    return tuple(found)


def _check_body(query: Query, body: str, schema: Schema) -> None:
    try:
        check_console(body)
        tokens = check_single_read(body)
    except QueryRefused as error:
        raise QueryError(str(error)) from error
    used = {token.text[1:] for token in tokens if token.kind == "parameter"}
    declared = {parameter.name for parameter in query.parameters}
    if used != declared:
        raise QueryError(f"parameters declared and used differ in {', '.join(sorted(used ^ declared))}")
    unknown = [name for name in _names_after_colon(tokens) if name not in _labels(schema)]
    unknown += [name for name in _properties_used(tokens) if name not in _property_names(schema)]
    if unknown:
        raise QueryError(f"graph/schema.yaml does not know {', '.join(sorted(set(unknown)))}")


def _labels(schema: Schema) -> set[str]:
    return {*schema.nodes, *schema.relationship_types()}


def _property_names(schema: Schema) -> set[str]:
    return {prop.name for table in schema.in_order() for prop in table.properties}


def _names_after_colon(tokens: Sequence[Token]) -> list[str]:
    """Labels and relationship types: words after ':' or '|' inside ( ) and [ ], not the values of a map."""
    found, brackets = [], [""]
    for place, token in enumerate(tokens):
        if token.kind == "sign" and token.text in "([{":
            brackets.append(token.text)
        elif token.kind == "sign" and token.text in ")]}":
            brackets.pop()
        elif token.kind in ("word", "name") and brackets[-1] in ("(", "[") and tokens[place - 1].text in (":", "|"):
            found.append(token.text.strip("`"))
    return found


def _properties_used(tokens: Sequence[Token]) -> list[str]:
    """Words after the dot of a variable that a pattern binds, and keys of maps in patterns."""
    bound = {
        tokens[place + 1].text
        for place, token in enumerate(tokens[:-2])
        if token.text in ("(", "[") and tokens[place + 1].kind == "word" and tokens[place + 2].text == ":"
    }
    dotted = [
        tokens[place + 2].text.strip("`")
        for place, token in enumerate(tokens[:-2])
        if token.text in bound and tokens[place + 1].text == "."
    ]
    keys = [
        token.text.strip("`")
        for place, token in enumerate(tokens[:-1])
        if token.kind in ("word", "name") and tokens[place - 1].text in ("{", ",") and tokens[place + 1].text == ":"
    ]
    return dotted + keys
