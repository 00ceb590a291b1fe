"""What a seller does in its network, by what was posted first and who names whom: supplier, agent, broker or member."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from resolvers.ties import let

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A supplier named in words counts as two re-posted photographs: times of capture may stand for those of posting.
NAMING = 2
# By so much must what speaks for a supplier exceed what speaks against: one photograph that one other re-posted
# later may be a stolen one.
AHEAD = 2
# So many who name a seller as their guarantor or courier, or so many other networks, make a broker.
BROKERED = 2

# Who posted a photograph first among those of the network, and who a day or more later; within a day nobody knows.
_REPOSTS = """
WITH timed AS (
    SELECT m.network, p.photo, p.s, p.since, min(p.since) OVER (PARTITION BY m.network, p.photo) AS first_since
    FROM posts p JOIN member m USING (s) WHERE p.since IS NOT NULL
)
SELECT network, photo, s, since, since >= first_since + INTERVAL 1 DAY AS later,
       count(*) FILTER (since < first_since + INTERVAL 1 DAY) OVER (PARTITION BY network, photo) = 1 AS known
FROM timed
"""
_FACTS = """
WITH photos AS (
    SELECT network, photo, any_value(s) FILTER (NOT later AND known) AS leader, count(*) FILTER (later) AS followers
    FROM reposts GROUP BY network, photo
), led AS (
    SELECT leader AS s, count(*) AS led, sum(followers)::BIGINT AS copies FROM photos
    WHERE leader IS NOT NULL AND followers > 0 GROUP BY leader
), followed AS (SELECT s, count(*) AS followed FROM reposts WHERE later GROUP BY s),
inside AS (
    SELECT t.* FROM statements t JOIN member g ON g.s = t.giver JOIN member o ON o.s = t.owner
    WHERE g.network = o.network
), named AS (SELECT owner AS s, count(DISTINCT giver) AS named_by FROM inside WHERE kind = 'agent' GROUP BY owner),
names AS (SELECT giver AS s, count(DISTINCT owner) AS suppliers FROM inside WHERE kind = 'agent' GROUP BY giver),
trusted AS (
    SELECT owner AS s, count(DISTINCT giver) AS trusted_by FROM inside WHERE role IN ('guarantor', 'courier')
    GROUP BY owner
), reached AS (
    SELECT a.s, count(DISTINCT b.network) FILTER (a.network <> b.network) AS others,
           count(*) FILTER (a.network = b.network) AS partners
    FROM (SELECT src AS x, dst AS y FROM ties UNION ALL SELECT dst, src FROM ties) t
    JOIN member a ON a.s = t.x JOIN member b ON b.s = t.y GROUP BY a.s
), hiring AS (SELECT DISTINCT a.s, true AS recruits FROM recruiters r JOIN accounts a USING (account))
SELECT m.s, m.network, coalesce(led, 0) AS led, coalesce(copies, 0) AS copies, coalesce(followed, 0) AS followed,
       coalesce(named_by, 0) AS named_by, coalesce(suppliers, 0) AS suppliers, coalesce(trusted_by, 0) AS trusted_by,
       coalesce(others, 0) AS others, coalesce(partners, 0) AS partners, coalesce(recruits, false) AS recruits,
       coalesce(copies, 0) + $naming * coalesce(named_by, 0) + coalesce(recruits, false)::INTEGER AS gives,
       coalesce(followed, 0) + $naming * coalesce(suppliers, 0) AS takes
FROM member m LEFT JOIN led USING (s) LEFT JOIN followed USING (s) LEFT JOIN named USING (s) LEFT JOIN names USING (s)
LEFT JOIN trusted USING (s) LEFT JOIN reached USING (s) LEFT JOIN hiring USING (s)
"""
# An agent re-posts what a supplier of the network posted, or several photographs, or says whose agent he is.
_ROLES = """
WITH supplying AS (
    SELECT s, network FROM facts WHERE copies + named_by > 0 AND gives - takes >= $ahead
), supplied AS (
    SELECT DISTINCT r.s FROM reposts r JOIN posts p USING (photo)
    JOIN supplying u ON u.s = p.s AND u.network = r.network
    WHERE r.later AND p.since + INTERVAL 1 DAY <= r.since
), decided AS (
    SELECT f.*, CASE WHEN u.s IS NOT NULL THEN 'supplier'
        WHEN others >= $brokered OR trusted_by >= $brokered THEN 'broker'
        WHEN takes > gives AND (takes >= $ahead OR d.s IS NOT NULL) THEN 'agent' ELSE 'member' END AS role
    FROM facts f LEFT JOIN supplying u USING (s) LEFT JOIN supplied d USING (s)
)
SELECT s, network, role, concat_ws('; ',
    CASE WHEN led > 0 THEN format('others re-posted {} of its photographs ({})', led,
        CASE copies WHEN 1 THEN 'once' ELSE format('{} times', copies) END) END,
    CASE WHEN named_by = 1 THEN '1 seller names its contact as a supplier''s'
         WHEN named_by > 1 THEN format('{} sellers name its contact as a supplier''s', named_by) END,
    CASE WHEN recruits THEN 'recruits agents' END,
    CASE WHEN followed > 0 THEN format('re-posted {} that others posted before',
        CASE WHEN followed = 1 THEN 'a photograph' ELSE format('{} photographs', followed) END) END,
    CASE WHEN suppliers = 1 THEN 'names the contact of 1 seller as its supplier''s'
         WHEN suppliers > 1 THEN format('names the contacts of {} sellers as its suppliers''', suppliers) END,
    CASE WHEN trusted_by > 0 THEN format('guarantor or courier of {}',
        CASE WHEN trusted_by = 1 THEN '1 seller' ELSE format('{} sellers', trusted_by) END) END,
    CASE WHEN others > 0 THEN format('has ties to {}',
        CASE WHEN others = 1 THEN '1 other network' ELSE format('{} other networks', others) END) END,
    CASE WHEN partners = 1 THEN 'tied to 1 seller of the network'
         ELSE format('tied to {} sellers of the network', partners) END) AS reason
FROM decided ORDER BY s
"""


def find_positions(db: DuckDBPyConnection) -> pa.Table:
    """s, network, role, reason (in words), a row a member of a network, sorted by s.

    Args:
        db: knows accounts, recruiters, `member` (s, network) and what `find_ties` registers.
    """
    let(db, "reposts", _REPOSTS)
    let(db, "facts", _FACTS, naming=NAMING)
    return db.sql(_ROLES, params={"ahead": AHEAD, "brokered": BROKERED}).to_arrow_table()
