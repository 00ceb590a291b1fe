"""One module a format; each yields rows that become AdRecords. `SOURCES` is the register."""

from __future__ import annotations

import os
from collections import Counter
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
        name: what it is called where it is cited: its own name, with its folder's where several have that name, or
            below a folder that was named that folder's name and the way from there.
        problem: why there is nothing to read.
    """

    path: Path
    name: str
    problem: str = ""


def find_files(paths: Iterable[Path]) -> Iterator[FoundFile]:
    """Yield the files of the paths, folders searched in sorted order, and what cannot be read or holds none."""
    paths = list(paths)
    names = Counter(path.name for path in paths)
    for path in paths:
        if path.is_dir():
            inside = sorted(_walk(path), key=lambda found: found.path)
            yield from inside
            if not inside:
                yield FoundFile(path, _shown(path), f"holds no advertisements (no {', '.join(SOURCES)} file)")
        elif path.is_file():
            shared = names[path.name] > 1
            yield FoundFile(path, _shown(Path(path.resolve().parent.name, path.name) if shared else path.name))
        else:
            yield FoundFile(path, _shown(path), _no_file(path))


def _walk(root: Path) -> Iterator[FoundFile]:
    """Files below a folder that look like advertisements, and folders that cannot be listed."""
    above = Path(root.resolve().name)
    unreadable = list[OSError]()
    for folder, below, names in os.walk(root, onerror=unreadable.append):
        below[:] = [name for name in below if not name.startswith((".", "~$"))]
        for link in (Path(folder, name) for name in below if Path(folder, name).is_symlink()):
            yield FoundFile(link, _shown(above / link.relative_to(root)), "is a link to a folder; not followed")
        for file in (Path(folder, name) for name in names if _looks_like_ads(name)):
            problem = "" if file.is_file() else _no_file(file)
            yield FoundFile(file, _shown(above / file.relative_to(root)), problem)
    for error in unreadable:
        yield FoundFile(Path(error.filename), _shown(error.filename), f"cannot be listed: {error.strerror}")


def _looks_like_ads(name: str) -> bool:
    """Hidden files, Office's lock files ('~$ads.xlsx') and a made-up market's answers are not advertisements."""
    return Path(name).suffix.lower() in SOURCES and name != TRUTH_FILE and not name.startswith((".", "~$"))


def _no_file(path: Path) -> str:
    if path.is_symlink() and not path.exists():
        return "is a link to nothing"
    return "is neither a file nor a folder" if path.exists() else "does not exist"


def _shown(path: str | Path) -> str:
    """A name as UTF-8 on one line: names from elsewhere may hold other bytes, and line ends."""
    return "".join(c if c.isprintable() else "\ufffd" for c in Path(path).as_posix())
