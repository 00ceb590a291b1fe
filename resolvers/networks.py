"""Networks: sellers who work together, which says nothing of who is who.

Ties come from ties.py, communities from communities.py, roles from positions.py; this reads what they need from
the graph and puts their answers into the tables of the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graph.sql import run_sql, sql_session
from graph.stores import GraphStore
from resolvers.communities import Ints, communities
from resolvers.ids import assign_ids
from resolvers.positions import find_positions
from resolvers.ties import BATCH, WEAKEST, find_ties, number_sellers, worded_ties

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Pictures that are read at once: 500,000 rows are 60 MB, and the embedded store's buffer pool is 512 MB (3,500,000
# at once are refused).
SHOWN_AT_ONCE = 500_000
MOST_SLICES = 256

SHOWN = """
MATCH (:Ad)-[r:SHOWS]->(:Image) RETURN count(r) AS shown
"""
PHOTOS = """
MATCH (ad:Ad)-[:SHOWS]->(:Image)-[:COPY_OF]->(p:Photo)
WHERE p.id >= $from_id AND p.id < $to_id AND coalesce(p.weak, false) = false AND ad.account_id IS NOT NULL
RETURN ad.account_id AS account, p.id AS photo, ad.seen_at AS seen_at, ad.id AS ad
"""
# What ads and the names beside them claim was read when they were ingested (ingest/lexicon/claims.yaml).
RECRUITING_ADS = """
MATCH (ad:Ad) WHERE ad.account_id IS NOT NULL AND 'recruiting' IN ad.claims RETURN DISTINCT ad.account_id AS account
"""
MEMBERSHIPS = """
MATCH (s:Seller)-[:MEMBER_OF]->(n:Network) RETURN s.id AS seller, n.id AS network
"""

_TIME = pa.timestamp("us")
_SHOWN = pa.schema([("account", pa.string()), ("photo", pa.string()), ("seen_at", _TIME), ("ad", pa.string())])
_PHOTOS = pa.schema([("account", pa.string()), ("photo", pa.string()), ("first_seen", _TIME), ("ads", pa.int64())])
_RECRUITERS = pa.schema([("account", pa.string())])
_MEMBERS = pa.schema([("account", pa.string()), ("seller", pa.string())])
_USES = pa.schema(
    [
        ("account", pa.string()),
        ("contact", pa.string()),
        ("role", pa.string()),
        ("own_probability", pa.float64()),
        ("ads", pa.int64()),
        ("first_seen", _TIME),
        ("last_seen", _TIME),
    ]
)
_FIRST_SHOWN = """
SELECT account, photo, min(seen_at) AS first_seen, count(DISTINCT ad) AS ads FROM shown GROUP BY account, photo
ORDER BY photo, account
"""
_MEMBER_OF = """
SELECT s.seller AS src, i.id AS dst, p.role, p.reason FROM positions p
JOIN sellers s USING (s) JOIN ids i ON i.seller = s.seller ORDER BY src
"""
# Each kind of tie counts once a pair.
_NETWORKS = """
WITH pairs AS (
    SELECT DISTINCT a.network, i.src, i.dst, i.kind FROM items i
    JOIN member a ON a.s = i.src JOIN member b ON b.s = i.dst AND b.network = a.network
), counted AS (
    SELECT network, kind, count(*) AS n FROM pairs GROUP BY network, kind
), worded AS (
    SELECT network, n, kind, format('{} {}: {}', n, CASE WHEN n = 1 THEN 'pair' ELSE 'pairs' END, CASE kind
        WHEN 'photo' THEN 'both show the same photographs'
        WHEN 'agent' THEN 'one gives the other''s contact as its supplier''s'
        WHEN 'supplier' THEN 'both name the same supplier'
        WHEN 'contact' THEN 'both give one contact as their own'
        WHEN 'mention' THEN 'one gives the other''s contact as a guarantor''s, a courier''s or somebody else''s'
        ELSE 'both use the same courier, guarantor or hotline' END) AS words
    FROM counted
), reasons AS (SELECT network, list(words ORDER BY n DESC, kind) AS reasons FROM worded GROUP BY network),
sizes AS (SELECT network, count(*) AS sellers, min(s) AS s FROM member GROUP BY network)
SELECT i.id, n.sellers, r.reasons FROM sizes n JOIN reasons r USING (network) JOIN sellers s ON s.s = n.s
JOIN ids i ON i.seller = s.seller ORDER BY i.id
"""


def network_tables(
    members: pa.Table, uses: pa.Table, photos: pa.Table, recruiters: pa.Table, earlier: Mapping[str, str], run_id: str
) -> dict[str, pa.Table]:
    """Return the tables Network, Seller.MEMBER_OF.Network and Seller.TIED_TO.Seller, each sorted by its key.

    The order of the rows of the input does not matter.

    Args:
        members: account, seller.
        uses: account, contact, role, own_probability, ads, first_seen, last_seen, a row or more an account and contact.
        photos: account, photo, first_seen, ads, without the weak ones.
        recruiters: account.
        earlier: seller -> network id of the run before.
    """
    given = (("members", members, _MEMBERS), ("uses", uses, _USES), ("photos", photos, _PHOTOS))
    tables = {name: _typed(table, schema) for name, table, schema in (*given, ("recruiters", recruiters, _RECRUITERS))}
    with sql_session(tables) as db:
        number_sellers(db)
        find_ties(db)
        db.register("ids", _named(db, _communities(db), earlier))
        db.register("positions", find_positions(db))
        found = {
            "Network": db.sql(_NETWORKS).to_arrow_table(),
            "Seller.MEMBER_OF.Network": db.sql(_MEMBER_OF).to_arrow_table(),
            "Seller.TIED_TO.Seller": worded_ties(db),
        }
    return {name: _stamped(table, run_id) for name, table in found.items()}


def _typed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The schema's columns and types; in batches that several threads can read, for nothing is copied."""
    return pa.Table.from_batches(table.select(schema.names).cast(schema).to_batches(BATCH), schema)


def _communities(db: DuckDBPyConnection) -> list[Ints]:
    """Numbers of the sellers of each network, of two or more; registers `member` (s, network)."""
    ties = db.table("ties").to_arrow_table()
    left, right = (ties[end].to_numpy().astype(np.int64) for end in ("src", "dst"))
    sellers = db.table("sellers").to_arrow_table().num_rows
    labels = communities(sellers, left, right, ties["bits"].to_numpy(), WEAKEST)
    tied = np.unique(np.concatenate([left, right]))
    tied = tied[np.bincount(labels, minlength=1)[labels[tied]] > 1]
    tied = tied[np.argsort(labels[tied], kind="stable")]
    db.register("member", pa.table({"s": pa.array(tied, pa.int64()), "network": pa.array(labels[tied], pa.int64())}))
    return np.split(tied, np.flatnonzero(np.diff(labels[tied])) + 1) if len(tied) else []


def _named(db: DuckDBPyConnection, networks: list[Ints], earlier: Mapping[str, str]) -> pa.Table:
    """seller, id: the persistent id of each network."""
    names = np.asarray(db.sql("SELECT seller FROM sellers ORDER BY s").to_arrow_table()["seller"].to_pylist())
    ids = assign_ids((names[members].tolist() for members in networks), earlier, prefix="network")
    return pa.table({"seller": pa.array(ids.keys(), pa.string()), "id": pa.array(ids.values(), pa.string())})


def _stamped(table: pa.Table, run_id: str) -> pa.Table:
    return table.append_column("run_id", pa.array([run_id] * table.num_rows, pa.string()))


def read_photos(store: GraphStore) -> pa.Table:
    """account, photo, first_seen, ads: photographs that accounts show, without those that are too plain."""
    shown = int(store.read(SHOWN)["shown"][0].as_py())
    slices = min(MOST_SLICES, 1 + shown // SHOWN_AT_ONCE)
    # Ids go on with hex digits; ';' is the character after ':'.
    cuts = ["photo:", *(f"photo:{256 * number // slices:02x}" for number in range(1, slices)), "photo;"]
    parts = [store.read(PHOTOS, from_id=one, to_id=other) for one, other in zip(cuts, cuts[1:], strict=False)]
    return pa.concat_tables([run_sql(_FIRST_SHOWN, {"shown": part.cast(_SHOWN)}).cast(_PHOTOS) for part in parts])


def read_recruiters(store: GraphStore) -> pa.Table:
    """account: those whose ads, or the names they were posted under, look for agents, sorted."""
    accounts = store.read(RECRUITING_ADS).cast(_RECRUITERS)["account"]
    return pa.table({"account": accounts.take(pc.sort_indices(accounts))})


def read_networks(store: GraphStore) -> dict[str, str]:
    """Seller -> network of the last run."""
    table = store.read(MEMBERSHIPS)
    return dict(zip(table["seller"].to_pylist(), table["network"].to_pylist(), strict=True))


USES = """
MATCH (a:Account)-[u:USES]->(c)
RETURN a.id AS account, c.id AS contact, u.role AS role, u.own_probability AS own_probability, u.ads AS ads,
       u.first_seen AS first_seen, u.last_seen AS last_seen
"""
MEMBERS = """
MATCH (a:Account)-[:RUN_BY]->(s:Seller) RETURN a.id AS account, s.id AS seller
"""


def networks_of(store: GraphStore, run_id: str) -> dict[str, pa.Table]:
    """The tables of `network_tables` for what stands in the graph."""
    members, uses = store.read(MEMBERS), store.read(USES)
    uses = uses.cast(_USES) if uses.num_rows else _USES.empty_table()
    members = members.cast(_MEMBERS) if members.num_rows else _MEMBERS.empty_table()
    return network_tables(members, uses, read_photos(store), read_recruiters(store), read_networks(store), run_id)
