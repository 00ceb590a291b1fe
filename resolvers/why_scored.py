"""What a pair of accounts that the graph keeps no evidence of would score: by the profiles of the last resolution."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph.lines import MATCH_LINES, as_lists
from graph.stores import GraphStore
from resolvers.blocking import COMPARED, list_capped
from resolvers.matches import match_rows, pair_up
from resolvers.model import Model
from resolvers.models import kept_model
from resolvers.scoring import score
from resolvers.state import STATE_FILE, attached, kept_mark, last_run
from resolvers.work import work_session
from sellergraph.errors import UsageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = dict[str, Any]

_SHARED = """
CREATE OR REPLACE TEMP TABLE blocks AS
FROM kept.blocks SEMI JOIN (
    SELECT block FROM kept.blocks WHERE account IN ($left, $right) GROUP BY block HAVING count(DISTINCT account) = 2
) USING (block)
"""
_COMPARED = "SELECT count(*) FROM (SELECT block FROM blocks GROUP BY block HAVING count(*) <= any_value(most))"


@dataclass(frozen=True, slots=True)
class Scored:
    """A row like those of MATCHES in the graph, with its lists as lists; whether the resolution compared the two."""

    row: Row
    compared: bool


def scored(store: GraphStore, folder: Path | None, left: str, right: str) -> Scored | None:
    """Score one pair; None when the last resolution left nothing to do it by, or an account came after it.

    Args:
        folder: of the case's model and of what its next resolution need not do again.
    """
    try:
        model = kept_model(folder)
    except UsageError:
        return None
    if folder is None or model is None:
        return None
    path = folder / STATE_FILE
    mark = kept_mark(path)
    if mark is None or mark.run_id != last_run(store):
        return None
    with work_session({}) as db, attached(db, path, read_only=True):
        return _scored(db, replace(model, prior=mark.prior), *sorted((left, right)))


def _scored(db: DuckDBPyConnection, model: Model, low: str, high: str) -> Scored | None:
    ends = {"left": low, "right": high}
    db.execute("CREATE TEMP TABLE profiles AS FROM kept.profiles WHERE unique_id IN ($left, $right)", ends)
    if db.execute("SELECT count(*) FROM profiles").fetchall() != [(2,)]:
        return None
    db.execute(_SHARED, ends)
    list_capped(db)
    compared = bool(db.execute(_COMPARED).fetchall()[0][0])
    # One block, so that the two are compared whatever they share.
    db.execute(f"CREATE TEMP TABLE blocked AS SELECT {', '.join(COMPARED)}, [1] AS blocks FROM profiles")
    score(db, model)
    pair_up(db, model, least=0.0)
    rows = match_rows(db)
    named = rows.rename_columns([MATCH_LINES.get(name, name) for name in rows.column_names])
    found = as_lists(named).to_pylist()
    return Scored(found[0] | {"joined": False, "cut": None}, compared) if found else None
