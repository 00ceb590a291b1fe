"""A market of any size written straight into an embedded store, for measuring resolution; no text is read, no file
ingested.

Shaped like the simulated one: operators of one to forty accounts, own contacts on several of them, couriers and
hotlines in
thousands of ads with and without a word about it, numbers that passed on, common and rare names, places, goods,
photographs.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from graph.stores.embedded import EmbeddedStore

# hash() with a salt is the only source of chance: the same arguments give the same market.
_MACROS = """
CREATE MACRO draw(a, b) AS (hash(a::VARCHAR || '/' || b) % 1000000) / 1000000.0;
CREATE MACRO below(a, b, n) AS (hash(a::VARCHAR || '/' || b) % n)::BIGINT;
"""
_OPERATORS = """
CREATE TABLE operators AS
SELECT o, CASE WHEN o % 2500 = 0 THEN 40 WHEN draw(o, 'size') < .28 THEN 1 WHEN draw(o, 'size') < .58 THEN 2
               WHEN draw(o, 'size') < .76 THEN 3 WHEN draw(o, 'size') < .88 THEN 4 ELSE 5 + below(o, 'more', 4) END
                   AS size,
       below(o, 'city', 60) AS city,
       CASE WHEN draw(o, 'popular') < .12 THEN below(o, 'name', 300) ELSE 300 + below(o, 'name', 400000) END AS name,
       below(o, 'goods', 12) AS goods
FROM range($operators) t(o)
"""
_ACCOUNTS = """
CREATE TABLE accounts AS
SELECT row_number() OVER (ORDER BY o, i) - 1 AS a, o, i, city, goods,
       'forum' || below(o * 100 + i, 'platform', 20) AS platform,
       CASE WHEN draw(o * 100 + i, 'ownname') < .15 THEN 700000 + below(o * 100 + i, 'n', 900000) ELSE name END AS name
FROM operators, range(size) t(i)
"""
_ADS = """
CREATE TABLE ads AS
SELECT row_number() OVER (ORDER BY a, n) - 1 AS ad, a, o, platform, n,
       TIMESTAMP '2017-01-01' + to_days(below(a * 1000 + n, 'day', 730)::INT) + to_seconds(below(a * 1000 + n, 's',
       86400)) AS seen,
       CASE WHEN draw(a * 1000 + n, 'placed') < .6 THEN 'city' || city END AS place
FROM accounts, range(1 + below(a, 'ads', $most)) t(n)
"""
_MENTIONS = """
CREATE TABLE mentions AS
SELECT ad, a, CASE below(a * 1000 + n, 'which', 3) WHEN 0 THEN '8' || lpad((o * 2)::VARCHAR, 8, '0')
                  WHEN 1 THEN CASE WHEN draw(a, 'second') < .5 THEN '8' || lpad((o * 2 + 1)::VARCHAR, 8, '0')
                                   ELSE '8' || lpad((o * 2)::VARCHAR, 8, '0') END
                  ELSE CASE WHEN o % 20 = 0 THEN '8' || lpad((o * 2 + 2)::VARCHAR, 8, '0')
                            ELSE '8' || lpad((o * 2)::VARCHAR, 8, '0') END END AS number,
       'own' AS role, NULL AS cue
FROM ads WHERE draw(a * 1000 + n, 'own') < .6
UNION ALL
SELECT ad, a, '9' || lpad((($services * pow(draw(a * 1000 + n, 'courier'), 3))::BIGINT)::VARCHAR, 8, '0'),
       CASE WHEN draw(a * 1000 + n, 'told') < .95 THEN 'courier' ELSE 'own' END,
       CASE WHEN draw(a * 1000 + n, 'told') < .95 THEN '快递' END
FROM ads WHERE draw(a * 1000 + n, 'service') < .15
"""


def build(path: Path, accounts: int, *, ads_per_account: int = 3) -> None:
    """Write the market to a new embedded store at `path`."""
    db = duckdb.connect()
    draw_accounts(db, accounts)
    db.execute(_ADS, {"most": ads_per_account * 2 - 1})
    db.execute(_MENTIONS, {"services": max(accounts // 1000, 4)})
    with EmbeddedStore(path) as store:
        store.migrate()
        _write(db, store)


def draw_accounts(db: duckdb.DuckDBPyConnection, accounts: int) -> None:
    """Make the macros draw and below, and the tables operators and accounts: somewhat fewer than were asked for."""
    db.execute(_MACROS)
    db.execute(_OPERATORS, {"operators": max(accounts * 10 // 29, 1)})
    db.execute(_ACCOUNTS)


def _write(db: duckdb.DuckDBPyConnection, store: EmbeddedStore) -> None:
    def table(query: str) -> pa.Table:
        return db.sql(query).to_arrow_table()

    store.write({"Platform": table("SELECT DISTINCT platform AS id, platform AS name FROM accounts")})
    store.write({"Taxon": table("SELECT 'taxon' || g AS id FROM range(12) t(g)")})
    store.write({"Commodity": table("SELECT 'taxon' || g || '/x' AS id, 'taxon' || g AS taxon_id FROM range(12) t(g)")})
    store.write({"Account": table(_ACCOUNT_ROWS), "Phone": table(_PHONE_ROWS)})
    count = int(db.execute("SELECT count(*) FROM ads").fetchall()[0][0])
    for start in range(0, count, PART):
        bounds = {"low": start, "high": start + PART}
        store.write({name: db.sql(query, params=bounds).to_arrow_table() for name, query in _PARTS.items()})


PART = 500_000
_ACCOUNT_ROWS = (
    "SELECT platform || '|u' || a AS id, platform, 'u' || a AS seller_id, '店' || name AS name FROM accounts"
)
_PHONE_ROWS = """
SELECT DISTINCT 'tel:+8613' || number AS id, '+8613' || number AS number, 'mobile' AS kind FROM mentions
"""
_PARTS = {
    "Ad": """
SELECT platform || '|' || ad AS id, platform, platform || '|u' || a AS account_id, seen AS seen_at, seen AS posted_at,
       place AS location, '店' || name AS seller_name
FROM ads JOIN accounts USING (a, platform, o) WHERE ad >= $low AND ad < $high
""",
    "Account.POSTED.Ad": """
SELECT platform || '|u' || a AS src, platform || '|' || ad AS dst FROM ads WHERE ad >= $low AND ad < $high
""",
    "Ad.OFFERS.Commodity": """
SELECT platform || '|' || ad AS src, 'taxon' || goods || '/x' AS dst
FROM ads JOIN accounts USING (a, platform, o) WHERE ad >= $low AND ad < $high
""",
    "Ad.MENTIONS.Phone": """
SELECT platform || '|' || ad AS src, 'tel:+8613' || number AS dst, 'text' AS place, 1 AS span_start, role, cue,
       'regex' AS method, 1.0 AS confidence
FROM mentions JOIN ads USING (ad, a) WHERE ad >= $low AND ad < $high
""",
}
