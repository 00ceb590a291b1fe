"""What the case says about who would be missed: read once, alike from both stores.

A code is the contact that it names: who closes a WeChat account closes its QR code with it. Codes that name nothing
known are contacts themselves. A 400 or 800 line is a firm's and no target.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from graph.facts import TEXT, Facts, fetch, read_facts, read_of
from graph.hops import CODED, read_hops
from graph.shown import HOTLINES, shown_contacts
from graph.sql import run_sql
from graph.stores.base import GraphStore
from graph.uses import not_led
from sellergraph.case import DEFAULT_TIMEZONE

_TIES = read_of(
    "MATCH (a:Seller)-[t:TIED_TO]->(b:Seller) RETURN a.id AS left_id, b.id AS right_id, t.kinds_text AS kinds",
    left_id=TEXT, right_id=TEXT, kinds=TEXT,
)  # fmt: skip
# A code that names a handle and a page is the handle's.
_NAMED = """
SELECT carrier, arg_min(contact, (contact LIKE 'link:%', contact)) AS contact FROM coded
GROUP BY carrier ORDER BY carrier
"""
# What was decided about the contact that a code names holds for the code.
_CONTACTS = """
SELECT DISTINCT ad_id, coalesce(contact, contact_id) AS contact
FROM shown LEFT JOIN named ON carrier = contact_id LEFT JOIN ads USING (ad_id)
ANTI JOIN hotlines ON hotlines.carrier = coalesce(named.contact, contact_id)
ANTI JOIN not_led n ON n.account_id = ads.account_id AND n.carrier = coalesce(named.contact, contact_id)
"""
_CARRIED = "SELECT hops.*, coalesce(contact, carrier) AS contact FROM hops LEFT JOIN named USING (carrier)"


@dataclass(frozen=True)
class Trade:
    """Who advertises by which contacts, where buyers are led, and which sellers are tied.

    Attributes:
        facts: see graph.facts.
        shown: ad_id, contact: own and suppliers' contacts, as decided; each pair once, in no order.
        hops: as graph.hops gives them, with `contact`: the carrier, or of a code what it names.
        ties: left_id, right_id (sellers), kinds (sorted, with commas between).
    """

    facts: Facts
    shown: pa.Table
    hops: pa.Table
    ties: pa.Table


def read_trade(store: GraphStore, timezone: str = DEFAULT_TIMEZONE) -> Trade:
    """Read the case once, for as many questions as follow."""
    facts, named = read_facts(store, timezone), run_sql(_NAMED, {"coded": fetch(store, CODED)})
    tables = {"shown": shown_contacts(store), "hotlines": fetch(store, HOTLINES), "not_led": not_led(store)}
    shown = run_sql(_CONTACTS, tables | {"named": named, "ads": facts.ads})
    hops = run_sql(_CARRIED, {"hops": read_hops(store, facts).rows, "named": named})
    return Trade(facts, shown, hops, fetch(store, _TIES))
