"""Contacts in a text: telephone numbers, handles, e-mails, links, each with its place and role."""

from __future__ import annotations

import re
from functools import lru_cache
from operator import itemgetter

from graph.values import Email, Link
from ingest.extract.digits import NUMERALS
from ingest.extract.disguise import plain_view
from ingest.extract.extensions import PhoneHit
from ingest.extract.handles import HandleHit, find_handles
from ingest.extract.links import Found, find_links
from ingest.extract.mention import Mention
from ingest.extract.normalise import Normal, normalise
from ingest.extract.phones import find_phones
from ingest.extract.roles import PLAIN, roles_of
from ingest.extract.scan import Scan
from ingest.lexicon import platforms

__all__ = ["extract", "with_platform"]

# What numbers and ids are made of. Without any word for a contact, fewer of these are neither.
_TRACE = re.compile(f"[a-z0-9{''.join(NUMERALS)}]")
_LEAST_TRACES = 6
# An advertisement is shorter. What is longer is read in pieces, since what belongs together stands near together, and
# looking at everything beside everything takes hours for a text of megabytes.
_LONG = 4_000
# What a cut may part, a word from its id, a cue from its contact, stands in fewer characters.
_OVERLAP = 250
# A row of ASCII signs; whoever writes longer ones hides nothing in them.
_ROW = re.compile(r"[!-~]{1,20000}")
_ENDS = ("\n", "。！？!?", " ，,；;")


def extract(text: str | Normal, *, regions: tuple[str, ...] = ("CN",), platform: str | None = None) -> list[Mention]:
    """Every contact of a text, sorted by its start.

    Args:
        text: as captured, or folded already.
        regions: ISO 3166 codes whose national numbers are read without a prefix.
        platform: slug of the platform that the text was captured on, if known.
    """
    captured = text if isinstance(text, str) else text.captured
    if len(captured) > _LONG:
        return _in_pieces(captured, regions, platform)
    return _read(normalise(text) if isinstance(text, str) else text, regions, platform)


def _read(normal: Normal, regions: tuple[str, ...], platform: str | None) -> list[Mention]:
    links = find_links(normal)
    folded = _blanked(normal.text, links) if links else normal.text
    found = Scan(folded)
    if not (links or found.words or found.same or found.numbers) and len(_TRACE.findall(folded)) < _LEAST_TRACES:
        return []
    view = plain_view(normal._replace(text=folded) if links else normal, found)
    if view is not None:
        normal, folded = view, view.text
        found, links = Scan(folded), _moved(links, normal)
    phones = find_phones(folded, found, with_platform(regions, platform))
    handles = find_handles(folded, found, phones)
    reads = _reads(links, phones, handles)
    return _mentions(normal, folded, found, reads) if reads else []


def _in_pieces(text: str, regions: tuple[str, ...], platform: str | None) -> list[Mention]:
    """Each piece is read with some of its neighbours' words, and gives the contacts that begin in it."""
    found, start = list[Mention](), 0
    while start < len(text):
        end, first = _cut(text, start), max(0, start - _OVERLAP)
        for m in _read(normalise(text[first : end + _OVERLAP]), regions, platform):
            if start <= m.start + first < end:
                found.append(m._replace(start=m.start + first, end=m.end + first))
        start = end
    return found


def _cut(text: str, start: int) -> int:
    """Where a piece that begins at `start` ends: after the last line, sentence or word that fits."""
    end = start + _LONG
    if end >= len(text):
        return len(text)
    for sign in _ENDS:
        place = max(text.rfind(character, start + _LONG // 2, end) for character in sign)
        if place >= 0:
            return _behind_address(text, place + 1)
    return _behind_address(text, end)


def _behind_address(text: str, end: int) -> int:
    """The cut moved behind the address, or another row of ASCII signs, in which it lies."""
    return row.end() if (row := _ROW.match(text, end)) and _ROW.match(text, end - 1) else end


@lru_cache(maxsize=1_000)
def with_platform(regions: tuple[str, ...], platform: str | None) -> tuple[str, ...]:
    """The regions and, last, the one whose people a platform serves."""
    entry = platforms().get(platform) if platform else None
    return (*regions, entry.region) if entry and entry.region and entry.region not in regions else regions


# A mention before its role is known: kind, service, value, start and end in the folded text, confidence.
_Hit = tuple[str, str, str, int, int, float]
_PLACE = itemgetter(3, 4, 0, 1)


def _reads(links: list[Found], phones: list[PhoneHit], handles: list[HandleHit]) -> list[_Hit]:
    reads = [_of_link(hit) for hit in links]
    reads += [("handle", handle.service, handle.value, start, end, sure) for start, end, handle, sure, _ in handles]
    claimed = [(h.start, h.end) for h in handles if h.handle.service in ("qq", "qq_group") and not h.shared]
    for start, end, phone, sure in phones:
        if (start, end) not in claimed:
            reads.append(("phone", "tel", phone.number, start, end, sure))
    return reads


def _of_link(hit: Found) -> _Hit:
    match hit.value:
        case Email():
            return "email", "", hit.value.address, hit.start, hit.end, 0.98
        case Link():
            return "link", "", hit.value.url, hit.start, hit.end, 0.98
        case _:
            return "handle", hit.value.service, hit.value.value, hit.start, hit.end, 0.95


def _blanked(text: str, links: list[Found]) -> str:
    for hit in links:
        text = f"{text[: hit.start]}{chr(0) * (hit.end - hit.start)}{text[hit.end :]}"
    return text


def _moved(links: list[Found], view: Normal) -> list[Found]:
    """Links at their places in a rewritten text, which left the blanks that stand for them as they were."""
    moved, place = list[Found](), 0
    last: tuple[int, int] | None = None
    for hit in links:
        if last != (hit.start, hit.end):
            place = view.text.index(chr(0) * (hit.end - hit.start), place + (last[1] - last[0] if last else 0))
            last = (hit.start, hit.end)
        moved.append(Found(place, place + hit.end - hit.start, hit.value))
    return moved


def _mentions(normal: Normal, folded: str, found: Scan, reads: list[_Hit]) -> list[Mention]:
    reads.sort(key=_PLACE)
    roles = roles_of(folded, found, _apart(reads))
    mentions = dict[tuple[object, ...], Mention]()
    for kind, service, value, first, last, confidence in reads:
        role, cue, sure = roles.get((first, last), PLAIN)
        start, end = normal.span(first, last)
        if role != "own":
            confidence = round(confidence * sure, 3)
        key = (kind, service, value, start)
        if key not in mentions:
            raw = normal.captured[start:end]
            mentions[key] = Mention(kind, service, value, raw, start, end, "regex", role, cue, confidence)
    return list(mentions.values())


def _apart(reads: list[_Hit]) -> list[tuple[int, int]]:
    """The spans, once each, without those that overlap an earlier one."""
    kept, reached = list[tuple[int, int]](), 0
    for _, _, _, start, end, _ in reads:
        if start >= reached:
            kept.append((start, end))
            reached = end
    return kept
