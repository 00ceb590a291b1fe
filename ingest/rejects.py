"""What could not be used: said once on screen, kept in the case's rejects.jsonl."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from sellergraph.errors import CaseError


@dataclass(frozen=True, slots=True)
class Reject:
    """One thing put aside. `kept` says that the advertisement itself is in the graph without it."""

    file: str
    line: int | None
    field: str
    reason: str
    kept: bool = False

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        fault = f"{self.field}: {self.reason}" if self.field else self.reason
        return f"{place}: {fault}" + (" (the ad is kept)" if self.kept else "")


class RejectsFile:
    """Appends rejects that are not in the file yet, so that a second run adds nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = set(_lines(path))

    def add(self, rejects: Iterable[Reject]) -> None:
        """Write the new ones, each as one JSON line."""
        fresh = [line for line in dict.fromkeys(map(_line, rejects)) if line not in self._known]
        self._known.update(fresh)
        if fresh:
            try:
                with self.path.open("a", encoding="utf-8") as stream:
                    stream.write("".join(line + "\n" for line in fresh))
            except OSError as error:
                raise CaseError(f"cannot write {self.path}: {error.strerror or error}") from error


def _line(reject: Reject) -> str:
    return json.dumps(asdict(reject), ensure_ascii=False, sort_keys=True)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").split("\n") if path.exists() else []
    except OSError as error:
        raise CaseError(f"cannot read {path}: {error.strerror or error}") from error
