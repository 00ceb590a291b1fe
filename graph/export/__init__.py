"""One module a format; `export_to` picks it by the file's ending."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from graph.export.graphml import write_graphml
from graph.export.sheets import write_csv, write_xlsx
from graph.export.targets import Targets, gather
from graph.stores.base import GraphStore
from sellergraph.case import DEFAULT_TIMEZONE
from sellergraph.errors import ExportError

TARGETS: dict[str, Callable[[Targets, Path], None]] = {".csv": write_csv, ".xlsx": write_xlsx}
GRAPHML = ".graphml"


def export_to(store: GraphStore, target: Path, *, limit: int | None = None, timezone: str = DEFAULT_TIMEZONE) -> str:
    """Write the ranked sellers (.csv, .xlsx) or the graph (.graphml); return what was written, in words.

    Raises:
        ExportError: an unknown ending, or the file cannot be written.
    """
    ending = target.suffix.lower()
    if ending not in (*TARGETS, GRAPHML):
        raise ExportError(f"{target}: no such format; name a file ending in {', '.join((*TARGETS, GRAPHML))}")
    if not target.absolute().parent.is_dir():
        raise ExportError(f"{target}: the folder {target.parent} does not exist")
    # Under another name until it is complete: a full disk must not cost the export of yesterday.
    part = target.with_name(f".{target.name}.{os.getpid()}.part{ending}")
    try:
        told = _write(store, part, ending, limit, timezone)
        part.replace(target)
    except OSError as error:
        raise ExportError(f"{target}: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return told


def _write(store: GraphStore, part: Path, ending: str, limit: int | None, timezone: str) -> str:
    if ending == GRAPHML:
        nodes, edges = write_graphml(store, part)
        return f"{nodes:,} nodes and {edges:,} relationships"
    targets = gather(store, limit, timezone)
    TARGETS[ending](targets, part)
    return f"{_rows(targets.sellers):,} sellers with {_rows(targets.accounts):,} accounts"


def _rows(table: pa.Table) -> int:
    return int(table.num_rows)
