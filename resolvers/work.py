"""The stages of a resolution over one DuckDB session, from observations to scored pairs."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa

from graph.sql import know
from resolvers.blocking import cap_blocks, list_blocks, make_near_names
from resolvers.model import Model
from resolvers.owners import decide_owners
from resolvers.profiles import PHOTO_SOME, STEM, TEMPLATE_MOST, WATERMARK_MOST, make_profiles
from resolvers.scoring import prepare
from resolvers.shown import count_shown, link_accounts
from resolvers.tenures import cut_tenures
from resolvers.training import train
from resolvers.traits import count_traits, population, use_population, weigh_traits

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Result = TypeVar("Result")

# Beyond, DuckDB writes to a temporary folder: a million accounts shall fit in 4 GiB with the graph's own buffers.
MEMORY_LIMIT = "1800MB"


@contextmanager
def work_session(tables: Mapping[str, pa.Table]) -> Iterator[DuckDBPyConnection]:
    """A DuckDB of its own that knows the tables by name and Splink's functions; its files go at the end."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="sellergraph-") as folder:
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": folder,
            "autoinstall_known_extensions": False,
        }
        db = duckdb.connect(config=config)
        try:
            db.execute("SET enable_progress_bar = false")
            db.execute("SET preserve_insertion_order = false")
            know(db, tables)
            # `decide` lets go of what was read; it stays while anybody else has it.
            del tables
            prepare(db)
            yield db
        except (RuntimeError, duckdb.InterruptException) as error:
            # Ctrl-C in the middle of a query.
            if "interrupted" in str(error).lower():
                raise KeyboardInterrupt from error
            raise
        finally:
            db.close()


def decide(db: DuckDBPyConnection, model: Model | None) -> dict[str, dict[str, float]]:
    """Run the stages from observations to `blocked`; return the population that was used.

    Args:
        model: its population is used; without one that of the case.
    """
    db.execute(f"CREATE OR REPLACE TEMP VIEW all_stems AS {STEM.format(accounts='accounts')}")
    count_shown(db)
    link_accounts(db)
    count_traits(db)
    db.execute(ACTIVITY)
    for name in _READ:
        db.unregister(name)
    weigh_traits(db)
    shares = model.population if model is not None else population(db)
    use_population(db, shares)
    db.execute("CREATE OR REPLACE TEMP TABLE fixed_kinds AS SELECT NULL::VARCHAR AS contact WHERE false")
    decide_owners(db)
    cut_tenures(db)
    profile(db)
    cap_blocks(db)
    db.unregister("near_keys")
    for name in _PASSING:
        db.execute(f"DROP TABLE IF EXISTS {name}")
    return shares


# What was read, and what only the stages above need: a million accounts' worth of it is a gigabyte.
_READ = ("posts", "sightings", "goods", "photos", "templates", "handles", "links", "folded")
_PASSING = (
    "weighed", "said", "ownish", "few", "corroborated", "agreement", "first_round", "parts", "part_places",
    "part_names", "part_goods", "part_contacts", "dated", "boundaries", "key_lists", "own_lists", "named_lists",
    "long_lists", "other_lists", "photo_lists", "template_lists", "watermark_lists", "place_lists", "goods_lists",
    "name_lists", "stems", "near_names",
)  # fmt: skip


# Of what was kept for the next run, what this one concludes from as well.
_CONCLUDED = ("owned", "tenures", "read_as", "identifies", "activity")


def let_go_of_kept(db: DuckDBPyConnection) -> None:
    """Drop what was needed until here: the words about a million contacts take as much again."""
    rows = db.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall()
    for name in (row[0] for row in rows if row[0] not in _CONCLUDED):
        db.execute(f"DROP TABLE {name}")


@contextmanager
def beside(db: DuckDBPyConnection, work: Callable[[DuckDBPyConnection], Result]) -> Iterator[Future[Result]]:
    """Do `work` in a thread while the block runs, which must leave `db` alone until it has the result."""
    with ThreadPoolExecutor(1) as thread:
        try:
            yield thread.submit(work, db)
        except BaseException:
            db.interrupt()
            raise


# Together a second, most of it while the store reads the graph.
_EARLY = ("pypinyin", "scipy.sparse.csgraph", "splink")


def import_early() -> None:
    """Begin to import, in a thread, what a run needs later."""
    Thread(target=lambda: [import_module(name) for name in _EARLY], daemon=True).start()


@contextmanager
def uncollected() -> Iterator[None]:
    """Without looking for cycles of objects: among the millions that a run makes there are none, and it takes 5 s."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


# How often each account posted under each name; sellers are named by it.
ACTIVITY = """
CREATE OR REPLACE TEMP TABLE activity AS
SELECT account, name, count(*) AS ads, min(seen) AS first_seen, max(seen) AS last_seen FROM posts GROUP BY ALL
"""


def profile(db: DuckDBPyConnection) -> None:
    """Make profiles and blocks of the accounts in `accounts`."""
    make_profiles(db)
    make_near_names(db)
    list_blocks(db, photo=PHOTO_SOME, template=TEMPLATE_MOST, watermark=WATERMARK_MOST)


def learn(db: DuckDBPyConnection, accounts: int, shares: dict[str, dict[str, float]]) -> Model:
    """Train a model on what `decide` made."""
    return train(db, accounts, shares)
