"""What ties two different sellers: photographs, suppliers, agents, middlemen, each in bits by its rarity.

Bits say how far a coincidence speaks for working together. That two of N sellers show one photograph which n of N
show is a surprise of log2(N / n) bits; that two sellers work together at all is as improbable as the number of sellers
is large, log2(N / partners). The difference is log2(partners / n), whatever the size of the case (but see PARTNERS).
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from resolvers.communities import STEP

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What more sellers show ties nobody: stock photographs, nationwide couriers. They also bound the pairs: 435 a
# photograph, 1,225 a contact.
PHOTO_SELLERS = 30
CONTACT_SELLERS = 50
# Kind of tie: share of log2(nothing / n) that counts, and the n at which it says nothing.
# agent: a statement, not a coincidence, so rarity counts half; a supplier named by 50 keeps all of them (PAIR_BITS).
# contact: resolution saw it and did not join the two; service: sellers of one city share couriers without knowing each
# other. Both 1.5 bits at most, so that neither ties alone.
KINDS = {
    "photo": (1.0, 32.0),
    "agent": (0.5, 4096.0),
    "supplier": (1.0, 32.0),
    "contact": (0.5, 16.0),
    "mention": (1.0, 16.0),
    "service": (0.5, 16.0),
}
# In a small case few partners are possible, and what a tenth of all sellers show is no rarity: of coincidences those
# say nothing that the root of PARTNERS * sellers show, where that is less than above (in cases of up to 512), and
# more than FEWEST. In made-up markets of 100 stock photographs on 5 to 12 sellers were half of all ties without it.
PARTNERS = 2.0
FEWEST = 8.0
# Pairs below say too little: one photograph that nine show, a guarantor whom five name, a shared courier.
WEAKEST = 2.0
# A contact is a seller's own from here on.
SURE = 0.5
# The shortest silence at which IDENTITY.md cuts a number: who names it longer before or after may mean another owner.
SILENCE_DAYS = 60
REASONS = 3
# Ties that are put into words at once: a million take a gigabyte.
WORDED_AT_ONCE = 100_000
_NO_SELLER = 1 << 31
# Rows that one thread of DuckDB takes at once.
BATCH = 1 << 16

_SELLERS = """
SELECT (row_number() OVER (ORDER BY seller) - 1)::INTEGER AS s, seller FROM (
    SELECT DISTINCT seller FROM members WHERE seller IS NOT NULL AND account IS NOT NULL
)
"""
_ACCOUNTS = """
SELECT DISTINCT m.account, s.s FROM members m JOIN sellers s USING (seller)
"""
# What a contact is to a seller: its own when any of its accounts gives it so, else what most of its ads say.
_GIVEN = """
WITH shown AS (
    SELECT u.contact, a.s, u.role, sum(u.ads) AS ads, min(u.first_seen) AS since, max(u.last_seen) AS until
    FROM uses u JOIN accounts a USING (account)
    WHERE u.role <> 'own' OR coalesce(u.own_probability, 1) >= $sure
    GROUP BY u.contact, a.s, u.role
), shared AS (
    SELECT contact FROM shown WHERE role <> 'warning' GROUP BY contact
    HAVING count(DISTINCT s) BETWEEN 2 AND $limit
), decided AS (
    SELECT * FROM shown SEMI JOIN shared USING (contact)
    QUALIFY row_number() OVER (PARTITION BY contact, s ORDER BY role <> 'own', ads DESC, role) = 1
)
SELECT contact, s, role, since, until, count(*) FILTER (role = 'own') OVER of_it AS owners,
       count(*) FILTER (role <> 'own') OVER of_it AS users
FROM decided WHERE role <> 'warning' WINDOW of_it AS (PARTITION BY contact)
"""
# One seller shows what is another's own. Of several owners it is the one nearest in time, if one is; of several
# contacts of one owner the rarest, since a telephone and a WeChat id beside it are one statement.
_STATEMENTS = """
WITH near AS (
    SELECT g.contact, g.s AS giver, o.s AS owner, g.role, g.users AS n,
           greatest(0, date_diff('day', o.until, g.since), date_diff('day', g.until, o.since)) AS gap
    FROM given g JOIN given o USING (contact)
    WHERE g.role IN ('supplier', 'courier', 'guarantor', 'other') AND o.role = 'own'
), meant AS (
    SELECT * FROM near WHERE gap <= $silence
    QUALIFY rank() OVER (PARTITION BY contact, giver ORDER BY gap) = 1
        AND count(*) OVER (PARTITION BY contact, giver, gap) = 1
)
SELECT giver, owner, CASE role WHEN 'supplier' THEN 'agent' ELSE 'mention' END AS kind, role, contact, n FROM meant
QUALIFY row_number() OVER (PARTITION BY giver, owner, role = 'supplier' ORDER BY n, contact) = 1
"""
# Two sellers show the same contact in the same role: of several the rarest, as above. Who share a supplier
# that is a seller here are tied to him; who give one contact as their own must do so at one time.
_COMMON = """
SELECT a.s AS src, b.s AS dst, a.role, a.contact, CASE a.role WHEN 'own' THEN a.owners ELSE a.users END AS n,
       CASE a.role WHEN 'own' THEN 'contact' WHEN 'supplier' THEN 'supplier' ELSE 'service' END AS kind
FROM given a JOIN given b ON a.contact = b.contact AND a.role = b.role AND a.s < b.s
WHERE a.role IN ('courier', 'guarantor', 'platform') OR (a.role = 'supplier' AND a.owners = 0)
   OR (a.role = 'own' AND a.since <= b.until AND b.since <= a.until)
QUALIFY row_number() OVER (PARTITION BY a.s, b.s, a.role ORDER BY n, a.contact) = 1
"""
_POSTS = """
SELECT p.photo, a.s, min(p.first_seen) AS since FROM photos p JOIN accounts a USING (account) GROUP BY p.photo, a.s
QUALIFY count(*) OVER (PARTITION BY p.photo) BETWEEN 2 AND $limit
"""
# Photographs of one catalogue come together: k of one rarity count as the root of k, the rarest first.
_PHOTOS = """
WITH numbered AS (
    SELECT photo, s, since, count(*) OVER (PARTITION BY photo) AS n FROM posts
), pairs AS (
    SELECT a.s AS src, b.s AS dst, a.photo, a.n, k.share * log2(k.nothing / a.n) AS bits,
           a.since + INTERVAL 1 DAY <= b.since AS ahead, b.since + INTERVAL 1 DAY <= a.since AS behind
    FROM numbered a JOIN numbered b ON a.photo = b.photo AND a.s < b.s JOIN kinds k ON k.kind = 'photo'
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY src, dst ORDER BY n, photo) AS place FROM pairs
)
SELECT src, dst, sum(round(bits * (sqrt(place) - sqrt(place - 1)) / $step) * $step) AS bits, count(*) AS photos,
       min(n) AS n, any_value(photo) FILTER (place = 1) AS photo, count(*) FILTER (ahead) AS ahead,
       count(*) FILTER (behind) AS behind
FROM ranked GROUP BY src, dst
"""
_ITEMS = """
SELECT least(giver, owner) AS src, greatest(giver, owner) AS dst, kind, role, contact, n, giver < owner AS forward,
       round(share * log2(nothing / n) / $step) * $step AS bits FROM statements JOIN kinds USING (kind)
UNION ALL BY NAME
SELECT src, dst, kind, role, contact, n, true AS forward, round(share * log2(nothing / n) / $step) * $step AS bits
FROM common JOIN kinds USING (kind)
UNION ALL BY NAME
SELECT src, dst, 'photo' AS kind, photo AS contact, n, true AS forward, bits, photos, ahead, behind FROM shared_photos
"""
_TIES = """
SELECT src, dst, sum(bits) AS bits FROM all_items WHERE bits > 0 GROUP BY src, dst HAVING sum(bits) >= $weakest
ORDER BY src, dst
"""
_STRONG_ITEMS = """
SELECT i.*, row_number() OVER (PARTITION BY src, dst ORDER BY bits DESC, kind, contact, forward) AS place,
       count(*) OVER (PARTITION BY src, dst) = 1 AS alone
FROM all_items i SEMI JOIN ties USING (src, dst) WHERE i.bits > 0
"""
_WORDED = """
WITH named AS (
    SELECT i.*, a.seller AS source, b.seller AS target, CASE
               WHEN contact LIKE 'tel:%' THEN 'the phone number ' || substr(contact, 5)
               WHEN contact LIKE 'mailto:%' THEN 'the e-mail address ' || substr(contact, 8)
               WHEN contact LIKE 'wechat:%' THEN 'the WeChat id ' || substr(contact, 8)
               WHEN contact LIKE 'qq:%' THEN 'the QQ number ' || substr(contact, 4)
               WHEN contact LIKE 'watermark:%' THEN 'the watermark ' || substr(contact, 11)
               ELSE contact END AS what,
           CASE role WHEN 'platform' THEN 'a platform''s' WHEN 'other' THEN 'somebody else''s'
                     ELSE 'a ' || role || '''s' END AS whose
    FROM items i JOIN sellers a ON a.s = i.src JOIN sellers b ON b.s = i.dst WHERE i.src >= $low AND i.src < $high
), ends AS (
    SELECT *, CASE WHEN forward THEN source ELSE target END AS giver,
           CASE WHEN forward THEN target ELSE source END AS owner
    FROM named
), sentences AS (
    SELECT src, dst, source, target, kind, bits, place, alone, CASE WHEN place > $reasons THEN NULL
        WHEN kind = 'photo' THEN CASE WHEN photos = 1 THEN 'both show the photograph ' || contact
                 ELSE format('both show {} photographs, the rarest {}', photos, contact) END
             || format(' ({} sellers show it)', n)
             || CASE WHEN ahead > behind THEN format('; {} posted {} of {} first', source, ahead, photos)
                     WHEN behind > ahead THEN format('; {} posted {} of {} first', target, behind, photos) ELSE '' END
        WHEN kind = 'agent' THEN format('{} gives {}, {}''s own, as its supplier''s', giver, what, owner)
        WHEN kind = 'mention' THEN format('{} gives {}, {}''s own, as {}', giver, what, owner, whose)
        WHEN kind = 'contact' THEN format('both give {} as their own at one time ({} sellers do)', what, n)
        ELSE format('both give {} as {} ({} sellers do)', what, whose, n) END AS words
    FROM ends
), joined AS (
    SELECT src, dst, source, target, [kind] AS kinds, bits, [words] AS reasons FROM sentences WHERE alone
    UNION ALL
    SELECT src, dst, any_value(source), any_value(target), list_sort(list_distinct(list(kind))), sum(bits),
           list(words ORDER BY place) FILTER (place <= $reasons)
    FROM sentences WHERE NOT alone GROUP BY src, dst
)
SELECT source AS src, target AS dst, array_to_string(kinds, ', ') AS kinds_text, bits AS weight,
       array_to_string(reasons, chr(10)) AS reasons_text
FROM joined j ORDER BY j.src, j.dst
"""


def number_sellers(db: DuckDBPyConnection) -> None:
    """Register `sellers` (s, seller), numbered from 0 in the order of ids, and `accounts` (account, s)."""
    let(db, "sellers", _SELLERS)
    let(db, "accounts", _ACCOUNTS)


def find_ties(db: DuckDBPyConnection) -> None:
    """Register `ties` (src, dst, bits) with src < dst, sorted, and what they are made of, by numbers of sellers.

    Registers `posts` (photo, s, since), `statements` (giver, owner, kind, role, contact, n) and `items` as well.

    Args:
        db: knows accounts, sellers, uses, photos.
    """
    db.register("kinds", _kinds(db.table("sellers").to_arrow_table().num_rows))
    let(db, "given", _GIVEN, sure=SURE, limit=CONTACT_SELLERS)
    let(db, "statements", _STATEMENTS, silence=SILENCE_DAYS)
    let(db, "common", _COMMON)
    let(db, "posts", _POSTS, limit=PHOTO_SELLERS)
    let(db, "shared_photos", _PHOTOS, step=STEP)
    let(db, "all_items", _ITEMS, step=STEP)
    let(db, "ties", _TIES, weakest=WEAKEST)
    let(db, "items", _STRONG_ITEMS)
    for name in ("given", "common", "shared_photos", "all_items"):
        db.unregister(name)


def _kinds(sellers: int) -> pa.Table:
    """kind, share, nothing: KINDS in a case of so many sellers."""
    most = max(FEWEST, math.sqrt(PARTNERS * sellers))
    rows = [
        (kind, share, nothing if kind == "agent" else min(nothing, most)) for kind, (share, nothing) in KINDS.items()
    ]
    return pa.table({name: [row[place] for row in rows] for place, name in enumerate(("kind", "share", "nothing"))})


def worded_ties(db: DuckDBPyConnection) -> pa.Table:
    """src, dst (seller ids), kinds_text, weight (bits), reasons_text (at most REASONS lines, the strongest); sorted."""
    starts = db.table("ties").to_arrow_table()["src"].to_numpy()[::WORDED_AT_ONCE]
    cuts = [-1, *np.unique(starts[1:]).tolist(), _NO_SELLER]
    params = [{"reasons": REASONS, "low": low, "high": high} for low, high in pairwise(cuts)]
    return pa.concat_tables([db.sql(_WORDED, params=each).to_arrow_table() for each in params])


def let(db: DuckDBPyConnection, name: str, query: str, **params: object) -> None:
    """Register what the query answers under the name, in batches that several threads can read."""
    db.register(name, db.sql(query, params=params).to_arrow_table(BATCH))
