"""One row an account: everything that comparisons look at, with lists by rarity, so that comparing is overlap of lists.

A key is a contact in one tenure ('tel:+86…#1'); surer keys name the spell as well ('tel:+86…#1.1').
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The account's own beyond reasonable doubt, very likely, and more likely than not.
SURE, GOOD, LIKELY = 0.98, 0.9, 0.5
# Hardly its own.
NOT_OWN = 0.1
# Rarity: seen on at most so many accounts.
FEW, SOME = 5, 30
# A group of photographs or a template on more accounts is a stock photograph's or the trade's.
PHOTO_FEW, PHOTO_SOME = 3, 12
TEMPLATE_MOST = 6
WATERMARK_MOST = 5
# Shortest time in days that makes a contact a long-lived one of an account.
LONG_LIVED = 60

# Lists that are only compared, never shown, hold 63 bits of a hash of each key: comparing them takes a third less time.
_CODED = """
CREATE OR REPLACE TEMP MACRO coded(key) AS (hash(key) >> 1)::BIGINT
"""
KINDS = """
CREATE OR REPLACE TEMP MACRO kind_of(contact) AS CASE
    WHEN contact LIKE 'tel:%' THEN 'number' WHEN contact LIKE 'qr:%' THEN 'code'
    WHEN contact LIKE 'link:%' THEN 'page' ELSE 'handle' END
"""
_LOGINS = """
CREATE OR REPLACE TEMP TABLE logins AS
SELECT DISTINCT contact, account FROM owned WHERE named
"""
# What names an account is compared as that, not once more as a handle that both show.
_KEYS = """
CREATE OR REPLACE TEMP TABLE keys AS
SELECT o.contact, o.account, kind_of(o.contact) AS kind, o.contact || '#' || tenure AS key,
       o.contact || '#' || tenure || '.' || spell AS sure_key, o.own_probability AS p, o.named, o.ads,
       count(*) OVER (PARTITION BY o.contact, tenure) AS accounts,
       date_diff('day', o.first_seen, o.last_seen) AS lasted, o.first_seen, o.last_seen
FROM owned o JOIN tenures t USING (contact, account)
WHERE o.own_probability >= $likely
"""
_LISTS = """
CREATE OR REPLACE TEMP TABLE key_lists AS
WITH unnamed AS (SELECT * FROM keys WHERE contact NOT IN (SELECT contact FROM logins))
SELECT account, {columns} FROM unnamed GROUP BY account
"""
_OWN_LISTS = """
CREATE OR REPLACE TEMP TABLE own_lists AS
SELECT account, list(coded(key)) AS own_keys,
       arg_max(sure_key, (p, accounts <= 30, ads, sure_key)) FILTER (accounts > 1 AND p >= $sure) AS main_key
FROM keys GROUP BY account
"""
_NAMED_LISTS = """
CREATE OR REPLACE TEMP TABLE named_lists AS
SELECT account, list(key) FILTER (named) AS login_keys,
       list(key) FILTER (NOT named AND p >= $sure) AS gives_sure,
       list(key) FILTER (NOT named AND p >= $good) AS gives_good,
       list(key) FILTER (NOT named) AS gives
FROM keys WHERE contact IN (SELECT contact FROM logins) AND accounts <= $most GROUP BY account
"""
_LONG = """
CREATE OR REPLACE TEMP TABLE long_lists AS
SELECT account, list(coded(key)) AS long_keys,
       list(contact) AS own_contacts
FROM keys WHERE lasted >= $long AND p >= $sure GROUP BY account
"""
_OTHERS = """
CREATE OR REPLACE TEMP TABLE other_lists AS
SELECT account, list(contact) FILTER (warning > 0 AND own_probability < $not_own) AS warned_of,
       list(contact) FILTER (own_probability < $not_own) AS not_own
FROM owned GROUP BY account
"""
_PHOTO_LISTS = """
CREATE OR REPLACE TEMP TABLE photo_lists AS
WITH shared AS (
    SELECT DISTINCT photo, account FROM pictured
), counted AS (SELECT *, count(*) OVER (PARTITION BY photo) AS n FROM shared)
SELECT account, list(photo) FILTER (n BETWEEN 2 AND $few) AS photos_few,
       list(photo) FILTER (n BETWEEN 2 AND $some) AS photos_some
FROM counted WHERE n BETWEEN 2 AND $some GROUP BY account
"""
_TEMPLATE_LISTS = """
CREATE OR REPLACE TEMP TABLE template_lists AS
WITH rare AS (SELECT *, count(*) OVER (PARTITION BY band) AS n FROM banded)
SELECT account, list(band) AS templates FROM rare WHERE n BETWEEN 2 AND $most GROUP BY account
"""
_WATERMARK_LISTS = """
CREATE OR REPLACE TEMP TABLE watermark_lists AS
WITH counted AS (SELECT *, count(*) OVER (PARTITION BY contact) AS n FROM watermarked)
SELECT account, list(contact) AS watermarks FROM counted WHERE n BETWEEN 2 AND $most GROUP BY account
"""
_PLACE_LISTS = """
CREATE OR REPLACE TEMP TABLE place_lists AS
SELECT account, list(place ORDER BY ads DESC, place) AS all_places,
       list(place ORDER BY place) FILTER (ads * 5 >= total) AS places
FROM (SELECT *, sum(ads) OVER (PARTITION BY account) AS total FROM places) GROUP BY account
"""
_GOODS_LISTS = """
CREATE OR REPLACE TEMP TABLE goods_lists AS
SELECT account, list(taxon ORDER BY taxon) FILTER (ads * 10 >= total) AS goods
FROM (SELECT *, sum(ads) OVER (PARTITION BY account) AS total FROM offered) GROUP BY account
"""
_NAME_LISTS = """
CREATE OR REPLACE TEMP TABLE name_lists AS
SELECT account, list(DISTINCT name ORDER BY name) AS names FROM names GROUP BY account
"""
# Letters of an id without its digits and signs: people number their logins.
STEM = "SELECT account, nullif(regexp_replace(lower(login), '[^a-z]', '', 'g'), '') AS stem FROM {accounts}"
_STEMS = """
CREATE OR REPLACE TEMP TABLE stems AS
SELECT account, stem, count(*) OVER (PARTITION BY stem) AS stem_accounts FROM all_stems WHERE length(stem) >= 5
"""
_PROFILES = """
SELECT a.account AS unique_id, a.platform, lower(a.login) AS login, e.stem, e.stem_accounts::INT AS stem_accounts,
    n.name,
       coalesce(c.accounts, 1)::INT AS name_accounts, coalesce(c.spread, 1)::INT AS name_spread, nl.names, {lists},
           login_keys, gives_sure, gives_good, gives, own_keys, main_key,
       long_keys, own_contacts, warned_of, not_own, photos_few, photos_some, t.templates, w.watermarks, p.places,
       p.all_places,
       g.goods, s.first_seen, s.last_seen, coalesce(s.ads, 0)::BIGINT AS ads, s.days::INT AS days
FROM accounts a LEFT JOIN name_of n USING (account) LEFT JOIN name_count c ON c.name = n.name
LEFT JOIN name_lists nl ON nl.account = a.account
LEFT JOIN key_lists k ON k.account = a.account LEFT JOIN named_lists l ON l.account = a.account
LEFT JOIN long_lists y ON y.account = a.account LEFT JOIN other_lists o ON o.account = a.account
LEFT JOIN photo_lists f ON f.account = a.account LEFT JOIN template_lists t ON t.account = a.account
LEFT JOIN watermark_lists w ON w.account = a.account LEFT JOIN place_lists p ON p.account = a.account
LEFT JOIN goods_lists g ON g.account = a.account LEFT JOIN spans s ON s.account = a.account
LEFT JOIN stems e ON e.account = a.account LEFT JOIN own_lists v ON v.account = a.account
"""
KEY_KINDS = ("number", "handle", "code", "page")
# name of the list, what it holds of a key, least probability, most accounts
KEY_LISTS = (
    ("sure_few", "coded(sure_key)", SURE, FEW),
    ("sure_some", "coded(sure_key)", SURE, SOME),
    ("sure_all", "coded(sure_key)", SURE, None),
    ("good", "coded(key)", GOOD, None),
    ("likely", "key", LIKELY, None),
)


def make_profiles(db: DuckDBPyConnection) -> None:
    """Make the table profiles, a row an account, sorted by unique_id (the account's id)."""
    for statement in (_CODED, KINDS, _LOGINS):
        db.execute(statement)
    db.execute(_KEYS, {"likely": LIKELY})
    db.execute(_LISTS.format(columns=", ".join(_key_columns())))
    db.execute(_NAMED_LISTS, {"sure": SURE, "good": GOOD, "most": SOME * 2})
    db.execute(_OWN_LISTS, {"sure": SURE})
    db.execute(_LONG, {"long": LONG_LIVED, "sure": SURE})
    db.execute(_OTHERS, {"not_own": NOT_OWN})
    db.execute(_PHOTO_LISTS, {"few": PHOTO_FEW, "some": PHOTO_SOME})
    db.execute(_TEMPLATE_LISTS, {"most": TEMPLATE_MOST})
    db.execute(_WATERMARK_LISTS, {"most": WATERMARK_MOST})
    for statement in (_PLACE_LISTS, _GOODS_LISTS, _NAME_LISTS, _STEMS):
        db.execute(statement)
    lists = ", ".join(f"k.{kind}_{name}" for kind in KEY_KINDS for name, *_ in KEY_LISTS)
    db.execute("CREATE OR REPLACE TEMP TABLE profiles AS " + _PROFILES.format(lists=lists))


def _key_columns() -> list[str]:
    return [
        f"list({key}) FILTER (kind = '{kind}' AND p >= {least}"
        + (f" AND accounts <= {most}" if most else "")
        + f") AS {kind}_{name}"
        for kind in KEY_KINDS
        for name, key, least, most in KEY_LISTS
    ]


def profiles_of(db: DuckDBPyConnection) -> pa.Table:
    """The profiles as an Arrow table."""
    return db.sql("FROM profiles ORDER BY unique_id").to_arrow_table()
