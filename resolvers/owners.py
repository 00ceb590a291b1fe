"""Whose is a contact? Decided for each account that shows it from all its mentions, in all accounts.

A contact is *personal* (one operator's, whom others may name, quote or warn of) or a *service* (a courier's,
hotline's or
guarantor's, which stands in many sellers' ads and may be a
seller's own beside). For each link of an account and a contact
two sums of bits (log2 of odds) are kept, one for either case, and mixed by how likely the contact is a service.
The bits are expert priors; each is named below with its reason, and benchmarks/identity.py measures the result.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BITS = {
    # Personal against service, before anything is known: a contact on two accounts without any cue is nearly always
    # one person's. Each doubling of the accounts takes 3 bits: few operators run ten accounts, very few forty.
    "personal": 10.0,
    "per_doubling": 3.0,
    # An account that names it as a courier's, guarantor's or platform's; several repeat each other.
    "service_named": 2.0,
    "service_named_most": 10.0,
    "more_named_than_own": 3.0,
    # An account that names it as a supplier's, a rival's or another's: personal contacts are quoted too.
    "quoted": 0.5,
    "quoted_most": 2.0,
    # Somebody is logged in with it.
    "somebodys_login": 3.0,
    # A web address is passed on more easily than a number.
    "link": -3.0,
    # A link of a personal contact is its owner's, that of a service is not.
    "own_of_personal": 4.5,
    "own_of_service": -9.0,
    # Words beside it: IDENTITY.md and the labelled texts: 3 in 100 of others' contacts are read as own, most without
    # any cue; 1 in 100 own ones as others'.
    "marked": -11.0,
    "partly_marked": -1.0,
    "cued": 1.0,
    "in_name": 6.0,
    "named": 14.0,
    # Agreement with the other accounts that show it: a part of one operator's accounts has one place, name, contact.
    "place_kept": 0.85,
    "name_kept": 0.7,
    "contact_kept": 0.5,
    "least_place": 0.01,
    "least_name": 0.002,
    # However many have it, in a small case they may be one seller's.
    "common": 0.2,
    "by_chance": 0.02,
    "agreement_most": 4.0,
    "disagreement_most": 7.0,
    # The accounts' agreements are not independent.
    "dependence": 0.5,
    # Where strangers quote a contact, others may: agents their supplier's, rivals each other's.
    "stranger": 0.8,
    "strangers_most": 2.4,
    # What disagrees with the contact's owners counts in part, since accounts are compared by the same things again;
    # of a service's accounts those that are its holder's agree in more than one thing.
    "strangeness": 0.7,
    "kinship": 1.5,
    # Of a service's accounts the one that shows it in most ads may be its holder's.
    "shows_most": 6.0,
}  # fmt: skip
# How often an account shows it, against its most shown other contact and against all its ads, in bits for own: own
# contacts are what ads are about, a courier stands in one of ten. (Ratio below which, bits); from simulated markets 201
# to 203. The two tell nearly the same, so each counts by FREQUENCY_SHARE.
RATIOS = ((0.1, -5.0), (0.2, -3.5), (0.35, -1.5), (0.5, -0.5), (0.75, 0.5), (1.0, 2.0), (2.0, 4.0), (1e9, 5.0))
SHARES = ((0.03, -5.0), (0.06, -3.5), (0.1, -2.0), (0.15, -0.7), (0.25, 0.5), (0.5, 2.3), (1e9, 4.0))
FREQUENCY_SHARE = 0.6
ONLY_CONTACT = 2.5
# A contact on more accounts corroborates none.
OTHERS_AT_MOST = 30

_WEIGHED = """
CREATE OR REPLACE TEMP TABLE weighed AS
WITH best AS (SELECT account, max(own, 2) AS tops FROM {links} GROUP BY account)
SELECT l.*, NOT l.named AND l.service + l.supplier + l.warning + l.other > l.own AS marked,
       coalesce(CASE WHEN l.own = tops[1] AND c.account IS NOT NULL THEN tops[2] ELSE tops[1] END, 0) AS rival,
       greatest(coalesce(s.ads, 0), l.ads, 1) AS all_ads
FROM links_ l LEFT JOIN best b ON b.account = l.account LEFT JOIN spans s ON s.account = l.account
LEFT JOIN {links} c ON c.account = l.account AND c.contact = l.contact
"""
# What the account alone says: words beside the contact and how often it stands there.
_SAID = """
CREATE OR REPLACE TEMP TABLE said AS
SELECT *, CASE WHEN named THEN $named WHEN marked THEN $marked WHEN own < ads THEN $partly_marked ELSE 0 END
       + CASE WHEN cued > 0 THEN $cued ELSE 0 END + CASE WHEN in_name THEN $in_name ELSE 0 END
       + CASE WHEN own = 0 THEN 0 ELSE $frequency_share * (
           CASE WHEN rival = 0 THEN $only {ratios} END + CASE {shares} END) END AS said
FROM weighed
"""
_OWNISH = """
CREATE OR REPLACE TEMP TABLE ownish AS
SELECT contact, account, count(*) OVER (PARTITION BY contact) AS accounts, {weight} AS weight FROM said WHERE NOT marked
"""
_FEW = """
CREATE OR REPLACE TEMP TABLE few AS
SELECT contact, account FROM {links} WHERE NOT marked
QUALIFY count(*) OVER (PARTITION BY contact) <= $most
"""
# For each account the largest part of the others that show the contact, with which it shares another contact.
_SHARED = """
CREATE OR REPLACE TEMP TABLE corroborated AS
WITH several AS (SELECT * FROM ownish WHERE accounts > 1),
together AS (
    SELECT a.contact, b.contact AS also, sum(a.weight) AS weight
    FROM several a JOIN few b ON b.account = a.account AND b.contact <> a.contact GROUP BY ALL HAVING count(*) >= 2
)
SELECT a.contact, a.account, max(t.weight - a.weight) AS same
FROM several a JOIN few b ON b.account = a.account JOIN together t ON t.contact = a.contact AND t.also = b.contact
GROUP BY ALL
"""
# An account is compared with those that the contact is most likely of: weighted by what they alone say. Otherwise the
# four accounts of a rival that warn of it would agree among themselves. Bits go with the weight that agrees.
_AGREEMENT = """
CREATE OR REPLACE TEMP TABLE agreement AS
WITH several AS (SELECT contact, account, weight FROM ownish WHERE accounts > 1),
others AS (SELECT account, count(*) AS contacts FROM few GROUP BY account),
placed AS (
    SELECT s.contact, s.account, least(greatest(coalesce(share, 0), $least_place), $common) AS share,
           sum(weight) OVER (PARTITION BY s.contact, place) - weight AS same,
           sum(weight) OVER (PARTITION BY s.contact) - weight AS rest
    FROM several s JOIN place_of USING (account) LEFT JOIN place_share USING (place)
), titled AS (
    SELECT s.contact, s.account, least(greatest(coalesce(c.share, 0), $least_name), $common) AS share,
           sum(weight) OVER (PARTITION BY s.contact, name) - weight AS same,
           sum(weight) OVER (PARTITION BY s.contact) - weight AS rest
    FROM several s JOIN said_name USING (account) LEFT JOIN name_share c USING (name)
), reached AS (
    -- Other contacts tell only between accounts that have any.
    SELECT s.contact, s.account, coalesce(c.same, 0) AS same, sum(weight) OVER (PARTITION BY s.contact) - weight AS rest
    FROM several s JOIN others o ON o.account = s.account
    LEFT JOIN few f ON f.contact = s.contact AND f.account = s.account
    LEFT JOIN corroborated c ON c.contact = s.contact AND c.account = s.account
    WHERE o.contacts > CASE WHEN f.account IS NULL THEN 0 ELSE 1 END
), bits AS (
    SELECT s.contact, s.account,
           agreeing(p.same, p.rest, $place_kept, p.share, $agreement_most) AS place,
           agreeing(t.same, t.rest, $name_kept, t.share, $agreement_most) AS name,
           agreeing(r.same, r.rest, $contact_kept, $by_chance, $agreement_most) AS contacts
    FROM several s LEFT JOIN placed p USING (contact, account) LEFT JOIN titled t USING (contact, account)
    LEFT JOIN reached r USING (contact, account)
)
SELECT contact, account, place, name, contacts,
       greatest(-$disagreement_most, least($agreement_most, place + name + contacts)) AS bits FROM bits
"""
_AGREEING = """
CREATE OR REPLACE TEMP MACRO agreeing(same, rest, kept, share, most) AS CASE
    WHEN rest > 0.01 THEN same / rest * least(most, log2((kept + (1 - kept) * share) / share)) + (1 - same / rest) *
        log2(1 - kept)
    ELSE 0 END
"""
_KINDS = """
CREATE OR REPLACE TEMP TABLE kinds AS
WITH counted AS (
    SELECT w.contact, count(*) FILTER (NOT marked) AS ownish,
           count(*) FILTER (marked AND service >= greatest(supplier, warning, other)) AS as_service,
           count(*) FILTER (marked AND service < greatest(supplier, warning, other)) AS quoted,
           count(*) FILTER (CASE WHEN marked THEN service < greatest(supplier, warning, other) ELSE a.bits < -1 END)
               AS strangers,
           max(own) FILTER (NOT marked) AS most_own,
           mode(others_role ORDER BY others_role) AS others_role, bool_or(named) AS named, coalesce(sum(greatest(a.bits,
               -$agreement_most)), 0) AS agreement
    FROM said w LEFT JOIN agreement a USING (contact, account) GROUP BY w.contact
)
SELECT contact, ownish, as_service, quoted, strangers, others_role, most_own,
       $personal - $per_doubling * log2(greatest(ownish, 1))
       - least($service_named * as_service, $service_named_most)
       - CASE WHEN as_service > ownish THEN $more_named_than_own ELSE 0 END
       - least($quoted * quoted, $quoted_most)
       + CASE WHEN named THEN $somebodys_login ELSE 0 END
       + CASE WHEN contact LIKE 'link:%' THEN $link ELSE 0 END
       + CASE WHEN ownish > 2 THEN $dependence * agreement ELSE 0 END AS personal_bits
FROM counted
"""
_OWNED = """
CREATE OR REPLACE TEMP TABLE owned AS
WITH summed AS (
    SELECT w.*, k.personal_bits, k.ownish, k.as_service, k.quoted, k.strangers, k.others_role AS service_role,
           CASE WHEN own >= 3 AND own * 2 > most_own THEN $shows_most ELSE 0 END AS leads,
           coalesce(a.bits, 0) AS agrees,
           -- Place speaks once more when accounts are compared, so that here it only speaks against.
           coalesce($strangeness * least(least(a.place, 0) + a.name + a.contacts, 0), 0) AS strange,
           coalesce($kinship * greatest(a.place + a.name + a.contacts - $agreement_most, 0), 0) AS kin
    FROM said w JOIN kinds k USING (contact) LEFT JOIN agreement a USING (contact, account)
)
SELECT *, greatest(1e-6, least(1 - 1e-6,
    (1 / (1 + pow(2, -($own_of_personal + said + CASE WHEN ownish > 2 THEN strange ELSE 0 END
        - least($stranger * strangers, $strangers_most)))))
        / (1 + pow(2, -personal_bits))
    + (1 / (1 + pow(2, -($own_of_service + said + leads + kin)))) / (1 + pow(2, personal_bits))
)) AS own_probability
FROM summed
"""
# Contacts of so many accounts that a later run does not look at all of them again keep what was decided on them.
_FIXED = """
CREATE OR REPLACE TEMP TABLE kinds AS
FROM kinds ANTI JOIN fixed_kinds USING (contact)
UNION ALL BY NAME FROM fixed_kinds
"""
# Contacts that the first round gave to others neither rival an account's own nor corroborate them in the second.
_FIRST = "CREATE OR REPLACE TEMP TABLE first_round AS FROM owned WHERE own_probability >= 0.3"


def decide_owners(db: DuckDBPyConnection) -> None:
    """Make the table owned: links_ and, a row each, own_probability and what it was made of.

    Needs links_ (shown.py) and the tables of traits.py. Leaves kinds (a row a contact: ownish, as_service and quoted,
    numbers of accounts; personal_bits) and agreement (a row a link of a contact that several accounts show).
    """
    db.execute(_AGREEING)
    _round(db, "links_", "said", "1 / (1 + pow(2, -said))")
    db.execute(_FIRST)
    _round(
        db,
        "first_round",
        "first_round",
        "coalesce((SELECT own_probability FROM first_round f WHERE f.contact = said.contact "
        "AND f.account = said.account), 0.02)",
    )


def _round(db: DuckDBPyConnection, rivals: str, corroborating: str, weight: str) -> None:
    db.execute(_WEIGHED.format(links=rivals))
    ratios = " ".join(f"WHEN own + 0.5 < {below} * (rival + 1) THEN {bits}" for below, bits in RATIOS)
    shares = " ".join(f"WHEN own < {below} * all_ads THEN {bits}" for below, bits in SHARES)
    _run(db, _SAID.format(ratios=ratios, shares=shares))
    db.execute(_OWNISH.format(weight=weight))
    db.execute(_FEW.format(links=corroborating), {"most": OTHERS_AT_MOST})
    for query in (_SHARED, _AGREEMENT, _KINDS):
        _run(db, query)
    if db.execute("SELECT count(*) FROM fixed_kinds").fetchall()[0][0]:
        db.execute(_FIXED)
    _run(db, _OWNED)


def _run(db: DuckDBPyConnection, query: str) -> None:
    """Give the statement those of BITS that it names."""
    given = BITS | {"only": ONLY_CONTACT, "frequency_share": FREQUENCY_SHARE}
    db.execute(query, {name: value for name, value in given.items() if re.search(rf"\${name}\b", query)})
