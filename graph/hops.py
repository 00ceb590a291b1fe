"""Each single step by which an advertisement leads buyers on: from where, by what, to which platform and account.

What ingestion wrote as LEADS_TO, and besides: payment codes, whose end is the till; carriers that stand only in a
watermark; the account that a handle, a code or a link names, where it is in the graph. Left out: contacts that
resolution decided to be somebody else's (a courier's, a hotline's), and misreadings.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from graph.facts import COUNT, FLAG, PLATFORMS, RUNS, TEXT, TIME, fetch, read_of
from graph.sql import run_sql
from graph.stores.base import GraphStore
from graph.uses import not_led

# What a payment code leads to, as a platform of its own: where the money goes in.
PAYMENT = "payment"
TILLS = {"wechat_pay": "WeChat Pay", "alipay": "Alipay"}

_LEADS = read_of(
    """MATCH (ad:Ad)-[r:LEADS_TO]->(p:Platform) WHERE ad.platform <> p.id
    RETURN ad.id AS ad_id, ad.platform AS from_platform, ad.account_id AS account_id, ad.seen_at AS seen_at,
           p.id AS to_platform, r.carrier AS carrier, r.carrier_kind AS carrier_kind""",
    ad_id=TEXT, from_platform=TEXT, account_id=TEXT, seen_at=TIME, to_platform=TEXT, carrier=TEXT, carrier_kind=TEXT,
)  # fmt: skip
_PAYMENTS = read_of(
    """MATCH (q:QRCode) WHERE q.kind = 'wechat_pay' OR q.kind = 'alipay'
    MATCH (ad:Ad)-[m:MENTIONS]->(q) WHERE m.role = 'own' OR m.role = 'supplier'
    RETURN DISTINCT ad.id AS ad_id, ad.platform AS from_platform, ad.account_id AS account_id, ad.seen_at AS seen_at,
           q.kind AS to_platform, q.id AS carrier, 'payment' AS carrier_kind""",
    **dict(zip(_LEADS.schema.names, _LEADS.schema.types, strict=True)),
)
_PICTURED = read_of(
    """MATCH (ad:Ad)-[m:MENTIONS]->(c:Handle|QRCode|Link) WHERE m.image_id IS NOT NULL
    RETURN ad.id AS ad_id, c.id AS carrier, m.image_id AS picture, m.span_start AS start,
           m.candidate_of IS NOT NULL AS misread""",
    ad_id=TEXT, carrier=TEXT, picture=TEXT, start=COUNT, misread=FLAG,
)  # fmt: skip
_MARKS = read_of(
    """MATCH (ad:Ad)-[m:MENTIONS]->(w:Watermark)
    RETURN ad.id AS ad_id, m.image_id AS picture, m.span_start AS start, m.span_end AS until""",
    ad_id=TEXT, picture=TEXT, start=COUNT, until=COUNT,
)  # fmt: skip
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
_PAGES = read_of(
    """MATCH (a:Account) WHERE a.url IS NOT NULL AND a.platform IN $platforms
    RETURN a.id AS account, a.platform AS platform, a.url AS url""",
    account=TEXT, platform=TEXT, url=TEXT,
)  # fmt: skip

_HOPS = """
WITH led AS (
    SELECT * FROM (
        SELECT * FROM leads ANTI JOIN payments USING (ad_id, carrier) UNION ALL SELECT * FROM payments
    ) ANTI JOIN not_led USING (account_id, carrier)
), read AS (
    SELECT ad_id, carrier, min(picture) AS picture, bool_and(misread) AS misread
    FROM pictured GROUP BY ad_id, carrier
), marked AS (
    SELECT DISTINCT p.ad_id, p.carrier FROM pictured p JOIN marks m
    ON m.ad_id = p.ad_id AND m.picture = p.picture AND p.start >= m.start AND p.start < m.until
    ANTI JOIN in_texts t ON t.ad_id = p.ad_id AND t.carrier = p.carrier
), one_named AS (
    SELECT carrier, platform, min(account) AS account FROM named GROUP BY ALL
), one_run AS (
    SELECT account_id, min(seller_id) AS seller_id FROM runs GROUP BY ALL
)
SELECT led.ad_id, from_platform, account_id, seller_id, seen_at, to_platform, carrier,
       CASE WHEN marked.ad_id IS NULL THEN carrier_kind ELSE 'watermark' END AS carrier_kind,
       account AS to_account, picture
FROM led LEFT JOIN read USING (ad_id, carrier) LEFT JOIN marked USING (ad_id, carrier)
LEFT JOIN one_named ON one_named.carrier = led.carrier AND one_named.platform = led.to_platform
LEFT JOIN one_run USING (account_id)
WHERE NOT (coalesce(misread, false))
ORDER BY led.ad_id, led.carrier, to_platform, carrier_kind
"""
_PAGE_LINKS = "SELECT DISTINCT to_platform FROM rows WHERE carrier_kind = 'link' ORDER BY to_platform"
_IN_MARKS = "SELECT DISTINCT p.ad_id FROM pictured p JOIN marks m USING (ad_id, picture) ORDER BY ad_id"


@dataclass(frozen=True)
class Hops:
    """The hops of a case, and the platforms that they lead from and to.

    Attributes:
        rows: one row an ad, carrier and platform, sorted so: ad_id, from_platform, account_id, seller_id (null before
            `resolve`), seen_at (UTC), to_platform (slug; of a payment code its kind), carrier (contact id),
            carrier_kind (handle, qr, link, watermark or payment), to_account (the account that the carrier names, null
            when it is not in the graph), picture (the image that the carrier was read in, null: in words).
        platforms: platform, name, kind; the tills of payment codes are among them, of kind 'payment'.
    """

    rows: pa.Table
    platforms: pa.Table


def read_hops(store: GraphStore) -> Hops:
    """Every hop of the case; an advertisement that shows two handles makes two."""
    leads, payments = fetch(store, _LEADS), fetch(store, _PAYMENTS)
    pictured, marks = fetch(store, _PICTURED), fetch(store, _MARKS)
    tables = {
        "leads": leads,
        "payments": payments,
        "pictured": pictured,
        "marks": marks,
        "in_texts": _in_texts(store, pictured, marks),
        "named": _named(store, leads),
        "runs": fetch(store, RUNS),
        "not_led": not_led(store),
    }
    return Hops(run_sql(_HOPS, tables), _platforms(store, payments.num_rows > 0))


def _platforms(store: GraphStore, paid: bool) -> pa.Table:
    platforms = fetch(store, PLATFORMS)
    if not paid:
        return platforms
    tills = [{"platform": slug, "name": name, "kind": PAYMENT} for slug, name in TILLS.items()]
    added = pa.Table.from_pylist(tills, schema=platforms.schema)
    # The app that the money is sent by may be a platform too.
    kept = run_sql("SELECT * FROM platforms ANTI JOIN added USING (platform)", {"platforms": platforms, "added": added})
    return pa.concat_tables([kept, added]).sort_by("platform")


def _in_texts(store: GraphStore, pictured: pa.Table, marks: pa.Table) -> pa.Table:
    """Of ads with a watermark, the contacts that their words give too: those lead by more than the mark."""
    ads = run_sql(_IN_MARKS, {"pictured": pictured, "marks": marks})["ad_id"].to_pylist()
    return fetch(store, _IN_TEXTS, ads=ads) if ads else _IN_TEXTS.schema.empty_table()


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
