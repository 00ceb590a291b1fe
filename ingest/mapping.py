"""A mapping file: YAML that renames a source's columns to fields of the ad record."""

from __future__ import annotations

from pathlib import Path

import yaml

from ingest.checks import FIELDS
from sellergraph.errors import UsageError
from sellergraph.resources import load_yaml


def load_mapping(path: Path) -> dict[str, str]:
    """Read lines like `平台: platform` (column in the file: field of the ad record).

    Raises:
        UsageError: unreadable, not such a mapping, an unknown field, or a field named twice.
    """
    try:
        loaded = load_yaml(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"{path}: cannot be read as YAML: {' '.join(str(error).split())}") from error
    if not isinstance(loaded, dict) or not loaded:
        raise UsageError(f"{path}: must hold lines like '平台: platform' (column in the file: field)")
    columns = {str(column): str(field) for column, field in loaded.items()}
    unknown = sorted(set(columns.values()) - set(FIELDS))
    if unknown:
        raise UsageError(f"{path}: no such field: {', '.join(unknown)}; the fields are {', '.join(FIELDS)}")
    fields = list(columns.values())
    twice = sorted({field for field in fields if fields.count(field) > 1})
    if twice:
        raise UsageError(f"{path}: several columns are mapped to {', '.join(twice)}")
    return columns
