"""Everything the graph knows of one seller, each row traceable to advertisements and captured files."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from graph.captions import contact_captions
from graph.citations import read_from
from graph.facts import (
    COUNT,
    FLAG,
    NUMBER,
    PLATFORMS,
    RUNS,
    TEXT,
    TIME,
    fetch,
    local_days,
    read_of,
)
from graph.merges import merges, near
from graph.paths import paths_to_seller, seller_paths
from graph.sql import run_sql
from graph.stores.base import GraphStore
from graph.uses import by_seller, decisions, undecided
from sellergraph.case import DEFAULT_TIMEZONE
from sellergraph.errors import UsageError

_SELLER = read_of(
    """MATCH (s:Seller {id: $seller_id})
    RETURN s.id AS seller_id, s.name AS name, s.run_id AS run_id""",
    seller_id=TEXT, name=TEXT, run_id=TEXT,
)  # fmt: skip
_OF_ACCOUNT = read_of(
    "MATCH (a:Account {id: $account_id})-[:RUN_BY]->(s:Seller) RETURN s.id AS seller_id", seller_id=TEXT
)
_STARTING = read_of("MATCH (s:Seller) WHERE s.id STARTS WITH $start RETURN s.id AS seller_id", seller_id=TEXT)
_SUCCESSOR = read_of(
    "MATCH (later:Seller)-[:SUPERSEDES]->(s:Seller {id: $seller_id}) RETURN later.id AS seller_id", seller_id=TEXT
)
_ACCOUNTS = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[r:RUN_BY]-(a:Account)
    RETURN a.id AS account_id, a.platform AS platform, a.seller_id AS login, a.name AS name, a.url AS url,
           r.probability AS probability, s.id AS seller_id""",
    account_id=TEXT, platform=TEXT, login=TEXT, name=TEXT, url=TEXT, probability=NUMBER, seller_id=TEXT,
)  # fmt: skip
_ADS = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    MATCH (a)-[:POSTED]->(ad:Ad)
    RETURN ad.id AS ad_id, ad.platform AS platform, a.id AS account_id, ad.seller_name AS seller_name,
           ad.seen_at AS seen_at, ad.posted_at AS posted_at, ad.captured_at AS captured_at, ad.title AS title,
           ad.text AS text, ad.textless AS textless, ad.price_cents AS price_cents, ad.currency AS currency,
           ad.location AS location, ad.views AS views, ad.comments AS comments, ad.url AS url""",
    ad_id=TEXT, platform=TEXT, account_id=TEXT, seller_name=TEXT, seen_at=TIME, posted_at=TIME, captured_at=TIME,
    title=TEXT, text=TEXT, textless=FLAG, price_cents=COUNT, currency=TEXT, location=TEXT, views=COUNT,
    comments=COUNT, url=TEXT,
)  # fmt: skip
_IMAGES = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    MATCH (a)-[:POSTED]->(ad:Ad)
    MATCH (ad)-[r:SHOWS]->(i:Image)
    RETURN ad.id AS ad_id, r.position AS place, i.id AS image_id, i.path AS path, i.problem AS problem""",
    ad_id=TEXT, place=COUNT, image_id=TEXT, path=TEXT, problem=TEXT,
)  # fmt: skip
_OFFERS = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    MATCH (a)-[:POSTED]->(ad:Ad)
    MATCH (ad)-[r:OFFERS]->(c:Commodity)
    MATCH (c)-[:OF]->(t:Taxon)
    RETURN ad.id AS ad_id, t.id AS taxon_id, t.name_en AS name_en, t.name_zh AS name_zh,
           t.scientific_name AS scientific_name, t.cites AS cites, t.red_list AS red_list,
           t.national_level AS national_level, t.status_date AS status_date, c.part AS part, r.term AS term""",
    ad_id=TEXT, taxon_id=TEXT, name_en=TEXT, name_zh=TEXT, scientific_name=TEXT, cites=TEXT, red_list=TEXT,
    national_level=TEXT, status_date=TEXT, part=TEXT, term=TEXT,
)  # fmt: skip
_CAPTURES = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    MATCH (a)-[:POSTED]->(ad:Ad)
    MATCH (ad)-[r:CAPTURED_IN]->(c:Capture)
    RETURN ad.id AS ad_id, c.id AS capture_id, c.name AS file, r.line AS line, r.words AS words""",
    ad_id=TEXT, capture_id=TEXT, file=TEXT, line=COUNT, words=TEXT,
)  # fmt: skip
_MENTIONS = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    MATCH (a)-[:POSTED]->(ad:Ad)
    MATCH (ad)-[m:MENTIONS]->(c:Phone|Handle|QRCode|Email|Link) WHERE m.candidate_of IS NULL
    RETURN c.id AS contact_id, ad.id AS ad_id, a.id AS account_id, a.platform AS platform, ad.seen_at AS seen_at,
           m.place AS place, m.span_start AS span_start, m.span_end AS span_end, m.raw AS raw, m.method AS method,
           m.role AS role, m.cue AS cue, m.image_id AS image_id""",
    contact_id=TEXT, ad_id=TEXT, account_id=TEXT, platform=TEXT, seen_at=TIME, place=TEXT, span_start=COUNT,
    span_end=COUNT, raw=TEXT, method=TEXT, role=TEXT, cue=TEXT, image_id=TEXT,
)  # fmt: skip
_USERS = read_of(
    """MATCH (c:Phone|Handle|QRCode|Email|Link) WHERE c.id IN $contacts
    MATCH (ad:Ad)-[m:MENTIONS]->(c)
    WHERE ad.account_id IS NOT NULL AND m.role <> 'warning' AND m.candidate_of IS NULL
    RETURN DISTINCT c.id AS contact_id, ad.account_id AS account_id""",
    contact_id=TEXT, account_id=TEXT,
)  # fmt: skip
_ACCOUNT = read_of("MATCH (a:Account {id: $account_id}) RETURN a.id AS account_id", account_id=TEXT)
_ALL_ACCOUNTS = read_of("MATCH (a:Account) RETURN a.id AS account_id", account_id=TEXT)

_PROFILE_ACCOUNTS = """
SELECT account_id, platform, coalesce(p.name, platform) AS platform_name, p.kind AS kind, login, a.name AS name, a.url,
       coalesce(ads, 0) AS ads, coalesce(active_days, 0) AS active_days, first_ad, last_ad, probability
FROM accounts a LEFT JOIN platforms p USING (platform) LEFT JOIN (
    SELECT account_id, count(*) AS ads, count(DISTINCT day) AS active_days, min(seen_at) AS first_ad,
           max(seen_at) AS last_ad
    FROM ads GROUP BY account_id
) USING (account_id)
ORDER BY ads DESC, account_id
"""
_PROFILE_ADS = """
SELECT ad_id, seen_at, posted_at, captured_at, platform, coalesce(p.name, platform) AS platform_name, p.kind AS kind,
       account_id, seller_name, title, text, textless, price_cents, currency, location, views, comments, ads.url,
       coalesce(species, []) AS species, coalesce(paths, []) AS image_paths, file, line, capture_id
FROM ads LEFT JOIN platforms p USING (platform)
LEFT JOIN (SELECT ad_id, list(DISTINCT taxon_id ORDER BY taxon_id) AS species FROM offers GROUP BY ad_id) USING (ad_id)
LEFT JOIN (SELECT ad_id, list(path ORDER BY place, image_id) AS paths FROM images GROUP BY ad_id) USING (ad_id)
LEFT JOIN sources USING (ad_id)
ORDER BY seen_at DESC NULLS LAST, ad_id
"""
_PROFILE_CONTACTS = """
WITH roles AS (
    SELECT contact_id, arg_min(role, (-n, role)) AS read_role
    FROM (SELECT contact_id, role, count(*) AS n FROM mentions GROUP BY ALL) GROUP BY contact_id
), read AS (
    SELECT *, CASE WHEN image_id IS NULL THEN place ELSE 'picture' END AS read_in FROM mentions
), users AS (
    SELECT contact_id, count(DISTINCT account_id) AS all_accounts,
           count(DISTINCT seller_id) FILTER (seller_id <> $seller_id) AS other_sellers
    FROM used LEFT JOIN runs USING (account_id) GROUP BY contact_id
)
SELECT kind, contact_id, any_value(caption) AS caption,
       coalesce(any_value(decided.role), any_value(left_out.role), any_value(read_role)) AS role,
       any_value(read_role) AS read_role, any_value(own_probability) AS own_probability,
       coalesce(any_value(decided.reason), any_value(why)) AS reason,
       count(DISTINCT ad_id) AS ads, count(DISTINCT account_id) AS accounts,
       list(DISTINCT platform ORDER BY platform) AS platforms, list(DISTINCT method ORDER BY method) AS methods,
       list(DISTINCT read_in ORDER BY read_in) AS places,
       min(seen_at) AS first_ad, max(seen_at) AS last_ad,
       any_value(all_accounts) AS all_accounts, any_value(other_sellers) AS other_sellers
FROM read LEFT JOIN captions USING (contact_id) LEFT JOIN roles USING (contact_id)
LEFT JOIN users USING (contact_id) LEFT JOIN decided USING (contact_id) LEFT JOIN left_out USING (contact_id)
GROUP BY kind, contact_id
ORDER BY accounts DESC, ads DESC, contact_id
"""
_PROFILE_SPECIES = """
SELECT taxon_id, any_value(name_en) AS name_en, any_value(name_zh) AS name_zh,
       any_value(scientific_name) AS scientific_name, any_value(cites) AS cites, any_value(red_list) AS red_list,
       any_value(national_level) AS national_level, any_value(status_date) AS status_date,
       count(DISTINCT ad_id) AS ads,
       list(DISTINCT part ORDER BY part) AS parts, list(DISTINCT term ORDER BY term) AS terms
FROM offers GROUP BY taxon_id ORDER BY ads DESC, taxon_id
"""
_SUMMARY = """
SELECT seller_id, coalesce(name, seller_id) AS name, ads, accounts, platforms, active_days, first_ad, last_ad,
       names, run_id
FROM seller CROSS JOIN (
    SELECT count(*) AS ads, count(DISTINCT day) AS active_days, min(seen_at) AS first_ad, max(seen_at) AS last_ad
    FROM ads
) CROSS JOIN (
    SELECT count(*) AS accounts, count(DISTINCT platform) AS platforms FROM accounts
) CROSS JOIN (
    SELECT coalesce(list(DISTINCT name ORDER BY name), []) AS names FROM (
        SELECT name FROM accounts UNION ALL SELECT seller_name FROM ads
    ) WHERE name IS NOT NULL
)
ORDER BY seller_id
"""
# What is shown of an ambiguous id's matches.
_LISTED = 5


@dataclass(frozen=True)
class SellerProfile:
    """One seller, a table a part; times are UTC without offset.

    Attributes:
        seller: one row: seller_id, name, ads, accounts, platforms, active_days, first_ad, last_ad, names, run_id.
        accounts: account_id, platform, platform_name, kind, login, name, url, ads, active_days, first_ad, last_ad,
            probability; most ads first.
        contacts: kind, contact_id, caption, role (as decided, before a resolution as read most often), read_role,
            own_probability, reason (of the decision, or why there is none, in words), ads, accounts, platforms,
            methods, places (title, text, ... or picture), first_ad, last_ad, all_accounts (in the whole case),
            other_sellers; those who warn of it count in neither.
        mentions: contact_id, ad_id, account_id, platform, seen_at, place, span_start, span_end, raw, method, role,
            cue, image_id: every place where a contact was read.
        merges: joined pairs: left_id, left_name, left_platform, right_id, right_name, right_platform, probability,
            weight, evidence (in words), comparisons and weights (bits) of each line of it, contacts (ids),
            contact_names (readable); surest first.
        near: pairs with an account of another seller that were not joined, likeliest first, at most 50: account_id,
            account_name, account_platform, other_id, other_name, other_platform, other_seller, other_seller_name,
            capped (what both show that was too common), cut (why it was not used though likely), the rest as above.
        species: taxon_id, name_en, name_zh, scientific_name, cites, red_list, national_level, status_date,
            ads, parts, terms.
        ads: newest first: ad_id, seen_at, posted_at, captured_at, platform, platform_name, kind, account_id,
            seller_name, title, text, textless, price_cents, currency, location, views, comments, url, species,
            image_paths (relative to the evidence store), file, line, capture_id.
        images: ad_id, place, image_id, path, problem.
        paths_out: as graph.paths.seller_paths. paths_in: as graph.paths.paths_to_seller.
    """

    seller_id: str
    seller: pa.Table
    accounts: pa.Table
    contacts: pa.Table
    merges: pa.Table
    near: pa.Table
    species: pa.Table
    ads: pa.Table
    images: pa.Table
    mentions: pa.Table
    paths_out: pa.Table
    paths_in: pa.Table


def seller_profile(store: GraphStore, seller_id: str, timezone: str = DEFAULT_TIMEZONE) -> SellerProfile:
    """Gather what is known of a seller.

    Args:
        seller_id: a seller's id or the start of it, or the id of an account ('platform|seller_id').
        timezone: of the days that are counted as active.

    Raises:
        UsageError: nothing of that id, or the start fits several sellers.
    """
    found = find_seller(store, seller_id)
    tables = _gather(store, found, timezone)
    return SellerProfile(
        seller_id=found,
        seller=run_sql(_SUMMARY, tables),
        accounts=run_sql(_PROFILE_ACCOUNTS, tables),
        contacts=run_sql(_PROFILE_CONTACTS, tables, {"seller_id": found}),
        merges=merges(store, found),
        near=near(store, found),
        species=run_sql(_PROFILE_SPECIES, tables),
        ads=run_sql(_PROFILE_ADS, tables),
        images=tables["images"].sort_by([("ad_id", "ascending"), ("place", "ascending"), ("image_id", "ascending")]),
        mentions=_sorted_mentions(tables["mentions"]),
        paths_out=seller_paths(store, found),
        paths_in=paths_to_seller(store, found),
    )


def find_seller(store: GraphStore, wanted: str) -> str:
    """The seller's id that a user means by a seller's id, the start of one, or an account's id.

    An earlier seller whose accounts one later seller took over stands for that one.

    Raises:
        UsageError: none, or several.
    """
    wanted = wanted.strip()
    if fetch(store, _SELLER, seller_id=wanted).num_rows:
        return _current(store, wanted)
    of_account = fetch(store, _OF_ACCOUNT, account_id=wanted)["seller_id"].to_pylist()
    if of_account:
        return str(min(of_account))
    starts = [wanted, f"seller:{wanted}"] if wanted else []
    hits = sorted({row for start in starts for row in fetch(store, _STARTING, start=start)["seller_id"].to_pylist()})
    if len(hits) == 1:
        return _current(store, hits[0])
    raise UsageError(_not_one(store, wanted, hits))


def _current(store: GraphStore, seller_id: str) -> str:
    if fetch(store, _ACCOUNTS, seller_id=seller_id).num_rows:
        return seller_id
    later = sorted(set(fetch(store, _SUCCESSOR, seller_id=seller_id)["seller_id"].to_pylist()))
    if len(later) > 1:
        raise UsageError(f"{seller_id} was split; its accounts are now run by {', '.join(later[:_LISTED])}")
    return later[0] if later else seller_id


def _not_one(store: GraphStore, wanted: str, hits: list[str]) -> str:
    if hits:
        more = f" and {len(hits) - _LISTED} more" if len(hits) > _LISTED else ""
        return f"{wanted!r} is the start of {len(hits)} sellers: {', '.join(hits[:_LISTED])}{more}"
    if not fetch(store, RUNS).num_rows and fetch(store, _ALL_ACCOUNTS).num_rows:
        return "no sellers yet: run sellergraph resolve"
    if fetch(store, _ACCOUNT, account_id=wanted).num_rows:
        return f"the account {wanted} came after the last resolution: run sellergraph resolve"
    return (
        f"no seller or account {wanted!r}; a seller's id looks like seller:3f2a90bc11de, an account's like "
        "xianyu|u123; sellergraph sellers lists them"
    )


def _gather(store: GraphStore, seller_id: str, timezone: str) -> dict[str, pa.Table]:
    """Every table that the profile's SQL names."""
    reads = {"seller": _SELLER, "accounts": _ACCOUNTS, "ads": _ADS, "images": _IMAGES, "offers": _OFFERS}
    reads |= {"captures": _CAPTURES, "mentions": _MENTIONS}
    tables = {name: fetch(store, read, seller_id=seller_id) for name, read in reads.items()}
    tables["ads"] = tables["ads"].append_column("day", local_days(tables["ads"]["seen_at"], timezone))
    contacts = tables["mentions"]["contact_id"].unique().to_pylist()
    used = fetch(store, _USERS, contacts=sorted(contacts)) if contacts else _USERS.schema.empty_table()
    return tables | {
        "platforms": fetch(store, PLATFORMS),
        "sources": read_from(tables["captures"], tables["ads"]),
        "runs": fetch(store, RUNS),
        "used": used,
        "captions": contact_captions(store, contacts),
        **_decided(store, contacts, tables["accounts"]),
    }


def _decided(store: GraphStore, contacts: list[str], accounts: pa.Table) -> dict[str, pa.Table]:
    """Whose the contacts were decided to be, and why nothing was decided about the others."""
    decided = by_seller(decisions(store, contacts), accounts.select(["account_id", "seller_id"]))
    rest = set(contacts) - set(decided["contact_id"].to_pylist())
    return {"decided": decided, "left_out": undecided(store, rest)}


def _sorted_mentions(mentions: pa.Table) -> pa.Table:
    keys = ("contact_id", "seen_at", "ad_id", "place", "span_start")
    return mentions.sort_by([(key, "ascending") for key in keys])
