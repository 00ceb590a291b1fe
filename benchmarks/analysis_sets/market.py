"""The drawn market as rows of the graph, written into an embedded store and resolved; kept in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.analysis_sets.drawn import REPTILE_SITES, draw_market
from graph.stores.embedded import EmbeddedStore
from ingest.lexicon import commodities, platforms, taxa

PART = 250_000
# Labels of the kinds of contacts; those of codes have several kinds.
_CONTACTS = {
    "Phone": """
SELECT DISTINCT contact AS id, contact[5:] AS number, 'mobile' AS kind FROM mentions WHERE kind = 'phone'
""",
    "Handle": """
SELECT id, split_part(id, ':', 1) AS service, split_part(id, ':', 2) AS value FROM (
    SELECT contact AS id FROM mentions WHERE kind IN ('wechat', 'qq', 'login')
    UNION SELECT contact || 'o' FROM mentions WHERE misread UNION SELECT resolved FROM mentions WHERE coded
) WHERE id IS NOT NULL
""",
    "Email": "SELECT DISTINCT contact AS id, contact[8:] AS address FROM mentions WHERE kind = 'email'",
    "Link": """
SELECT DISTINCT contact AS id, contact[6:] AS url, split_part(contact, '/', 3) AS host FROM mentions
WHERE kind = 'site'
""",
    "QRCode": """
SELECT DISTINCT contact AS id, contact AS payload, CASE kind WHEN 'friend' THEN 'wechat_friend' ELSE kind END AS kind
FROM mentions WHERE coded
""",
    "Watermark": "SELECT DISTINCT contact AS id, contact[11:] AS text FROM mentions WHERE kind = 'mark'",
}
_ONCE = {
    "Account": "SELECT id, platform, 'u' || a AS seller_id, name FROM logins",
    "Image": "SELECT DISTINCT image AS id, image[8:] || '.jpg' AS path, 80.0 AS quality FROM pictures",
    "Photo": """
SELECT photo_id AS id, min(image) AS representative, count(DISTINCT image) AS images, false AS weak
FROM pictures GROUP BY photo_id
""",
    "Capture": "SELECT 'sha256:f' || f AS id, f || '.jsonl' AS name, 'jsonl' AS format FROM range($files) t(f)",
    "Account.ON_PLATFORM.Platform": "SELECT id AS src, platform AS dst FROM logins",
    "Image.COPY_OF.Photo": "SELECT DISTINCT image AS src, photo_id AS dst, 4 AS distance FROM pictures",
    "Handle.IDENTIFIES.Account": "SELECT DISTINCT contact AS src, named AS dst FROM mentions WHERE kind = 'login'",
    "QRCode.RESOLVES_TO.Handle": """
SELECT DISTINCT contact AS src, resolved AS dst FROM mentions WHERE resolved IS NOT NULL
""",
}
_WHERE = "WHERE ad >= $low AND ad < $high"
_AD = """
SELECT ads.id, platform, account AS account_id, ad::VARCHAR AS ad_id, name AS seller_name, seen AS seen_at,
       seen AS posted_at, draw(ad, 'textless') < .08 AS textless,
       CASE WHEN draw(ad, 'textless') >= .08 THEN t.title END AS title,
       CASE WHEN draw(ad, 'textless') >= .08 THEN t.title || '，喜欢的加我' || below(ad, 'words', 500) END AS text,
       CASE WHEN draw(ad, 'priced') < .4 THEN 10000 + 100 * below(ad, 'price', 20000) END AS price_cents,
       CASE WHEN draw(ad, 'priced') < .4 THEN CASE WHEN draw(ad, 'currency') < .95 THEN 'CNY' ELSE 'USD' END END
           AS currency,
       CASE WHEN draw(ad, 'placed') < .5 THEN 'city' || city END AS location,
       CASE WHEN draw(ad, 'viewed') < .7 THEN fits(5000, ad, 'views') END AS views,
       CASE WHEN draw(ad, 'claim') < .03 THEN ['wild'] WHEN draw(ad, 'claim') < .05 THEN ['recruiting']
            WHEN draw(ad, 'claim') < .06 THEN ['captive_bred', 'wild'] WHEN draw(ad, 'claim') < .07
            THEN ['elephant_marks'] END AS claims
FROM ads JOIN (SELECT ad, min(title) AS title FROM offers JOIN titles ON commodity = titles.id WHERE ad >= $low
               AND ad < $high GROUP BY ad) t USING (ad)
WHERE ad >= $low AND ad < $high
"""
_PARTS = {
    "Account.POSTED.Ad": "SELECT account AS src, id AS dst FROM ads",
    "Ad.OFFERS.Commodity": "SELECT id AS src, commodity AS dst, 'term' AS term, .9 AS confidence FROM offers",
    "Ad.SHOWS.Image": "SELECT id AS src, image AS dst, position FROM pictures",
    "Ad.CAPTURED_IN.Capture": "SELECT id AS src, 'sha256:f' || (ad // 10000) AS dst, ad % 10000 + 1 AS line FROM ads",
    "Ad.LEADS_TO.Platform": """
SELECT DISTINCT id AS src, target AS dst, contact AS carrier,
       CASE WHEN coded THEN 'qr' WHEN kind = 'site' THEN 'link' ELSE 'handle' END AS carrier_kind
FROM mentions
""",
}
_LABELS = {
    "Phone": ["phone"], "Handle": ["wechat", "qq", "login"], "Email": ["email"], "Link": ["site"],
    "QRCode": ["friend", "wechat_pay", "alipay"], "Watermark": ["mark"],
}  # fmt: skip
_MENTIONED = """
SELECT id AS src, CASE WHEN misread THEN contact || 'o' ELSE contact END AS dst,
       CASE WHEN coded OR misread THEN 'sha256:' || hex16(ad) ELSE 'text' END AS place, 1 AS span_start, 9 AS span_end,
       CASE WHEN coded OR misread THEN 'sha256:' || hex16(ad) END AS image_id, contact AS raw,
       CASE WHEN coded THEN 'qr' WHEN misread THEN 'ocr' ELSE 'regex' END AS method, role, cue,
       .9 AS confidence, CASE WHEN misread THEN contact END AS candidate_of
FROM mentions WHERE ad >= $low AND ad < $high AND kind IN (SELECT unnest($kinds))
"""


def build(path: Path, ads: int, accounts: int) -> None:
    """Write the market to a new embedded store at `path`, unresolved."""
    db = draw_market(ads, accounts)
    titles = pa.table({"id": [c.id for c in commodities()], "title": [f"出{c.name_zh}，{c.id}" for c in commodities()]})
    db.register("titles", titles)
    with EmbeddedStore(path) as store:
        store.migrate()
        store.write(_lexicon())
        for name, query in {**_CONTACTS, **_ONCE}.items():
            given = {"files": ads // 10_000 + 1} if "$files" in query else None
            store.write({name: db.sql(query, params=given).to_arrow_table()})
        for low in range(0, ads, PART):
            store.write(dict(_part(db, low, low + PART)))


def _part(db: duckdb.DuckDBPyConnection, low: int, high: int) -> Iterator[tuple[str, pa.Table]]:
    """Everything of the advertisements from `low` on, before `high`."""
    bounds = {"low": low, "high": high}
    yield "Ad", db.sql(_AD, params=bounds).to_arrow_table()
    for name, query in _PARTS.items():
        where = f"{_WHERE} AND target <> platform" if "target" in query else _WHERE
        yield name, db.sql(f"{query} {where}", params=bounds).to_arrow_table()
    for label, kinds in _LABELS.items():
        yield f"Ad.MENTIONS.{label}", db.sql(_MENTIONED, params=bounds | {"kinds": kinds}).to_arrow_table()


def _lexicon() -> dict[str, pa.Table]:
    """Platforms with their kinds, taxa with their status, and commodities."""
    sites = [(entry.slug, entry.name, entry.kind, entry.within) for entry in platforms().values()]
    sites += [(slug, slug, "live_reptile", None) for slug in REPTILE_SITES]
    goods = commodities()
    return {
        "Platform": pa.table(dict(zip(("id", "name", "kind", "within"), zip(*sites, strict=True), strict=True))),
        "Taxon": pa.Table.from_pylist([{name: getattr(t, name) for name in t.__slots__} for t in taxa()]),
        "Commodity": pa.Table.from_pylist([{name: getattr(c, name) for name in c.__slots__} for c in goods]),
        "Commodity.OF.Taxon": pa.table({"src": [c.id for c in goods], "dst": [c.taxon_id for c in goods]}),
    }
