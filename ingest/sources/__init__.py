"""One module a format; each yields rows that become AdRecords. `SOURCES` is the register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.sources.base import Line, Source
from ingest.sources.jsonl import JsonlSource
from ingest.sources.table import CsvSource, XlsxSource
from sellergraph.errors import SourceError

SOURCES: dict[str, tuple[str, Source]] = {
    ".jsonl": ("jsonl", JsonlSource()),
    ".ndjson": ("jsonl", JsonlSource()),
    ".csv": ("csv", CsvSource()),
    ".tsv": ("csv", CsvSource()),
    ".xlsx": ("xlsx", XlsxSource()),
}

# What `simulate` writes beside the advertisements, for `evaluate`.
TRUTH_FILE = "truth.csv"

__all__ = ["SOURCES", "Line", "Source", "find_files", "source_of"]


def source_of(path: Path) -> tuple[str, Source]:
    """Return the format's name and its source, by the file's ending.

    Raises:
        SourceError: no source reads such files.
    """
    found = SOURCES.get(path.suffix.lower())
    if found is None:
        raise SourceError(f"is of no known format; known are {', '.join(SOURCES)}")
    return found


def find_files(paths: Iterable[Path]) -> Iterator[Path | tuple[Path, str]]:
    """Yield the files of the paths, folders searched in sorted order; (path, problem) for what is none."""
    for path in paths:
        if path.is_dir():
            inside = [file for file in sorted(path.rglob("*")) if _visible(file, path)]
            yield from list[Path | tuple[Path, str]](inside)
            if not inside:
                yield path, f"holds no advertisements (no {', '.join(SOURCES)} file)"
        elif path.is_file():
            yield path
        else:
            yield path, "does not exist" if not path.exists() else "is neither a file nor a folder"


def _visible(file: Path, root: Path) -> bool:
    """Hidden files, Office's lock files ('~$ads.xlsx') and a made-up market's answers are not advertisements."""
    return (
        file.suffix.lower() in SOURCES
        and file.name != TRUTH_FILE
        and file.is_file()
        and not any(part.startswith((".", "~$")) for part in file.relative_to(root).parts)
    )
