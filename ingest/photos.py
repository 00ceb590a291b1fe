"""Group the pictures of a case into photographs: each new picture is compared with every stored photograph, once.

A group is complete linkage around its representative: a picture joins only when it matches the representative itself,
so that a chain of small differences cannot join unlike pictures. Groups that stand are not made anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa

from graph.photos import SAME_64, Match, ViewHash, Views, compare_views, match_between, match_table
from graph.stores.base import GraphStore
from ingest.some import read_some
from ingest.tables import TableBuilder

_IMAGES = "MATCH (i:Image) RETURN i.id AS id, i.view_hashes AS views, i.weakness AS weak"
# Only contacts that the ad gives as its seller's own say that two pictures are one seller's.
_CONTACTS = """
MATCH (ad:Ad)-[:SHOWS]->(i:Image) WHERE $every OR i.id IN $values
MATCH (ad)-[m:MENTIONS]->(c:Phone|Handle|QRCode|Email|Link) WHERE m.role = 'own' AND m.candidate_of IS NULL
RETURN DISTINCT i.id AS image, c.id AS contact
"""
_BESIDE = """
MATCH (c:Phone|Handle|QRCode|Email|Link) WHERE $every OR c.id IN $values
MATCH (ad:Ad)-[m:MENTIONS]->(c) WHERE m.role = 'own' AND m.candidate_of IS NULL
MATCH (ad)-[:SHOWS]->(i:Image)
RETURN DISTINCT c.id AS contact, i.id AS image
"""
# A contact that more pictures stand beside says little of any two of them.
_MOST_PICTURES = 200
_PHASH = "phash256"


# around[star][picture]: how the picture matches the star, views 'picture/star', and what confirmed it.
_Around = defaultdict[str, dict[str, tuple[Match, str]]]


@dataclass(frozen=True, slots=True)
class _Joined:
    """A picture's place in a group: how it matches the representative (views 'picture/star'), and what confirmed it."""

    star: str
    match: Match
    confirmed_by: str = _PHASH


@dataclass(slots=True)
class _Pictures:
    """Every picture of the case, and what is known of the groups."""

    column: pa.ChunkedArray
    row: dict[str, int]
    weak: dict[str, str | None]
    joined: dict[str, _Joined] = field(default_factory=dict)
    near: dict[tuple[str, str], Match] = field(default_factory=dict)

    def views(self, picture: str) -> tuple[ViewHash, ...]:
        """The views of one picture; none of one that was read by an earlier version of the program."""
        return tuple(map(ViewHash.parse, self.column[self.row[picture]].as_py() or ()))

    def table(self, pictures: Sequence[str]) -> Views:
        """The views of many pictures."""
        return Views.of_column(self.column.take(pa.array([self.row[picture] for picture in pictures], pa.int64())))

    def star(self, picture: str) -> str:
        """The representative of a picture's group; itself, when it is one."""
        return self.joined[picture].star if picture in self.joined else picture

    def join(self, picture: str, star: str, around: _Around) -> None:
        match, by = around[star][picture]
        self.joined[picture] = _Joined(star, match, by)

    def alone(self, picture: str) -> None:
        self.joined[picture] = _Joined(picture, Match(0, 0, "full/full", "same"))

    def note_near(self, left: str, right: str, match: Match) -> None:
        self.near[min(left, right), max(left, right)] = match if left < right else _turned(match)


class Grouping(NamedTuple):
    """What became of the pictures that had no photograph yet: their ids, every picture's photograph, and the rows."""

    fresh: list[str]
    photo_of: dict[str, str]
    tables: dict[str, pa.Table]


def group_photos(store: GraphStore) -> Grouping:
    """Give every picture that has none its photograph. Nothing is written: that is for the caller.

    Pictures that nothing is to be linked by (Image.weakness) join a group only where an own contact stands beside both.
    """
    images = store.read(_IMAGES)
    known = store.read_all("Image.COPY_OF.Photo")
    fresh = sorted(set(images["id"].to_pylist()) - set(known["src"].to_pylist()))
    photo_of = dict(zip(known["src"].to_pylist(), known["dst"].to_pylist(), strict=True))
    if not fresh:
        return Grouping([], photo_of, {})
    pictures = _pictures(images)
    representatives = set(store.read_all("Photo")["representative"].to_pylist())
    _group(store, pictures, fresh, representatives)
    photo_of |= {picture: _photo_id(place.star) for picture, place in pictures.joined.items()}
    return Grouping(fresh, photo_of, _tables(pictures, known))


def _pictures(images: pa.Table) -> _Pictures:
    ids = images["id"].to_pylist()
    row = {picture: number for number, picture in enumerate(ids)}
    column = images["views"].cast(pa.list_(pa.string()))
    return _Pictures(column, row, dict(zip(ids, images["weak"].to_pylist(), strict=True)))


def _group(store: GraphStore, pictures: _Pictures, fresh: list[str], representatives: set[str]) -> None:
    strong = [i for i in fresh if pictures.weak[i] is None]
    firm = [i for i in sorted(representatives & pictures.row.keys()) if pictures.weak[i] is None]
    matches = [*_between(pictures, firm, strong), *_among(pictures, strong)]
    confirmed = _confirmed(store, pictures, matches)
    _join(pictures, strong, set(firm), confirmed)
    stars = {place.star for place in pictures.joined.values()}
    _join_weak(store, pictures, fresh, representatives | stars)


def _between(pictures: _Pictures, stored: list[str], asked: list[str]) -> Iterator[tuple[str, str, Match]]:
    found = match_between(pictures.table(stored), pictures.table(asked))
    return ((stored[a], asked[b], match) for a, b, match in found)


def _among(pictures: _Pictures, ids: list[str]) -> Iterator[tuple[str, str, Match]]:
    return ((ids[a], ids[b], match) for a, b, match in match_table(pictures.table(ids)))


_Edge = tuple[str, str, Match, str]


def _confirmed(store: GraphStore, pictures: _Pictures, matches: list[tuple[str, str, Match]]) -> list[_Edge]:
    """The matches that are the same photograph; the others are noted as near.

    What pHash-64 finds and pHash-256 does not confirm, a contact that both pictures' ads show may.
    """
    doubtful = [m for m in matches if m[2].verdict == "candidate" and m[2].distance64 <= SAME_64]
    contacts = _contacts(store, {i for left, right, _ in doubtful for i in (left, right)})
    edges = list[_Edge]()
    for left, right, match in matches:
        shared = contacts[left] & contacts[right] if match.distance64 <= SAME_64 else set()
        if match.verdict == "same":
            edges.append((left, right, match, _PHASH))
        elif shared:
            edges.append((left, right, match, min(shared)))
        else:
            pictures.note_near(left, right, match)
    return edges


def _turned(match: Match) -> Match:
    return match._replace(views="/".join(reversed(match.views.split("/"))))


def _contacts(store: GraphStore, ids: Iterable[str]) -> defaultdict[str, set[str]]:
    found = defaultdict[str, set[str]](set)
    if wanted := set(ids):
        table = read_some(store, _CONTACTS, "image", wanted)
        for image, contact in zip(table["image"].to_pylist(), table["contact"].to_pylist(), strict=True):
            found[image].add(contact)
    return found


def _join(pictures: _Pictures, ids: list[str], representatives: set[str], edges: list[_Edge]) -> None:
    """Stars: to the nearest stored representative; what is left around the pictures with most matches."""
    around: _Around = defaultdict(dict)
    for left, right, match, by in edges:
        around[right][left], around[left][right] = (match, by), (_turned(match), by)
    for picture in ids:
        if stars := representatives & around[picture].keys():
            pictures.join(picture, min(stars, key=lambda star: (*around[star][picture], star)), around)
    waiting = {i for i in ids if i not in pictures.joined}
    for star in sorted(waiting, key=lambda i: (-len(around[i]), i)):
        if star in waiting:
            pictures.alone(star)
            waiting.discard(star)
            for picture in sorted(around[star].keys() & waiting):
                pictures.join(picture, star, around)
                waiting.discard(picture)
    for left, right, match, _ in edges:
        if pictures.star(left) != pictures.star(right):
            pictures.note_near(left, right, match)


def _join_weak(store: GraphStore, pictures: _Pictures, fresh: list[str], representatives: set[str]) -> None:
    """Weak pictures: to the nearest representative beside which the same own contact stands."""
    weak = [i for i in fresh if i not in pictures.joined]
    contacts = _contacts(store, weak)
    beside = _beside(store, {contact for found in contacts.values() for contact in found})
    for picture in weak:
        around: _Around = defaultdict(dict)
        for contact in sorted(contacts[picture]):
            for star in (beside.get(contact, set()) & representatives) - {picture}:
                match = compare_views(pictures.views(picture), pictures.views(star))
                if match and match.verdict == "same":
                    around[star].setdefault(picture, (match, contact))
        if around:
            pictures.join(picture, min(around, key=lambda star: (*around[star][picture], star)), around)
        else:
            pictures.alone(picture)
            representatives.add(picture)


def _beside(store: GraphStore, contacts: set[str]) -> dict[str, set[str]]:
    """The pictures that stand beside each contact, where they are few enough to say something."""
    if not contacts:
        return {}
    table, found = read_some(store, _BESIDE, "contact", contacts), defaultdict[str, set[str]](set)
    for contact, image in zip(table["contact"].to_pylist(), table["image"].to_pylist(), strict=True):
        found[contact].add(image)
    return {contact: images for contact, images in found.items() if len(images) <= _MOST_PICTURES}


def _tables(pictures: _Pictures, known: pa.Table) -> dict[str, pa.Table]:
    sizes = Counter(known["dst"].to_pylist())
    joined = sorted(pictures.joined.items())
    photos = {_photo_id(place.star): place.star for _, place in joined}
    sizes.update(_photo_id(place.star) for _, place in joined)
    rows = [(i, star, sizes[i], pictures.weak[star] is not None) for i, star in sorted(photos.items())]
    copies = [
        (i, _photo_id(p.star), p.match.distance64, p.match.distance256, p.match.views, p.confirmed_by)
        for i, p in joined
    ]
    near = [(*ends, m.distance64, m.distance256, m.views) for ends, m in sorted(pictures.near.items())]
    builder = TableBuilder()
    for name, found in (("Photo", rows), ("Image.COPY_OF.Photo", copies), ("Image.RESEMBLES.Image", near)):
        for row in found:
            builder.add(name, *row)
    return builder.tables()


def _photo_id(representative: str) -> str:
    return f"photo:{representative.removeprefix('sha256:')[:16]}"
