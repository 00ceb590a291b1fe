"""One module a format; each yields rows that become AdRecords. `SOURCES` is the register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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

__all__ = ["SOURCES", "FoundFile", "Line", "Source", "find_files", "source_of"]


def source_of(path: Path) -> tuple[str, Source]:
    """Return the format's name and its source, by the file's ending.

    Raises:
        SourceError: no source reads such files.
    """
    found = SOURCES.get(path.suffix.lower())
    if found is None:
        raise SourceError(f"is of no known format; known are {', '.join(SOURCES)}")
    return found


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to read.

    Attributes:
        name: what it is called where it is cited: its own name, or below a folder that was named that folder's
            name and the way from there.
        problem: why there is nothing to read.
    """

    path: Path
    name: str
    problem: str = ""


def find_files(paths: Iterable[Path]) -> Iterator[FoundFile]:
    """Yield the files of the paths, folders searched in sorted order, and what is wrong with paths that hold none."""
    for path in paths:
        if path.is_dir():
            inside = [file for file in sorted(path.rglob("*")) if _visible(file, path)]
            above = Path(path.resolve().name)
            yield from (FoundFile(file, (above / file.relative_to(path)).as_posix()) for file in inside)
            if not inside:
                yield FoundFile(path, str(path), f"holds no advertisements (no {', '.join(SOURCES)} file)")
        elif path.is_file():
            yield FoundFile(path, path.name)
        else:
            problem = "does not exist" if not path.exists() else "is neither a file nor a folder"
            yield FoundFile(path, str(path), problem)


def _visible(file: Path, root: Path) -> bool:
    """Hidden files, Office's lock files ('~$ads.xlsx') and a made-up market's answers are not advertisements."""
    return (
        file.suffix.lower() in SOURCES
        and file.name != TRUTH_FILE
        and file.is_file()
        and not any(part.startswith((".", "~$")) for part in file.relative_to(root).parts)
    )
