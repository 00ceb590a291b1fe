"""Each single step by which an advertisement leads buyers on: from where, by what, to which platform and account.

What ingestion wrote as LEADS_TO, and besides: payment codes, whose end is the till; carriers that stand only in a
watermark; the account that a handle, a code or a link names, where it is in the graph. Left out: contacts that
resolution decided to be somebody else's (a courier's, a hotline's), and misreadings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from graph.facts import (
    COUNT,
    FLAG,
    NUMBER,
    PLATFORMS,
    TEXT,
    TIME,
    Facts,
    Read,
    fetch,
    fetch_of_ads,
    read_facts,
    read_of,
)
from graph.sql import run_sql
from graph.stores.base import GraphStore
from graph.uses import not_led

# What a payment code leads to, as a platform of its own: where the money goes in.
PAYMENT = "payment"
TILLS = {"wechat_pay": "WeChat Pay", "alipay": "Alipay"}


def _columns(read: Read) -> dict[str, pa.DataType]:
    return dict(zip(read.schema.names, read.schema.types, strict=True))


# Ways from a platform to itself are sifted later, which is quicker.
_LEADS = read_of(
    """MATCH (ad:Ad)-[r:LEADS_TO]->(p:Platform)
    RETURN ad.id AS ad_id, p.id AS to_platform, r.carrier AS carrier, r.carrier_kind AS carrier_kind""",
    numbered="""MATCH (ad:Ad)-[r:LEADS_TO]->(p:Platform)
    RETURN OFFSET(ID(ad)) AS number, p.id AS to_platform, r.carrier AS carrier, r.carrier_kind AS carrier_kind""",
    ad_id=TEXT, to_platform=TEXT, carrier=TEXT, carrier_kind=TEXT,
)  # fmt: skip
_PAYMENTS = read_of(
    """MATCH (q:QRCode) WHERE q.kind = 'wechat_pay' OR q.kind = 'alipay'
    MATCH (ad:Ad)-[m:MENTIONS]->(q) WHERE m.role = 'own' OR m.role = 'supplier'
    RETURN DISTINCT ad.id AS ad_id, q.kind AS to_platform, q.id AS carrier, 'payment' AS carrier_kind""",
    numbered="""MATCH (q:QRCode) WHERE q.kind = 'wechat_pay' OR q.kind = 'alipay'
    MATCH (ad:Ad)-[m:MENTIONS]->(q) WHERE m.role = 'own' OR m.role = 'supplier'
    RETURN DISTINCT OFFSET(ID(ad)) AS number, q.kind AS to_platform, q.id AS carrier, 'payment' AS carrier_kind""",
    **_columns(_LEADS),
)
_PICTURED = read_of(
    """MATCH (ad:Ad)-[m:MENTIONS]->(c:Handle|QRCode|Link) WHERE m.image_id IS NOT NULL
    RETURN ad.id AS ad_id, c.id AS carrier, m.image_id AS picture, m.span_start AS start,
           m.candidate_of IS NOT NULL AS misread""",
    numbered="""MATCH (ad:Ad)-[m:MENTIONS]->(c:Handle|QRCode|Link) WHERE m.image_id IS NOT NULL
    RETURN OFFSET(ID(ad)) AS number, c.id AS carrier, m.image_id AS picture, m.span_start AS start,
           m.candidate_of IS NOT NULL AS misread""",
    ad_id=TEXT, carrier=TEXT, picture=TEXT, start=COUNT, misread=FLAG,
)  # fmt: skip
_MARKS = read_of(
    """MATCH (ad:Ad)-[m:MENTIONS]->(w:Watermark)
    RETURN ad.id AS ad_id, m.image_id AS picture, m.span_start AS start, m.span_end AS until""",
    numbered="""MATCH (ad:Ad)-[m:MENTIONS]->(w:Watermark)
    RETURN OFFSET(ID(ad)) AS number, m.image_id AS picture, m.span_start AS start, m.span_end AS until""",
    ad_id=TEXT, picture=TEXT, start=COUNT, until=COUNT,
)  # fmt: skip
WHOLE_CASE = (_LEADS, _PAYMENTS, _PICTURED, _MARKS)
# The same of one seller's accounts: reading all hops of a large case takes seconds.
_SELLERS_ADS = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    MATCH (a)-[:POSTED]->(ad:Ad)
    RETURN ad.id AS ad_id, ad.platform AS platform, a.id AS account_id, s.id AS seller_id, ad.seen_at AS seen_at,
           null AS protection""",
    ad_id=TEXT, platform=TEXT, account_id=TEXT, seller_id=TEXT, seen_at=TIME, protection=NUMBER,
)  # fmt: skip
_SELLERS_LEADS = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    MATCH (a)-[:POSTED]->(ad:Ad)
    MATCH (ad)-[r:LEADS_TO]->(p:Platform) WHERE ad.platform <> p.id
    RETURN ad.id AS ad_id, p.id AS to_platform, r.carrier AS carrier, r.carrier_kind AS carrier_kind""",
    **_columns(_LEADS),
)
_SELLERS_PAYMENTS = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    MATCH (a)-[:POSTED]->(ad:Ad)
    MATCH (ad)-[m:MENTIONS]->(q:QRCode)
    WHERE (q.kind = 'wechat_pay' OR q.kind = 'alipay') AND (m.role = 'own' OR m.role = 'supplier')
    RETURN DISTINCT ad.id AS ad_id, q.kind AS to_platform, q.id AS carrier, 'payment' AS carrier_kind""",
    **_columns(_LEADS),
)
_SELLERS_PICTURED = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    MATCH (a)-[:POSTED]->(ad:Ad)
    MATCH (ad)-[m:MENTIONS]->(c:Handle|QRCode|Link) WHERE m.image_id IS NOT NULL
    RETURN ad.id AS ad_id, c.id AS carrier, m.image_id AS picture, m.span_start AS start,
           m.candidate_of IS NOT NULL AS misread""",
    **_columns(_PICTURED),
)
_SELLERS_MARKS = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    MATCH (a)-[:POSTED]->(ad:Ad)
    MATCH (ad)-[m:MENTIONS]->(w:Watermark)
    RETURN ad.id AS ad_id, m.image_id AS picture, m.span_start AS start, m.span_end AS until""",
    **_columns(_MARKS),
)
_IN_TEXTS = read_of(
    """MATCH (ad:Ad) WHERE ad.id IN $ads
    MATCH (ad)-[m:MENTIONS]->(c:Handle|Link) WHERE m.image_id IS NULL
    RETURN DISTINCT ad.id AS ad_id, c.id AS carrier""",
    ad_id=TEXT, carrier=TEXT,
)  # fmt: skip
_NAMED = read_of(
    "MATCH (h:Handle)-[:IDENTIFIES]->(a:Account) RETURN h.id AS carrier, a.id AS account, a.platform AS platform",
    carrier=TEXT, account=TEXT, platform=TEXT,
)  # fmt: skip
_NAMED_BY_CODE = read_of(
    """MATCH (q:QRCode)-[:RESOLVES_TO]->(h:Handle)
    MATCH (h)-[:IDENTIFIES]->(a:Account) RETURN q.id AS carrier, a.id AS account, a.platform AS platform""",
    carrier=TEXT, account=TEXT, platform=TEXT,
)  # fmt: skip
CODED = read_of(
    "MATCH (q:QRCode)-[:RESOLVES_TO]->(c:Handle|Phone|Link) RETURN q.id AS carrier, c.id AS contact",
    carrier=TEXT, contact=TEXT,
)  # fmt: skip
# Which accounts handles and codes name; read beside the others.
NAMING = (_NAMED, _NAMED_BY_CODE)
_PAGES = read_of(
    """MATCH (a:Account) WHERE a.url IS NOT NULL AND a.platform IN $platforms
    RETURN a.id AS account, a.platform AS platform, a.url AS url""",
    account=TEXT, platform=TEXT, url=TEXT,
)  # fmt: skip

# Carriers are numbers here: three joins by their ids take twice the time of all the rest.
_HOPS = """
WITH led AS (
    SELECT * FROM (
        SELECT * FROM leads ANTI JOIN payments USING (ad, carrier) UNION ALL SELECT * FROM payments
    ) JOIN posts USING (ad) ANTI JOIN not_led USING (account_id, carrier)
), read AS (
    SELECT ad, carrier, min(picture) AS picture, bool_and(misread) AS misread FROM pictured GROUP BY ad, carrier
), marked AS (
    SELECT DISTINCT p.ad, p.carrier FROM pictured p JOIN marks m
    ON m.ad = p.ad AND m.picture = p.picture AND p.start >= m.start AND p.start < m.until
    ANTI JOIN in_texts t ON t.ad = p.ad AND t.carrier = p.carrier
), one_named AS (
    SELECT led.carrier, to_platform, arg_min(account, (platform <> to_platform, account)) AS account
    FROM (SELECT DISTINCT carrier, to_platform FROM led) led JOIN named USING (carrier) GROUP BY ALL
)
SELECT ad, ad_id, led.platform AS from_platform, account_id, seller_id, seen_at, to_platform, carriers.id AS carrier,
       CASE WHEN marked.ad IS NULL THEN carrier_kind ELSE 'watermark' END AS carrier_kind,
       account AS to_account, picture, protection
FROM led LEFT JOIN read USING (ad, carrier) LEFT JOIN marked USING (ad, carrier)
LEFT JOIN one_named USING (carrier, to_platform) JOIN carriers USING (carrier)
WHERE NOT (coalesce(misread, false)) AND led.platform <> to_platform
"""
_PAGE_LINKS = "SELECT DISTINCT to_platform FROM rows WHERE carrier_kind = 'link' ORDER BY to_platform"
_IN_MARKS = """
SELECT DISTINCT ad_id FROM pictured p JOIN marks m USING (ad, picture) JOIN posts USING (ad) ORDER BY ad_id
"""
_POST = ("ad", "ad_id", "platform", "account_id", "seller_id", "seen_at", "protection")


@dataclass(frozen=True)
class Hops:
    """The hops of a case, and the platforms that they lead from and to.

    Attributes:
        rows: one row an ad, carrier and platform, in no order: ad (row of Facts.ads), ad_id, from_platform, account_id,
            seller_id (null before `resolve`), seen_at (UTC), to_platform (slug; of a payment code its kind), carrier
            (contact id), carrier_kind (handle, qr, link, watermark or payment), to_account (the account that the
            carrier names, null when it is not in the graph), picture (the image that the carrier was read in, null: in
            words), protection (of the ad, see graph.protection; null without a species).
        platforms: platform, name, kind, within; the tills of payment codes are among them, of kind 'payment'.
    """

    rows: pa.Table
    platforms: pa.Table


def read_hops(store: GraphStore, facts: Facts | None = None) -> Hops:
    """Every hop of the case; an advertisement that shows two handles makes two.

    Args:
        facts: those of the case, if they have been read already.
    """
    posts = (facts or read_facts(store)).ads
    reads = (fetch_of_ads(store, read, posts) for read in WHOLE_CASE)
    return _hops(store, posts.select(_POST), not_led(store), *reads)


def read_sellers_hops(store: GraphStore, seller_id: str) -> Hops:
    """The hops of one seller; protection is null."""
    posts = fetch(store, _SELLERS_ADS, seller_id=seller_id)
    posts = posts.append_column("ad", pa.array(range(posts.num_rows), COUNT))
    ways = (_SELLERS_LEADS, _SELLERS_PAYMENTS, _SELLERS_PICTURED, _SELLERS_MARKS)
    reads = (fetch_of_ads(store, read, posts, seller_id=seller_id) for read in ways)
    return _hops(store, posts, not_led(store, seller_id), *reads)


def _hops(
    store: GraphStore,
    posts: pa.Table,
    not_led: pa.Table,
    leads: pa.Table,
    payments: pa.Table,
    pictured: pa.Table,
    marks: pa.Table,
) -> Hops:
    tables = {"leads": leads, "payments": payments, "pictured": pictured, "marks": marks, "posts": posts}
    tables |= {"in_texts": _in_texts(store, tables), "named": _named(store, leads), "not_led": not_led}
    return Hops(run_sql(_HOPS, _numbered(tables)), _platforms(store, payments.num_rows > 0))


def _numbered(tables: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """The tables with numbers of carriers, without what leads nowhere, and `carriers`: carrier (number), id."""
    chunks = [chunk for name in ("leads", "payments") for chunk in tables[name]["carrier"].chunks]
    carriers = pa.chunked_array(chunks, TEXT).unique()
    for name, table in tables.items():
        place = table.schema.get_field_index("carrier")
        if place >= 0:
            numbers = pc.index_in(table["carrier"], value_set=carriers)
            tables[name] = table.set_column(place, "carrier", numbers).filter(pc.is_valid(numbers))
    return tables | {"carriers": pa.table({"carrier": pa.array(range(len(carriers)), pa.int32()), "id": carriers})}


def _platforms(store: GraphStore, paid: bool) -> pa.Table:
    platforms = fetch(store, PLATFORMS)
    # The app that the money is sent by may be a platform too, to which links lead.
    known = set(platforms["platform"].to_pylist())
    tills = [{"platform": slug, "name": name, "kind": PAYMENT} for slug, name in TILLS.items() if paid or slug in known]
    added = pa.Table.from_pylist(tills, schema=platforms.schema)
    kept = run_sql("SELECT * FROM platforms ANTI JOIN added USING (platform)", {"platforms": platforms, "added": added})
    return pa.concat_tables([kept, added]).sort_by("platform")


def _in_texts(store: GraphStore, tables: Mapping[str, pa.Table]) -> pa.Table:
    """Of ads with a watermark, the contacts that their words give too: those lead by more than the mark."""
    ads = run_sql(_IN_MARKS, tables)["ad_id"].to_pylist()
    found = fetch(store, _IN_TEXTS, ads=ads) if ads else _IN_TEXTS.schema.empty_table()
    return run_sql("SELECT ad, carrier FROM found JOIN posts USING (ad_id)", {"found": found, **tables})


def _named(store: GraphStore, leads: pa.Table) -> pa.Table:
    """carrier, account, platform: which account a handle, a code or a link names."""
    named = pa.concat_tables([fetch(store, _NAMED), fetch(store, _NAMED_BY_CODE)])
    linked = run_sql(_PAGE_LINKS, {"rows": leads})["to_platform"].to_pylist()
    return pa.concat_tables([named, _opened(store, linked)]) if linked else named


def _opened(store: GraphStore, platforms: list[str]) -> pa.Table:
    """The profile page of each account, as the link that opens it."""
    from graph.values import Link

    pages = fetch(store, _PAGES, platforms=platforms)
    links = [Link.clean(url) for url in pages["url"].to_pylist()]
    carriers = pa.array([link.node_id if link else None for link in links], TEXT)
    return pages.drop_columns("url").add_column(0, "carrier", carriers).filter(pc.is_valid(carriers))
