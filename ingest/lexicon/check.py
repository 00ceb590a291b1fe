"""Checks on the lexicon's YAML, with errors that name the file and the entry."""

from __future__ import annotations

from typing import Any

from sellergraph.errors import SchemaError


def entries(file: str, where: str, raw: Any) -> list[tuple[str, Any]]:
    """The entries of a mapping. Raises SchemaError when it is none or empty."""
    if not isinstance(raw, dict) or not raw:
        raise SchemaError(f"{file}: {where} must be a mapping with entries")
    return [(str(key), value) for key, value in raw.items()]


def text(file: str, where: str, raw: Any) -> str:
    """A text that is not empty. Raises SchemaError."""
    if not isinstance(raw, str) or not raw.strip():
        raise SchemaError(f"{file}: {where} must be a text, not {raw!r}")
    return raw


def texts(file: str, where: str, raw: Any) -> list[str]:
    """A list of texts; numbers in it are taken as written. Raises SchemaError."""
    if not isinstance(raw, list):
        raise SchemaError(f"{file}: {where} must be a list, not {raw!r}")
    return [text(file, where, str(item)) for item in raw]


def number(file: str, where: str, raw: Any) -> float:
    """A number above 0, at most 1. Raises SchemaError."""
    if not isinstance(raw, int | float) or not 0 < raw <= 1:
        raise SchemaError(f"{file}: {where} must be above 0 and at most 1, not {raw!r}")
    return float(raw)
