"""The photographs and the text templates that two accounts share, with the advertisements that show them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from graph.citations import cite
from graph.facts import COUNT, FLAG, TEXT, TEXTS, TIME, fetch, read_of
from graph.stores import GraphStore
from resolvers.explanation import Example, SharedPhoto, SharedTemplate, Shown
from resolvers.profiles import PHOTO_SOME, TEMPLATE_MOST

# Of an account, ads that show one photograph.
ADS_LISTED = 3

_SHOWN = read_of(
    """MATCH (a:Account)-[:POSTED]->(ad:Ad) WHERE a.id IN $accounts
    MATCH (ad)-[:SHOWS]->(i:Image)
    MATCH (i)-[:COPY_OF]->(p:Photo)
    RETURN a.id AS account, ad.id AS ad, ad.seen_at AS seen_at, i.path AS image, p.id AS photo,
           coalesce(p.weak, false) AS weak""",
    account=TEXT, ad=TEXT, seen_at=TIME, image=TEXT, photo=TEXT, weak=FLAG,
)  # fmt: skip
_ACCOUNTS = read_of(
    """MATCH (p:Photo) WHERE p.id IN $photos
    MATCH (i:Image)-[:COPY_OF]->(p)
    MATCH (ad:Ad)-[:SHOWS]->(i) WHERE ad.account_id IS NOT NULL
    RETURN p.id AS photo, count(DISTINCT ad.account_id) AS accounts""",
    photo=TEXT, accounts=COUNT,
)  # fmt: skip
_BANDS = read_of(
    """MATCH (a:Account)-[:POSTED]->(ad:Ad) WHERE a.id IN $accounts AND ad.templates IS NOT NULL
    RETURN a.id AS account, ad.id AS ad, ad.seen_at AS seen_at, ad.templates AS bands""",
    account=TEXT, ad=TEXT, seen_at=TIME, bands=TEXTS,
)  # fmt: skip
_BAND_USERS = read_of(
    """MATCH (ad:Ad) WHERE ad.templates IS NOT NULL AND ad.account_id IS NOT NULL
    UNWIND ad.templates AS band
    WITH band, ad.account_id AS account WHERE band IN $bands
    RETURN band AS shared, count(DISTINCT account) AS accounts""",
    shared=TEXT, accounts=COUNT,
)  # fmt: skip


def shared_photos(store: GraphStore, left: str, right: str) -> tuple[SharedPhoto, ...]:
    """Photographs that both show, those that count first, then the rarest."""
    rows = fetch(store, _SHOWN, accounts=[left, right]).to_pylist()
    both = {row["photo"] for row in rows if row["account"] == left} & {
        row["photo"] for row in rows if row["account"] == right
    }
    if not both:
        return ()
    accounts = _counts(fetch(store, _ACCOUNTS, photos=sorted(both)))
    found = [_photo(photo, [row for row in rows if row["photo"] == photo], accounts[photo], left) for photo in both]
    return tuple(sorted(found, key=lambda photo: (not photo.used, photo.accounts, photo.photo)))


def _photo(photo: str, rows: list[dict[str, Any]], accounts: int, left: str) -> SharedPhoto:
    used = not any(row["weak"] for row in rows) and accounts <= PHOTO_SOME
    sides = [_shown([row for row in rows if (row["account"] == left) is side]) for side in (True, False)]
    return SharedPhoto(photo, accounts, used, *sides)


def _shown(rows: list[dict[str, Any]]) -> tuple[Shown, ...]:
    first: dict[str, Shown] = {}
    for row in sorted(rows, key=_by_time):
        first.setdefault(row["ad"], Shown(row["ad"], row["seen_at"], row["image"]))
    return tuple(first.values())[:ADS_LISTED]


def _by_time(row: dict[str, Any]) -> tuple[bool, Any, str]:
    return row["seen_at"] is None, row["seen_at"], row["ad"]


def shared_templates(store: GraphStore, left: str, right: str) -> tuple[SharedTemplate, ...]:
    """Two example texts of the rarest template that both use, when it is rare enough to count."""
    rows = fetch(store, _BANDS, accounts=[left, right]).to_pylist()
    bands = [{band for row in rows if row["account"] == account for band in row["bands"]} for account in (left, right)]
    both = sorted(bands[0] & bands[1])
    if not both:
        return ()
    accounts, band = min((n, band) for band, n in _counts(fetch(store, _BAND_USERS, bands=both)).items())
    if accounts > TEMPLATE_MOST:
        return ()
    users = [row for row in sorted(rows, key=_by_time) if band in row["bands"]]
    ads = [next(row["ad"] for row in users if row["account"] == account) for account in (left, right)]
    known = cite(store, ads)
    return (SharedTemplate(accounts, *(_example(known[ad]) for ad in ads)),)


def _example(row: dict[str, Any]) -> Example:
    return Example(row["ad_id"], row["seen_at"], row["title"], row["text"], row["file"], row["line"])


def _counts(table: pa.Table) -> dict[str, int]:
    return dict(zip(*table.to_pydict().values(), strict=True))
