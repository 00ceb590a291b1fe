"""Texts that recur at one place of an account's pictures: whoever marks the pictures, marks them so."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from statistics import median
from typing import Any, NamedTuple

import pyarrow as pa
from rapidfuzz.fuzz import ratio

from graph.photos import FRAMED
from graph.schema import load_schema
from graph.stores.base import GraphStore
from ingest.some import read_some
from ingest.tables import OCR_CONFIDENCE

_LINES = """
MATCH (ad:Ad)-[:SHOWS]->(i:Image) WHERE ($every OR ad.account_id IN $values) AND i.text IS NOT NULL
RETURN DISTINCT ad.id AS ad, ad.account_id AS account, i.id AS image, i.width AS width, i.height AS height,
       i.text AS text, i.text_boxes AS boxes, i.view_hashes AS views
"""
_ACCOUNTS = """
MATCH (ad:Ad)-[:SHOWS]->(i:Image) WHERE ($every OR i.id IN $values) AND ad.account_id IS NOT NULL
RETURN DISTINCT ad.account_id AS account, i.id AS image
"""
# In fewer photographs than this a text recurs by chance: two pictures of one lot bear the same label.
_LEAST_PHOTOS = 3
# So near to the middle of its places, as a share of the sides, does a stable text stand.
_STABLE = 0.08
# Texts this much alike are one text, read once with and once without a character. rapidfuzz's ratio, 0 to 100.
_ALIKE = 85
_LONGEST = 100


class _Line(NamedTuple):
    """A line of text in a picture of an account; x and y are its middle, as shares of the sides."""

    ad: str
    image: str
    photo: str
    folded: str
    raw: str
    start: int
    box: str
    score: float
    x: float
    y: float


def find_watermarks(store: GraphStore, images: list[str], photo_of: Mapping[str, str]) -> dict[str, pa.Table]:
    """The watermarks of the accounts that show the pictures, as rows; `photo_of` gives each picture's photograph."""
    accounts = set(read_some(store, _ACCOUNTS, "image", images)["account"].to_pylist()) if images else set[str]()
    if not accounts:
        return {}
    mentions = list[tuple[str, _Line]]()
    for lines in _by_account(read_some(store, _LINES, "account", accounts), photo_of).values():
        for text, marked in _recurring(lines):
            mentions += [(text, line) for line in marked]
    return _tables(mentions) if mentions else {}


def _by_account(table: pa.Table, photo_of: Mapping[str, str]) -> dict[str, list[_Line]]:
    found = defaultdict[str, list[_Line]](list)
    for row in sorted(table.to_pylist(), key=lambda row: (row["account"], row["ad"], row["image"])):
        # In screenshots the app's own words recur.
        if not str((row["views"] or [""])[0]).startswith(FRAMED):
            found[row["account"]] += _lines(row, photo_of.get(row["image"], row["image"]))
    return found


def _lines(row: dict[str, Any], photo: str) -> Iterator[_Line]:
    start = 0
    for raw, kept in zip(row["text"].split("\n"), row["boxes"] or (), strict=False):
        box, _, score = kept.rpartition(",")
        left, top, right, bottom = map(int, box.split(","))
        if folded := _folded(raw):
            x, y = (left + right) / 2 / row["width"], (top + bottom) / 2 / row["height"]
            yield _Line(row["ad"], row["image"], photo, folded, raw, start, box, float(score), x, y)
        start += len(raw) + 1


def _folded(text: str) -> str:
    """Letters and digits in one form; '' for what is too short to be anybody's mark, or a number alone."""
    kept = "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())
    letters = sum(c.isalpha() for c in kept)
    return kept[:_LONGEST] if letters >= 2 and len(kept) >= (3 if kept.isascii() else 2) else ""


def _recurring(lines: list[_Line]) -> Iterator[tuple[str, list[_Line]]]:
    for text, alike in _alike(lines):
        x, y = median(line.x for line in alike), median(line.y for line in alike)
        stable = [line for line in alike if abs(line.x - x) <= _STABLE and abs(line.y - y) <= _STABLE]
        if len({line.photo for line in stable}) >= max(_LEAST_PHOTOS, len({line.photo for line in alike}) / 2):
            yield text, stable


def _alike(lines: list[_Line]) -> Iterator[tuple[str, list[_Line]]]:
    """Lines by the most frequent form of their text."""
    counts = Counter(line.folded for line in lines)
    heads, head_of = list[str](), dict[str, str]()
    for text, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        head = next((head for head in heads if ratio(head, text) >= _ALIKE), None)
        head_of[text] = head or text
        if head is None and counts[text] > 1:
            heads.append(text)
    groups = defaultdict[str, list[_Line]](list)
    for line in lines:
        groups[head_of[line.folded]].append(line)
    yield from groups.items()


def _tables(mentions: Iterable[tuple[str, _Line]]) -> dict[str, pa.Table]:
    nodes, rows = dict[str, str](), list[dict[str, Any]]()
    for text, line in mentions:
        nodes[f"watermark:{text}"] = text
        rows.append(
            {
                "src": line.ad, "dst": f"watermark:{text}", "place": line.image, "span_start": line.start,
                "span_end": line.start + len(line.raw), "raw": line.raw, "method": "ocr", "role": "own",
                "image_id": line.image, "confidence": round(line.score * OCR_CONFIDENCE, 3), "box": line.box,
                "score": line.score,
            }
        )  # fmt: skip
    marks = [{"id": node, "text": text} for node, text in sorted(nodes.items())]
    return {name: _typed(name, found) for name, found in (("Watermark", marks), ("Ad.MENTIONS.Watermark", rows))}


def _typed(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=load_schema().table(name).arrow)
