"""The narrow tables that every analysis starts from, read alike from both stores.

Cypher only fetches; what is counted, joined and sorted is DuckDB SQL over the Arrow tables, so that
both stores give the same rows in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graph.protection import protection_of
from graph.sql import run_sql
from graph.stores.base import GraphStore
from sellergraph.case import DEFAULT_TIMEZONE, EMBEDDED

TEXT, COUNT, TIME, FLAG, NUMBER = pa.string(), pa.int64(), pa.timestamp("us"), pa.bool_(), pa.float64()
TEXTS = pa.list_(pa.string())
# No zone has ever changed its offset twice a day.
_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
_FIRST, _LAST = datetime(1900, 1, 1), datetime(2200, 1, 1)


class Read(NamedTuple):
    """A constant query and the types of its columns: an empty answer has no types of its own.

    `numbered` asks the embedded store the same with the file's number of each ad as `number` in the place of `ad_id`:
    numbers take it a third of the time of ids, and joins by them a tenth.
    """

    query: str
    schema: pa.Schema
    numbered: str | None = None


def read_of(query: str, *, numbered: str | None = None, **columns: pa.DataType) -> Read:
    """A query with its columns, in the order they are wanted in."""
    return Read(query, pa.schema(list(columns.items())), numbered)


ADS = read_of(
    """MATCH (ad:Ad)
    RETURN ad.id AS ad_id, ad.platform AS platform, ad.account_id AS account_id, ad.seen_at AS seen_at,
           ad.textless AS textless, ad.views AS views, ad.price_cents AS price_cents, ad.currency AS currency,
           ad.location AS location, 'wild' IN ad.claims AS wild""",
    numbered="""MATCH (ad:Ad)
    RETURN OFFSET(ID(ad)) AS number, ad.id AS ad_id, ad.platform AS platform, ad.account_id AS account_id,
           ad.seen_at AS seen_at, ad.textless AS textless, ad.views AS views, ad.price_cents AS price_cents,
           ad.currency AS currency, ad.location AS location, 'wild' IN ad.claims AS wild""",
    ad_id=TEXT, platform=TEXT, account_id=TEXT, seen_at=TIME, textless=FLAG, views=COUNT, price_cents=COUNT,
    currency=TEXT, location=TEXT, wild=FLAG,
)  # fmt: skip
NARROW = read_of(
    """MATCH (ad:Ad)
    RETURN ad.id AS ad_id, ad.platform AS platform, ad.account_id AS account_id, ad.seen_at AS seen_at,
           ad.views AS views, ad.price_cents AS price_cents, ad.currency AS currency, 'wild' IN ad.claims AS wild""",
    numbered="""MATCH (ad:Ad)
    RETURN OFFSET(ID(ad)) AS number, ad.id AS ad_id, ad.platform AS platform, ad.account_id AS account_id,
           ad.seen_at AS seen_at, ad.views AS views, ad.price_cents AS price_cents, ad.currency AS currency,
           'wild' IN ad.claims AS wild""",
    ad_id=TEXT, platform=TEXT, account_id=TEXT, seen_at=TIME, views=COUNT, price_cents=COUNT, currency=TEXT, wild=FLAG,
)  # fmt: skip
RUNS = read_of(
    "MATCH (a:Account)-[:RUN_BY]->(s:Seller) RETURN a.id AS account_id, s.id AS seller_id",
    account_id=TEXT, seller_id=TEXT,
)  # fmt: skip
SELLERS = read_of("MATCH (s:Seller) RETURN s.id AS seller_id, s.name AS name", seller_id=TEXT, name=TEXT)
ACCOUNTS = read_of(
    "MATCH (a:Account) RETURN a.id AS account_id, a.platform AS platform, a.name AS name",
    account_id=TEXT, platform=TEXT, name=TEXT,
)  # fmt: skip
PLATFORMS = read_of(
    "MATCH (p:Platform) RETURN p.id AS platform, p.name AS name, p.kind AS kind, p.within AS within",
    platform=TEXT, name=TEXT, kind=TEXT, within=TEXT,
)  # fmt: skip
TAXA = read_of(
    """MATCH (t:Taxon)
    RETURN t.id AS taxon_id, t.name_en AS name_en, t.name_zh AS name_zh, t.scientific_name AS scientific_name,
           t.cites AS cites, t.red_list AS red_list, t.national_level AS national_level,
           t.status_date AS status_date""",
    taxon_id=TEXT, name_en=TEXT, name_zh=TEXT, scientific_name=TEXT, cites=TEXT, red_list=TEXT, national_level=TEXT,
    status_date=TEXT,
)  # fmt: skip
OFFERS = read_of(
    "MATCH (ad:Ad)-[:OFFERS]->(c:Commodity) RETURN ad.id AS ad_id, c.taxon_id AS taxon_id",
    numbered="MATCH (ad:Ad)-[:OFFERS]->(c:Commodity) RETURN OFFSET(ID(ad)) AS number, c.taxon_id AS taxon_id",
    ad_id=TEXT, taxon_id=TEXT,
)  # fmt: skip
# Rows that one thread of DuckDB reads at once: one of its own row groups.
BATCH = 122_880
# Columns of few different words.
_RECURRING = ("platform", "account_id", "currency", "location")
_COLUMNS = (
    "ad", "ad_id", "platform", "kind", "account_id", "seller_id", "seen_at", "day", "textless", "views", "price_cents",
    "currency", "location", "wild", "protection", "account", "number",
)  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What the case holds, one row a thing; nothing here is text of an advertisement.

    Attributes:
        ads: ad (its row here, from 0), ad_id, platform, kind, account_id, seller_id, seen_at (UTC), day (local date),
            textless, views, price_cents, currency, location, wild (it claims that the goods are from the wild),
            protection (0 to 1, null without a species; see graph.protection), account (a number for each account_id),
            number (the store's own); in no order.
        runs: account_id, seller_id: who runs which account.
        accounts: account_id, platform, name.
        sellers: seller_id, name; earlier sellers, who run nothing any more, are among them.
        platforms: platform, name, kind, within (the app that it is a page of, else null).
        taxa: taxon_id, name_en, name_zh, scientific_name, cites, red_list, national_level, status_date.
        offers: ad (row of ads), taxon_id; one row for each species that an advertisement offers.
    """

    ads: pa.Table
    runs: pa.Table
    accounts: pa.Table
    sellers: pa.Table
    platforms: pa.Table
    taxa: pa.Table
    offers: pa.Table


def read_facts(store: GraphStore, timezone: str = DEFAULT_TIMEZONE, *, narrow: bool = False) -> Facts:
    """Read the case once; every figure of the overview, ranking and paths follows from it.

    Args:
        timezone: IANA name; days and months are counted in it.
        narrow: leave out places and whether ads are textless (nulls): a fifth of the time that the store takes.
    """
    runs, platforms, taxa = fetch(store, RUNS), fetch(store, PLATFORMS), fetch(store, TAXA)
    ads = _told(_encoded(_fetch_ads(store, NARROW if narrow else ADS)), runs, platforms, timezone)
    offers = _once(fetch_of_ads(store, OFFERS, ads))
    return Facts(
        ads=_in_batches(ads.set_column(_COLUMNS.index("protection"), "protection", protection_of(ads, offers, taxa))),
        runs=runs,
        accounts=fetch(store, ACCOUNTS),
        sellers=fetch(store, SELLERS),
        platforms=platforms,
        taxa=taxa,
        offers=offers,
    )


def query_of(store: GraphStore, read: Read) -> str:
    """The query of a read in the store's own way."""
    return read.numbered if read.numbered and store.dialect == EMBEDDED else read.query


def _fetch_ads(store: GraphStore, read: Read = ADS) -> pa.Table:
    schema = read.schema.append(pa.field("number", COUNT))
    if query_of(store, read) == read.numbered:
        ads = store.read(query_of(store, read)).select(schema.names).cast(schema)
    else:
        ads = fetch(store, read)
        ads = ads.append_column("number", pa.array(np.arange(ads.num_rows)))
    for field in ADS.schema:
        if field.name not in ads.column_names:
            ads = ads.append_column(field, pa.nulls(ads.num_rows, field.type))
    return ads


def fetch_of_ads(store: GraphStore, read: Read, ads: pa.Table, **params: Any) -> pa.Table:
    """Run a query whose first column is ad_id; in its place comes `ad`, the row of `ads`.

    Args:
        ads: see Facts.ads, from the same store.
    """
    schema = pa.schema([pa.field("ad", COUNT), *list(read.schema)[1:]])
    if query_of(store, read) == read.numbered:
        found = store.read(query_of(store, read), **params)
        rows = _rows_by_number(ads)[found["number"].to_numpy().astype(np.int64)]
    else:
        found = fetch(store, read, **params)
        rows = pc.fill_null(pc.index_in(found["ad_id"], value_set=ads["ad_id"].combine_chunks()), -1).to_numpy()
    columns = [pa.array(rows), *(found[name] for name in schema.names[1:])]
    # What was written between two queries is not among the ads.
    return pa.table(columns, names=schema.names).cast(schema).filter(pa.array(rows >= 0))


def _rows_by_number(ads: pa.Table) -> npt.NDArray[np.int64]:
    numbers = ads["number"].to_numpy()
    # What the store counts and these ads do not have stands at the end, where -1 points too.
    rows = np.full(int(numbers.max(initial=-1)) + 2, -1)
    rows[numbers] = np.arange(len(numbers))
    return rows


def _once(offers: pa.Table) -> pa.Table:
    """An ad that offers two parts of a species offers it once."""
    taxa = offers["taxon_id"].combine_chunks().dictionary_encode()
    width = max(len(taxa.dictionary), 1)
    pairs = np.sort(offers["ad"].to_numpy() * width + pc.fill_null(taxa.indices, 0).to_numpy())
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    return _in_batches(pa.table({"ad": pairs // width, "taxon_id": taxa.dictionary.take(pa.array(pairs % width))}))


def _in_batches(table: pa.Table) -> pa.Table:
    """The same rows in parts that several threads of DuckDB can read at once; nothing is copied."""
    return pa.Table.from_batches(table.to_batches(BATCH), table.schema)


def _encoded(ads: pa.Table) -> pa.Table:
    """Recurring words as numbers."""
    for name in _RECURRING:
        ads = ads.set_column(ads.schema.get_field_index(name), name, ads[name].combine_chunks().dictionary_encode())
    return ads


def _told(ads: pa.Table, runs: pa.Table, platforms: pa.Table, timezone: str) -> pa.Table:
    """The columns of Facts.ads; of two sellers who run one account, which no resolution writes, the first by id."""
    first = run_sql("SELECT account_id, min(seller_id) AS seller_id FROM runs GROUP BY ALL", {"runs": runs})
    columns = {name: ads[name].cast(TEXT) if name == "account_id" else ads[name] for name in ads.column_names}
    columns |= {name: pc.fill_null(ads[name], False) for name in ("textless", "wild")}
    columns["ad"] = pa.array(np.arange(ads.num_rows))
    columns["account"] = ads["account_id"].combine_chunks().indices
    columns["kind"] = _looked_up(ads["platform"], platforms["platform"], platforms["kind"])
    columns["seller_id"] = _looked_up(ads["account_id"], first["account_id"], first["seller_id"])
    columns["day"] = local_days(ads["seen_at"], timezone)
    columns["protection"] = pa.nulls(ads.num_rows, NUMBER)
    return pa.table({name: columns[name] for name in _COLUMNS})


def _looked_up(keys: pa.ChunkedArray, known: pa.ChunkedArray, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """The value of each key (an encoded column), null where it is not known."""
    encoded = keys.combine_chunks()
    found = values.take(pc.index_in(encoded.dictionary, value_set=known.combine_chunks()))
    return found.take(encoded.indices)


def fetch(store: GraphStore, read: Read, **params: Any) -> pa.Table:
    """Run a constant query; the columns and types are those that it declares."""
    return store.read(read.query, **params).select(read.schema.names).cast(read.schema)


_MICROSECONDS_A_DAY = 86_400_000_000


def local_times(times: pa.ChunkedArray, timezone: str) -> pa.ChunkedArray:
    """UTC times without offset as wall-clock times of the zone, in the order given.

    Python's zoneinfo tells when the offset changes: Arrow's own conversion needs a time-zone database that
    Windows does not have, DuckDB's an extension.
    """
    moments = _wall_clock(times, timezone)
    found = pa.Array.from_buffers(TIME, len(moments), [None, pa.py_buffer(moments)])
    return pa.chunked_array([_with_nulls(found, times)], TIME)


def local_days(times: pa.ChunkedArray, timezone: str) -> pa.ChunkedArray:
    """The local date of each UTC time."""
    days = (_wall_clock(times, timezone) // _MICROSECONDS_A_DAY).astype(np.int32)
    found = pa.Array.from_buffers(pa.date32(), len(days), [None, pa.py_buffer(days)])
    return pa.chunked_array([_with_nulls(found, times)], pa.date32())


def _wall_clock(times: pa.ChunkedArray, timezone: str) -> npt.NDArray[np.int64]:
    """Microseconds of the zone's clock since 1970; of a null anything."""
    starts, shifts = _offsets(times, ZoneInfo(timezone))
    moments = times.combine_chunks().view(COUNT).fill_null(0).to_numpy()
    if not starts:
        return np.array(moments)
    since = np.array(starts, dtype="datetime64[us]").astype(np.int64)
    places = np.maximum(np.searchsorted(since, moments, side="right") - 1, 0)
    return np.array(moments + np.array(shifts, dtype=np.int64)[places])


def _with_nulls(found: pa.Array, times: pa.ChunkedArray) -> pa.Array:
    return pc.if_else(times.combine_chunks().is_valid(), found, pa.nulls(len(found), found.type))


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
