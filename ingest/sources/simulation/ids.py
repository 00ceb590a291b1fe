"""Ids of the market's contacts as the graph gives them."""

from __future__ import annotations

import hashlib

from ingest.sources.simulation.people import Contact


def contact_id(contact: Contact) -> str:
    """Id of the contact's node: codes are named by the hash of their payload."""
    if contact.kind == "qr":
        return "qr:" + hashlib.sha256(contact.value.encode()).hexdigest()[:16]
    return contact.node_id
