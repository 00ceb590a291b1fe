"""Which pictures of the case show what a given picture shows: their ads, accounts and sellers, in one answer."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from graph.facts import COUNT, TEXT, TIME, fetch, read_of
from graph.photos import ViewHash, Views, match_one
from graph.sql import run_sql
from graph.stores.base import GraphStore

_HASHES = """
MATCH (i:Image)
RETURN i.id AS image_id, i.view_hashes AS views, i.weakness AS weakness, i.path AS path ORDER BY image_id
"""
_SHOWN = read_of(
    """MATCH (ad:Ad)-[s:SHOWS]->(i:Image) WHERE i.id IN $ids
    RETURN i.id AS image_id, ad.id AS ad_id, s.name AS name, s.position AS position, ad.platform AS platform,
           ad.account_id AS account_id, ad.seen_at AS seen_at, ad.url AS url""",
    image_id=TEXT, ad_id=TEXT, name=TEXT, position=COUNT, platform=TEXT, account_id=TEXT, seen_at=TIME, url=TEXT,
)  # fmt: skip
_CODED = read_of(
    """MATCH (ad:Ad)-[m:MENTIONS]->(q:QRCode) WHERE q.id IN $ids AND m.image_id IS NOT NULL
    RETURN DISTINCT m.image_id AS image_id, q.id AS code""",
    image_id=TEXT, code=TEXT,
)  # fmt: skip
_RUNS = read_of(
    """MATCH (a:Account)-[:RUN_BY]->(s:Seller) WHERE a.id IN $accounts
    RETURN a.id AS account_id, s.id AS seller_id, s.name AS seller""",
    account_id=TEXT, seller_id=TEXT, seller=TEXT,
)  # fmt: skip
_HITS = pa.schema(
    [("image_id", TEXT), ("path", TEXT), ("how", TEXT), ("distance", COUNT), ("distance256", COUNT), ("view", TEXT)]
)
# The best reason first.
_HOW = ("identical", "same", "same code", "candidate", "plain")
_ANSWER = """
SELECT how, distance, distance256, view, image_id, path, ad_id, name, platform, account_id, seller_id, seller, seen_at,
       url
FROM hits LEFT JOIN shown USING (image_id) LEFT JOIN runs USING (account_id)
ORDER BY list_position($order, how), distance, distance256, image_id, seen_at, ad_id, position
"""


def find_image(
    store: GraphStore,
    sha256: str,
    views: Sequence[ViewHash],
    codes: Sequence[str] = (),
    *,
    weak: bool = False,
    limit: int | None = None,
) -> pa.Table:
    """Ads, accounts and sellers that show a picture.

    Args:
        sha256: digest of the picture's bytes, in hex.
        views: its hashes, as ingest.extract.pictures reads them.
        codes: ids (qr:…) of the codes in it.
        weak: it is too plain to be told from others by its hashes (ingest.extract.plainness).
        limit: pictures of the case at most, the nearest.

    Returns:
        A row an ad that shows a picture found: how (identical: the same bytes; same: the same photograph; same code;
        candidate: may be the same photograph; plain: alike, as any two pictures so plain are), distance and
        distance256 in bits, view ('theirs/yours'), image_id, path in the evidence store, ad_id, name (with #t= and
        seconds in a video), platform, account_id, seller_id and seller (null before accounts were resolved), seen_at,
        url. Best first.
    """
    stored = store.read(_HASHES)
    coded = {hit[0]: hit for hit in _by_code(store, stored, codes)}
    alike = {hit[0]: hit for hit in _by_views(stored, views, f"sha256:{sha256}", weak)}
    hits = (min((by[i] for by in (coded, alike) if i in by), key=_rank) for i in coded | alike)
    best = sorted(hits, key=_rank)[:limit]
    found = pa.Table.from_pylist([dict(zip(_HITS.names, hit, strict=True)) for hit in best], schema=_HITS)
    shown = fetch(store, _SHOWN, ids=found["image_id"].to_pylist())
    runs = fetch(store, _RUNS, accounts=sorted(set(filter(None, shown["account_id"].to_pylist()))))
    return run_sql(_ANSWER, {"hits": found, "shown": shown, "runs": runs}, {"order": list(_HOW)})


_Hit = tuple[str, str | None, str, int | None, int | None, str | None]


def _rank(hit: _Hit) -> tuple[int, int, int, str]:
    return _HOW.index(hit[2]), hit[3] or 0, hit[4] or 0, hit[0]


def _by_views(stored: pa.Table, views: Sequence[ViewHash], identical: str, weak: bool) -> list[_Hit]:
    ids, paths = stored["image_id"].to_pylist(), stored["path"].to_pylist()
    hits = list[_Hit]()
    for row, match in match_one(Views.of_column(stored["views"]), views):
        plain = weak or stored["weakness"][row].as_py() is not None
        how = "identical" if ids[row] == identical else "plain" if plain else match.verdict
        hits.append((ids[row], paths[row], how, match.distance64, match.distance256, match.views))
    return hits


def _by_code(store: GraphStore, stored: pa.Table, codes: Sequence[str]) -> list[_Hit]:
    if not codes:
        return []
    paths = dict(zip(stored["image_id"].to_pylist(), stored["path"].to_pylist(), strict=True))
    found = sorted(set(fetch(store, _CODED, ids=list(codes))["image_id"].to_pylist()))
    return [(image, paths.get(image), "same code", None, None, None) for image in found]
