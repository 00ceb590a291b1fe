"""Schemes of ranking: which parts count how much, read from graph/schemes.yaml or a user's file."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sellergraph.errors import SchemaError, UsageError
from sellergraph.resources import data_path, load_yaml

SCALES = ("log", "linear")
DEFAULT_SCHEME = "volume"
# More than anybody writes by hand.
MOST_BYTES, MOST_WORDS, MOST_WEIGHT = 1_000_000, 300, 1_000_000


@dataclass(frozen=True)
class Part:
    """One part of a score.

    Attributes:
        scale: log or linear. floor: of a linear one, the least that its largest value is taken for.
    """

    name: str
    scale: str
    floor: float
    meaning: str


@dataclass(frozen=True)
class Scheme:
    """A named way to put sellers in order; `weights` holds the parts that count, each above 0."""

    name: str
    meaning: str
    weights: Mapping[str, float]

    @property
    def shares(self) -> dict[str, float]:
        """The weights as shares of their sum."""
        whole = sum(self.weights.values())
        return {part: weight / whole for part, weight in self.weights.items()}


@dataclass(frozen=True)
class Schemes:
    """All schemes of a file, with the parts that they may weigh, in the order in which they are shown."""

    parts: Mapping[str, Part]
    period_days: int
    schemes: Mapping[str, Scheme]

    def scheme(self, name: str) -> Scheme:
        """The scheme of that name.

        Raises:
            UsageError: there is none; the message lists those there are.
        """
        if name not in self.schemes:
            raise UsageError(f"unknown scheme {name!r}; there are {', '.join(self.schemes)}")
        return self.schemes[name]


@cache
def load_schemes(path: Path | None = None) -> Schemes:
    """The schemes of graph/schemes.yaml, and those of a user's file of the same form.

    A user's file may leave out `parts`, which are fixed, and `period_days`.

    Raises:
        SchemaError: the file is not of the form; the message names the entry.
        UsageError: the file cannot be read.
    """
    own = data_path("graph/schemes.yaml")
    raw = _mapping(own, "the file", load_yaml(own))
    parts = {name: _part(own, name, entry) for name, entry in _mapping(own, "parts", raw.get("parts")).items()}
    days, schemes = _days(own, raw.get("period_days")), _schemes(own, raw, parts)
    if path is not None:
        more = _given(path)
        days = _days(path, more.get("period_days", days))
        added = _schemes(path, more, parts)
        if again := sorted(schemes.keys() & added.keys()):
            raise SchemaError(f"{path}: {again[0]} is the name of a shipped scheme; choose another")
        schemes |= added
    return Schemes(parts, days, schemes)


def _given(path: Path) -> dict[str, Any]:
    import yaml

    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"the schemes in {path} cannot be read: the file has more than {MOST_BYTES:,} bytes")
        given = _mapping(path, "the file", load_yaml(path))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise UsageError(f"the schemes in {path} cannot be read: {str(error)[:MOST_WORDS]}") from error
    if unknown := sorted(given.keys() - {"schemes", "period_days"}):
        raise SchemaError(f"{path}: unknown entry {unknown[0]!r}; there may be schemes and period_days")
    return given


def _schemes(path: Path, raw: dict[str, Any], parts: Mapping[str, Part]) -> dict[str, Scheme]:
    found = _mapping(path, "schemes", raw.get("schemes"))
    return {name: _scheme(path, name, _mapping(path, name, entry), parts) for name, entry in found.items()}


def _scheme(path: Path, name: str, entry: dict[str, Any], parts: Mapping[str, Part]) -> Scheme:
    if unknown := sorted(entry.keys() - {"meaning", "weights"}):
        raise SchemaError(f"{path}: {name} has the unknown entry {unknown[0]!r}; there may be meaning and weights")
    weights = _mapping(path, f"{name}.weights", entry.get("weights"))
    for part, weight in weights.items():
        if part not in parts:
            raise SchemaError(
                f"{path}: {name} weighs the unknown part {reprlib.repr(part)}; parts are {', '.join(parts)}"
            )
        if not _is_number(weight) or not 0 < weight <= MOST_WEIGHT:
            raise SchemaError(
                f"{path}: {name}.{part} must be a number above 0 and up to {MOST_WEIGHT:,}, like 2 or 0.5"
            )
    chosen = {part: float(weights[part]) for part in parts if part in weights}
    return Scheme(name, str(entry.get("meaning") or "")[:MOST_WORDS], chosen)


def _part(path: Path, name: str, entry: Any) -> Part:
    entry = _mapping(path, f"parts.{name}", entry)
    if entry.get("scale") not in SCALES:
        raise SchemaError(f"{path}: {name}.scale must be one of {', '.join(SCALES)}, not {entry.get('scale')!r}")
    return Part(name, entry["scale"], float(entry.get("floor", 0)), str(entry.get("meaning") or ""))


def _days(path: Path, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= 36_500:
        raise SchemaError(f"{path}: period_days must be a number of days, not {reprlib.repr(value)}")
    return value


def _mapping(path: Path, where: str, raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict) or not raw:
        raise SchemaError(f"{path}: {where} must be a mapping with entries")
    return {str(key): value for key, value in raw.items()}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
