"""The narrow tables that every analysis starts from, read alike from both stores.

Cypher only fetches; what is counted, joined and sorted is DuckDB SQL over the Arrow tables, so that
both stores give the same rows in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from graph.sql import run_sql
from graph.stores.base import GraphStore
from sellergraph.case import DEFAULT_TIMEZONE

TEXT, COUNT, TIME, FLAG, NUMBER = pa.string(), pa.int64(), pa.timestamp("us"), pa.bool_(), pa.float64()
TEXTS = pa.list_(pa.string())
# No zone has ever changed its offset twice a day.
_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
_FIRST, _LAST = datetime(1900, 1, 1), datetime(2200, 1, 1)


class Read(NamedTuple):
    """A constant query and the types of its columns: an empty answer has no types of its own."""

    query: str
    schema: pa.Schema


def read_of(query: str, **columns: pa.DataType) -> Read:
    """A query with its columns, in the order they are wanted in."""
    return Read(query, pa.schema(list(columns.items())))


ADS = read_of(
    """MATCH (ad:Ad)
    RETURN ad.id AS ad_id, ad.platform AS platform, ad.account_id AS account_id, ad.seen_at AS seen_at,
           ad.textless AS textless, ad.views AS views, ad.price_cents AS price_cents, ad.currency AS currency,
           ad.location AS location, 'wild' IN ad.claims AS wild""",
    ad_id=TEXT, platform=TEXT, account_id=TEXT, seen_at=TIME, textless=FLAG, views=COUNT, price_cents=COUNT,
    currency=TEXT, location=TEXT, wild=FLAG,
)  # fmt: skip
RUNS = read_of(
    "MATCH (a:Account)-[:RUN_BY]->(s:Seller) RETURN a.id AS account_id, s.id AS seller_id",
    account_id=TEXT, seller_id=TEXT,
)  # fmt: skip
SELLERS = read_of("MATCH (s:Seller) RETURN s.id AS seller_id, s.name AS name", seller_id=TEXT, name=TEXT)
PLATFORMS = read_of(
    "MATCH (p:Platform) RETURN p.id AS platform, p.name AS name, p.kind AS kind", platform=TEXT, name=TEXT, kind=TEXT
)
TAXA = read_of(
    """MATCH (t:Taxon)
    RETURN t.id AS taxon_id, t.name_en AS name_en, t.name_zh AS name_zh, t.scientific_name AS scientific_name,
           t.cites AS cites, t.red_list AS red_list, t.national_level AS national_level, t.status_date AS status_date""",
    taxon_id=TEXT, name_en=TEXT, name_zh=TEXT, scientific_name=TEXT, cites=TEXT, red_list=TEXT, national_level=TEXT,
    status_date=TEXT,
)  # fmt: skip
OFFERS = read_of(
    "MATCH (ad:Ad)-[:OFFERS]->(c:Commodity) RETURN DISTINCT ad.id AS ad_id, c.taxon_id AS taxon_id",
    ad_id=TEXT, taxon_id=TEXT,
)  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What the case holds, one row a thing; nothing here is text of an advertisement.

    Attributes:
        ads: ad_id, platform, kind, account_id, seller_id, seen_at (UTC), day (local date), textless, views,
            price_cents, currency, location, wild (it claims that the goods are from the wild).
        runs: account_id, seller_id: who runs which account.
        sellers: seller_id, name; earlier sellers, who run nothing any more, are among them.
        platforms: platform, name, kind.
        taxa: taxon_id, name_en, name_zh, scientific_name, cites, red_list, national_level, status_date.
        offers: ad_id, taxon_id; one row for each species that an advertisement offers.
    """

    ads: pa.Table
    runs: pa.Table
    sellers: pa.Table
    platforms: pa.Table
    taxa: pa.Table
    offers: pa.Table


def read_facts(store: GraphStore, timezone: str = DEFAULT_TIMEZONE) -> Facts:
    """Read the case once; every figure of the overview, ranking and paths follows from it.

    Args:
        timezone: IANA name; days and months are counted in it.
    """
    ads, runs, platforms = fetch(store, ADS), fetch(store, RUNS), fetch(store, PLATFORMS)
    ads = ads.append_column("day", local_days(ads["seen_at"], timezone))
    joined = run_sql(
        """SELECT ads.ad_id, ads.platform, p.kind, ads.account_id, r.seller_id, ads.seen_at, ads.day,
                  coalesce(ads.textless, false) AS textless, ads.views, ads.price_cents, ads.currency, ads.location,
                  coalesce(ads.wild, false) AS wild
           FROM ads LEFT JOIN platforms p USING (platform)
           LEFT JOIN (SELECT account_id, min(seller_id) AS seller_id FROM runs GROUP BY ALL) r USING (account_id)
           ORDER BY ads.ad_id""",
        {"ads": ads, "runs": runs, "platforms": platforms},
    )
    return Facts(joined, runs, fetch(store, SELLERS), platforms, fetch(store, TAXA), fetch(store, OFFERS))


def fetch(store: GraphStore, read: Read, **params: Any) -> pa.Table:
    """Run a constant query; the columns and types are those that it declares."""
    return store.read(read.query, **params).select(read.schema.names).cast(read.schema)


_WALL_CLOCK = """
SELECT moment + to_microseconds(
    $shifts[greatest(1, len(list_filter($starts::TIMESTAMP[], lambda start: start <= moment)))]
) AS moment FROM times
"""
_DAYS = "SELECT CAST(moment AS DATE) AS day FROM times"


def local_times(times: pa.ChunkedArray, timezone: str) -> pa.ChunkedArray:
    """UTC times without offset as wall-clock times of the zone, in the order given.

    Python's zoneinfo tells when the offset changes: Arrow's own conversion needs a time-zone database that
    Windows does not have, DuckDB's an extension. Numbers go to DuckDB, not to Arrow, whose every conversion
    of a Python value imports pandas (1 to 3 s).
    """
    starts, shifts = _offsets(times, ZoneInfo(timezone))
    table = pa.Table.from_arrays([times], names=["moment"])
    return run_sql(_WALL_CLOCK, {"times": table}, {"starts": starts, "shifts": shifts})["moment"]


def local_days(times: pa.ChunkedArray, timezone: str) -> pa.ChunkedArray:
    """The local date of each UTC time."""
    table = pa.Table.from_arrays([local_times(times, timezone)], names=["moment"])
    return run_sql(_DAYS, {"times": table})["day"]


def _offsets(times: pa.ChunkedArray, zone: ZoneInfo) -> tuple[list[datetime], list[int]]:
    """Since when (UTC) which offset (microseconds) holds, over the span of these times."""
    ends = pc.min_max(times).as_py()
    if ends["min"] is None:
        return [], []
    # Captured years may be absurd; before and after these the nearest offset holds.
    last, end = max(ends["min"], _FIRST), min(ends["max"], _LAST)
    starts, shifts = [last], [_offset(last, zone)]
    while last < end:
        moment = min(last + _DAY, end)
        if _offset(moment, zone) != shifts[-1]:
            starts.append(_change(last, moment, zone))
            shifts.append(_offset(moment, zone))
        last = moment
    return starts, shifts


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first microsecond of the new offset."""
    old = _offset(before, zone)
    while after - before > _INSTANT:
        middle = before + (after - before) // 2
        before, after = (middle, after) if _offset(middle, zone) == old else (before, middle)
    return after


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    """Microseconds to add to this UTC time."""
    offset = moment.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta()
    return offset // _INSTANT
