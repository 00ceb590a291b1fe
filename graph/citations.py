"""Advertisements as they are cited: what was written, when, and the file and line that it was captured in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from graph.facts import COUNT, TEXT, TIME, fetch, read_of
from graph.provenance import words_digest
from graph.sql import run_sql
from graph.stores.base import GraphStore

_ADS = read_of(
    """MATCH (ad:Ad) WHERE ad.id IN $ads
    RETURN ad.id AS ad_id, ad.account_id AS account_id, ad.seen_at AS seen_at, ad.title AS title, ad.text AS text,
           ad.seller_name AS seller_name, ad.url AS url""",
    ad_id=TEXT, account_id=TEXT, seen_at=TIME, title=TEXT, text=TEXT, seller_name=TEXT, url=TEXT,
)  # fmt: skip
_CAPTURES = read_of(
    """MATCH (ad:Ad) WHERE ad.id IN $ads
    MATCH (ad)-[r:CAPTURED_IN]->(c:Capture)
    RETURN ad.id AS ad_id, c.id AS capture_id, c.name AS file, r.line AS line, r.words AS words""",
    ad_id=TEXT, capture_id=TEXT, file=TEXT, line=COUNT, words=TEXT,
)  # fmt: skip
# Of several captures of an ad the one that its words were read from; of equal ones the first line.
_READ_FROM = """
SELECT ad_id, file, line, capture_id FROM captures LEFT JOIN read_words USING (ad_id)
QUALIFY row_number() OVER (
    PARTITION BY ad_id ORDER BY captures.words IS NOT DISTINCT FROM read_words.words DESC, capture_id, line
) = 1
"""


def read_from(captures: pa.Table, ads: pa.Table) -> pa.Table:
    """The capture that each ad's words were read from: ad_id, file, line, capture_id.

    Args:
        captures: ad_id, capture_id, file, line, words. ads: ad_id, title, text.
    """
    titles, texts = ads["title"].to_pylist(), ads["text"].to_pylist()
    words = [words_digest(title, text) for title, text in zip(titles, texts, strict=True)]
    read_words = pa.table({"ad_id": ads["ad_id"], "words": pa.array(words, pa.string())})
    return run_sql(_READ_FROM, {"captures": captures, "read_words": read_words})


def cite(store: GraphStore, ads: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Ad id -> ad_id, account_id, seen_at (UTC), title, text, seller_name, url, file, line, capture_id."""
    wanted = sorted(set(ads))
    if not wanted:
        return {}
    found = fetch(store, _ADS, ads=wanted)
    sources = {row["ad_id"]: row for row in read_from(fetch(store, _CAPTURES, ads=wanted), found).to_pylist()}
    unknown = {"file": None, "line": None, "capture_id": None}
    return {row["ad_id"]: row | sources.get(row["ad_id"], unknown) for row in found.to_pylist()}


def around(text: str, start: int, end: int, width: int = 16) -> str:
    """The part of a text from `start` to `end` with up to `width` characters on either side, in one line."""
    first, last = max(start - width, 0), min(end + width, len(text))
    words = " ".join(text[first:last].split())
    return f"{'…' if first else ''}{words}{'…' if last < len(text) else ''}"
