"""Which pairs of accounts the contacts link, on what evidence, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from graph.sql import sql_session
from resolvers.contacts import Observations

# The limit: what more accounts give is a hotline, a courier or a supplier more often than one seller.
MAX_ACCOUNTS_PER_CONTACT = 10
# Chance that two accounts which share an own contact seen on n accounts are two sellers' all the same:
# DOUBT for n = 2, and as much again for each further account. With right roles 13 to 19 in 100 linked
# pairs are wrong (IDENTITY.md), nearly all by contacts on many accounts or handed on; several contacts
# multiply. A stand-in until the evidence is scored by Fellegi-Sunter.
DOUBT = 0.03


@dataclass(frozen=True, slots=True)
class Links:
    """What the contacts say.

    Attributes:
        pairs: src, dst, probability, weight (bits), evidence and contacts (lists); src < dst, sorted.
        identifies: src (handle), dst (account), sorted.
        hubs: contact, accounts; contacts that too many accounts give, the most used first.
        foreign: contact, own, accounts; contacts given as own by the smaller part of the accounts that show
            them: a courier's number without a word beside it reads like the seller's.
    """

    pairs: pa.Table
    identifies: pa.Table
    hubs: pa.Table
    foreign: pa.Table


# A handle names the account that has its value as id on the platform of the same name. Services that
# ignore case give handles in lower case, so an id that differs in case only is taken when none is equal.
# Qzone logs in with the QQ number and WeChat Moments with the WeChat id (slugs of ingest/lexicon/platforms.yaml).
_IDENTIFIES = """
WITH logins AS (
    SELECT account, seller_id,
           CASE platform WHEN 'qzone' THEN 'qq' WHEN 'wechat-moments' THEN 'wechat' ELSE platform END AS service
    FROM accounts WHERE seller_id IS NOT NULL
), named AS (
    SELECT h.handle AS src, a.account AS dst, h.handle_value = a.seller_id AS exact
    FROM handles h JOIN logins a ON a.service = h.service AND lower(a.seller_id) = lower(h.handle_value)
)
SELECT src, dst FROM named QUALIFY exact OR NOT bool_or(exact) OVER (PARTITION BY src) ORDER BY src, dst
"""

# In most of its ads that show it, does the account give the contact as its own?
_SHOWN = """
SELECT contact, account, 2 * sum(CASE WHEN role = 'own' THEN ads ELSE 0 END) >= sum(ads) AS own
FROM given WHERE account IN (SELECT account FROM accounts) GROUP BY contact, account
"""

_FOREIGN = """
SELECT contact, count(*) FILTER (own) AS own, count(*) AS accounts FROM shown GROUP BY contact
HAVING count(*) FILTER (own) BETWEEN 1 AND (count(*) - 1) // 2 ORDER BY accounts DESC, contact
"""

# An account that a handle names uses it; `named` tells that from giving it in an advertisement.
_USES = """
WITH own AS (SELECT contact, account FROM shown WHERE own AND contact NOT IN (SELECT contact FROM foreign_contacts))
SELECT contact, account, min(named) AS named FROM (
    SELECT contact, account, false AS named FROM own
    UNION ALL
    SELECT i.src, i.dst, true FROM identifies i WHERE i.src IN (SELECT contact FROM own)
) GROUP BY contact, account
"""

_HUBS = """
SELECT contact, count(*) AS accounts FROM uses GROUP BY contact
HAVING count(*) > $limit ORDER BY accounts DESC, contact
"""

_PAIRS = """
WITH rare AS (
    SELECT contact, count(*) AS n FROM uses GROUP BY contact HAVING count(*) BETWEEN 2 AND $limit
), shared AS (
    SELECT a.account AS src, b.account AS dst, r.contact, r.n, a.named OR b.named AS named
    FROM rare r JOIN uses a USING (contact) JOIN uses b USING (contact) WHERE a.account < b.account
), worded AS (
    SELECT src, dst, contact, n, least($doubt * (n - 1), 0.5) AS doubt,
           CASE WHEN named THEN 'one gives the other''s ' ELSE 'both give the ' END || (CASE
               WHEN contact LIKE 'tel:%' THEN 'phone number ' || substr(contact, 5)
               WHEN contact LIKE 'mailto:%' THEN 'e-mail address ' || substr(contact, 8)
               WHEN contact LIKE 'qr:%' THEN 'personal QR code ' || contact
               WHEN contact LIKE 'wechat:%' THEN 'WeChat id ' || substr(contact, 8)
               WHEN contact LIKE 'qq:%' THEN 'QQ number ' || substr(contact, 4)
               ELSE replace(regexp_extract(contact, '^[^:]*:'), ':', ' account ')
                    || regexp_replace(contact, '^[^:]*:', '')
           END) || ' (seen on ' || n || ' accounts)' AS words
    FROM shared
)
SELECT src, dst, 1.0 - product(doubt) AS probability, log2((1.0 - product(doubt)) / product(doubt)) AS weight,
       list(words ORDER BY n, contact) AS evidence, list(contact ORDER BY n, contact) AS contacts
FROM worded GROUP BY src, dst ORDER BY src, dst
"""


def link(seen: Observations, limit: int = MAX_ACCOUNTS_PER_CONTACT) -> Links:
    """Return the pairs that share a contact which at most `limit` accounts use."""
    with sql_session({"accounts": seen.accounts, "given": seen.given, "handles": seen.handles}) as db:
        identifies = db.sql(_IDENTIFIES).to_arrow_table()
        db.register("identifies", identifies)
        db.register("shown", db.sql(_SHOWN).to_arrow_table())
        foreign = db.sql(_FOREIGN).to_arrow_table()
        db.register("foreign_contacts", foreign)
        uses = db.sql(_USES).to_arrow_table()
        db.register("uses", uses)
        hubs = db.sql(_HUBS, params={"limit": limit}).to_arrow_table()
        pairs = db.sql(_PAIRS, params={"limit": limit, "doubt": DOUBT}).to_arrow_table()
        return Links(pairs, identifies, hubs, foreign)
