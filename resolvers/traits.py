"""What tells accounts apart besides contacts: where, under which name, what, and when they post."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pyarrow as pa

from resolvers.names import generic_name, normal_names

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PLACES = """
CREATE OR REPLACE TEMP TABLE places AS
WITH said AS (
    SELECT account, nullif(trim(regexp_replace(regexp_replace(
        place, '[省市区县·,，/\\-]|中国', ' ', 'g'), '([^a-zA-Z])\\s+|\\s+([^a-zA-Z])', '\\1\\2', 'g')), '') AS place
    FROM posts WHERE place IS NOT NULL
)
SELECT account, place, count(*) AS ads FROM said WHERE place IS NOT NULL GROUP BY ALL
"""
_PLACE_OF = """
CREATE OR REPLACE TEMP TABLE place_of AS
SELECT account, arg_max(place, (ads, place)) AS place, sum(ads) AS ads FROM places GROUP BY account
"""
_SPANS = """
CREATE OR REPLACE TEMP TABLE spans AS
WITH by_day AS (
    SELECT account, seen::DATE AS day, count(*) AS ads, min(seen) AS first_seen, max(seen) AS last_seen
    FROM posts GROUP BY ALL
)
SELECT account, sum(ads)::BIGINT AS ads, min(first_seen) AS first_seen, max(last_seen) AS last_seen, count(day) AS days
FROM by_day GROUP BY account
"""
_SAID_NAMES = """
SELECT DISTINCT name FROM (SELECT name FROM accounts UNION ALL SELECT name FROM posts) WHERE name IS NOT NULL
"""
_NAMES = """
CREATE OR REPLACE TEMP TABLE names AS
WITH said AS (
    SELECT account, name, count(*) AS ads FROM posts WHERE name IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT account, name, 0 FROM accounts WHERE name IS NOT NULL
)
SELECT s.account, f.normal AS name, sum(ads)::BIGINT AS ads, bool_or(generic) AS generic
FROM said s JOIN folded f ON f.name = s.name WHERE f.normal <> '' GROUP BY s.account, f.normal
"""
_NAME_OF = """
CREATE OR REPLACE TEMP TABLE name_of AS
SELECT account, arg_max(name, (ads, name)) AS name FROM names GROUP BY account
"""
# 'Mr Zhang', 'antiques': a name that anybody could have is as common as it could be, however few have it here.
GENERIC_ACCOUNTS = 100_000
# 'Mr Zhang' is no other name than 'Jade Hall'.
_SAID_NAME = """
CREATE OR REPLACE TEMP TABLE said_name AS
SELECT account, arg_max(name, (ads, name)) AS name FROM names WHERE NOT generic GROUP BY account
"""
_NAME_COUNT = """
CREATE OR REPLACE TEMP TABLE name_count AS
SELECT name, count(DISTINCT account) + CASE WHEN any_value(generic) THEN $generic ELSE 0 END AS accounts,
       -- Accounts without a place count where hardly any has one.
       count(DISTINCT place) + (count(DISTINCT account) FILTER (place IS NULL))
           // CASE WHEN count(place) * 10 >= count(DISTINCT account) THEN 30 ELSE 2 END
       + CASE WHEN any_value(generic) THEN $generic ELSE 0 END AS spread
FROM names LEFT JOIN place_of USING (account) GROUP BY name
"""


# Kept apart from what was observed: a later run puts them together from what it kept and what it read anew.
_COPIES = (
    "CREATE OR REPLACE TEMP TABLE offered AS FROM goods",
    "CREATE OR REPLACE TEMP TABLE pictured AS SELECT photos.* FROM photos SEMI JOIN accounts USING (account)",
    "CREATE OR REPLACE TEMP TABLE banded AS "
    "SELECT account, band, count(*) AS ads FROM (SELECT account, unnest(bands) AS band FROM templates) GROUP BY ALL",
)


def count_traits(db: DuckDBPyConnection) -> None:
    """Make places, spans, names, offered, pictured and banded, rows of accounts, from what was observed."""
    for statement in (_PLACES, _SPANS, *_COPIES):
        db.execute(statement)
    said = db.sql(_SAID_NAMES).to_arrow_table()["name"].combine_chunks()
    normal = normal_names(said)
    generic = pa.array([generic_name(name or "") for name in normal.to_pylist()], pa.bool_())
    db.register("folded", pa.table({"name": said, "normal": normal, "generic": generic}))
    db.execute(_NAMES)


def weigh_traits(db: DuckDBPyConnection) -> None:
    """Make place_of, name_of and name_count, the most frequent and the common, from places and names."""
    for statement in (_PLACE_OF, _NAME_OF, _SAID_NAME):
        db.execute(statement)
    db.execute(_NAME_COUNT, {"generic": GENERIC_ACCOUNTS})


# What is rarer is as good as unique; keeps the model file readable.
PLACE_LEAST, NAME_LEAST = 0.005, 0.002
_PLACE_SHARES = """
SELECT place AS value, count(*) / (SELECT count(*) FROM place_of) AS share FROM place_of GROUP BY place
HAVING share >= $least ORDER BY share DESC, value
"""
_NAME_SHARES = """
SELECT name AS value, least(accounts / (SELECT count(*) FROM accounts), 1) AS share FROM name_count
WHERE share >= $least ORDER BY share DESC, value
"""


def population(db: DuckDBPyConnection) -> dict[str, dict[str, float]]:
    """The part of all accounts by most frequent place and by name: how little it says that two share one.

    It is kept in the model, so that a few new accounts do not move every decision a little.
    """
    queries = {"places": (_PLACE_SHARES, PLACE_LEAST), "names": (_NAME_SHARES, NAME_LEAST)}
    return {
        name: {value: round(share, 4) for value, share in db.execute(query, {"least": least}).fetchall()}
        for name, (query, least) in queries.items()
    }


def use_population(db: DuckDBPyConnection, shares: Mapping[str, Mapping[str, float]]) -> None:
    """Make place_share (place, share) and name_share (name, share)."""
    for name, table, column in (("places", "place_share", "place"), ("names", "name_share", "name")):
        values = shares.get(name, {})
        db.register(
            table, pa.table({column: pa.array(values, pa.string()), "share": pa.array(values.values(), pa.float64())})
        )
