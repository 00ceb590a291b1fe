"""The sellers of accounts that a run which goes on from the last one may have changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pyarrow as pa

from graph.stores import GraphStore
from resolvers.clusters import Clustering
from resolvers.derived import Found, concluded, derive
from resolvers.guarded import group
from resolvers.ids import assign_ids
from resolvers.matches import match_rows
from resolvers.observe import posts_of
from resolvers.sellers import read_some_earlier
from resolvers.work import ACTIVITY

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Whatever hangs together with a changed account, before or after.
_LINKS = """
CREATE OR REPLACE TEMP TABLE chain_links AS
SELECT src, dst FROM new_matches WHERE probability >= $threshold
UNION ALL SELECT src, dst FROM kept.matches WHERE probability >= $threshold
UNION ALL SELECT "left", "right" FROM judged_ever
"""
_SEEDS = """
CREATE OR REPLACE TEMP TABLE reached AS
SELECT account FROM recompared UNION SELECT "left" FROM judged_ever UNION SELECT "right" FROM judged_ever
UNION SELECT o.account FROM kept.clustered o SEMI JOIN (
    SELECT seller FROM kept.clustered SEMI JOIN changed USING (account)
) USING (seller)
"""
_REACH = """
CREATE OR REPLACE TEMP TABLE reached AS
FROM reached UNION SELECT dst FROM chain_links WHERE src IN (FROM reached)
UNION SELECT src FROM chain_links WHERE dst IN (FROM reached)
"""
_OLD_USES = """
UNWIND $accounts AS one
MATCH (a:Account {id: one})
OPTIONAL MATCH (a)-[u:USES]->(c)
WITH * WHERE c IS NOT NULL
RETURN a.id AS src, c.id AS dst, u.tenure AS tenure
"""


# A pair is named once, from its smaller end, and again from its larger when the smaller is not asked for.
_STANDING = """
UNWIND $accounts AS one
MATCH (a:Account {id: one})
OPTIONAL MATCH (a)-[m:MATCHES]-(b:Account)
WITH * WHERE b IS NOT NULL
RETURN CASE WHEN a.id < b.id THEN a.id ELSE b.id END AS src, CASE WHEN a.id < b.id THEN b.id ELSE a.id END AS dst,
       m.probability AS probability, m.weight AS weight, m.evidence_text AS evidence_text,
       m.evidence_kinds AS evidence_kinds, m.evidence_bits AS evidence_bits, m.contact_ids AS contact_ids,
       m.capped_text AS capped_text
"""
_MATCHES = """
WITH known AS (SELECT src, dst FROM all_matches WHERE src IN (FROM regrouped) OR dst IN (FROM regrouped))
SELECT made.* FROM made SEMI JOIN known USING (src, dst)
UNION ALL BY NAME
SELECT DISTINCT ON (src, dst) * FROM standing SEMI JOIN known USING (src, dst) ANTI JOIN made USING (src, dst)
"""


def reach(db: DuckDBPyConnection, judged_ever: pa.Table, threshold: float) -> list[str]:
    """Accounts of the case whose seller may change, sorted; `judged_ever`: left, right of all judgements ever made."""
    db.register("judged_ever", judged_ever)
    db.execute(_LINKS, {"threshold": threshold})
    db.execute(_SEEDS)
    count = 0
    while (found := int(db.execute("SELECT count(*) FROM reached").fetchall()[0][0])) != count:
        count = found
        db.execute(_REACH)
    rows = db.execute("SELECT account FROM reached SEMI JOIN prints USING (account) ORDER BY account").fetchall()
    return [row[0] for row in rows]


def regroup(
    db: DuckDBPyConnection, store: GraphStore, judged: pa.Table, accounts: list[str], threshold: float, run_id: str
) -> tuple[dict[str, pa.Table], dict[str, pa.Table], dict[str, str]]:
    """Return what to write, the keys of what to remove, and account -> seller of `accounts`."""
    db.register("regrouped", pa.table({"account": pa.array(accounts, pa.string())}))
    matches = _matches(db, store, accounts)
    over = db.sql(
        "FROM all_matches WHERE probability >= $threshold AND src IN (FROM regrouped)", params={"threshold": threshold}
    ).to_arrow_table()
    profiles = db.sql(
        "SELECT unique_id AS account, places, names, goods FROM all_profiles WHERE unique_id IN (FROM regrouped)"
    ).to_arrow_table()
    clustering = group(pa.array(accounts, pa.string()), over, profiles, judged, threshold)
    found = _found(db, store, matches, clustering, threshold)
    before = _before(db)
    earlier = read_some_earlier(store, before)
    assignment = assign_ids(clustering.members(), earlier.assignment, earlier.remembered())
    tables = derive(found, assignment, earlier, run_id)
    return tables, _gone(db, store, tables, before, assignment), assignment


def _matches(db: DuckDBPyConnection, store: GraphStore, accounts: list[str]) -> pa.Table:
    """Rows of the graph of the pairs that may be joined or parted now: compared anew, or as they stand."""
    made = match_rows(db)
    db.register("made", made)
    db.register("standing", store.read(_STANDING, accounts=accounts).cast(made.schema))
    return db.sql(_MATCHES).to_arrow_table()


def _before(db: DuckDBPyConnection) -> dict[str, str]:
    """Account -> seller of the last run, of reached accounts, those that are gone included."""
    return dict(db.execute("SELECT account, seller FROM kept.clustered SEMI JOIN reached USING (account)").fetchall())


def _found(
    db: DuckDBPyConnection, store: GraphStore, matches: pa.Table, clustering: Clustering, threshold: float
) -> Found:
    """What derived.concluded gathers, of the accounts in question.

    A match may lead out of them, to an account whose cluster stays; it is not joined.
    """
    db.register("posts", posts_of(store, clustering.assigned["account"].to_pylist()))
    db.execute(ACTIVITY)
    for name in ("owned", "tenures"):
        db.execute(
            f"CREATE OR REPLACE TEMP TABLE {name} AS FROM all_{name} "
            "SEMI JOIN (SELECT DISTINCT contact FROM new_owned) USING (contact)"
        )
    db.execute("CREATE OR REPLACE TEMP TABLE read_as AS FROM all_read_as SEMI JOIN touched USING (account)")
    db.execute("CREATE OR REPLACE TEMP TABLE identifies AS FROM all_identifies EXCEPT FROM kept.identifies")
    db.register("accounts", db.sql("FROM every_account SEMI JOIN regrouped USING (account)").to_arrow_table())
    return concluded(db, matches, clustering, threshold)


def _gone(
    db: DuckDBPyConnection,
    store: GraphStore,
    tables: Mapping[str, pa.Table],
    before: Mapping[str, str],
    assignment: Mapping[str, str],
) -> dict[str, pa.Table]:
    """Keys of rows that stand in the graph and shall not any more."""
    moved = [(a, s) for a, s in before.items() if assignment.get(a) != s]
    run_by = pa.table({"src": [a for a, _ in moved], "dst": [s for _, s in moved]}, schema=_ENDS)
    matches = db.sql(
        "SELECT src, dst FROM kept.matches WHERE src IN (SELECT account FROM recompared) "
        "OR dst IN (SELECT account FROM recompared) EXCEPT SELECT src, dst FROM new_matches"
    ).to_arrow_table()
    identifies = db.sql("FROM kept.identifies EXCEPT FROM all_identifies").to_arrow_table()
    gone = {
        "Account.RUN_BY.Seller": run_by,
        "Account.MATCHES.Account": matches,
        "Handle.IDENTIFIES.Account": identifies,
    }
    touched = [row[0] for row in db.execute("SELECT account FROM touched ORDER BY account").fetchall()]
    return gone | _gone_uses(store, tables, touched)


_ENDS = pa.schema([("src", pa.string()), ("dst", pa.string())])


def _gone_uses(store: GraphStore, tables: Mapping[str, pa.Table], touched: list[str]) -> dict[str, pa.Table]:
    """Keys of USES of touched accounts that were not found again."""
    gone = {}
    for name in (name for name in tables if name.startswith("Account.USES.")):
        label = name.rpartition(".")[2]
        stored = store.read(_OLD_USES.replace("(c)", f"(c:{label})"), accounts=touched)
        if not stored.num_rows:
            continue
        now = tables[name].select(["src", "dst", "tenure"])
        known = {tuple(row.values()) for row in now.to_pylist()}
        gone[name] = pa.Table.from_pylist(
            [row for row in stored.to_pylist() if tuple(row.values()) not in known], stored.schema
        )
    return gone
