"""What a case says in words, read from its store: different texts by account, places of contacts, who sells what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pyarrow as pa

from graph.facts import COUNT, NUMBER, RUNS, TEXT, fetch, read_of
from graph.sql import run_sql
from graph.stores.base import GraphStore
from ingest.vocabulary.symbols import MOST_CHARACTERS

_ADS = read_of(
    """MATCH (ad:Ad)
    RETURN ad.id AS ad_id, ad.platform AS platform, ad.account_id AS account_id, ad.title AS title, ad.text AS text""",
    ad_id=TEXT, platform=TEXT, account_id=TEXT, title=TEXT, text=TEXT,
)  # fmt: skip
_PICTURES = read_of(
    """MATCH (ad:Ad)-[:SHOWS]->(i:Image) WHERE i.text IS NOT NULL
    RETURN DISTINCT ad.id AS ad_id, i.id AS place, i.text AS text""",
    ad_id=TEXT, place=TEXT, text=TEXT,
)  # fmt: skip
# A code's place is its number in the picture.
_SPANS = read_of(
    """MATCH (ad:Ad)-[m:MENTIONS]->(c) WHERE m.method <> 'qr'
    RETURN ad.id AS ad_id, m.place AS place, m.span_start AS start, m.span_end AS behind""",
    ad_id=TEXT, place=TEXT, start=COUNT, behind=COUNT,
)  # fmt: skip
_OFFERS = read_of(
    """MATCH (ad:Ad)-[o:OFFERS]->(c:Commodity)
    RETURN ad.id AS ad_id, c.id AS commodity_id, c.taxon_id AS taxon_id, o.term AS term, o.confidence AS confidence""",
    ad_id=TEXT, commodity_id=TEXT, taxon_id=TEXT, term=TEXT, confidence=NUMBER,
)  # fmt: skip
_PLACES = read_of("MATCH (ad:Ad) WHERE ad.location IS NOT NULL RETURN DISTINCT ad.location AS place", place=TEXT)
_NAMES = read_of("MATCH (a:Account) WHERE a.name IS NOT NULL RETURN DISTINCT a.name AS name", name=TEXT)

# Posts without a known account are taken as one user's a platform: how many they are nobody knows.
_POSTERS = """
SELECT ad_id, account_id, coalesce(seller_id, account_id, platform || '|?') AS user_id
FROM ads LEFT JOIN (SELECT account_id, min(seller_id) AS seller_id FROM runs GROUP BY ALL) USING (account_id)
"""
# Lower than this the lexicon itself doubts its term: 'dm', 'hg' and a buffalo's horn mostly mean something else.
_GOODS = """
SELECT user_id, taxon_id, commodity_id, ad_id FROM offers JOIN posters USING (ad_id)
WHERE term IN (SELECT term FROM goods_words) AND coalesce(confidence, 1) >= $least_confidence
"""
# The first texts of everybody come before the second ones of anybody; MD5 is the same in every release of DuckDB.
_TEXTS = """
WITH shown AS (
    SELECT ad_id, string_agg(place || '/' || text, '/' ORDER BY place) AS pictures FROM pictures GROUP BY ad_id
), different AS (
    SELECT min(ad_id) AS ad_id, count(*) AS ads, user_id, p.account_id,
           length(coalesce(title, '')) + length(coalesce(text, '')) + length(coalesce(pictures, '')) AS size
    FROM ads JOIN posters p USING (ad_id) LEFT JOIN shown USING (ad_id)
    WHERE coalesce(title, '') <> '' OR coalesce(text, '') <> '' OR pictures IS NOT NULL
    GROUP BY user_id, p.account_id, title, text, pictures
), ordered AS (
    SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY md5(ad_id), ad_id) AS turn FROM different
), chosen AS (
    SELECT *, count(*) OVER () AS of_all,
           sum(least(size, $most_of_one)) OVER (ORDER BY turn, md5(ad_id), ad_id ROWS UNBOUNDED PRECEDING) AS reached
    FROM ordered ORDER BY turn, md5(ad_id), ad_id LIMIT $most
)
SELECT ad_id, ads, user_id, account_id, of_all, ad_id IN (SELECT ad_id FROM goods) AS read
FROM chosen WHERE reached <= $most_in_all ORDER BY ad_id
"""
_WORDS = """
SELECT ad_id, 'title' AS place, title AS words FROM ads SEMI JOIN texts USING (ad_id) WHERE coalesce(title, '') <> ''
UNION ALL
SELECT ad_id, 'text', text FROM ads SEMI JOIN texts USING (ad_id) WHERE coalesce(text, '') <> ''
UNION ALL
SELECT ad_id, place, text FROM pictures SEMI JOIN texts USING (ad_id) WHERE text <> ''
"""
_PIECES = """
WITH cuts AS (
    SELECT ad_id, place, list({start: start, behind: behind} ORDER BY start, behind) AS contacts
    FROM spans SEMI JOIN texts USING (ad_id) WHERE start IS NOT NULL AND behind IS NOT NULL GROUP BY ad_id, place
), numbered AS (
    SELECT ad_id, row_number() OVER (ORDER BY ad_id) - 1 AS number FROM texts
)
SELECT number, ad_id, place, words, contacts
FROM words JOIN numbered USING (ad_id) LEFT JOIN cuts USING (ad_id, place)
ORDER BY number, place <> 'title', place <> 'text', place
"""
_LEAST_CONFIDENCE = 0.3
# Characters read in all: counting ten million takes half a gigabyte.
_MOST_IN_ALL = 15_000_000


@dataclass(frozen=True)
class Material:
    """The different texts of a case, and what their writers sell.

    A user is a seller, before a resolution an account.

    Attributes:
        texts: ad_id (the first with these words), ads (that have them), user_id, account_id, of_all (number of texts
            of which these were drawn), read (whether the lexicon reads goods in it); by ad_id.
        pieces: number (row of `texts`), ad_id, place (title, text or image id), words, contacts (start, behind: their
            spans); by number, title and text first.
        goods: user_id, taxon_id, commodity_id, ad_id: what is offered in words that are known.
        posters: ad_id, account_id, user_id of every ad.
        places: names of places as captured. names: of accounts.
    """

    texts: pa.Table
    pieces: pa.Table
    goods: pa.Table
    posters: pa.Table
    places: list[str]
    names: list[str]


def read_material(store: GraphStore, goods_words: Collection[str], *, most: int) -> Material:
    """Read the case.

    Args:
        goods_words: terms of the lexicon that are known, as it spells them; offers read by others do not count.
        most: different texts to read; of more, or of very long ones, the first ones of everybody in the order of a
            hash of the ad's id.
    """
    ads, pictures, runs = fetch(store, _ADS), fetch(store, _PICTURES), fetch(store, RUNS)
    posters = run_sql(_POSTERS, {"ads": ads, "runs": runs})
    words = pa.table({"term": pa.array(sorted(goods_words), TEXT)})
    offered = {"offers": fetch(store, _OFFERS), "posters": posters, "goods_words": words}
    goods = run_sql(_GOODS, offered, {"least_confidence": _LEAST_CONFIDENCE})
    given = {"ads": ads, "pictures": pictures, "posters": posters, "goods": goods}
    bounds = {"most": most, "most_of_one": MOST_CHARACTERS, "most_in_all": _MOST_IN_ALL}
    texts = run_sql(_TEXTS, given, bounds)
    pieces = _pieces(store, given | {"texts": texts})
    places, names = fetch(store, _PLACES)["place"].to_pylist(), fetch(store, _NAMES)["name"].to_pylist()
    return Material(texts, pieces, goods, posters, places, names)


def _pieces(store: GraphStore, given: dict[str, pa.Table]) -> pa.Table:
    words = run_sql(_WORDS, given)
    return run_sql(_PIECES, {"words": words, "texts": given["texts"], "spans": fetch(store, _SPANS)})
