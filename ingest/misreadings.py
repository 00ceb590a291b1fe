"""Contacts read in pictures that are one character from another contact of the same account: one number, misread.

Faint watermarks lose or change characters although the engine is sure of them. Such a contact is a candidate for the
other one (MENTIONS.candidate_of), and no evidence of anything by itself.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from rapidfuzz.distance import Levenshtein

from graph.schema import load_schema
from graph.stores.base import GraphStore
from ingest.some import read_some

# Who posted, or the ad alone where that is unknown.
_SCOPES = """
MATCH (ad:Ad)-[:SHOWS]->(i:Image) WHERE ($every OR i.id IN $values) AND i.text IS NOT NULL
RETURN DISTINCT coalesce(ad.account_id, ad.id) AS scope, i.id AS image
"""
# One query a label, since they are written to a table each.
_PHONES = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:Phone) WHERE $every OR coalesce(ad.account_id, ad.id) IN $values
RETURN coalesce(ad.account_id, ad.id) AS scope, ad.id AS src, c.id AS dst, m.place AS place,
       m.span_start AS span_start, m.method AS method, m.score AS score, m.candidate_of AS candidate_of
"""
_HANDLES = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:Handle) WHERE $every OR coalesce(ad.account_id, ad.id) IN $values
RETURN coalesce(ad.account_id, ad.id) AS scope, ad.id AS src, c.id AS dst, m.place AS place,
       m.span_start AS span_start, m.method AS method, m.score AS score, m.candidate_of AS candidate_of
"""
_WRITTEN = """
MATCH (ad:Ad)-[m:MENTIONS]->(c:Phone|Handle) WHERE ($every OR c.id IN $values) AND m.method <> 'ocr'
RETURN DISTINCT c.id AS contact
"""
_LABELS = {"Phone": _PHONES, "Handle": _HANDLES}
_MAINLAND = "+86"
# Of two contacts that were only read the one in so many times as many pictures is taken for the right one.
_MANY_TIMES = 3


@dataclass(slots=True)
class _Contact:
    """One contact of one account, and how it was read there."""

    id: str
    pictures: set[str] = field(default_factory=set)
    written: bool = False
    score: float = 0.0

    @property
    def standing(self) -> tuple[bool, int, float]:
        """What was written outranks what was only read in pictures; then more pictures, then a surer engine."""
        return self.written, len(self.pictures), self.score

    @property
    def value(self) -> str:
        """What is compared: a WeChat id may be the number of a phone."""
        return self.id.partition(":")[2].removeprefix(_MAINLAND)


def find_misreadings(store: GraphStore, images: list[str]) -> int:
    """Mark the misread contacts of the accounts that show the pictures; return how many mentions were marked."""
    scopes = set(read_some(store, _SCOPES, "image", images)["scope"].to_pylist()) if images else set[str]()
    if not scopes:
        return 0
    read = {label: read_some(store, query, "scope", scopes).to_pylist() for label, query in _LABELS.items()}
    better = _misread([row for rows in read.values() for row in rows])
    sure = _written(store, {contact for _, contact in better})
    better = {(scope, contact): other for (scope, contact), other in better.items() if contact not in sure}
    marked = 0
    for label, rows in read.items():
        found = [_marked(row, better[row["scope"], row["dst"]]) for row in rows if _is_news(row, better)]
        marked += len(found)
        if found:
            name = f"Ad.MENTIONS.{label}"
            store.write({name: pa.Table.from_pylist(found, schema=load_schema().table(name).arrow)})
    return marked


def _written(store: GraphStore, contacts: set[str]) -> set[str]:
    """Those that stand in some ad's words or codes as they were read: nobody misreads into an existing contact."""
    if not contacts:
        return set()
    return set(read_some(store, _WRITTEN, "contact", contacts)["contact"].to_pylist())


def _misread(rows: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """(account, contact) -> the contact of the account that it is a misreading of."""
    accounts = defaultdict[str, dict[str, _Contact]](dict)
    for row in rows:
        contact = accounts[row["scope"]].setdefault(row["dst"], _Contact(row["dst"]))
        contact.written |= row["method"] != "ocr"
        contact.score = max(contact.score, row["score"] or 0.0)
        if row["method"] == "ocr":
            contact.pictures.add(row["place"])
    return {
        (scope, contact.id): other.id
        for scope, contacts in accounts.items()
        for contact in contacts.values()
        if not contact.written and (other := _better(contact, contacts))
    }


def _better(contact: _Contact, contacts: dict[str, _Contact]) -> _Contact | None:
    """Of the account's other contacts one edit away that stand better, the best."""
    near = (c for c in contacts.values() if _outranks(c, contact) and _is_one_edit(c, contact))
    return max(near, key=lambda c: (c.standing, c.id), default=None)


def _outranks(one: _Contact, other: _Contact) -> bool:
    """What was written does; what was only read, when many pictures show it. Two in one picture are two contacts."""
    if not one.pictures.isdisjoint(other.pictures):
        return False
    return one.written or len(one.pictures) >= _MANY_TIMES * len(other.pictures)


def _is_one_edit(one: _Contact, other: _Contact) -> bool:
    if one.id.partition(":")[0] != other.id.partition(":")[0] and not (one.value.isdigit() and other.value.isdigit()):
        return False
    return Levenshtein.distance(one.value, other.value, score_cutoff=1) == 1


def _is_news(row: dict[str, Any], better: dict[tuple[str, str], str]) -> bool:
    found = better.get((row["scope"], row["dst"]))
    return row["method"] == "ocr" and found is not None and found != row["candidate_of"]


def _marked(row: dict[str, Any], other: str) -> dict[str, Any]:
    return {name: row[name] for name in ("src", "dst", "place", "span_start")} | {"candidate_of": other}
