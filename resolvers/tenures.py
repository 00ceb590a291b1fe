"""A number has owners in time: where a contact's timeline is cut because it passed to somebody else.

Accounts do not change hands, so a cut can only lie where no account shows the contact on both sides. There the
silence is
weighed against the rhythm in which the contact was shown before and after, with place, name, goods and other contacts
before and after. Bits (log2 of odds) for a change of owner; expert priors measured by benchmarks/identity.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BITS = {
    # A boundary between two sets of accounts is more often a new account of the same owner (a ban, a new platform).
    "change": -2.0,
    # Logins are sold less often than numbers are handed out again.
    "login": -3.0,
    # One owner's accounts mostly name one place; strangers agree by chance only (the place's share is used).
    "place_kept": 0.92,
    "other_name": 1.2,
    "same_name": -3.5,
    "shared_contact": -4.0,
    "other_contacts": 0.3,
    # Accounts that were there before under other contacts, and accounts that go on without this one.
    "were_there": 0.5,
    "go_on": 0.5,
    "other_goods": 0.7,
    "same_goods": -0.2,
    "gap_least": -6.0,
    "gap_most": 5.0,
}
# Days: a silence shorter than this is no handing over (operators give a number out again after months; some in weeks).
SHORTEST = 15
# Rests of a season: one owner in fourteen, of 20 to 250 days (IDENTITY.md's markets: 75 to 150).
REST, REST_SHORTEST, REST_LONGEST = 0.07, 20, 250
# Days between two days on which a contact is shown, where little is known: counts for two observations.
USUAL_RHYTHM = 45.0
# Days between two owners: an exponential with this mean.
IDLE = 150.0
# Between the two, an owner's change is possible: pairs across it are doubtful.
DOUBTFUL = -2.5

_ORDERED = """
CREATE OR REPLACE TEMP TABLE dated AS
WITH spanned AS (
    SELECT o.contact, o.account, coalesce(o.first_seen, s.first_seen) AS first_seen,
           coalesce(o.last_seen, s.last_seen) AS last_seen, greatest(o.days, 1) AS days,
           bool_or(o.named) OVER (PARTITION BY o.contact) AS login
    FROM owned o LEFT JOIN spans s USING (account) WHERE own_probability >= 0.5
), running AS (
    SELECT *, max(last_seen) OVER (
        PARTITION BY contact ORDER BY first_seen, account ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS until
    FROM spanned
)
SELECT contact, account, first_seen, last_seen, days, login,
       coalesce(sum(CASE WHEN date_diff('day', until, first_seen) >= $shortest THEN 1 ELSE 0 END) OVER (
           PARTITION BY contact ORDER BY first_seen NULLS FIRST, account), 0)::INT AS part
FROM running
"""
_PARTS = """
CREATE OR REPLACE TEMP TABLE parts AS
SELECT d.contact, part, bool_or(login) AS login, min(d.first_seen) AS first_seen, max(d.last_seen) AS last_seen,
    sum(d.days) AS days,
       min(s.first_seen) AS there_from, max(s.last_seen) AS there_until
FROM (SELECT *, max(part) OVER (PARTITION BY contact) AS parts FROM dated) d LEFT JOIN spans s USING (account)
WHERE parts > 0 GROUP BY d.contact, part
"""
_OF_PARTS = """
CREATE OR REPLACE TEMP TABLE {table} AS
SELECT contact, part, {what} AS what, sum({ads}) AS ads
FROM dated d JOIN {source} USING (account)
WHERE contact IN (SELECT contact FROM parts) GROUP BY ALL
"""
_PART_CONTACTS = """
CREATE OR REPLACE TEMP TABLE part_contacts AS
SELECT DISTINCT d.contact, d.part, o.contact AS what
FROM dated d JOIN owned o ON o.account = d.account AND o.contact <> d.contact
WHERE o.own_probability >= 0.5 AND o.ownish <= 30 AND d.contact IN (SELECT contact FROM parts)
"""
_BOUNDARIES = """
CREATE OR REPLACE TEMP TABLE boundaries AS
WITH edges AS (
    SELECT a.contact, b.part, a.part AS before, a.login OR b.login AS login, a.last_seen AS left_at, b.first_seen AS
        taken_at,
           date_diff('day', a.last_seen, b.first_seen) AS gap,
           greatest(1.0, (date_diff('day', a.first_seen, a.last_seen) + date_diff('day', b.first_seen, b.last_seen)
                          + 2 * $usual_rhythm) / greatest(a.days + b.days, 2)) AS rhythm,
           b.there_from < a.last_seen - INTERVAL 20 DAY AS were_there,
           a.there_until > b.first_seen + INTERVAL 10 DAY AS go_on
    FROM parts a JOIN parts b ON b.contact = a.contact AND b.part = a.part + 1
), modal AS (
    SELECT contact, part, arg_max(what, (ads, what)) AS place FROM part_places GROUP BY ALL
), asked AS (
    SELECT e.*, p.place AS place_before, q.place AS place_after,
           coalesce(greatest(h.share, 0.005), 0.05) AS share,
           starts_with(p.place, q.place) OR starts_with(q.place, p.place) AS same_place,
           EXISTS (FROM part_names x JOIN part_names y ON y.what = x.what AND y.contact = x.contact
                   WHERE x.contact = e.contact AND x.part = e.before AND y.part = e.part) AS same_name,
           EXISTS (FROM part_names x WHERE x.contact = e.contact AND x.part = e.before)
           AND EXISTS (FROM part_names x WHERE x.contact = e.contact AND x.part = e.part) AS named,
           EXISTS (FROM part_contacts x JOIN part_contacts y ON y.what = x.what AND y.contact = x.contact
                   WHERE x.contact = e.contact AND x.part = e.before AND y.part = e.part) AS shared,
           EXISTS (FROM part_contacts x WHERE x.contact = e.contact AND x.part = e.before)
           AND EXISTS (FROM part_contacts x WHERE x.contact = e.contact AND x.part = e.part) AS others,
           EXISTS (FROM part_goods x JOIN part_goods y ON y.what = x.what AND y.contact = x.contact
                   WHERE x.contact = e.contact AND x.part = e.before AND y.part = e.part) AS same_goods,
           EXISTS (FROM part_goods x WHERE x.contact = e.contact AND x.part = e.before)
           AND EXISTS (FROM part_goods x WHERE x.contact = e.contact AND x.part = e.part) AS goods
    FROM edges e LEFT JOIN modal p ON p.contact = e.contact AND p.part = e.before
    LEFT JOIN modal q ON q.contact = e.contact AND q.part = e.part LEFT JOIN place_share h ON h.place = p.place
)
SELECT *, $change + CASE WHEN login THEN $login ELSE 0 END
    + greatest($gap_least, least($gap_most, log2(exp(-gap / $idle) / $idle
        / ((1 - $rest) * exp(-gap / (2 * rhythm)) / (2 * rhythm)
           + CASE WHEN gap BETWEEN $rest_shortest AND $rest_longest THEN $rest / ($rest_longest - $rest_shortest)
               ELSE 0 END
           + 1e-6))))
    + CASE WHEN same_place IS NULL THEN 0 WHEN same_place THEN log2(share / $place_kept)
           ELSE log2((1 - share) / (1 - $place_kept)) END
    + CASE WHEN same_name THEN $same_name WHEN named THEN $other_name ELSE 0 END
    + CASE WHEN shared THEN $shared_contact WHEN others THEN $other_contacts ELSE 0 END
    + CASE WHEN were_there THEN $were_there ELSE 0 END + CASE WHEN go_on THEN $go_on ELSE 0 END
    + CASE WHEN same_goods THEN $same_goods WHEN goods THEN $other_goods ELSE 0 END AS bits
FROM asked
"""
# Doubtful boundaries divide the surer key, certain ones both.
_TENURES = """
CREATE OR REPLACE TEMP TABLE tenures AS
WITH counted AS (
    SELECT contact, part, sum(CASE WHEN bits > 0 THEN 1 ELSE 0 END) OVER turns AS cuts,
           sum(CASE WHEN bits > $doubtful THEN 1 ELSE 0 END) OVER turns AS doubts
    FROM boundaries WINDOW turns AS (PARTITION BY contact ORDER BY part)
)
SELECT d.contact, d.account, (1 + coalesce(cuts, 0))::BIGINT AS tenure, (1 + coalesce(doubts, 0))::BIGINT AS spell
FROM dated d LEFT JOIN counted c USING (contact, part)
"""


def cut_tenures(db: DuckDBPyConnection) -> None:
    """Make tenures (contact, account, tenure, spell) for every link that is likely the account's own, and boundaries.

    A contact's tenures are numbered from 1 in time; a spell is a part of a tenure that may be another owner's.
    """
    db.execute(_ORDERED, {"shortest": SHORTEST})
    db.execute(_PARTS)
    for table, source, what, ads in (
        ("part_places", "places", "place", "ads"),
        ("part_names", "names", "name", "ads"),
        ("part_goods", "offered", "taxon", "ads"),
    ):
        db.execute(
            _OF_PARTS.format(table=table, source=source, what=what, ads="1" if ads is None else f"{source}.{ads}")
        )
    db.execute(_PART_CONTACTS)
    given = {
        "idle": IDLE,
        "usual_rhythm": USUAL_RHYTHM,
        "rest": REST,
        "rest_shortest": REST_SHORTEST,
        "rest_longest": REST_LONGEST,
    }
    db.execute(_BOUNDARIES, BITS | given)
    db.execute(_TENURES, {"doubtful": DOUBTFUL})
