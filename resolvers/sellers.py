"""The sellers of a run as rows of the graph: their figures, and what became of earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from graph.sql import run_sql
from graph.stores import GraphStore

EARLIER_SELLERS = """
MATCH (s:Seller)
RETURN s.id AS id, s.name AS name, s.accounts AS accounts, s.ads AS ads, s.first_seen AS first_seen,
       s.last_seen AS last_seen, s.alarm AS alarm, s.account_ids AS account_ids, s.run_id AS run_id
"""
EARLIER_ACCOUNTS = """
MATCH (a:Account)-[:RUN_BY]->(s:Seller) RETURN a.id AS account, s.id AS seller
"""
EARLIER_SUPERSEDES = """
MATCH (s:Seller)-[r:SUPERSEDES]->(old:Seller)
RETURN s.id AS src, old.id AS dst, r.run_id AS run_id, r.accounts AS accounts
"""
_SELLER = pa.schema(
    [
        ("id", pa.string()),
        ("name", pa.string()),
        ("accounts", pa.int64()),
        ("ads", pa.int64()),
        ("first_seen", pa.timestamp("us")),
        ("last_seen", pa.timestamp("us")),
        ("alarm", pa.string()),
        ("account_ids", pa.list_(pa.string())),
        ("run_id", pa.string()),
    ]
)
_SUPERSEDES = pa.schema([("src", pa.string()), ("dst", pa.string()), ("run_id", pa.string()), ("accounts", pa.int64())])


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the run before left: sellers, account -> seller, SUPERSEDES rows."""

    sellers: pa.Table
    assignment: dict[str, str]
    supersedes: pa.Table

    def remembered(self) -> dict[str, str]:
        """Account -> the seller that it was of, of sellers without accounts now and of accounts that are gone: what
        was joined or removed may come back as it was.
        """
        found: dict[str, str] = {}
        ordered = self.sellers.sort_by([("accounts", "descending"), ("id", "ascending")])
        columns = (ordered[name].to_pylist() for name in ("id", "accounts", "account_ids"))
        for seller, size, accounts in zip(*columns, strict=True):
            for account in accounts or ():
                if not size or account not in self.assignment:
                    found.setdefault(account, seller)
        return found


SELLERS_OF = """
UNWIND $sellers AS one
MATCH (s:Seller {id: one})
RETURN s.id AS id, s.name AS name, s.accounts AS accounts, s.ads AS ads, s.first_seen AS first_seen,
       s.last_seen AS last_seen, s.alarm AS alarm, s.account_ids AS account_ids, s.run_id AS run_id
"""
EMPTY_SELLERS = """
MATCH (s:Seller) WHERE s.accounts = 0
RETURN s.id AS id, s.name AS name, s.accounts AS accounts, s.ads AS ads, s.first_seen AS first_seen,
       s.last_seen AS last_seen, s.alarm AS alarm, s.account_ids AS account_ids, s.run_id AS run_id
"""


def read_some_earlier(store: GraphStore, assignment: Mapping[str, str]) -> Earlier:
    """What the last run left of some accounts (account -> seller), and sellers that have no accounts any more."""
    sellers = sorted(set(assignment.values()))
    tables = [store.read(SELLERS_OF, sellers=sellers)] if sellers else []
    tables.append(store.read(EMPTY_SELLERS))
    rows = {row["id"]: row for table in tables for row in table.cast(_SELLER).to_pylist()}
    found = pa.Table.from_pylist([rows[key] for key in sorted(rows)], schema=_SELLER)
    return Earlier(found, dict(assignment), _SUPERSEDES.empty_table())


def read_earlier(store: GraphStore) -> Earlier:
    """Read what the last run wrote; all empty before the first."""
    run_by = store.read(EARLIER_ACCOUNTS)
    return Earlier(
        store.read(EARLIER_SELLERS).cast(_SELLER),
        dict(zip(run_by["account"].to_pylist(), run_by["seller"].to_pylist(), strict=True)),
        store.read(EARLIER_SUPERSEDES).cast(_SUPERSEDES),
    )


_FIGURES = """
WITH active AS (SELECT r.dst AS id, t.* EXCLUDE (account) FROM run_by r LEFT JOIN activity t ON t.account = r.src),
names AS (
    SELECT id, coalesce(name, login) AS name FROM (
        SELECT r.dst AS id, coalesce(t.name, a.name) AS name, min(a.seller_id) AS login, sum(coalesce(t.ads, 0)) AS used
        FROM run_by r JOIN accounts a ON a.account = r.src LEFT JOIN activity t ON t.account = r.src
        GROUP BY ALL
    ) QUALIFY row_number() OVER (PARTITION BY id ORDER BY name IS NULL, used DESC, name, login) = 1
), sizes AS (
    SELECT dst AS id, count(*) AS accounts, list(src ORDER BY src) AS account_ids FROM run_by GROUP BY dst
)
SELECT s.id, any_value(n.name) AS name, any_value(s.accounts) AS accounts, coalesce(sum(t.ads), 0)::BIGINT AS ads,
       min(t.first_seen) AS first_seen, max(t.last_seen) AS last_seen, any_value(a.alarm) AS alarm,
       any_value(s.account_ids) AS account_ids
FROM sizes s LEFT JOIN names n USING (id) LEFT JOIN active t USING (id) LEFT JOIN alarms a ON a.seller = s.id
GROUP BY s.id ORDER BY s.id
"""


def seller_rows(accounts: pa.Table, activity: pa.Table, run_by: pa.Table, alarms: pa.Table, run_id: str) -> pa.Table:
    """One row a seller with the columns of the schema, sorted by id.

    Args:
        accounts: account, seller_id (login), name. activity: account, name, ads, first_seen, last_seen.
        run_by: src (account), dst (seller). alarms: seller, alarm.
    """
    given = {"accounts": accounts, "activity": activity, "run_by": run_by, "alarms": alarms}
    table = run_sql(_FIGURES, given)
    return table.append_column("run_id", pa.array([run_id] * table.num_rows, pa.string())).cast(_SELLER)


def tombstones(earlier: Earlier, present: set[str], run_id: str) -> pa.Table:
    """Earlier sellers that have no accounts any more: kept with none, since others supersede them.

    The accounts that they had last are remembered: a source that is removed and added again gives back its sellers.
    """
    rows = [row for row in earlier.sellers.to_pylist() if row["id"] not in present]
    for row in rows:
        if row["accounts"]:
            row |= {"accounts": 0, "ads": 0, "alarm": None, "run_id": run_id}
    return pa.Table.from_pylist(rows, schema=_SELLER)


def supersedes_rows(earlier: pa.Table, moved: Mapping[tuple[str, str], int], run_id: str) -> pa.Table:
    """All SUPERSEDES rows so far and this run's; the newest of a pair of sellers holds."""
    rows = {(row["src"], row["dst"]): row for row in earlier.to_pylist()}
    for (seller, before), count in moved.items():
        rows[seller, before] = {"src": seller, "dst": before, "run_id": run_id, "accounts": count}
    return pa.Table.from_pylist([rows[key] for key in sorted(rows)], schema=_SUPERSEDES)
