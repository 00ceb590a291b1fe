"""Pairs of a seller's accounts that were joined, and pairs with another seller's that were not, with the evidence."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from graph.captions import contact_captions
from graph.facts import NUMBER, TEXT, TEXTS, TIME, fetch, read_of
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
_JUDGED = read_of(
    """MATCH (s:Seller {id: $seller_id})<-[:RUN_BY]-(a:Account)
    MATCH (j:Judgement) WHERE j.left_id = a.id AND j.verdict = 'same' AND j.retracted_at IS NULL
    MATCH (b:Account)-[:RUN_BY]->(t:Seller) WHERE b.id = j.right_id AND t.id = $seller_id
    RETURN a.id AS left_id, a.name AS left_name, a.platform AS left_platform,
           b.id AS right_id, b.name AS right_name, b.platform AS right_platform,
           j.author AS author, j.made_at AS made_at, j.reason AS reason""",
    left_id=TEXT, left_name=TEXT, left_platform=TEXT, right_id=TEXT, right_name=TEXT, right_platform=TEXT,
    author=TEXT, made_at=TIME, reason=TEXT,
)  # fmt: skip
# Name of the piece of evidence that is an analyst's word.
JUDGEMENT = "judgement"
_NAMES = pa.field("contact_names", TEXTS)


def merges(store: GraphStore, seller_id: str) -> pa.Table:
    """Pairs that analysts judged the same, then joined pairs with their evidence, surest first; contacts also by
    readable name.
    """
    found = as_lists(fetch(store, _MERGES, seller_id=seller_id))
    rows = found.to_pylist()
    judged = [_judged(row) for row in fetch(store, _JUDGED, seller_id=seller_id).to_pylist()]
    rows.sort(key=lambda row: (-(row["weight"] or 0.0), row["left_id"], row["right_id"]))
    judged.sort(key=lambda row: (row["left_id"], row["right_id"], row["evidence"]))
    return _readable(store, judged + rows, found.schema)


def _judged(row: dict[str, Any]) -> dict[str, Any]:
    """A judgement as a row of merges: the analyst's reason is the evidence, which has no bits."""
    said = f"judged the same by {row['author']} on {row['made_at']:%Y-%m-%d}: {row['reason']}"
    ends = {name: value for name, value in row.items() if name.startswith(("left_", "right_"))}
    more = dict.fromkeys(("probability", "weight", "contacts"))
    return ends | more | {"evidence": [said], "comparisons": [JUDGEMENT], "weights": []}


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
