"""A market with everything that analyses read, drawn as tables of DuckDB; hash() with a salt is the only chance.

Operators and accounts are those of benchmarks/large_market.py, on real platforms. An account has from two to thousands
of advertisements, few have many, and is active for a span of its own. Operators have contacts of every kind, which
lead to messaging apps, payment and their other accounts; couriers stand in a tenth of all ads; photographs are an
operator's own or a supplier's, which many show.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from benchmarks.large_market import draw_accounts
from ingest.lexicon import commodities, platforms

# 7.2 of a hundred operators' accounts that large_market is asked for do not come about.
_SPARE = 1.09
# how many ads in a hundred show it, and how many operators in a hundred have it.
_KINDS = pa.table(
    {
        "kind": ["phone", "wechat", "qq", "login", "friend", "wechat_pay", "alipay", "site", "email", "mark"],
        "share": [30, 35, 8, 8, 14, 4, 4, 7, 1, 3],
        "owning": [80, 90, 40, 60, 50, 30, 30, 25, 5, 20],
    }
)
# The lexicon has no site for live reptiles.
REPTILE_SITES = ("reptiles-a", "reptiles-b")
_MACROS = """
CREATE MACRO hex16(a) AS lpad(lower(to_hex(hash(a::VARCHAR))), 16, '0');
CREATE MACRO fits(table_size, a, b) AS (table_size * draw(a, b) * draw(a, b || 'again'))::BIGINT;
"""
_ACCOUNTS = """
CREATE TABLE logins AS
SELECT a, o, i, a.goods, a.city, s.slug AS platform, s.service, s.slug || '|u' || a AS id, '店' || name AS name,
       below(a, 'start', 800) AS first_day, 20 + below(a, 'span', 300) AS days,
       least((1000 * pow(greatest(draw(a, 'busy'), 1e-6), -.8))::BIGINT, 2000000) AS busy
FROM accounts a JOIN slugs s ON s.place = floor((SELECT count(*) FROM slugs) * draw(a, 'site') * draw(a, 'site2'))
WHERE a < $accounts
"""
# Cumulative sums of whole numbers, cut evenly: exactly as many advertisements as asked for.
_ADS = """
CREATE TABLE ads AS
WITH cut AS (
    SELECT *, sum(busy) OVER (ORDER BY a)::BIGINT AS upto, (SELECT sum(busy) FROM logins)::BIGINT AS whole FROM logins
), ranges AS (
    SELECT *, ((upto - busy)::HUGEINT * $ads // whole)::BIGINT AS low, (upto::HUGEINT * $ads // whole)::BIGINT AS high
    FROM cut
)
SELECT low + n AS ad, a, o, platform, id AS account, name, platform || '|' || (low + n) AS id, city, goods,
       TIMESTAMP '2017-01-01' + to_days((first_day + below(low + n, 'day', days))::INT)
           + to_seconds(below(low + n, 's', 86400)) AS seen
FROM ranges, range(high - low) t(n)
"""
_OFFERS = """
CREATE TABLE offers AS
SELECT DISTINCT ad, ads.id, c.id AS commodity
FROM ads, range(2) t(n) JOIN goods c ON c.place = CASE
    WHEN draw(ad, 'usual' || n) < .8 THEN (goods * 7) % (SELECT count(*) FROM goods)
    ELSE fits((SELECT count(*) FROM goods), ad, 'other' || n) % (SELECT count(*) FROM goods) END
WHERE n = 0 OR draw(ad, 'second') < .2
"""
# A login is another account of the operator; there is none where the operator has one account only.
_MENTIONS = """
CREATE TABLE mentions AS
WITH shown AS (
    SELECT ad, ads.id, o, a, platform, kind, 1 + below(o, kind, 2) * below(ad, kind || 'which', 2) AS which
    FROM ads, kinds WHERE draw(ad, kind) * 100 < share AND draw(o, kind || 'has') * 100 < owning
), sisters AS (
    SELECT o AS owner, i, id AS named, platform AS elsewhere, service || ':u' || a AS handle,
           count(*) OVER (PARTITION BY o) AS size
    FROM logins WHERE service IS NOT NULL
)
SELECT ad, id, a, platform, kind, CASE kind
           WHEN 'phone' THEN 'tel:+86138' || lpad((o * 2 + which)::VARCHAR, 8, '0')
           WHEN 'wechat' THEN 'wechat:shop_' || o || '_' || which
           WHEN 'qq' THEN 'qq:' || (1000000 + o * 2 + which)
           WHEN 'login' THEN handle
           WHEN 'site' THEN 'link:https://' || host || '/shop/' || o
           WHEN 'email' THEN 'mailto:shop' || o || '@example.com'
           WHEN 'mark' THEN 'watermark:shop' || o
           ELSE 'qr:' || hex16(kind || o || '/' || which) END AS contact,
       CASE kind WHEN 'login' THEN elsewhere WHEN 'site' THEN slug WHEN 'wechat' THEN 'wechat' WHEN 'qq' THEN 'qq'
           WHEN 'friend' THEN 'wechat' WHEN 'wechat_pay' THEN 'wechat' WHEN 'alipay' THEN 'alipay' END AS target,
       CASE WHEN draw(ad, kind || 'role') < .03 THEN 'supplier' ELSE 'own' END AS role, NULL AS cue,
       kind IN ('friend', 'wechat_pay', 'alipay') AS coded, named,
       CASE WHEN kind = 'friend' AND o % 3 = 0 THEN 'wechat:shop_' || o || '_' || which END AS resolved,
       kind = 'wechat' AND draw(ad, 'misread') < .002 AS misread
FROM shown LEFT JOIN sisters ON kind = 'login' AND owner = o AND i = (a + which) % size
LEFT JOIN hosts ON kind = 'site' AND place = o % (SELECT count(*) FROM hosts)
WHERE kind <> 'login' OR (named IS NOT NULL AND elsewhere <> platform)
UNION ALL
SELECT ad, id, a, platform, 'phone', 'tel:+86139' || lpad(fits($services, ad, 'courier')::VARCHAR, 8, '0'), NULL,
       CASE WHEN draw(ad, 'told') < .95 THEN 'courier' ELSE 'own' END,
       CASE WHEN draw(ad, 'told') < .95 THEN '快递' END, false, NULL, NULL, false
FROM ads WHERE draw(ad, 'service') < .1
"""
_PICTURES = """
CREATE TABLE pictures AS
WITH placed AS (
    SELECT ad, id, n AS position,
           CASE WHEN draw(ad, 'stock' || n) < .15 THEN 's' || (o % 400) || '/' || below(ad, 'which' || n, 50)
                ELSE 'o' || o || '/' || below(ad, 'which' || n, 10) END AS photo
    FROM ads, range(CASE WHEN draw(ad, 'pictured') < .55 THEN 1 + below(ad, 'pictures', 2) ELSE 0 END) t(n)
)
SELECT *, 'photo:' || hex16(photo) AS photo_id, 'sha256:' || hex16(photo || '/' || v) || hex16(v || photo) AS image
FROM (SELECT *, below(ad, 'copy' || position, 4) AS v FROM placed)
"""


def draw_market(ads: int, accounts: int) -> duckdb.DuckDBPyConnection:
    """A connection with the tables logins, ads, offers, mentions and pictures; the same arguments, the same rows."""
    db = duckdb.connect()
    draw_accounts(db, int(accounts * _SPARE) + 10)
    _draw_lexicon(db)
    db.execute(_MACROS)
    db.execute(_ACCOUNTS, {"accounts": accounts})
    db.execute(_ADS, {"ads": ads})
    db.execute(_OFFERS)
    db.execute(_MENTIONS, {"services": max(accounts // 1000, 4)})
    db.execute(_PICTURES)
    return db


def _draw_lexicon(db: duckdb.DuckDBPyConnection) -> None:
    """Platforms that ads are posted on, hosts of links, goods and kinds of contacts, each with its place from 0."""
    posted = [entry for entry in platforms().values() if entry.kind != "messaging" and not entry.within]
    hosts = [(entry.hosts[0], entry.slug) for entry in posted if entry.kind in ("website", "handicraft")]
    services = [*(entry.service for entry in posted), *[None] * len(REPTILE_SITES)]
    _place(db, "slugs", slug=[*(entry.slug for entry in posted), *REPTILE_SITES], service=services)
    _place(db, "hosts", host=[host for host, _ in hosts], slug=[slug for _, slug in hosts])
    _place(db, "goods", id=[commodity.id for commodity in commodities()])
    db.register("shares", _KINDS)
    db.execute("CREATE TABLE kinds AS FROM shares")


def _place(db: duckdb.DuckDBPyConnection, name: str, **columns: list[str] | list[str | None]) -> None:
    rows = pa.table({"place": list(range(len(next(iter(columns.values()))))), **columns})
    db.register(f"given_{name}", rows)
    db.execute(f"CREATE TABLE {name} AS FROM given_{name}")
