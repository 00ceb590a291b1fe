"""What ties the words in the graph to the line of the capture that they were read from."""

from __future__ import annotations

import hashlib


def words_digest(title: str | None, text: str | None) -> str:
    """First 16 hex digits of the SHA-256 of title, line feed and text; nothing counts as empty."""
    return hashlib.sha256(f"{title or ''}\n{text or ''}".encode("utf-8", "replace")).hexdigest()[:16]
