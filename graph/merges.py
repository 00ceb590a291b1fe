"""Pairs of a seller's accounts that were joined, and pairs with another seller's that were not, with the evidence."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from graph.captions import contact_captions
from graph.facts import NUMBER, TEXT, TEXTS, fetch, read_of
from graph.lines import as_lists
from graph.stores.base import GraphStore

# Pairs that the profile of one seller lists.
NEAR_LISTED = 50

# A graph of before `joined` was kept holds pairs that were joined only.
_MERGES = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    MATCH (a)-[m:MATCHES]->(b:Account) WHERE coalesce(m.joined, true) = true
    MATCH (b)-[:RUN_BY]->(t:Seller) WHERE t.id = $seller_id
    RETURN a.id AS left_id, a.name AS left_name, a.platform AS left_platform,
           b.id AS right_id, b.name AS right_name, b.platform AS right_platform,
           m.probability AS probability, m.weight AS weight, m.evidence_text AS evidence,
           m.evidence_kinds AS comparisons, m.evidence_bits AS weights, m.contact_ids AS contacts""",
    left_id=TEXT, left_name=TEXT, left_platform=TEXT, right_id=TEXT, right_name=TEXT, right_platform=TEXT,
    probability=NUMBER, weight=NUMBER, evidence=TEXT, comparisons=TEXT, weights=TEXT, contacts=TEXT,
)  # fmt: skip
_NEAR = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    MATCH (a)-[m:MATCHES]-(b:Account) WHERE coalesce(m.joined, false) = false
    MATCH (b)-[:RUN_BY]->(t:Seller) WHERE t.id <> $seller_id
    RETURN a.id AS account_id, a.name AS account_name, a.platform AS account_platform,
           b.id AS other_id, b.name AS other_name, b.platform AS other_platform,
           t.id AS other_seller, t.name AS other_seller_name,
           m.probability AS probability, m.weight AS weight, m.evidence_text AS evidence,
           m.evidence_kinds AS comparisons, m.evidence_bits AS weights, m.contact_ids AS contacts,
           m.capped_text AS capped, m.cut AS cut""",
    account_id=TEXT, account_name=TEXT, account_platform=TEXT, other_id=TEXT, other_name=TEXT, other_platform=TEXT,
    other_seller=TEXT, other_seller_name=TEXT, probability=NUMBER, weight=NUMBER, evidence=TEXT, comparisons=TEXT,
    weights=TEXT, contacts=TEXT, capped=TEXT, cut=TEXT,
)  # fmt: skip
_NAMES = pa.field("contact_names", TEXTS)


def merges(store: GraphStore, seller_id: str) -> pa.Table:
    """Joined pairs with their evidence, surest first; contacts also by readable name."""
    found = as_lists(fetch(store, _MERGES, seller_id=seller_id))
    rows = found.to_pylist()
    rows.sort(key=lambda row: (-(row["weight"] or 0.0), row["left_id"], row["right_id"]))
    return _readable(store, rows, found.schema)


def near(store: GraphStore, seller_id: str, most: int = NEAR_LISTED) -> pa.Table:
    """Pairs of the seller's and another seller's account that were compared and not joined, likeliest first."""
    found = as_lists(fetch(store, _NEAR, seller_id=seller_id))
    rows = found.to_pylist()
    rows.sort(key=lambda row: (-(row["probability"] or 0.0), row["account_id"], row["other_id"]))
    return _readable(store, rows[:most], found.schema)


def _readable(store: GraphStore, rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    ids = [contact for row in rows for contact in row["contacts"] or []]
    captions = {row["contact_id"]: row["caption"] for row in contact_captions(store, ids).to_pylist()}
    return pa.Table.from_pylist([_named(row, captions) for row in rows], schema=schema.append(_NAMES))


def _named(row: dict[str, Any], captions: dict[str, str]) -> dict[str, Any]:
    contacts = sorted(row["contacts"] or [])
    return row | {"contacts": contacts, "contact_names": [captions[contact] for contact in contacts]}
