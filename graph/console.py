"""The read-only gate of `sellergraph cypher`: what a person typed, on either store.

Read-only modes leak (files are written and read, sessions end the transaction they are in, the network
is tried), so one statement is taken, cut into tokens the way the stores do, and every clause and
function that is not known to be harmless is refused before a store sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from graph.stores.base import GraphStore
from graph.stores.hints import column_names
from graph.tokens import Token, check_single_read
from sellergraph.errors import QueryRefused


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that begin a clause or command of Ladybug or Neo4j (Cypher 5 and 25) which writes, reads files or
# the network, changes settings, or looks outside the graph. A property may be called so (n.set), or a
# name in backticks.
REFUSED = _words(
    """
    ADMIN ALTER ANALYZE ATTACH BEGIN CALL CHECKPOINT COMMENT COMMIT COPY CREATE CYPHER DEALLOCATE DELETE DENY DETACH
    DROP DRYRUN ENABLE EXPLAIN EXPORT EXTENSION FINISH FOREACH GRANT IMPORT INSERT INSTALL LOAD MACRO MERGE NODETACH
    PERIODIC PRAGMA PROFILE PROJECT REALLOCATE REMOVE RENAME REVOKE ROLLBACK SET SHOW START STOP TERMINATE TRANSACTION
    TRANSACTIONS TRUNCATE UNINSTALL UPDATE UPSERT USE USING VACUUM YIELD
    """
)
# Functions that compute on values alone, of either store.
FUNCTIONS = _words(
    """
    ABS ACOS ALL ALLSHORTESTPATHS ANY ARRAY_LENGTH ASIN ATAN ATAN2 AVG CAST CBRT CEIL CEILING CHAR_LENGTH
    CHARACTER_LENGTH COALESCE COLLECT CONCAT CONTAINS COS COT COUNT DATE DATE.TRUNCATE DATE_PART DATE_TRUNC DATEPART
    DATETIME DATETIME.TRUNCATE DATETRUNC DAYNAME DEGREES DURATION DURATION.BETWEEN DURATION.INDAYS DURATION.INMONTHS
    DURATION.INSECONDS ELEMENTID ENDNODE ENDS_WITH EXISTS EXP FLOOR GREATEST HEAD ID INTERVAL IS_TRAIL IS_ACYCLIC
    ISEMPTY KEYS LABEL LABELS LAST LAST_DAY LEAST LEFT LENGTH LEVENSHTEIN LIST_ANY LIST_ALL LIST_CONCAT LIST_CONTAINS
    LIST_DISTINCT LIST_FILTER LIST_HAS LIST_LEN LIST_REDUCE LIST_REVERSE LIST_SLICE LIST_SORT LIST_SUM LIST_TRANSFORM
    LIST_UNIQUE LN LOCALDATETIME LOCALDATETIME.TRUNCATE LOG LOG10 LOWER LPAD LTRIM MAX MD5 MIN MONTHNAME NODES NONE
    NORMALIZE NULLIF OFFSET PERCENTILECONT PERCENTILEDISC PI POW POWER PREFIX PROPERTIES RADIANS RANGE REDUCE
    REGEXP_EXTRACT REGEXP_FULL_MATCH REGEXP_MATCHES REGEXP_REPLACE RELATIONSHIPS RELS REPLACE REVERSE RIGHT ROUND RPAD
    RTRIM SHA256 SHORTESTPATH SIGN SIN SINGLE SIZE SPLIT SPLIT_PART SQRT STARTNODE STARTS_WITH STDEV STDEVP
    STRING_SPLIT STRUCT_EXTRACT SUBSTR SUBSTRING SUFFIX SUM TAIL TAN TIMESTAMP TOBOOLEAN TOFLOAT TOINTEGER TOLOWER
    TOSTRING TOSTRINGORNULL TOINTEGERORNULL TOFLOATORNULL TOUPPER TRIM TYPE TYPEOF UPPER VALUETYPE
    """
)
# Words after which '(' opens a pattern, a group or a condition and not a call.
BEFORE_BRACKET = _words(
    """
    ACYCLIC ALL AND ANY AS ASC BY CASE DESC DISTINCT ELSE END ENDS CONTAINS GROUP GROUPS IN IS LIMIT MATCH NOT ON
    OPTIONAL OR ORDER RETURN SHORTEST SKIP STARTS THEN TRAIL UNION UNWIND WALK WHEN WHERE WITH XOR
    """
)
MAX_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class ConsoleAnswer:
    """Rows of a console query; `truncated` says that there were more than the limit."""

    table: pa.Table
    truncated: bool


def run_console(store: GraphStore, text: str, *, limit: int = 1000, seconds: float = 10.0) -> ConsoleAnswer:
    """Run one read-only statement that a person typed.

    Raises:
        QueryRefused: the gate does not take it. QueryError: it failed. QueryTimeout: it took too long.
    """
    text = text.replace("\r\n", "\n")
    tokens = check_console(text)
    last = tokens[-1]
    _check_names(column_names(tokens, text))
    # Without what follows the statement: a second ';' is an error to both stores.
    table, truncated = store.peek(text[: last.start + len(last.text)], limit=limit, seconds=seconds)
    # Once more: what '*' stands for is known now.
    _check_names(table.column_names)
    return ConsoleAnswer(table, truncated)


def _check_names(names: list[str]) -> None:
    """Ladybug mixes up the values of columns that share a name, in silence."""
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise QueryRefused(f"several columns are called {', '.join(twice)}; name them apart with AS")


def check_console(text: str) -> list[Token]:
    """The tokens of `text`; QueryRefused, naming the word, unless it is one harmless read."""
    if len(text) > MAX_CHARACTERS:
        raise QueryRefused(f"a query may have {MAX_CHARACTERS} characters, not {len(text)}")
    tokens = check_single_read(text)
    for place, token in enumerate(tokens):
        if token.kind == "word" and token.key in REFUSED and not _is_property(tokens, place):
            raise QueryRefused(f"{token.key} is not taken: the console only reads{_hint(token)}")
        if token.text == "(" and place:
            _check_call(tokens, place)
    return tokens


def _hint(token: Token) -> str:
    return f"; if it is meant as a name, write it as `{token.text}`"


def _is_property(tokens: Sequence[Token], place: int) -> bool:
    """Whether the word stands after the dot of a name: n.set, (n).set, list[0].set."""
    if place < 2 or tokens[place - 1].text != ".":
        return False
    owner = tokens[place - 2]
    return owner.kind in ("word", "name") or owner.text in (")", "]", "}")


def _check_call(tokens: Sequence[Token], place: int) -> None:
    before = tokens[place - 1]
    if before.kind == "name":
        # No pattern has a '(' right after a name: this is a call.
        raise QueryRefused(f"{before.text} is not a function that the console takes")
    if before.kind != "word":
        return
    name = _dotted(tokens, place - 1)
    if name in FUNCTIONS or (name in BEFORE_BRACKET and "." not in name):
        return
    raise QueryRefused(f"the function {name.lower()}() is not one that the console takes")


def _dotted(tokens: Sequence[Token], place: int) -> str:
    parts = [tokens[place].key]
    while place >= 2 and tokens[place - 1].text == "." and tokens[place - 2].kind in ("word", "name"):
        place -= 2
        parts.insert(0, tokens[place].key)
    return ".".join(parts)
