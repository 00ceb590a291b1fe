"""What the graph says about accounts, as Arrow tables: everything that resolution reads, read once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache

import pyarrow as pa

from graph.sql import run_sql
from graph.stores import GraphStore
from graph.uses import PERSONAL_CODES

ACCOUNTS = """
MATCH (a:Account)
RETURN a.id AS account, a.platform AS platform, a.seller_id AS login, a.name AS name, a.url AS url
"""

POSTS = """
MATCH (ad:Ad) WHERE ad.account_id IS NOT NULL
RETURN ad.account_id AS account, ad.seen_at AS seen, ad.seller_name AS name, ad.location AS place
"""

# One query a label: labels(n) differs between the stores. A 400 or 800 line is a firm's or a platform's, whatever words
# stand beside it; a group has many members, and who names it may be any of them.
PHONES = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:Phone)
WHERE m.candidate_of IS NULL AND ad.account_id IS NOT NULL AND coalesce(c.kind, '') <> 'hotline'
RETURN ad.account_id AS account, c.id AS contact, m.role AS role, m.cue IS NOT NULL AS cued,
       m.place = 'seller_name' AS in_name, ad.id AS ad, ad.seen_at AS seen
"""
EMAILS = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:Email)
WHERE m.candidate_of IS NULL AND ad.account_id IS NOT NULL
RETURN ad.account_id AS account, c.id AS contact, m.role AS role, m.cue IS NOT NULL AS cued,
       m.place = 'seller_name' AS in_name, ad.id AS ad, ad.seen_at AS seen
"""
HANDLES = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:Handle)
WHERE m.candidate_of IS NULL AND ad.account_id IS NOT NULL AND c.service <> 'qq_group'
RETURN ad.account_id AS account, c.id AS contact, m.role AS role, m.cue IS NOT NULL AS cued,
       m.place = 'seller_name' AS in_name, ad.id AS ad, ad.seen_at AS seen
"""
LINKS = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:Link)
WHERE m.candidate_of IS NULL AND ad.account_id IS NOT NULL
RETURN ad.account_id AS account, c.id AS contact, m.role AS role, m.cue IS NOT NULL AS cued,
       m.place = 'seller_name' AS in_name, ad.id AS ad, ad.seen_at AS seen
"""
CODES = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:QRCode)
WHERE ad.account_id IS NOT NULL AND c.kind IN $kinds
RETURN ad.account_id AS account, c.id AS contact, m.role AS role, m.cue IS NOT NULL AS cued,
       m.place = 'seller_name' AS in_name, ad.id AS ad, ad.seen_at AS seen
"""
WATERMARKS = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:Watermark)
WHERE ad.account_id IS NOT NULL
RETURN ad.account_id AS account, c.id AS contact, m.role AS role, m.cue IS NOT NULL AS cued,
       m.place = 'seller_name' AS in_name, ad.id AS ad, ad.seen_at AS seen
"""
# What a code resolves to counts as given by who shows the code, whatever the code's kind.
CODED_HANDLES = """
MATCH (ad:Ad)-[m:MENTIONS]->(q:QRCode)-[:RESOLVES_TO]->(c:Handle)
WHERE ad.account_id IS NOT NULL AND c.service <> 'qq_group'
RETURN ad.account_id AS account, c.id AS contact, m.role AS role, m.cue IS NOT NULL AS cued,
       m.place = 'seller_name' AS in_name, ad.id AS ad, ad.seen_at AS seen
"""
CODED_PHONES = """
MATCH (ad:Ad)-[m:MENTIONS]->(q:QRCode)-[:RESOLVES_TO]->(c:Phone)
WHERE ad.account_id IS NOT NULL AND coalesce(c.kind, '') <> 'hotline'
RETURN ad.account_id AS account, c.id AS contact, m.role AS role, m.cue IS NOT NULL AS cued,
       m.place = 'seller_name' AS in_name, ad.id AS ad, ad.seen_at AS seen
"""
CODED_LINKS = """
MATCH (ad:Ad)-[m:MENTIONS]->(q:QRCode)-[:RESOLVES_TO]->(c:Link)
WHERE ad.account_id IS NOT NULL AND NOT q.kind IN $kinds
RETURN ad.account_id AS account, c.id AS contact, m.role AS role, m.cue IS NOT NULL AS cued,
       m.place = 'seller_name' AS in_name, ad.id AS ad, ad.seen_at AS seen
"""
GOODS = """
MATCH (ad:Ad)-[:OFFERS]->(c:Commodity) WHERE ad.account_id IS NOT NULL
RETURN ad.account_id AS account, c.taxon_id AS taxon, count(*) AS ads
"""
PHOTOS = """
MATCH (ad:Ad)-[:SHOWS]->(i:Image)-[:COPY_OF]->(p:Photo)
WHERE ad.account_id IS NOT NULL AND coalesce(p.weak, false) = false
RETURN ad.account_id AS account, p.id AS photo, count(*) AS ads, min(ad.seen_at) AS first_seen
"""
TEMPLATES = """
MATCH (ad:Ad) WHERE ad.account_id IS NOT NULL AND ad.templates IS NOT NULL
RETURN ad.account_id AS account, ad.templates AS bands
"""
ALL_HANDLES = """
MATCH (h:Handle) RETURN h.id AS handle, h.service AS service, h.value AS handle_value
"""
ALL_LINKS = """
MATCH (l:Link) RETURN l.id AS link, l.url AS url
"""

# The same of given accounts only. The embedded store follows an OPTIONAL MATCH from the accounts that it has found;
# after MATCH it would join all there are: 900 of a million accounts take .05 s instead of 4.
_FROM_ACCOUNTS = """
UNWIND $accounts AS one
MATCH (a:Account {{id: one}})
OPTIONAL MATCH (a)-[:POSTED]->(ad:Ad)
{further}WITH * WHERE {found}{condition}
RETURN {returned}
"""
_PARTS = re.compile(r"MATCH \(ad:Ad\)(\S*)\s+WHERE (.*?)\s+RETURN (.*)", re.DOTALL)
# What tells that an account's advertisements, or what was read in them, changed since it was last looked at: numbers
# only, since the store counts them quickly. One query a label: labels(n) differs between the stores.
ADS_COUNTED = """
MATCH (ad:Ad) WHERE ad.account_id IS NOT NULL
RETURN ad.account_id AS account, count(*) AS ads, max(ad.seen_at) AS last_seen, count(ad.location) AS places,
       count(ad.templates) AS templated
"""
PHONES_COUNTED = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:Phone) WHERE ad.account_id IS NOT NULL AND m.candidate_of IS NULL
RETURN ad.account_id AS account, count(*) AS mentions, count(m.cue) AS cued, sum(m.span_start) AS places_sum,
       sum(CASE WHEN m.role = 'own' THEN 1 ELSE 0 END) AS own
"""
HANDLES_COUNTED = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:Handle) WHERE ad.account_id IS NOT NULL AND m.candidate_of IS NULL
RETURN ad.account_id AS account, count(*) AS mentions, count(m.cue) AS cued, sum(m.span_start) AS places_sum,
       sum(CASE WHEN m.role = 'own' THEN 1 ELSE 0 END) AS own
"""
CODES_COUNTED = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:QRCode) WHERE ad.account_id IS NOT NULL
RETURN ad.account_id AS account, count(*) AS mentions, min(c.id) AS least, max(c.id) AS most
"""
EMAILS_COUNTED = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:Email) WHERE ad.account_id IS NOT NULL AND m.candidate_of IS NULL
RETURN ad.account_id AS account, count(*) AS mentions, sum(m.span_start) AS places_sum
"""
LINKS_COUNTED = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:Link) WHERE ad.account_id IS NOT NULL AND m.candidate_of IS NULL
RETURN ad.account_id AS account, count(*) AS mentions, sum(m.span_start) AS places_sum
"""
WATERMARKS_COUNTED = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:Watermark) WHERE ad.account_id IS NOT NULL
RETURN ad.account_id AS account, count(*) AS mentions, min(c.id) AS least, max(c.id) AS most
"""
PHOTOS_COUNTED = """
MATCH (ad:Ad)-[:SHOWS]->(i:Image)-[:COPY_OF]->(p:Photo)
WHERE ad.account_id IS NOT NULL AND coalesce(p.weak, false) = false
RETURN ad.account_id AS account, count(*) AS pictures, min(p.id) AS least, max(p.id) AS most
"""
_COUNTED = (
    ADS_COUNTED, PHONES_COUNTED, HANDLES_COUNTED, CODES_COUNTED, EMAILS_COUNTED, LINKS_COUNTED, WATERMARKS_COUNTED,
    PHOTOS_COUNTED,
)  # fmt: skip

_TEXT, _TIME, _COUNT = pa.string(), pa.timestamp("us"), pa.int64()
SCHEMAS = {
    "accounts": pa.schema([(name, _TEXT) for name in ("account", "platform", "login", "name", "url")]),
    "posts": pa.schema([("account", _TEXT), ("seen", _TIME), ("name", _TEXT), ("place", _TEXT)]),
    "sightings": pa.schema(
        [
            ("account", _TEXT), ("contact", _TEXT), ("role", _TEXT), ("cued", pa.bool_()), ("in_name", pa.bool_()),
            ("ad", _TEXT), ("seen", _TIME),
        ]
    ),
    "goods": pa.schema([("account", _TEXT), ("taxon", _TEXT), ("ads", _COUNT)]),
    "photos": pa.schema([("account", _TEXT), ("photo", _TEXT), ("ads", _COUNT), ("first_seen", _TIME)]),
    "templates": pa.schema([("account", _TEXT), ("bands", pa.list_(_TEXT))]),
    "handles": pa.schema([("handle", _TEXT), ("service", _TEXT), ("handle_value", _TEXT)]),
    "links": pa.schema([("link", _TEXT), ("url", _TEXT)]),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Observations:
    """All that resolution reads, as tables.

    Attributes:
        accounts: account, platform, login, name, url; one row an account.
        posts: account, seen, name (display name), place; one row an advertisement.
        sightings: account, contact, role (as read beside it), cued (a word told the role), in_name (it stands in
            the display name), ad, seen; one row a mention, warnings too.
        goods: account, taxon, ads.
        photos: account, photo, ads, first_seen; photographs too plain to tell apart are left out.
        templates: account, bands; one row an advertisement with enough words.
        handles: handle, service, handle_value; every handle of the graph, whoever's it is.
        links: link, url; every web address of the graph.
    """

    accounts: pa.Table
    posts: pa.Table
    sightings: pa.Table
    goods: pa.Table
    photos: pa.Table
    templates: pa.Table
    handles: pa.Table
    links: pa.Table

    def tables(self) -> dict[str, pa.Table]:
        """All tables by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def read_accounts(store: GraphStore) -> pa.Table:
    """The accounts of the graph; see `Observations`."""
    return _typed("accounts", store.read(ACCOUNTS))


def observe(store: GraphStore, accounts: Sequence[str] | None = None, *, known: pa.Table | None = None) -> Observations:
    """Read the store. See `Observations`.

    Args:
        accounts: read the advertisements of these only; accounts, handles and links are read whole all the same.
        known: what `read_accounts` gave, where that was read already.
    """

    def read(name: str, query: str, **params: object) -> pa.Table:
        if accounts is None:
            return _typed(name, store.read(query, **params))
        return _typed(name, store.read(_of_accounts(query), accounts=list(accounts), **params))

    plain = (PHONES, EMAILS, HANDLES, LINKS, WATERMARKS, CODED_HANDLES, CODED_PHONES)
    sightings = [read("sightings", query) for query in plain]
    # The link in a personal code is that code again.
    sightings += [read("sightings", query, kinds=list(PERSONAL_CODES)) for query in (CODES, CODED_LINKS)]
    return Observations(
        accounts=read_accounts(store) if known is None else known,
        posts=read("posts", POSTS),
        sightings=pa.concat_tables(sightings),
        goods=read("goods", GOODS),
        photos=read("photos", PHOTOS),
        templates=read("templates", TEMPLATES),
        handles=_typed("handles", store.read(ALL_HANDLES)),
        links=_typed("links", store.read(ALL_LINKS)),
    )


def posts_of(store: GraphStore, accounts: Sequence[str]) -> pa.Table:
    """The posts of these accounts; see `Observations`."""
    return _typed("posts", store.read(_of_accounts(POSTS), accounts=list(accounts)))


@cache
def _of_accounts(query: str) -> str:
    """A query of this page for the advertisements of $accounts."""
    parts = _PARTS.search(query)
    assert parts is not None
    way, condition, returned = parts.groups()
    last = way.rpartition("(")[2].partition(":")[0]
    further, found = (f"OPTIONAL MATCH (ad){way}\n", f"{last} IS NOT NULL AND ") if way else ("", "")
    return _FROM_ACCOUNTS.format(further=further, found=found, condition=condition, returned=returned)


def fingerprints(store: GraphStore, accounts: pa.Table) -> pa.Table:
    """account, print: equal prints mean that nothing changed that resolution reads of the account.

    Every account is there. Counts are compared, not words: that a lexicon names other goods than before is not seen.
    """
    tables = [store.read(query) for query in _COUNTED]
    counted = {f"counted_{number}": table for number, table in enumerate(tables) if table.num_rows}
    joins = " ".join(f"LEFT JOIN {name} USING (account)" for name in counted)
    prints = ", ".join(["a.name", "a.url", *counted])
    return run_sql(
        f"SELECT a.account, hash({prints}) AS print FROM accounts a {joins}",
        counted | {"accounts": accounts},
    )


def _typed(name: str, table: pa.Table) -> pa.Table:
    """An empty answer has columns without a type."""
    schema = SCHEMAS[name]
    return table.select(schema.names).cast(schema)
