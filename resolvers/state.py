"""What the next run need not do again: a DuckDB file in the case, and whether it still fits the graph.

It is never the truth: a file that is missing, of another version, or of another run than the graph's last one is not
used, and everything is compared anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graph.stores import GraphStore
from resolvers.model import Model
from sellergraph.errors import UsageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

STATE_FILE = "state.duckdb"
FORMAT = 2
# Tables of a run's session that the next one goes on from.
KEPT = (
    "prints", "shown", "read_as", "watermarked", "places", "spans", "names", "offered", "pictured", "banded",
    "identifies", "opens", "owned", "tenures", "kinds", "blocks", "profiles", "matches", "clustered",
)  # fmt: skip
# What a later run asks of what was decided on links that did not change.
COLUMNS = {
    "owned": "account, contact, own_probability, named, ads, days, first_seen, last_seen, warning, ownish",
    "matches": "src, dst, probability, weight",
}
# Twice as quick to write, and 1 KiB an account instead of .4.
SLOW = "dict_fsst"
LAST_RUN = """
MATCH (e:AuditEvent) WHERE e.action = 'resolved' RETURN e.subject AS run_id, e.at AS at ORDER BY at DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a kept state belongs to: all must be the same for a run to go on from it.

    Attributes:
        run_id: the graph's last run. model: digest of the model. prior: the model's prior for the case's size.
        threshold: of probability.
    """

    run_id: str
    model: str
    prior: float
    threshold: float


def digest(model: Model) -> str:
    """First 16 hex digits of the SHA-256 of what a model says."""
    return hashlib.sha256(repr((model.prior, model.weights, model.population)).encode()).hexdigest()[:16]


def last_run(store: GraphStore) -> str | None:
    """Id of the run that the graph's sellers are of; None before the first."""
    found = store.read(LAST_RUN)["run_id"].to_pylist()
    return found[0] if found else None


def keep(db: DuckDBPyConnection, path: Path, mark: Mark) -> None:
    """Write the session's tables to a new file beside `path`; `accept` puts it in its place.

    Raises:
        UsageError: the file cannot be written (a full disk, a folder that is read-only).
    """
    import duckdb

    part = _part(path)
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        db.execute(f"ATTACH '{_quoted(part)}' AS kept")
        db.execute(f"SET disabled_compression_methods = '{SLOW}'")
        for name in KEPT:
            db.execute(f"CREATE TABLE kept.{name} AS SELECT {COLUMNS.get(name, '*')} FROM {name}")
        db.execute("CREATE TABLE kept.mark (format INT, run_id VARCHAR, model VARCHAR, prior DOUBLE, threshold DOUBLE)")
        stamp(db, mark)
        db.execute("DETACH kept")
    except (OSError, duckdb.IOException, duckdb.TransactionException) as error:
        words = " ".join(str(error).split())
        raise UsageError(f"{part.parent} cannot be written, the sellers stand as they were: {words}") from error


def stamp(db: DuckDBPyConnection, mark: Mark) -> None:
    """Say what the attached state belongs to."""
    db.execute("DELETE FROM kept.mark")
    values = [FORMAT, mark.run_id, mark.model, mark.prior, mark.threshold]
    db.execute("INSERT INTO kept.mark VALUES (?, ?, ?, ?, ?)", values)


def accept(path: Path) -> None:
    """Put the file that `keep` wrote in its place, after the graph was written; where that fails it is not used."""
    if not _part(path).exists():
        return
    try:
        # What a killed run left beside the old file would be read as the new one's.
        path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
        _part(path).replace(path)
    except OSError:
        _part(path).unlink(missing_ok=True)


def kept_mark(path: Path) -> Mark | None:
    """What the state at `path` belongs to; None when there is none, or it is damaged or of another version."""
    import duckdb

    if not path.exists():
        return None
    try:
        with duckdb.connect(str(path), read_only=True) as db:
            rows = db.execute("SELECT format, run_id, model, prior, threshold FROM mark").fetchall()
            there = {row[0] for row in db.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    except duckdb.Error:
        return None
    if len(rows) != 1 or rows[0][0] != FORMAT or not there >= set(KEPT):
        return None
    return Mark(*rows[0][1:])


def unusable(error: Exception) -> bool:
    """Whether an error says that the file is damaged or may not be written, and not that a statement is wrong."""
    import duckdb

    wrong = (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException, duckdb.ConversionException)
    return not isinstance(error, wrong)


@contextmanager
def attached(db: DuckDBPyConnection, path: Path, *, read_only: bool = False) -> Iterator[None]:
    """The state as schema `kept`; what is not committed at the end is forgotten."""
    db.execute(f"ATTACH '{_quoted(path)}' AS kept{' (READ_ONLY)' if read_only else ''}")
    yield
    # After an error the session is closed as it is, which takes an open transaction back.
    if not read_only:
        db.execute("CHECKPOINT kept")


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
