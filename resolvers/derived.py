"""What a run concluded, and the rows that it writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graph.sql import run_sql
from resolvers.clusters import Clustering
from resolvers.ids import moves
from resolvers.sellers import Earlier, seller_rows, supersedes_rows, tombstones
from resolvers.uses import uses_tables

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

OVER = "SELECT src, dst, probability, weight FROM matches WHERE probability >= $threshold"
PROFILES = "SELECT unique_id AS account, places, names, goods FROM profiles"


@dataclass(frozen=True, slots=True)
class Found:
    """What a run concluded.

    Attributes:
        matches: see matches.match_rows. clustering: see clusters.py. threshold: of probability, for joining.
        uses: Account.USES.* tables without run_id. identifies: src (handle), dst (account).
        members: account, seller_id, name.
        activity: account, name, ads, first_seen, last_seen.
    """

    matches: pa.Table
    clustering: Clustering
    threshold: float
    uses: dict[str, pa.Table]
    identifies: pa.Table
    members: pa.Table
    activity: pa.Table

    def all_uses(self) -> pa.Table:
        """account, contact, role, own_probability, ads, first_seen, last_seen."""
        names = ["src", "dst", "role", "own_probability", "ads", "first_seen", "last_seen"]
        table = pa.concat_tables([uses.select(names) for uses in self.uses.values()])
        return table.rename_columns(["account", "contact", *names[2:]])


def concluded(db: DuckDBPyConnection, matches: pa.Table, clustering: Clustering, threshold: float) -> Found:
    """Gather what the session of a run holds: identifies, accounts, activity, and what uses_tables needs."""

    def table(query: str) -> pa.Table:
        return db.sql(query).to_arrow_table()

    return Found(
        matches=matches,
        clustering=clustering,
        threshold=threshold,
        uses=uses_tables(db),
        identifies=table("FROM identifies ORDER BY src, dst"),
        members=table("SELECT account, login AS seller_id, name FROM accounts"),
        activity=table("FROM activity"),
    )


_USED = """
SELECT m.place, m.probability >= $threshold AND c.src IS NULL AND coalesce(a.cluster = b.cluster, false) AS joined,
       c.reason AS cut
FROM numbered m LEFT JOIN assigned a ON a.account = m.src LEFT JOIN assigned b ON b.account = m.dst
LEFT JOIN cut c ON c.src = m.src AND c.dst = m.dst ORDER BY m.place
"""


def _used(found: Found) -> pa.Table:
    """The matches with joined and cut; what is wide is not moved."""
    rows = found.matches
    numbered = rows.select(["src", "dst", "probability"]).append_column("place", pa.array(np.arange(rows.num_rows)))
    given = {"numbered": numbered, "assigned": found.clustering.assigned, "cut": found.clustering.cut}
    used = run_sql(_USED, given, {"threshold": found.threshold})
    return rows.append_column("joined", used["joined"]).append_column("cut", used["cut"])


def derive(found: Found, assignment: Mapping[str, str], earlier: Earlier, run_id: str) -> dict[str, pa.Table]:
    """Return the tables of sellers, matches and uses that a run writes, by their names in the schema.

    Args:
        assignment: account -> seller id for every account.
    """
    matches = _used(found)
    run_by = _run_by(assignment, matches)
    sellers = seller_rows(found.members, found.activity, run_by, _alarms(found.clustering, run_by), run_id)
    gone = tombstones(earlier, set(sellers["id"].to_pylist()), run_id)
    moved = moves(earlier.assignment, assignment)
    tables = {
        "Seller": pa.concat_tables([sellers, gone]),
        "Account.RUN_BY.Seller": _stamped(run_by, run_id),
        "Account.MATCHES.Account": _stamped(matches, run_id),
        "Handle.IDENTIFIES.Account": found.identifies,
        "Seller.SUPERSEDES.Seller": supersedes_rows(earlier.supersedes, moved, run_id),
    }
    return tables | {name: _stamped(uses, run_id) for name, uses in found.uses.items()}


def _run_by(assignment: Mapping[str, str], matches: pa.Table) -> pa.Table:
    """src, dst, probability: an account is as sure a member as its surest link; alone it is sure."""
    given = {
        "assigned": pa.table(
            {"src": pa.array(assignment, pa.string()), "dst": pa.array(assignment.values(), pa.string())}
        ),
        "matches": matches.select(["src", "dst", "probability", "joined"]),
    }
    return run_sql(
        "WITH ends AS (SELECT src AS account, probability FROM matches WHERE joined "
        "UNION ALL SELECT dst, probability FROM matches WHERE joined), "
        "surest AS (SELECT account, max(probability) AS probability FROM ends GROUP BY account) "
        "SELECT a.src, a.dst, coalesce(s.probability, 1.0) AS probability "
        "FROM assigned a LEFT JOIN surest s ON s.account = a.src ORDER BY a.src",
        given,
    )


def _alarms(clustering: Clustering, run_by: pa.Table) -> pa.Table:
    """seller, alarm."""
    return run_sql(
        "SELECT r.dst AS seller, any_value(a.message) AS alarm FROM alarms a JOIN run_by r ON r.src = a.account "
        "GROUP BY r.dst ORDER BY r.dst",
        {"alarms": clustering.alarms, "run_by": run_by},
    )


def _stamped(table: pa.Table, run_id: str) -> pa.Table:
    return table.append_column("run_id", pa.array([run_id] * table.num_rows, pa.string()))
