"""Which account shows which contact, how often and in what role: the counted form that decisions are made on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# One person's number is the same number as a phone, as a WeChat or Alipay id, and in a messenger that logs in by
# number; a QQ number is that mailbox too. Counted apart, one contact would speak twice.
CANONICAL = """
CREATE OR REPLACE TEMP MACRO one_contact(id) AS CASE
    WHEN regexp_full_match(id, '(wechat|alipay|wechat_pay):1[3-9][0-9]{9}') THEN 'tel:+86' || split_part(id, ':', 2)
    WHEN regexp_full_match(id, '(whatsapp|viber|signal|telegram|line|zalo):[+][0-9]{7,15}')
        THEN 'tel:' || split_part(id, ':', 2)
    WHEN regexp_full_match(id, 'mailto:[1-9][0-9]{4,10}@qq[.]com') THEN 'qq:' || regexp_extract(id, '[0-9]+')
    ELSE id END
"""

# The address of an account's page without what varies: scheme, www and mobile hosts, a last slash.
_PAGE = """
CREATE OR REPLACE TEMP MACRO page(url) AS
    rtrim(regexp_replace(split_part(url, '#', 1), '^[a-zA-Z]+://(www[.]|m[.]|mobile[.])?', ''), '/')
"""

# A handle names the account that has its value as id on the platform of the same name. Services that
# ignore case give handles in lower case, so an id that differs in case only is taken when none is equal.
# Qzone logs in with the QQ number and WeChat Moments with the WeChat id (slugs of ingest/lexicon/platforms.yaml).
_IDENTIFIES = """
CREATE OR REPLACE TEMP TABLE identifies AS
WITH logins AS (
    SELECT account, login,
           CASE platform WHEN 'qzone' THEN 'qq' WHEN 'wechat-moments' THEN 'wechat' ELSE platform END AS service
    FROM accounts WHERE login IS NOT NULL
), named AS (
    SELECT h.handle AS src, a.account AS dst, h.handle_value = a.login AS exact
    FROM handles h JOIN logins a ON a.service = h.service AND lower(a.login) = lower(h.handle_value)
)
SELECT src, dst FROM named QUALIFY exact OR NOT bool_or(exact) OVER (PARTITION BY src) ORDER BY src, dst
"""
# A link that opens the page of an account names it like a handle. A page that several accounts give as theirs names
# none.
_OPENS = """
CREATE OR REPLACE TEMP TABLE opens AS
WITH pages AS (
    SELECT page(url) AS page, min(account) AS account FROM accounts WHERE url IS NOT NULL AND page(url) LIKE '%_/_%'
    GROUP BY 1 HAVING count(*) = 1
)
SELECT l.link AS src, p.account AS dst FROM links l JOIN pages p ON page(l.url) = p.page ORDER BY 1, 2
"""

# A role is what most mentions say, so that an advertisement's own come first of all: counting distinct
# advertisements role by role takes ten times as long.
_MENTIONED = """
CREATE OR REPLACE TEMP TABLE mentioned AS
SELECT account, one_contact(contact) AS contact, role, cued, in_name, hash(ad) AS ad, seen
FROM sightings WHERE contact NOT LIKE 'watermark:%'
"""
# A day is enough to tell advertisements apart in time.
_SHOWN = """
CREATE OR REPLACE TEMP TABLE shown AS
WITH by_ad AS (
    SELECT account, contact, ad, bool_or(role = 'own') AS own, bool_or(role = 'own' AND cued) AS cued,
           bool_or(role IN ('courier', 'guarantor', 'platform')) AS service, bool_or(role = 'supplier') AS supplier,
           bool_or(role = 'warning') AS warning, bool_or(role = 'other') AS other,
           bool_or(in_name AND role = 'own') AS in_name, min(seen) AS first_seen, max(seen) AS last_seen
    FROM mentioned GROUP BY account, contact, ad
), counted AS (
    SELECT account, contact, count(*) AS ads, count_if(own) AS own, count_if(cued) AS cued,
           count_if(service) AS service, count_if(supplier) AS supplier, count_if(warning) AS warning,
           count_if(other) AS other, bool_or(in_name) AS in_name, min(first_seen) AS first_seen,
           max(last_seen) AS last_seen
    FROM by_ad GROUP BY account, contact
), dated AS (
    SELECT account, contact, count(*) AS days
    FROM (SELECT DISTINCT account, contact, seen::DATE AS day FROM mentioned WHERE seen IS NOT NULL)
    GROUP BY account, contact
), called AS (
    SELECT account, contact, mode(role ORDER BY role) AS others_role FROM mentioned WHERE role <> 'own'
    GROUP BY account, contact
)
SELECT account, contact, ads, own, cued, service, supplier, warning, other, others_role, in_name, first_seen,
       last_seen, coalesce(days, 0) AS days
FROM counted LEFT JOIN dated USING (account, contact) LEFT JOIN called USING (account, contact)
"""
# An account uses the handle that it is logged in with; ads that show it count as any other's.
_LINKS = """
CREATE OR REPLACE TEMP TABLE links_ AS
WITH names AS (
    SELECT one_contact(src) AS contact, dst AS account FROM identifies
    UNION
    SELECT one_contact(src), dst FROM opens
), wanted AS (
    SELECT account, contact FROM names WHERE contact IN (SELECT contact FROM shown)
)
SELECT coalesce(s.account, w.account) AS account, coalesce(s.contact, w.contact) AS contact,
       w.account IS NOT NULL AS named, coalesce(ads, 0) AS ads, coalesce(own, 0) AS own, coalesce(cued, 0) AS cued,
       coalesce(service, 0) AS service, coalesce(supplier, 0) AS supplier, coalesce(warning, 0) AS warning,
       coalesce(other, 0) AS other, others_role, coalesce(in_name, false) AS in_name, first_seen, last_seen,
       coalesce(days, 0) AS days
FROM shown s FULL JOIN wanted w ON w.account = s.account AND w.contact = s.contact
"""


_WATERMARKED = """
CREATE OR REPLACE TEMP TABLE watermarked AS
SELECT DISTINCT account, contact FROM sightings WHERE contact LIKE 'watermark:%'
"""
# Contacts are decided on in one form (one_contact); the graph's nodes keep the forms that were read.
_READ_AS = """
CREATE OR REPLACE TEMP TABLE read_as AS
WITH by_ad AS (
    SELECT account, contact AS node, hash(ad) AS ad, min(seen) AS first_seen, max(seen) AS last_seen
    FROM sightings WHERE contact NOT LIKE 'watermark:%' GROUP BY ALL
)
SELECT account, node, one_contact(node) AS contact, count(*) AS ads, min(first_seen) AS first_seen,
       max(last_seen) AS last_seen
FROM by_ad GROUP BY account, node
"""


def count_shown(db: DuckDBPyConnection) -> None:
    """Make shown, read_as and watermarked from the sightings that `db` knows.

    shown: account, contact, ads, own, cued, service, supplier, warning, other (numbers of ads), others_role, in_name,
    first_seen, last_seen, days. read_as: account, node, contact, ads, first_seen, last_seen. watermarked: account,
    contact.
    """
    for statement in (CANONICAL, _MENTIONED, _SHOWN, _READ_AS, _WATERMARKED, "DROP TABLE mentioned"):
        db.execute(statement)


def link_accounts(db: DuckDBPyConnection) -> None:
    """Make identifies, opens (src, dst) and links_: shown, and `named` where the contact is the
    account's login or page.

    Needs shown, accounts, handles and links.
    """
    for statement in (CANONICAL, _PAGE, _IDENTIFIES, _OPENS, _LINKS):
        db.execute(statement)
